//! Which method needs which role, and where. A method that does not stand here is not served.

use std::collections::BTreeSet;

use diel_store::Role::{self, Admin, Researcher, Reviewer, Submitter};

/// What a method needs of its caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// The method, such as `diel.v1.Studies/GetStudy`.
    pub(crate) name: &'static str,
    /// Any of these roles will do, and admin always.
    pub(crate) roles: &'static [Role],
    /// Where it is needed.
    pub(crate) scope: Scope,
}

/// Where the role of a method is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Nowhere: every principal may, and the answer shows what is theirs.
    Own,
    /// In any study.
    AnyStudy,
    /// In all studies.
    AllStudies,
    /// In the study that the request names. The handler says which, or its answer is not sent.
    Study,
    /// In the study that each message of a stream names. The handler says which, message by message.
    Messages,
}

/// What a call costs, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It reads what is stored.
    Light,
    /// It writes or computes.
    Heavy,
}

/// How the names of methods begin that read what is stored.
const READS: [&str; 7] = [
    "Get",
    "List",
    "Stream",
    "Summarize",
    "Watch",
    "WhoAmI",
    // Flight's: what a ticket selects, and the preparing of a statement, which is read and no more.
    "Do",
];

impl Method {
    /// What a call costs. A name that says nothing of reading is heavy, so that a new method is so until named otherwise.
    pub(super) fn weight(&self) -> Weight {
        let word = self.name.rsplit('/').next().unwrap_or_default();
        if READS.iter().any(|read| word.starts_with(read)) {
            Weight::Light
        } else {
            Weight::Heavy
        }
    }
}

/// Those who may see what was measured and what it comes to.
const READERS: &[Role] = &[Researcher, Reviewer];
/// Those who may see what was sent.
const MEMBERS: &[Role] = &[Submitter, Researcher, Reviewer];
const SUBMITTERS: &[Role] = &[Submitter];
/// Laboratories know tubes, study teams know times: either registers what it knows.
const REGISTRARS: &[Role] = &[Submitter, Researcher];
const RESEARCHERS: &[Role] = &[Researcher];
const REVIEWERS: &[Role] = &[Reviewer];
const ADMINS: &[Role] = &[Admin];

/// `Method` for each line: service, method, roles, scope.
macro_rules! methods {
    ($($service:ident { $($method:ident: $roles:ident, $scope:ident;)+ })+) => {
        &[$($(Method {
            name: concat!("diel.v1.", stringify!($service), "/", stringify!($method)),
            roles: $roles,
            scope: Scope::$scope,
        },)+)+]
    };
}

