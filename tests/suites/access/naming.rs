//! Requests that name a study and nothing else, for any method, from the descriptors that reflection serves.

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

/// What stands behind a study in the names of its resources. A collection that is new wants a line here.
const FORMS: &[&str] = &[
    "",
    "/participants/1",
    "/participants/1/profiles/2026-03-02",
    "/participants/1/rhythm",
    "/policies/1",
    "/jobs/1",
    "/batches/1",
    "/specimens/1",
    "/flags/1",
    "/fits/1",
    "/references/1",
    "/protocols/1",
    "/controls/1",
    "/qualityPolicies/1",
    "/conversions/1",
    "/methods/1",
];

/// Fields that say which study a request is about.
const NAMING: &[&str] = &["study", "parent", "name", "reference"];

/// A method as reflection describes it.
pub(crate) struct Described {
    /// Such as `diel.v1.Studies/GetStudy`.
    pub(crate) name: String,
    /// Field numbers that lead to a text which may name a study.
    paths: Vec<Vec<u32>>,
}

/// Every method of `diel.v1`.
pub(crate) fn methods() -> Vec<Described> {
    let set = FileDescriptorSet::decode(diel_proto::FILE_DESCRIPTOR_SET).unwrap();
    let files: Vec<_> = set
        .file
        .iter()
        .filter(|file| file.package() == "diel.v1")
        .collect();
    let message = |name: &str| {
        let messages = files.iter().flat_map(|file| &file.message_type);
        let mut found = messages.filter(|message| name == format!(".diel.v1.{}", message.name()));
        found.next()
    };
    let services = files.iter().flat_map(|file| &file.service);
    services
        .flat_map(|service| {
            service.method.iter().map(|method| Described {
                name: format!("diel.v1.{}/{}", service.name(), method.name()),
                paths: paths(message(method.input_type()).unwrap(), &message, 2),
            })
        })
        .collect()
}

fn paths<'a>(
    message: &DescriptorProto,
    find: &impl Fn(&str) -> Option<&'a DescriptorProto>,
    depth: u32,
) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    for field in &message.field {
        let number = u32::try_from(field.number()).unwrap();
        if field.r#type() == Type::String && NAMING.contains(&field.name()) {
            found.push(vec![number]);
        } else if field.r#type() == Type::Message
            && depth > 1
            && let Some(inner) = find(field.type_name())
        {
            let below = paths(inner, find, depth - 1);
            found.extend(below.into_iter().map(|path| [vec![number], path].concat()));
        }
    }
    found
}

impl Described {
    /// Requests that name `study`, one of which the method will understand.
    pub(crate) fn naming(&self, study: &str) -> Vec<Vec<u8>> {
        let with_form = |path: &Vec<u32>| -> Vec<Vec<u8>> {
            let name = |form: &&str| encoded(path, format!("studies/{study}{form}").as_bytes());
            FORMS.iter().map(name).collect()
        };
        self.paths.iter().flat_map(with_form).collect()
    }
}

/// The bytes of a message whose field at `path` holds `text`.
fn encoded(path: &[u32], text: &[u8]) -> Vec<u8> {
    path.iter().rev().fold(text.to_vec(), |content, number| {
        let mut bytes = Vec::new();
        // Wire type 2: a length and that many bytes.
        prost::encoding::encode_varint(u64::from(number << 3 | 2), &mut bytes);
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        bytes.extend(content);
        bytes
    })
}
