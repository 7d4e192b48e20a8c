//! Controls of a study with their targets, and quality policies.

use diel_core::quality::{
    Bounds, ControlTarget, QualityPolicy, QualityPolicyError, QualityTerms, WestgardRule,
    WestgardRules,
};
use diel_proto::v1 as pb;
use diel_store::{Control, ControlKey, NewControl, StoredQualityPolicy, TargetTerms};

use super::measurement::{unit_from_proto, unit_to_proto};
use super::quality::{material_from_proto, rule_codes};
use super::time;
use crate::code::{check_code, check_text};
use crate::etag;
use crate::name;
use crate::violations::Violations;

/// The longest laboratory or assay, in characters, as of batches.
const NAME_CHARACTERS: usize = 200;
/// The longest source of a target, in characters.
const SOURCE_CHARACTERS: usize = 500;
/// Most runs that the rules of control look at.
const MOST_RUNS: i32 = 200;

/// Reads a control to be created.
pub(crate) fn new_from_proto(
    request: &pb::CreateControlRequest,
    violations: &mut Violations,
) -> Option<NewControl> {
    let before = violations.len();
    violations.take("control_id", check_code(&request.control_id));
    if request.control_id.contains('@') {
        violations.add("control_id", "contains @, which stands before a version");
    }
    let Some(message) = &request.control else {
        violations.add("control", "is missing");
        return None;
    };
    let read = violations.within("control", |violations| {
        for (field, text) in [("lab", &message.lab), ("assay", &message.assay)] {
            violations.take(field, check_text(text, 1, NAME_CHARACTERS));
        }
        let material =
            material_from_proto(&message.material, &message.level, &message.lot, violations);
        let terms = terms_from_proto(message, violations);
        Some((material?, terms?))
    });
    let (material, terms) = read?;
    (violations.len() == before).then(|| NewControl {
        id: request.control_id.clone(),
        key: ControlKey {
            lab: message.lab.clone(),
            assay: message.assay.clone(),
            material,
        },
        terms,
    })
}

/// Reads what a control should measure.
pub(crate) fn terms_from_proto(
    message: &pb::Control,
    violations: &mut Violations,
) -> Option<TargetTerms> {
    let before = violations.len();
    violations.take("source", check_text(&message.source, 0, SOURCE_CHARACTERS));
    if let Some(count) = message.run_count.filter(|count| *count < 1) {
        violations.add(
            "run_count",
            format!("{count} is not a number of runs of 1 or more"),
        );
    }
    let unit = violations.take("unit", unit_from_proto(message.unit))?;
    let Some(unit) = unit else {
        violations.add("unit", "is missing; the unit of mean and sd is required");
        return None;
    };
    let target = ControlTarget::new(unit.nmol_per_l(message.mean), unit.nmol_per_l(message.sd));
    let target = violations.take("", target)?;
    (violations.len() == before).then(|| TargetTerms {
        mean: message.mean,
        sd: message.sd,
        unit,
        target,
        run_count: message.run_count,
        source: message.source.clone(),
    })
}

/// A control as a message.
pub(crate) fn to_proto(study: &str, control: &Control) -> pb::Control {
    let (key, terms) = (&control.key, &control.terms);
    pb::Control {
        name: name::of_child(study, "controls", &control.id),
        lab: key.lab.clone(),
        assay: key.assay.clone(),
        material: key.material.material.clone(),
        level: key.material.level.clone(),
        lot: key.material.lot.clone(),
        mean: terms.mean,
        sd: terms.sd,
        unit: unit_to_proto(Some(terms.unit)) as i32,
        run_count: terms.run_count,
        source: terms.source.clone(),
        version: control.version,
        create_time: Some(time::to_proto(control.created)),
        update_time: Some(time::to_proto(control.updated)),
        etag: etag::write(control.version),
    }
}

