//! Controls as they were measured, and what quality control says of a batch.

use diel_core::quality::{ControlMaterial, WestgardRules, replicate_cv};
use diel_core::{BatchVerdict, Measurement, NmolPerL, Outcome};
use diel_proto::v1 as pb;
use diel_store::{
    Batch, BatchAssessment, BatchControl, BatchDecision, BrokenRule, MeasuredControl,
    NewBatchControl,
};

use super::batch::{MOST_REPLICATES, WELL_CHARACTERS, check_replicates};
use super::measurement::{self, nmol_per_l, unit_from_proto};
use super::time;
use crate::code::check_text;
use crate::name;
use crate::violations::Violations;

/// The longest material, level or lot, in characters.
pub(crate) const MATERIAL_CHARACTERS: usize = 64;
/// Most controls of one plate.
const MOST_CONTROLS: usize = 200;

/// Reads the controls of a batch; what is wrong with any of them is collected.
pub(crate) fn controls_from_proto(
    messages: &[pb::ControlMeasurement],
    violations: &mut Violations,
) -> Vec<NewBatchControl> {
    if messages.len() > MOST_CONTROLS {
        violations.add(
            "controls",
            format!(
                "{} are too many; a batch has at most {MOST_CONTROLS}",
                messages.len()
            ),
        );
        return Vec::new();
    }
    let mut controls = Vec::with_capacity(messages.len());
    for (row, message) in messages.iter().enumerate() {
        controls.extend(violations.in_row("controls", row, |violations| {
            control_from_proto(message, violations)
        }));
    }
    controls
}

fn control_from_proto(
    message: &pb::ControlMeasurement,
    violations: &mut Violations,
) -> Option<NewBatchControl> {
    let material = material_from_proto(&message.material, &message.level, &message.lot, violations);
    violations.take("well", check_text(&message.well, 0, WELL_CHARACTERS));
    let readings = if message.replicate_values.is_empty() {
        Readings::stated(message, violations)
    } else {
        Readings::computed(message, violations)
    };
    let (material, readings) = (material?, readings?);
    Some(NewBatchControl {
        material,
        measurement: readings.measurement,
        replicates: message.replicate_values.clone(),
        replicate_count: readings.count,
        replicate_cv_percent: readings.cv_percent,
        well: message.well.clone(),
    })
}

/// Reads a material with its level and its lot.
pub(crate) fn material_from_proto(
    material: &str,
    level: &str,
    lot: &str,
    violations: &mut Violations,
) -> Option<ControlMaterial> {
    let before = violations.len();
    for (field, text, least) in [
        ("material", material, 1),
        ("level", level, 0),
        ("lot", lot, 0),
    ] {
        violations.take(field, check_text(text, least, MATERIAL_CHARACTERS));
    }
    (violations.len() == before).then(|| ControlMaterial {
        material: material.to_owned(),
        level: level.to_owned(),
        lot: lot.to_owned(),
    })
}

/// What replicates come to.
struct Readings {
    measurement: Measurement,
    count: Option<i32>,
    cv_percent: Option<f64>,
}

impl Readings {
    /// As the laboratory reports it.
    fn stated(message: &pb::ControlMeasurement, violations: &mut Violations) -> Option<Self> {
        let measurement =
            measurement::from_proto("concentration", message.concentration.as_ref(), violations);
        check_replicates(
            message.replicate_count,
            message.replicate_cv_percent,
            violations,
        );
        Some(Self {
            measurement: measurement?,
            count: message.replicate_count,
            cv_percent: message.replicate_cv_percent,
        })
    }

    /// From the single readings: their mean, and their coefficient of variation where it has one.
    fn computed(message: &pb::ControlMeasurement, violations: &mut Violations) -> Option<Self> {
        let before = violations.len();
        for (field, is_given) in [
            ("concentration", message.concentration.is_some()),
            ("replicate_count", message.replicate_count.is_some()),
            (
                "replicate_cv_percent",
                message.replicate_cv_percent.is_some(),
            ),
        ] {
            if is_given {
                violations.add(
                    field,
                    "is given beside replicate_values, from which it is computed",
                );
            }
        }
        let count = i32::try_from(message.replicate_values.len()).unwrap_or(i32::MAX);
        if count > MOST_REPLICATES {
            violations.add(
                "replicate_values",
                format!("{count} are too many; at most {MOST_REPLICATES} are allowed"),
            );
            return None;
        }
        let unit = violations.take("replicate_unit", unit_from_proto(message.replicate_unit))?;
        let Some(unit) = unit else {
            violations.add(
                "replicate_unit",
                "is missing; the unit of replicate_values is required",
            );
            return None;
        };
        let readings: Vec<NmolPerL> = message
            .replicate_values
            .iter()
            .filter_map(|value| {
                violations.take("replicate_values", NmolPerL::new(unit.nmol_per_l(*value)))
            })
            .collect();
        if violations.len() > before {
            return None;
        }
        let mean = message.replicate_values.iter().sum::<f64>() / f64::from(count);
        let measurement = Measurement::new(Outcome::Value(mean), Some(unit));
        Some(Self {
            measurement: violations.take("replicate_values", measurement)?,
            count: Some(count),
            cv_percent: replicate_cv(&readings).ok().map(|cv| cv.percent),
        })
    }
}

