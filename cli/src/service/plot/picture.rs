//! Everything that the picture of a participant shows, from the service.

use diel_client::{Client, v1};
use diel_core::{Unit, Verdict};
use diel_server::picture::{Caption, PersonPicture, PosteriorSlope};

use super::day;
use super::judging::{self, Judging};

/// A slope that differs by more, in ln(nmol/L) per hour, was not computed from the same samples. Rounding on the way
/// makes differences a million times smaller.
const SAME_SLOPE: f64 = 1e-6;

/// Asks for the participant's rhythm, profiles and samples.
pub(super) async fn fetch(
    client: &Client,
    study: &str,
    code: &str,
) -> anyhow::Result<PersonPicture> {
    let participant = client
        .get_participant(format!("{study}/participants/{code}"))
        .await?;
    let rhythm = client
        .get_rhythm(format!("{study}/participants/{code}/rhythm"))
        .await?;
    let study = client.get_study(study).await?;
    let policy = client.get_policy(&rhythm.policy).await?;
    let profiles = profiles(client, &study.name, code).await?;
    let judging = judging::fetch(client, &participant, &policy, &rhythm.reference).await?;
    let caption = Caption {
        title: study.display_name.clone(),
        participant: code.to_owned(),
        unit: unit(&study),
        simulated: false,
    };
    Ok(picture(caption, &rhythm, &judging, &profiles))
}

/// The picture of what the service told. The curves are computed here: that of a reference which this program does not
/// know is not drawn, nor is the person's when it does not arrive at the service's slope.
fn picture(
    caption: Caption,
    rhythm: &v1::Rhythm,
    judging: &Judging,
    profiles: &[v1::Profile],
) -> PersonPicture {
    let analysis = day::analyse(judging, profiles);
    let label = |day: usize, sample: &diel_core::DaySample| {
        profiles
            .get(day)
            .and_then(|profile| profile.samples.get(sample.index))
            .map_or("", |sample| sample.label.as_str())
    };
    let drawn = PersonPicture::of(caption, &analysis, &judging.policy, label);
    let slopes = (
        drawn.posterior.map(|posterior| posterior.slope_ln_per_h),
        rhythm.posterior_slope_ln_per_h,
    );
    let arrives = matches!(slopes, (Some(here), Some(there)) if (here - there).abs() < SAME_SLOPE);
    let keep = |curve, when| if when { curve } else { Vec::new() };
    PersonPicture {
        fitted: keep(drawn.fitted, judging.is_complete && arrives),
        reference_band: keep(drawn.reference_band, judging.is_complete),
        posterior: posterior(rhythm),
        verdict: verdict(rhythm),
        ..drawn
    }
}

/// The participant's profiles with their samples.
async fn profiles(client: &Client, study: &str, code: &str) -> anyhow::Result<Vec<v1::Profile>> {
    let filter = v1::ProfileFilter {
        participant: code.to_owned(),
        ..Default::default()
    };
    let request = v1::ListProfilesRequest {
        parent: study.to_owned(),
        filter: Some(filter),
        ..Default::default()
    };
    let mut profiles = Vec::new();
    for listed in client.list(request).collect(usize::MAX).await? {
        profiles.push(client.get_profile(listed.name).await?);
    }
    Ok(profiles)
}

fn posterior(rhythm: &v1::Rhythm) -> Option<PosteriorSlope> {
    Some(PosteriorSlope {
        slope_ln_per_h: rhythm.posterior_slope_ln_per_h?,
        sd_ln_per_h: rhythm.posterior_sd?,
        lower_ln_per_h: rhythm.posterior_lower_ln_per_h?,
        upper_ln_per_h: rhythm.posterior_upper_ln_per_h?,
        threshold_ln_per_h: rhythm.threshold_ln_per_h?,
        probability_flat: rhythm.probability_flat?,
    })
}

fn verdict(rhythm: &v1::Rhythm) -> Verdict {
    match rhythm.verdict() {
        v1::Verdict::NotFlat => Verdict::NotFlat,
        v1::Verdict::Indeterminate => Verdict::Indeterminate,
        v1::Verdict::FlatForReview => Verdict::FlatForReview,
        v1::Verdict::InsufficientData | v1::Verdict::Unspecified => Verdict::InsufficientData,
    }
}

fn unit(study: &v1::Study) -> Unit {
    match study.display_unit() {
        v1::ConcentrationUnit::UgPerDl => Unit::UgPerDl,
        v1::ConcentrationUnit::NgPerMl => Unit::NgPerMl,
        v1::ConcentrationUnit::UgPerL => Unit::UgPerL,
        v1::ConcentrationUnit::NmolPerL | v1::ConcentrationUnit::Unspecified => Unit::NmolPerL,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_curve_that_is_not_the_services_is_not_drawn() {
        let sample = |hours: f64, nmol: f64| v1::ProfileSample {
            hours_since_awakening: hours,
            concentration_nmol_per_l: Some(nmol),
            used_in_slope: true,
            ..Default::default()
        };
        let day = |date: &str| v1::Profile {
            sampling_date: date.to_owned(),
            valid: true,
            samples: vec![
                sample(0.0, 10.0),
                sample(4.0, 6.0),
                sample(9.0, 4.0),
                sample(15.0, 2.0),
            ],
            ..Default::default()
        };
        let profiles = ["2026-03-02", "2026-03-03", "2026-03-04"].map(day);
        let judging = Judging {
            is_complete: true,
            ..Judging::default()
        };
        let analysis = day::analyse(&judging, &profiles);
        let slope = analysis.rhythm.posterior.unwrap().slope_ln_per_h;
        let drawn = |slope: f64| {
            let rhythm = v1::Rhythm {
                posterior_slope_ln_per_h: Some(slope),
                ..Default::default()
            };
            let caption = Caption {
                title: String::new(),
                participant: String::new(),
                unit: Unit::NmolPerL,
                simulated: false,
            };
            picture(caption, &rhythm, &judging, &profiles).fitted.len()
        };
        assert_eq!(drawn(slope), 65);
        assert_eq!(drawn(slope + 1e-4), 0);
    }
}