/// Reads a quality policy; absent fields take their defaults. Returns it with the runs that its rules look at.
pub(crate) fn policy_from_proto(
    message: &pb::QualityPolicy,
    violations: &mut Violations,
) -> Option<(QualityPolicy, u32)> {
    let before = violations.len();
    let terms = QualityTerms::default();
    let noting = rules("noting", message.noting.as_ref(), terms.noting, violations);
    let reviewing = rules(
        "reviewing",
        message.reviewing.as_ref(),
        terms.reviewing,
        violations,
    );
    let failing = rules(
        "failing",
        message.failing.as_ref(),
        terms.failing,
        violations,
    );
    let runs = message
        .control_runs
        .unwrap_or_else(|| i32::try_from(StoredQualityPolicy::CONTROL_RUNS).unwrap_or(MOST_RUNS));
    if !(1..=MOST_RUNS).contains(&runs) {
        violations.add(
            "control_runs",
            format!("{runs} is not between 1 and {MOST_RUNS}"),
        );
    }
    let bounds = |message: Option<&pb::QualityBounds>, default| {
        message.map_or(default, |message| Bounds {
            review_above: message.review_above,
            fail_above: message.fail_above,
        })
    };
    let terms = QualityTerms {
        noting,
        reviewing,
        failing,
        replicate_cv_percent: message
            .replicate_cv_percent
            .unwrap_or(terms.replicate_cv_percent),
        high_cv_share: bounds(message.high_cv_share.as_ref(), terms.high_cv_share),
        intra_assay_cv_percent: bounds(
            message.intra_assay_cv_percent.as_ref(),
            terms.intra_assay_cv_percent,
        ),
        below_limit_share: bounds(message.below_limit_share.as_ref(), terms.below_limit_share),
        plate_effect_z: bounds(message.plate_effect_z.as_ref(), terms.plate_effect_z),
        least_plate_effect_percent: message
            .least_plate_effect_percent
            .unwrap_or(terms.least_plate_effect_percent),
    };
    let policy = QualityPolicy::new(terms)
        .map_err(|error| add(&error, violations))
        .ok()?;
    (violations.len() == before).then(|| (policy, u32::try_from(runs).unwrap_or(1)))
}

fn rules(
    field: &str,
    set: Option<&pb::ControlRuleSet>,
    default: WestgardRules,
    violations: &mut Violations,
) -> WestgardRules {
    let Some(set) = set else { return default };
    set.rules
        .iter()
        .filter_map(|code| {
            let rule = WestgardRule::from_code(code);
            let known = rule.ok_or_else(|| {
                format!("{code:?} is not a rule of control; `diel codes control_rule` lists them")
            });
            violations.take(field, known)
        })
        .collect()
}

fn add(error: &QualityPolicyError, violations: &mut Violations) {
    let field = match error {
        QualityPolicyError::OutOfRange { term, .. }
        | QualityPolicyError::FailBeforeReview { term, .. } => term,
        _ => "",
    };
    let text = error.to_string();
    let rule = text
        .strip_prefix(field)
        .and_then(|text| text.strip_prefix(": "));
    violations.add(field, rule.unwrap_or(&text));
}

/// A quality policy as a message.
pub(crate) fn policy_to_proto(study: &str, stored: &StoredQualityPolicy) -> pb::QualityPolicy {
    let terms = stored.policy.terms();
    let set = |rules| {
        Some(pb::ControlRuleSet {
            rules: rule_codes(rules),
        })
    };
    let bounds = |bounds: Bounds| {
        Some(pb::QualityBounds {
            review_above: bounds.review_above,
            fail_above: bounds.fail_above,
        })
    };
    pb::QualityPolicy {
        name: name::of_child(study, "qualityPolicies", stored.version),
        noting: set(terms.noting),
        reviewing: set(terms.reviewing),
        failing: set(terms.failing),
        control_runs: i32::try_from(stored.control_runs).ok(),
        replicate_cv_percent: Some(terms.replicate_cv_percent),
        high_cv_share: bounds(terms.high_cv_share),
        intra_assay_cv_percent: bounds(terms.intra_assay_cv_percent),
        below_limit_share: bounds(terms.below_limit_share),
        plate_effect_z: bounds(terms.plate_effect_z),
        least_plate_effect_percent: Some(terms.least_plate_effect_percent),
        create_time: stored.created.map(time::to_proto),
        etag: etag::write(stored.version),
    }
}