/// A control of a batch as a message.
pub(crate) fn control_to_proto(study: &str, control: &BatchControl) -> pb::ControlMeasurement {
    let new = &control.control;
    let score = control.score.as_ref();
    let is_computed = !new.replicates.is_empty();
    pb::ControlMeasurement {
        material: new.material.material.clone(),
        level: new.material.level.clone(),
        lot: new.material.lot.clone(),
        concentration: Some(measurement::to_proto(&new.measurement)),
        replicate_values: new.replicates.clone(),
        replicate_unit: if is_computed {
            measurement::unit_to_proto(new.measurement.unit()) as i32
        } else {
            pb::ConcentrationUnit::Unspecified as i32
        },
        replicate_count: new.replicate_count,
        replicate_cv_percent: new.replicate_cv_percent,
        well: new.well.clone(),
        value_nmol_per_l: nmol_per_l(&new.measurement),
        control: score.map_or_else(String::new, |score| {
            let version = format!("{}@{}", score.control, score.version);
            name::of_child(study, "controls", version)
        }),
        z: score.and_then(|score| score.z),
    }
}

/// A measurement of a control as a message.
pub(crate) fn run_to_proto(study: &str, run: &MeasuredControl) -> pb::ControlRun {
    pb::ControlRun {
        batch: name::of_child(study, "batches", &run.batch),
        run_time: Some(time::to_proto(run.run)),
        measurement: Some(control_to_proto(study, &run.control)),
        violated_rules: rule_codes(run.control.rules),
        verdict: verdict_to_proto(run.verdict) as i32,
    }
}

/// The codes of rules.
pub(crate) fn rule_codes(rules: WestgardRules) -> Vec<String> {
    rules.iter().map(|rule| rule.code().to_owned()).collect()
}

/// What quality control says of a batch, as a message.
pub(crate) fn to_proto(study: &str, batch: &Batch) -> pb::BatchQuality {
    let quality = pb::BatchQuality {
        verdict: verdict_to_proto(batch.verdict()) as i32,
        computed_verdict: pb::BatchVerdict::NotAssessed as i32,
        decision: batch.decision.as_ref().map(decision_to_proto),
        ..pb::BatchQuality::default()
    };
    match &batch.assessment {
        Some(assessment) => assessed(study, assessment, quality),
        None => quality,
    }
}

fn assessed(
    study: &str,
    assessment: &BatchAssessment,
    quality: pb::BatchQuality,
) -> pb::BatchQuality {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let BatchAssessment {
        high_cv,
        below_limit,
        ..
    } = assessment;
    pb::BatchQuality {
        reasons: assessment
            .reasons
            .iter()
            .map(|reason| reason.code().to_owned())
            .collect(),
        computed_verdict: verdict_to_proto(assessment.verdict) as i32,
        quality_policy: name::of_child(study, "qualityPolicies", assessment.policy_version),
        measured_count: count(below_limit.of),
        below_limit_count: count(below_limit.count),
        replicate_cv_count: count(high_cv.of),
        high_cv_count: count(high_cv.count),
        intra_assay_cv_percent: assessment.intra_assay_cv_percent,
        plate_effect_z: assessment.plate_effect_z,
        violations: assessment
            .violations
            .iter()
            .map(|broken| violation_to_proto(study, broken))
            .collect(),
        assess_time: Some(time::to_proto(assessment.at)),
        ..quality
    }
}

fn violation_to_proto(study: &str, broken: &BrokenRule) -> pb::RuleViolation {
    pb::RuleViolation {
        rule: broken.rule.code().to_owned(),
        scope: broken.scope.code().to_owned(),
        points: broken
            .points
            .iter()
            .map(|point| pb::ViolationPoint {
                batch: name::of_child(study, "batches", &point.batch),
                control: name::of_child(study, "controls", &point.control),
                z: point.z,
            })
            .collect(),
    }
}

fn decision_to_proto(decision: &BatchDecision) -> pb::QualityDecision {
    pb::QualityDecision {
        verdict: verdict_to_proto(decision.verdict) as i32,
        reason: decision.reason.clone(),
        reviewer: decision.reviewer.clone(),
        decide_time: Some(time::to_proto(decision.at)),
    }
}

/// A verdict as a message.
pub(crate) fn verdict_to_proto(verdict: BatchVerdict) -> pb::BatchVerdict {
    match verdict {
        BatchVerdict::NotAssessed => pb::BatchVerdict::NotAssessed,
        BatchVerdict::Pass => pb::BatchVerdict::Pass,
        BatchVerdict::Review => pb::BatchVerdict::Review,
        BatchVerdict::Fail => pb::BatchVerdict::Fail,
    }
}

/// What a reviewer decides; `None` takes a decision back.
///
/// # Errors
/// The rule, for a verdict that nobody can decide.
pub(crate) fn decision_from_proto(number: i32) -> Result<Option<BatchVerdict>, String> {
    match pb::BatchVerdict::try_from(number) {
        Ok(pb::BatchVerdict::Pass) => Ok(Some(BatchVerdict::Pass)),
        Ok(pb::BatchVerdict::Fail) => Ok(Some(BatchVerdict::Fail)),
        Ok(pb::BatchVerdict::NotAssessed) => Ok(None),
        Ok(pb::BatchVerdict::Unspecified | pb::BatchVerdict::Review) | Err(_) => Err(format!(
            "{number} is not a decision: PASS, FAIL, or NOT_ASSESSED to take a decision back"
        )),
    }
}
