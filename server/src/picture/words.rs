//! The message in words: above the picture, and as its text alternative.

use diel_core::Verdict;

use super::{PersonPicture, SampleKind, number};

/// The longest heading that fits the width.
const TITLE_CHARACTERS: usize = 58;

/// Whose picture it is.
pub(super) fn title(picture: &PersonPicture) -> String {
    let whole = match picture.title.is_empty() {
        true => picture.participant.clone(),
        false => format!("{} \u{b7} {}", picture.participant, picture.title),
    };
    if whole.chars().count() <= TITLE_CHARACTERS {
        return whole;
    }
    let mut short: String = whole.chars().take(TITLE_CHARACTERS - 1).collect();
    short.push('\u{2026}');
    short
}

/// The verdict as a sentence. It speaks of the slope, never of the person.
pub(super) fn verdict(picture: &PersonPicture) -> String {
    let Some(posterior) = &picture.posterior else {
        return "Not judged: the data are too few or unfit. That is neither flat nor not flat."
            .to_owned();
    };
    let probability = number::probability(posterior.probability_flat);
    match picture.verdict {
        Verdict::FlatForReview => {
            format!(
                "Flatter than the threshold with probability {probability}: a reason to look again."
            )
        }
        Verdict::NotFlat => {
            format!("Flatter than the threshold with probability {probability}: probably not flat.")
        }
        Verdict::Indeterminate => {
            format!(
                "Flatter than the threshold with probability {probability}: the data do not decide."
            )
        }
        _ => format!(
            "Flatter than the threshold with probability {probability}, and too little data to judge."
        ),
    }
}

/// The picture for those who cannot see it.
pub(super) fn description(picture: &PersonPicture) -> String {
    format!("{} {}", samples(picture), posterior(picture))
}

/// The samples for those who cannot see them.
pub(super) fn samples(picture: &PersonPicture) -> String {
    let all = || picture.days.iter().flat_map(|day| &day.samples);
    let total = all().count();
    let used = all().filter(|sample| sample.used).count();
    let censored = all()
        .filter(|sample| sample.kind != SampleKind::Exact)
        .count();
    let days = picture.days.len();
    let origin = if picture.simulated {
        "Simulated data. "
    } else {
        ""
    };
    format!(
        "{origin}Salivary cortisol in {} against hours since awakening, {} on {}: {used} used, {} left out, \
         {censored} beyond a limit.",
        picture.unit.ucum(),
        counted(total, "sample"),
        counted(days, "day"),
        total - used,
    )
}

/// The posterior for those who cannot see it.
pub(super) fn posterior(picture: &PersonPicture) -> String {
    let mut text = String::new();
    if let Some(posterior) = &picture.posterior {
        text.push_str(&format!(
            "Posterior slope {} ln(nmol/L) per hour, 95 % interval {} to {}; threshold {}. ",
            number::fixed(posterior.slope_ln_per_h, 3),
            number::fixed(posterior.lower_ln_per_h, 3),
            number::fixed(posterior.upper_ln_per_h, 3),
            number::fixed(posterior.threshold_ln_per_h, 3),
        ));
    }
    text.push_str(&verdict(picture));
    text
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
