//! The canonical JSON of the messages of `diel.v1`, as every library of protobuf writes and reads it.
//!
//! Names of fields in either case are read and lowerCamelCase is written; 64-bit integers are texts, enumerations names, instants
//! RFC 3339; what is not set is left out. A number that is not finite is refused: no message of diel has one.

use std::sync::LazyLock;

use diel_proto::v1;
use prost::Message;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, SerializeOptions, Value};

/// Why JSON is not a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// It is no JSON, or does not fit the message.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A number is not finite.
    #[error("{path}: {value} is not a finite number")]
    NotFinite {
        /// Where.
        path: String,
        /// The number.
        value: f64,
    },
    /// The message is not in the protocol: a defect.
    #[error("{0} is not a message of diel.v1")]
    Unknown(&'static str),
    /// The message does not agree with its own descriptor: a defect.
    #[error("the message does not agree with its descriptor: {0}")]
    Transcode(#[from] prost::DecodeError),
}

/// A message with a JSON form.
pub trait JsonMessage: Message + Default {
    /// Its full name.
    const NAME: &'static str;
}

macro_rules! messages {
    ($($name:ident),+ $(,)?) => {
        $(impl JsonMessage for v1::$name {
            const NAME: &'static str = concat!("diel.v1.", stringify!($name));
        })+
    };
}

messages!(
    AmendResultsRequest,
    AmendResultsResponse,
    Batch,
    Control,
    ControlRun,
    Conversion,
    EarlierCollection,
    Fit,
    Flag,
    FlagEvent,
    Method,
    Participant,
    Policy,
    Profile,
    Protocol,
    RecallBatchResponse,
    Reference,
    RegisterSpecimensRequest,
    RegisterSpecimensResponse,
    Result,
    Rhythm,
    Specimen,
    Study,
    SubmitBatchRequest,
    SubmitBatchResponse,
);

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(diel_proto::FILE_DESCRIPTOR_SET).ok());

/// Reads a message. A field that the message does not have is refused.
///
/// # Errors
/// [`JsonError::Json`] says line and column; [`JsonError::NotFinite`] the path.
///
/// ```
/// use diel_interchange::json;
/// use diel_proto::v1;
/// let text = br#"{"parent": "studies/pilot", "requestId": "plate-1", "allow_partial": true}"#;
/// let request: v1::SubmitBatchRequest = json::read(text)?;
/// assert_eq!((request.request_id.as_str(), request.allow_partial), ("plate-1", true));
/// # Ok::<(), json::JsonError>(())
/// ```
pub fn read<M: JsonMessage>(text: &[u8]) -> Result<M, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let message = next(&mut reader)?;
    reader.end()?;
    Ok(message)
}

/// Reads messages that stand one behind another, as one a line.
pub fn read_all<M: JsonMessage>(text: &[u8]) -> impl Iterator<Item = Result<M, JsonError>> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let mut is_over = false;
    std::iter::from_fn(move || {
        if is_over || reader.end().is_ok() {
            return None;
        }
        let message = next(&mut reader);
        is_over = message.is_err();
        Some(message)
    })
}

fn next<'de, M: JsonMessage, R: serde_json::de::Read<'de>>(
    reader: &mut serde_json::Deserializer<R>,
) -> Result<M, JsonError> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let message = DynamicMessage::deserialize_with_options(descriptor::<M>()?, reader, &options)?;
    finite(&message, "")?;
    Ok(message.transcode_to()?)
}

/// A message as JSON on one line.
///
/// # Errors
/// [`JsonError::NotFinite`].
pub fn write<M: JsonMessage>(message: &M) -> Result<String, JsonError> {
    let mut dynamic = DynamicMessage::new(descriptor::<M>()?);
    dynamic.transcode_from(message)?;
    finite(&dynamic, "")?;
    let mut text = Vec::new();
    let mut writer = serde_json::Serializer::new(&mut text);
    dynamic.serialize_with_options(&mut writer, &SerializeOptions::new())?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn descriptor<M: JsonMessage>() -> Result<prost_reflect::MessageDescriptor, JsonError> {
    POOL.as_ref()
        .and_then(|pool| pool.get_message_by_name(M::NAME))
        .ok_or(JsonError::Unknown(M::NAME))
}

/// That every number of a message is finite.
fn finite(message: &DynamicMessage, path: &str) -> Result<(), JsonError> {
    for (field, value) in message.fields() {
        let path = if path.is_empty() {
            field.json_name().to_owned()
        } else {
            format!("{path}.{}", field.json_name())
        };
        finite_value(value, &path)?;
    }
    Ok(())
}

fn finite_value(value: &Value, path: &str) -> Result<(), JsonError> {
    match value {
        Value::F64(number) if !number.is_finite() => Err(JsonError::NotFinite {
            path: path.to_owned(),
            value: *number,
        }),
        Value::Message(message) => finite(message, path),
        Value::List(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| finite_value(item, &format!("{path}[{index}]"))),
        _ => Ok(()),
    }
}
