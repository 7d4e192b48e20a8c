//! What pages show of a participant: pictures, days with their samples, conditions.

use diel_core::{Analysis, DaySample, Level, Profile, Unit};
use diel_store::{Dossier, History};

use super::text::{self, Meaning};
use crate::picture::{Caption, Panel, PersonPicture, Strip, number, panel_svg, person};

/// Days of one participant that a page shows; the latest ones of a longer series.
const MOST_DAYS: usize = 60;

/// One sample of a day.
pub(super) struct SampleRow {
    /// Clock time where the person was.
    pub(super) clock: String,
    /// Hours since awakening.
    pub(super) hours: String,
    /// The concentration, in the unit shown, with `<` or `>` at a limit.
    pub(super) level: String,
    /// `used`, or why not.
    pub(super) standing: String,
    /// Whether the slope rests on it.
    pub(super) used: bool,
    /// The tube's label.
    pub(super) label: String,
    /// The tube.
    pub(super) specimen: String,
    /// Remarks on it.
    pub(super) findings: Vec<Meaning>,
}

/// One sampling day.
pub(super) struct DayRow {
    pub(super) label: String,
    pub(super) awakening: String,
    pub(super) counts: bool,
    pub(super) slope: String,
    pub(super) slope_se: String,
    pub(super) strip: String,
    pub(super) wake: String,
    pub(super) peak: String,
    pub(super) bed: String,
    pub(super) conditions: Vec<Meaning>,
    pub(super) findings: Vec<Meaning>,
    pub(super) samples: Vec<SampleRow>,
}

/// A participant as pages show one.
pub(super) struct Person {
    pub(super) code: String,
    pub(super) group: String,
    pub(super) age: String,
    pub(super) sex: &'static str,
    pub(super) conditions: Vec<Meaning>,
    pub(super) unit: &'static str,
    pub(super) curve: String,
    pub(super) posterior: String,
    pub(super) days: Vec<DayRow>,
    pub(super) hidden_days: usize,
    pub(super) threshold: String,
}

/// The picture of a participant, the same as `diel plot` draws.
pub(super) fn picture(dossier: &Dossier, analysis: &Analysis) -> PersonPicture {
    let caption = Caption {
        title: dossier.study.display_name.clone(),
        participant: dossier.participant.code.clone(),
        unit: unit(dossier),
        simulated: false,
    };
    PersonPicture::of(caption, analysis, &dossier.history.rule, |_, sample| {
        stored(&dossier.history, sample).map_or("", |stored| stored.label.as_str())
    })
}

/// The unit that concentrations are shown in.
fn unit(dossier: &Dossier) -> Unit {
    dossier.study.display_unit.unwrap_or(Unit::NmolPerL)
}

fn stored<'h>(history: &'h History, sample: &DaySample) -> Option<&'h diel_store::StoredSample> {
    history.samples.get(sample.index)
}

impl Person {
    pub(super) fn of(dossier: &Dossier, analysis: &Analysis) -> Self {
        let picture = picture(dossier, analysis);
        let threshold = analysis.rhythm.threshold_ln_per_h;
        let strip = Strip::covering(
            analysis
                .profiles
                .iter()
                .flat_map(interval)
                .chain([threshold]),
        );
        let hidden_days = analysis.profiles.len().saturating_sub(MOST_DAYS);
        let participant = &dossier.participant;
        Self {
            code: participant.code.clone(),
            group: participant.group.clone(),
            age: text::fixed(participant.age.map(diel_core::AgeYears::get), 1),
            sex: match participant.sex.code() {
                "" => "not stated",
                word => word,
            },
            conditions: text::conditions(participant.conditions),
            unit: unit(dossier).ucum(),
            curve: panel_svg(&picture, Panel::Curve),
            posterior: panel_svg(&picture, Panel::Posterior),
            days: analysis
                .profiles
                .iter()
                .enumerate()
                .skip(hidden_days)
                .map(|(number, profile)| day(number, profile, dossier, &strip, threshold))
                .collect(),
            hidden_days,
            threshold: number::fixed(threshold, 3),
        }
    }
}

/// The slope of a day with its 95 % interval, as far as there is one; NaN where not.
fn interval(profile: &Profile) -> [f64; 3] {
    let slope = profile
        .features
        .slope_regression_ln_per_h
        .unwrap_or(f64::NAN);
    let se = profile.features.slope_regression_se.unwrap_or(f64::NAN);
    [slope - 1.96 * se, slope, slope + 1.96 * se]
}

fn day(
    number: usize,
    profile: &Profile,
    dossier: &Dossier,
    strip: &Strip,
    threshold: f64,
) -> DayRow {
    let day = &profile.day;
    let features = &profile.features;
    let [lower, slope, upper] = interval(profile);
    let level = |feature: diel_core::Feature| {
        feature.map_or_else(
            |_| text::NONE.to_owned(),
            |nmol| number::concentration(unit(dossier).from_nmol_per_l(nmol)),
        )
    };
    let awakening = match (day.awakening, day.awakening_recorded) {
        (Some(at), true) => clock(at),
        (Some(at), false) => format!("{}, assumed", clock(at)),
        (None, _) => text::NONE.to_owned(),
    };
    DayRow {
        label: person::day_label(number, day),
        awakening,
        counts: profile.valid,
        slope: text::slope(features.slope_regression_ln_per_h.ok()),
        slope_se: text::slope(features.slope_regression_se.ok()),
        strip: strip.interval(lower, slope, upper, threshold),
        wake: level(features.wake_nmol_per_l),
        peak: level(features.peak_nmol_per_l),
        bed: level(features.bed_nmol_per_l),
        conditions: text::conditions(day.conditions),
        findings: text::findings(day.findings),
        samples: day
            .samples
            .iter()
            .map(|sample| sample_row(sample, profile, dossier))
            .collect(),
    }
}

/// Clock time where the person was.
fn clock(at: diel_core::Moment) -> String {
    at.local_date_time().strftime("%H:%M").to_string()
}

fn sample_row(sample: &DaySample, profile: &Profile, dossier: &Dossier) -> SampleRow {
    let stored = stored(&dossier.history, sample);
    let shown = |value: diel_core::NmolPerL| {
        number::concentration(unit(dossier).from_nmol_per_l(value.get()))
    };
    let left_out = person::left_out(profile, sample, &dossier.history.rule);
    SampleRow {
        clock: stored.map_or_else(String::new, |stored| clock(stored.sample.collected)),
        hours: number::fixed(sample.hours, 2),
        level: match sample.level {
            Level::Exact(value) => shown(value),
            Level::Below(limit) => format!("< {}", shown(limit)),
            Level::Above(limit) => format!("> {}", shown(limit)),
            Level::Missing(reason) => text::words(reason.code()),
        },
        standing: match (sample.used_in_slope, left_out) {
            (true, _) => "used".to_owned(),
            (false, "") => "left out".to_owned(),
            (false, why) => format!("left out: {why}"),
        },
        used: sample.used_in_slope,
        label: stored.map_or_else(String::new, |stored| stored.label.clone()),
        specimen: stored.map_or_else(String::new, |stored| stored.specimen.clone()),
        findings: text::findings(sample.findings),
    }
}
