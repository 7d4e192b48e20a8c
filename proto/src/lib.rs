//! The messages and services of `diel.v1`, generated from `proto/diel/v1/*.proto` at build time.

/// Package `diel.v1`.
#[expect(clippy::large_enum_variant, reason = "generated code")]
pub mod v1 {
    tonic::include_proto!("diel.v1");
}

/// The descriptors of every file of `diel.v1` and of what they import, as reflection serves them.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The domain of every `google.rpc.ErrorInfo` that diel sends.
pub const ERROR_DOMAIN: &str = "diel.v1";
