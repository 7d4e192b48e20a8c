//! Studies and jobs.

use diel_core::{CodeShapes, RetentionDays};
use diel_proto::v1 as pb;
use diel_store::{Job, JobState, NewStudy, Study, StudyChange};

use super::code_shape;
use super::mask::Mask;
use super::measurement::{unit_from_proto, unit_to_proto};
use super::policy;
use super::time::{self, to_proto as time_to_proto};
use crate::code::{check_study_id, check_text};
use crate::etag;
use crate::name;
use crate::violations::Violations;

/// The longest display name, in characters.
const DISPLAY_NAME_CHARACTERS: usize = 200;
/// The fields of a study that a mask may name.
const CHANGEABLE: [&str; 4] = [
    "display_name",
    "display_unit",
    "code_policy",
    "retention_days",
];

/// Reads a new study.
pub(crate) fn from_proto(
    request: &pb::CreateStudyRequest,
    code_key: Option<String>,
    violations: &mut Violations,
) -> Option<NewStudy> {
    violations.take("study_id", check_study_id(&request.study_id));
    let Some(message) = request.study.as_ref() else {
        violations.add("study", "is missing");
        return None;
    };
    violations.within("study", |violations| {
        violations.take(
            "display_name",
            check_text(&message.display_name, 1, DISPLAY_NAME_CHARACTERS),
        );
        violations.take("time_zone", time::time_zone(&message.time_zone));
        let unit = violations.take("display_unit", unit_from_proto(message.display_unit));
        let policy = violations.within("policy", |violations| {
            policy::from_proto(message.policy.as_ref(), violations)
        });
        let refused_shapes =
            code_shape::policy_from_proto(message.code_policy.as_ref(), violations)
                .unwrap_or_else(CodeShapes::usual);
        let code_key = match pb::CodeStorage::try_from(message.code_storage) {
            Ok(pb::CodeStorage::Unspecified | pb::CodeStorage::AsSent) => None,
            Ok(pb::CodeStorage::Keyed) => {
                if code_key.is_none() {
                    violations.add(
                        "code_storage",
                        "CODE_STORAGE_KEYED needs a key, and this service has none: `diel study key --new FILE` makes one, and \
                         codes.key_file names it",
                    );
                }
                code_key
            }
            Err(_) => {
                violations.add(
                    "code_storage",
                    format!("{} is not a CodeStorage", message.code_storage),
                );
                None
            }
        };
        let retention = retention(message, violations);
        Some(NewStudy {
            id: request.study_id.clone(),
            display_name: message.display_name.clone(),
            time_zone: message.time_zone.clone(),
            display_unit: unit?,
            policy: policy?,
            refused_shapes,
            code_key,
            retention,
        })
    })
}

/// Reads a change of a study; an empty mask changes everything that can be changed.
pub(crate) fn change_from_proto(
    message: &pb::Study,
    mask: Option<&prost_types::FieldMask>,
    violations: &mut Violations,
) -> StudyChange {
    let mask = Mask::read(mask, &CHANGEABLE, violations);
    violations.within("study", |violations| {
        let display_name = mask.chosen("display_name", message.display_name.clone());
        if let Some(name) = &display_name {
            violations.take("display_name", check_text(name, 1, DISPLAY_NAME_CHARACTERS));
        }
        let unit = violations
            .take("display_unit", unit_from_proto(message.display_unit))
            .flatten();
        let refused_shapes =
            code_shape::policy_from_proto(message.code_policy.as_ref(), violations);
        let refused_shapes = if mask.names("code_policy") {
            Some(refused_shapes.unwrap_or_else(CodeShapes::usual))
        } else {
            mask.chosen("code_policy", refused_shapes).flatten()
        };
        let retention = retention(message, violations);
        StudyChange {
            display_name,
            display_unit: mask.chosen("display_unit", unit),
            refused_shapes,
            retention: (mask.names("retention_days") || retention.is_some())
                .then_some(retention)
                .and_then(|retention| mask.chosen("retention_days", retention)),
        }
    })
}

/// How long a study may keep a person's data, where it says so.
fn retention(message: &pb::Study, violations: &mut Violations) -> Option<RetentionDays> {
    let days = message.retention_days?;
    violations.take("retention_days", RetentionDays::new(days.into()))
}

/// A study as a message.
pub(crate) fn to_proto(study: &Study) -> pb::Study {
    pb::Study {
        name: name::of_study(&study.id),
        display_name: study.display_name.clone(),
        time_zone: study.time_zone.clone(),
        display_unit: unit_to_proto(study.display_unit) as i32,
        policy: Some(policy::to_proto(&study.id, &study.policy)),
        create_time: Some(time_to_proto(study.created)),
        update_time: Some(time_to_proto(study.updated)),
        etag: etag::write(study.version),
        code_policy: Some(code_shape::policy_to_proto(study.refused_shapes)),
        code_storage: code_storage(study) as i32,
        retention_days: study.retention.map(|retention| retention.days().into()),
    }
}

/// How a study stores codes.
pub(crate) fn code_storage(study: &Study) -> pb::CodeStorage {
    match study.code_key {
        None => pb::CodeStorage::AsSent,
        Some(_) => pb::CodeStorage::Keyed,
    }
}

/// A job as a message.
pub(crate) fn job_to_proto(job: &Job) -> pb::Job {
    pb::Job {
        name: name::of_child(&job.study, "jobs", &job.id),
        kind: job.kind.word().to_owned(),
        state: match job.state {
            JobState::Queued => pb::JobState::Queued,
            JobState::Running => pb::JobState::Running,
            JobState::Succeeded => pb::JobState::Succeeded,
            JobState::Failed => pb::JobState::Failed,
            JobState::Cancelled => pb::JobState::Cancelled,
        } as i32,
        done_count: job.done,
        total_count: job.total,
        error: job.error.clone(),
        error_reason: job.error_reason.clone(),
        create_time: Some(time_to_proto(job.created)),
        update_time: Some(time_to_proto(job.updated)),
    }
}