const METHODS: &[Method] = methods! {
    Studies {
        CreateStudy: ADMINS, AllStudies;
        GetStudy: MEMBERS, Study;
        ListStudies: MEMBERS, Own;
        UpdateStudy: ADMINS, Study;
        // It cannot be taken back.
        DeleteStudy: ADMINS, Study;
        GetPolicy: READERS, Study;
        ListPolicies: READERS, Study;
        // It stores nothing: whoever may read rhythms may ask what another policy would say of them.
        PreviewPolicy: READERS, Study;
        UpdatePolicy: ADMINS, Study;
        GetJob: READERS, Study;
        // Whoever may name a person may do so by either code.
        GetStoredCode: MEMBERS, Study;
        GetParticipant: READERS, Study;
        ListParticipants: READERS, Study;
        UpdateParticipant: RESEARCHERS, Study;
        // It cannot be taken back.
        EraseParticipant: ADMINS, Study;
        ListReferences: READERS, Study;
    }
    Submissions {
        SubmitBatch: SUBMITTERS, Study;
        SubmitBatches: SUBMITTERS, Messages;
        RegisterSpecimens: REGISTRARS, Study;
        AmendResult: SUBMITTERS, Study;
        AmendResults: SUBMITTERS, Study;
        // The laboratory knows that a plate is bad, the study team that its samples were mixed up.
        RecallBatch: REGISTRARS, Study;
        RestoreBatch: REGISTRARS, Study;
        GetBatch: MEMBERS, Study;
        ListBatches: MEMBERS, Study;
        GetSpecimen: MEMBERS, Study;
        ListSpecimens: MEMBERS, Study;
        ListResults: MEMBERS, Study;
    }
    Specimens {
        // Facts move between persons: that is for those who keep the participants.
        CorrectSpecimens: RESEARCHERS, Study;
        ListEarlierCollections: MEMBERS, Study;
        ListDuplicates: MEMBERS, Study;
        GetProtocol: MEMBERS, Study;
        ListProtocols: MEMBERS, Study;
        UpdateProtocol: RESEARCHERS, Study;
        ListCompliance: READERS, Study;
    }
    Controls {
        CreateControl: REGISTRARS, Study;
        GetControl: MEMBERS, Study;
        ListControls: MEMBERS, Study;
        UpdateControl: REGISTRARS, Study;
        ListControlRuns: MEMBERS, Study;
        GetQualityPolicy: MEMBERS, Study;
        // It says which plates are marked, in the whole study, as a policy says who is flagged.
        UpdateQualityPolicy: ADMINS, Study;
        DecideBatch: REVIEWERS, Study;
    }
    Rhythms {
        GetProfile: READERS, Study;
        ListProfiles: READERS, Study;
        StreamProfiles: READERS, Study;
        GetRhythm: READERS, Study;
        ListRhythms: READERS, Study;
        StreamRhythms: READERS, Study;
        Analyze: MEMBERS, AnyStudy;
        AnalyzeStream: MEMBERS, AnyStudy;
    }
    Reviews {
        GetFlag: READERS, Study;
        ListFlags: READERS, Study;
        ClaimFlag: REVIEWERS, Study;
        ReleaseFlag: REVIEWERS, Study;
        ResolveFlag: REVIEWERS, Study;
        ReopenFlag: REVIEWERS, Study;
        ListFlagEvents: READERS, Study;
        SummarizeFlags: READERS, Study;
        WatchFlags: READERS, Study;
    }
    Cohorts {
        StartFit: RESEARCHERS, Study;
        GetFit: READERS, Study;
        ListFits: READERS, Study;
        CancelFit: RESEARCHERS, Study;
        CompareFits: READERS, Study;
        // What is frozen can become what everybody is judged against, as a policy can.
        FreezeFit: ADMINS, Study;
        CreateReference: RESEARCHERS, Study;
        GetReference: READERS, Study;
        // Of a model that is no study's, the role in any study.
        EstimateReliability: READERS, Study;
        EstimatePower: READERS, Study;
    }
    Assays {
        // It is asked for with each list, and changes no verdict.
        CreateMethod: RESEARCHERS, Study;
        GetMethod: MEMBERS, Study;
        ListMethods: MEMBERS, Study;
        CreateConversion: RESEARCHERS, Study;
        GetConversion: MEMBERS, Study;
        ListConversions: MEMBERS, Study;
    }
    Audits {
        ListAuditEntries: READERS, Study;
        StreamAuditEntries: READERS, Study;
        GetAuditHead: READERS, Study;
    }
    Access {
        WhoAmI: MEMBERS, Own;
        // A token has all roles of its principal, so that one for a study alone cannot be made.
        CreateToken: ADMINS, AllStudies;
        ListTokens: ADMINS, AllStudies;
        RevokeToken: ADMINS, AllStudies;
        ListPrincipals: ADMINS, Study;
        GrantRole: ADMINS, Study;
        TakeRole: ADMINS, Study;
    }
};

/// The methods of Flight that are served. The study is the one that the statement names; what there is to ask for
/// touches none, and its answer shows only what is the caller's.
const FLIGHT: &[Method] = &[
    flight("arrow.flight.protocol.FlightService/GetFlightInfo"),
    flight("arrow.flight.protocol.FlightService/DoGet"),
    flight("arrow.flight.protocol.FlightService/DoAction"),
];

const fn flight(name: &'static str) -> Method {
    Method {
        name,
        roles: READERS,
        scope: Scope::Study,
    }
}

fn all() -> impl Iterator<Item = &'static Method> {
    METHODS.iter().chain(FLIGHT)
}

/// What everybody may call, beside diel's own methods.
const OPEN: [&str; 5] = [
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/List",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/// Stands for every path that is no method.
const OTHER: &str = "other";

/// The names of all methods that are served behind the gate.
pub(crate) fn method_names() -> impl Iterator<Item = &'static str> {
    all().map(|method| method.name)
}

/// The services that are served behind the gate, each once.
pub(crate) fn service_names() -> BTreeSet<&'static str> {
    method_names()
        .filter_map(|name| name.split_once('/'))
        .map(|(service, _)| service)
        .collect()
}

/// The name of the method of a gRPC path, for the log and for numbers; `other` for what a caller made up.
pub(crate) fn method_name(path: &str) -> &'static str {
    let path = path.trim_start_matches('/');
    find(path)
        .map(|method| method.name)
        .or_else(|| OPEN.into_iter().find(|open| *open == path))
        .unwrap_or(OTHER)
}

/// What the method of a gRPC path (without its leading slash) needs; `None` for one that is not in the table.
pub(super) fn find(path: &str) -> Option<&'static Method> {
    all().find(|method| method.name == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_light_and_whatever_writes_or_computes_is_heavy() {
        for (path, weight) in [
            ("diel.v1.Reviews/ListFlags", Weight::Light),
            ("diel.v1.Rhythms/StreamRhythms", Weight::Light),
            ("diel.v1.Access/WhoAmI", Weight::Light),
            ("diel.v1.Submissions/SubmitBatch", Weight::Heavy),
            ("diel.v1.Rhythms/AnalyzeStream", Weight::Heavy),
            ("diel.v1.Studies/PreviewPolicy", Weight::Heavy),
            ("diel.v1.Cohorts/EstimatePower", Weight::Heavy),
        ] {
            assert_eq!(find(path).map(Method::weight), Some(weight), "{path}");
        }
    }
}
