//! A study at a glance: slopes by group, compliance with sampling times, quality of plates over time.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use diel_core::{REFERENCE_BY_AGE, Threshold, Verdict};
use diel_store::{GroupOverview, Overview, Plate, Quality, SlopeHistogram, Study};
use jiff::tz::TimeZone;

use super::Console;
use super::frame::{Frame, Place};
use super::query::Given;
use super::refused::{Refused, page};
use super::summaries::Summary;
use super::text;
use super::visitor::Visitor;
use crate::picture::{
    GroupSlopes, PlatePoint, PlateSeries, plates_over_time, share_bar, slopes_by_group,
};

/// Plates of the table; the picture has more.
const PLATES_SHOWN: usize = 20;
/// Microseconds of a day.
const DAY_US: f64 = 86_400e6;

/// A share with its bar.
struct Share {
    percent: String,
    bar: String,
}

struct GroupRow {
    label: String,
    participants: u64,
    judged: u64,
    verdicts: [u64; Verdict::ALL.len()],
    waiting_flags: u64,
    median: String,
    from: String,
    to: String,
}

struct ComplianceRow {
    label: String,
    days: u64,
    /// Counted, awakening recorded, wake sample late, no wake sample, no evening sample.
    shares: [Share; 5],
}

struct QualityRow {
    label: String,
    plate: String,
    when: String,
    results: u64,
    below: Share,
    above: String,
    missing: String,
    cv: String,
    high_cv: String,
}

/// What the summary holds, for the page.
struct Shown {
    made: String,
    participants: u64,
    judged: u64,
    waiting_flags: u64,
    expected_false: String,
    groups: Vec<GroupRow>,
    slopes: String,
    compliance: Vec<ComplianceRow>,
    below: String,
    cv: String,
    quality: [QualityTable; 2],
}

/// Laboratories, or plates.
struct QualityTable {
    title: &'static str,
    by_plate: bool,
    rows: Vec<QualityRow>,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    frame: Frame,
    study: String,
    title: String,
    time_zone: String,
    policy: String,
    verdicts: Vec<String>,
    shown: Option<Shown>,
}

pub(super) async fn show(
    State(console): State<Console>,
    Extension(visitor): Extension<Visitor>,
    Path(study): Path<String>,
    _: Given,
) -> Result<Response, Refused> {
    visitor
        .calls("diel.v1.Rhythms/ListRhythms")?
        .in_study(&study)?;
    let around = console.service.store.study(&study).await?;
    let zone = console.service.zone(&around).time_zone;
    let summary = console.summaries.of(&console.service, &study).await;
    page(&Page {
        frame: Frame::within(&visitor, &around, Place::Overview),
        title: around.display_name.clone(),
        time_zone: around.time_zone.clone(),
        policy: policy(&around),
        verdicts: Verdict::ALL
            .into_iter()
            .map(|verdict| text::words(&verdict.code().to_lowercase()))
            .collect(),
        shown: summary.map(|summary| shown(&summary, &zone)),
        study,
    })
}

/// The policy in force, in a sentence.
fn policy(study: &Study) -> String {
    let terms = &study.policy.terms;
    let threshold = match terms.threshold {
        Some(Threshold::LnPerHour(slope)) => {
            format!(
                "a slope of {} ln(nmol/L) per hour",
                text::slope(Some(slope))
            )
        }
        Some(Threshold::Percentile(percentile)) => {
            format!("the {percentile}th percentile of the reference")
        }
        None => "the default threshold".to_owned(),
    };
    format!(
        "Policy {}: flatter than {threshold} with probability of at least {}, on {} valid days or more; reference {}.",
        study.policy.version,
        text::fixed(terms.probability, 2),
        terms
            .min_days
            .map_or_else(|| text::NONE.to_owned(), |days| days.to_string()),
        match terms.reference.as_deref() {
            None | Some(REFERENCE_BY_AGE) => "by age",
            Some(reference) => reference,
        },
    )
}

fn shown(summary: &Summary, zone: &TimeZone) -> Shown {
    let overview = &summary.overview;
    let sum = |read: fn(&GroupOverview) -> u64| overview.groups.values().map(read).sum();
    let slopes: Vec<_> = overview
        .groups
        .iter()
        .filter(|(_, group)| group.slopes.count() > 0)
        .map(|(label, group)| GroupSlopes {
            label: group_label(label),
            counts: group.slopes.counts(),
            median_ln_per_h: group.slopes.quantile_ln_per_h(0.5),
        })
        .collect();
    Shown {
        made: text::moment(summary.made, zone),
        participants: sum(|group| group.participants),
        judged: sum(|group| group.slopes.count()),
        waiting_flags: sum(|group| group.waiting_flags),
        expected_false: expected_false(summary),
        groups: overview.groups.iter().map(group_row).collect(),
        slopes: if slopes.is_empty() {
            String::new()
        } else {
            slopes_by_group(
                &slopes,
                SlopeHistogram::FROM_LN_PER_H,
                SlopeHistogram::WIDTH_LN_PER_H,
            )
        },
        compliance: overview.groups.iter().map(compliance_row).collect(),
        below: series_picture(
            overview,
            "below",
            "Results below a limit",
            zone,
            |quality| quality.share(quality.below).map(|share| 100.0 * share),
        ),
        cv: series_picture(
            overview,
            "cv",
            "Mean coefficient of variation of replicates",
            zone,
            Quality::mean_cv_percent,
        ),
        quality: [
            QualityTable {
                title: "All plates of each laboratory",
                by_plate: false,
                rows: overview.labs.iter().map(lab_row).collect(),
            },
            QualityTable {
                title: "The latest plates",
                by_plate: true,
                rows: overview
                    .plates
                    .iter()
                    .rev()
                    .take(PLATES_SHOWN)
                    .map(|plate| plate_row(plate, zone))
                    .collect(),
            },
        ],
    }
}

