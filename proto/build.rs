//! Compiles diel/v1/*.proto with protox: no protoc on the machine, nothing generated in the tree.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message as _;

const FILES: [&str; 14] = [
    "diel/v1/access.proto",
    "diel/v1/assays.proto",
    "diel/v1/errors.proto",
    "diel/v1/measurements.proto",
    "diel/v1/studies.proto",
    "diel/v1/submissions.proto",
    "diel/v1/rhythms.proto",
    "diel/v1/reviews.proto",
    "diel/v1/cohorts.proto",
    "diel/v1/audits.proto",
    "diel/v1/designs.proto",
    "diel/v1/specimens.proto",
    "diel/v1/quality.proto",
    "diel/v1/controls.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=diel");
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
