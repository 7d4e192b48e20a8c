//! Where requests hold codes of participants and tubes: each is named here, and a test looks for more.

use diel_proto::v1 as pb;

/// A place of a code.
pub(crate) enum Place<'a> {
    /// A participant's code.
    Participant(&'a mut String),
    /// A tube's code.
    Specimen(&'a mut String),
    /// A name of a resource that may hold one of them.
    Name(&'a mut String),
}

/// A request that holds codes.
pub(crate) trait Coded {
    /// Shows each place to `change`.
    fn each_code(&mut self, change: &mut impl FnMut(Place<'_>));
}

impl<T: Coded> Coded for Option<T> {
    fn each_code(&mut self, change: &mut impl FnMut(Place<'_>)) {
        if let Some(inner) = self {
            inner.each_code(change);
        }
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn each_code(&mut self, change: &mut impl FnMut(Place<'_>)) {
        for inner in self {
            inner.each_code(change);
        }
    }
}

/// The fields of messages that hold codes: as a participant's, as a tube's, inside a name, or in a message of their own.
macro_rules! coded {
    ($($message:ident { $($place:ident: $($field:ident).+;)+ })+) => {
        $(impl Coded for pb::$message {
            fn each_code(&mut self, change: &mut impl FnMut(Place<'_>)) {
                $(coded!(@ $place, self.$($field).+, change);)+
            }
        })+
    };
    (@ participant, $at:expr, $change:ident) => { $change(Place::Participant(&mut $at)) };
    (@ specimen, $at:expr, $change:ident) => { $change(Place::Specimen(&mut $at)) };
    (@ name, $at:expr, $change:ident) => { $change(Place::Name(&mut $at)) };
    (@ within, $at:expr, $change:ident) => { $at.each_code($change) };
}

coded! {
    Collection { participant: participant; }
    ResultInput { specimen: specimen; within: collection; }
    SubmitBatchRequest { within: results; }
    SpecimenInput { specimen: specimen; within: collection; }
    SamplingDayInput { participant: participant; }
    RegisterSpecimensRequest { within: specimens; within: days; }
    AmendResultRequest { name: name; }
    AmendResultsRequest { within: results; }
    GetSpecimenRequest { name: name; }
    SpecimenFilter { participant: participant; }
    ListSpecimensRequest { within: filter; }
    ListResultsRequest { name: parent; }
    SpecimenSwap { specimen: first; specimen: second; }
    SpecimenReassignment { specimen: specimen; within: collection; }
    CorrectSpecimensRequest { within: corrections; }
    ListEarlierCollectionsRequest { name: parent; }
    ListDuplicatesRequest { participant: participant; }
    ListComplianceRequest { participant: participant; }
    GetStoredCodeRequest { participant: participant; specimen: specimen; }
    GetParticipantRequest { name: name; }
    Participant { name: name; }
    UpdateParticipantRequest { within: participant; }
    EraseParticipantRequest { name: name; }
    GetProfileRequest { name: name; }
    ProfileFilter { participant: participant; }
    ListProfilesRequest { within: filter; }
    StreamProfilesRequest { within: filter; }
    StudyDays { within: filter; }
    GetRhythmRequest { name: name; }
    FlagFilter { participant: participant; }
    ListFlagsRequest { within: filter; }
    SummarizeFlagsRequest { within: filter; }
    WatchFlagsRequest { within: filter; }
    AuditFilter { name: resource; }
    ListAuditEntriesRequest { within: filter; }
}

/// It names groups and nobody.
impl Coded for pb::RhythmFilter {
    fn each_code(&mut self, _: &mut impl FnMut(Place<'_>)) {}
}

/// It names the study and nobody.
impl Coded for pb::ListFitsRequest {
    fn each_code(&mut self, _: &mut impl FnMut(Place<'_>)) {}
}

impl Coded for pb::SpecimenCorrection {
    fn each_code(&mut self, change: &mut impl FnMut(Place<'_>)) {
        match &mut self.correction {
            Some(pb::specimen_correction::Correction::Swap(swap)) => swap.each_code(change),
            Some(pb::specimen_correction::Correction::Reassignment(reassignment)) => {
                reassignment.each_code(change);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::collections::{BTreeMap, BTreeSet};

    use prost::Message as _;
    use prost_types::{DescriptorProto, FileDescriptorSet};

    /// Fields of requests that a code may stand in, and do not: what they hold is answered and never stored, or it is
    /// something else of that name.
    const ELSEWHERE: [&str; 1] = ["AnalyzeRequest"];
    /// The messages above that hold codes themselves.
    const HERE: [&str; 14] = [
        "Collection.participant",
        "FlagFilter.participant",
        "GetStoredCodeRequest.participant",
        "GetStoredCodeRequest.specimen",
        "ListComplianceRequest.participant",
        "ListDuplicatesRequest.participant",
        "ProfileFilter.participant",
        "ResultInput.specimen",
        "SamplingDayInput.participant",
        "SpecimenFilter.participant",
        "SpecimenInput.specimen",
        "SpecimenReassignment.specimen",
        "SpecimenSwap.first",
        "SpecimenSwap.second",
    ];

    #[test]
    fn every_code_in_a_request_is_named_here() {
        let set = FileDescriptorSet::decode(diel_proto::FILE_DESCRIPTOR_SET).unwrap();
        let files = set.file.iter().filter(|file| file.package() == "diel.v1");
        let messages: BTreeMap<&str, &DescriptorProto> = files
            .clone()
            .flat_map(|file| &file.message_type)
            .map(|message| (message.name(), message))
            .collect();
        let methods = files
            .flat_map(|file| &file.service)
            .flat_map(|service| &service.method);
        let mut open: Vec<&str> = methods
            .map(|method| method.input_type().trim_start_matches(".diel.v1."))
            .filter(|name| {
                !ELSEWHERE
                    .iter()
                    .any(|other| name.starts_with(other.trim_end_matches("Request")))
            })
            .collect();
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        while let Some(name) = open.pop() {
            let Some(message) = messages.get(name).filter(|_| seen.insert(name.to_owned())) else {
                continue;
            };
            for field in &message.field {
                let is_code = matches!(
                    field.name(),
                    "participant" | "specimen" | "first" | "second"
                );
                if field.type_name().is_empty() && is_code {
                    found.insert(format!("{name}.{}", field.name()));
                }
                open.push(field.type_name().trim_start_matches(".diel.v1."));
            }
        }
        assert_eq!(found, HERE.iter().map(ToString::to_string).collect());
    }
}