/// How many of the flags that wait are expected to be false, in words; empty where none waits.
fn expected_false(summary: &Summary) -> String {
    let all = summary.queue.all();
    if all.count() == 0 {
        return String::new();
    }
    format!(
        "Of the {} flags that wait, about {} are expected to point at slopes that are not flatter than the threshold, as \
         far as the reference describes the people.",
        all.count(),
        text::fixed(Some(all.expected_false_count()), 1),
    )
}

fn group_label(label: &str) -> String {
    if label.is_empty() {
        "no group stated".to_owned()
    } else {
        label.to_owned()
    }
}

fn group_row((label, group): (&String, &GroupOverview)) -> GroupRow {
    GroupRow {
        label: group_label(label),
        participants: group.participants,
        judged: group.slopes.count(),
        verdicts: group.verdicts,
        waiting_flags: group.waiting_flags,
        median: text::slope(group.slopes.quantile_ln_per_h(0.5)),
        from: text::slope(group.slopes.quantile_ln_per_h(0.1)),
        to: text::slope(group.slopes.quantile_ln_per_h(0.9)),
    }
}

fn share(count: u64, of: u64) -> Share {
    Share {
        percent: text::percent(count, of),
        bar: share_bar(if of == 0 {
            0.0
        } else {
            count as f64 / of as f64
        }),
    }
}

fn compliance_row((label, group): (&String, &GroupOverview)) -> ComplianceRow {
    let of = group.compliance;
    ComplianceRow {
        label: group_label(label),
        days: of.days,
        shares: [
            of.valid_days,
            of.awakening_recorded,
            of.late_wake_sample,
            of.no_wake_sample,
            of.no_evening_sample,
        ]
        .map(|count| share(count, of.days)),
    }
}

fn lab_row((lab, quality): (&String, &Quality)) -> QualityRow {
    quality_row(lab.clone(), String::new(), String::new(), quality)
}

fn plate_row(plate: &Plate, zone: &TimeZone) -> QualityRow {
    quality_row(
        plate.lab.clone(),
        plate_label(plate),
        when(plate, zone),
        &plate.quality,
    )
}

fn quality_row(label: String, plate: String, when: String, of: &Quality) -> QualityRow {
    QualityRow {
        label,
        plate,
        when,
        results: of.results,
        below: share(of.below, of.results),
        above: text::percent(of.above, of.results),
        missing: text::percent(of.missing, of.results),
        cv: match of.mean_cv_percent() {
            Some(cv) => format!("{} %", text::fixed(Some(cv), 1)),
            None => text::NONE.to_owned(),
        },
        high_cv: text::percent(of.high_cv, of.replicated),
    }
}

fn plate_label(plate: &Plate) -> String {
    if plate.plate.is_empty() {
        plate.batch.clone()
    } else {
        plate.plate.clone()
    }
}

/// The day of the run, else that of the submission.
fn when(plate: &Plate, zone: &TimeZone) -> String {
    plate.run_date.map_or_else(
        || zone.to_datetime(plate.created).date().to_string(),
        |date| date.to_string(),
    )
}

/// Days since 1970 of the run, else of the submission.
fn day_of(plate: &Plate) -> f64 {
    let run = plate
        .run_date
        .and_then(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok());
    run.unwrap_or(plate.created).as_microsecond() as f64 / DAY_US
}

/// A share of each plate over time; empty when no plate has it.
fn series_picture(
    overview: &Overview,
    id: &str,
    what: &str,
    zone: &TimeZone,
    percent: impl Fn(&Quality) -> Option<f64>,
) -> String {
    let mut labs: BTreeMap<&str, Vec<PlatePoint>> = BTreeMap::new();
    for plate in &overview.plates {
        if let Some(percent) = percent(&plate.quality) {
            labs.entry(&plate.lab).or_default().push(PlatePoint {
                day: day_of(plate),
                percent,
                note: format!("plate {}, {}", plate_label(plate), when(plate, zone)),
            });
        }
    }
    if labs.is_empty() {
        return String::new();
    }
    let mut series: Vec<PlateSeries> = labs
        .into_iter()
        .map(|(lab, mut plates)| {
            plates.sort_by(|one, other| one.day.total_cmp(&other.day));
            PlateSeries {
                lab: lab.to_owned(),
                plates,
            }
        })
        .collect();
    // The laboratories with most plates have marks of their own.
    series.sort_by_key(|series| std::cmp::Reverse(series.plates.len()));
    plates_over_time(id, what, &series)
}
