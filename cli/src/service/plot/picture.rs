//! Everything that the picture of a participant shows, from the service.

use diel_client::{Client, v1};
use diel_core::{Unit, Verdict};
use diel_server::picture::{DayCurve, PersonPicture, PosteriorSlope, SampleKind, SamplePoint};

use super::{curve, judging};

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

    // The service's policy has it; 60 minutes is its default.
    let car_window_h = policy.car_window_min.unwrap_or(60.0) / 60.0;
    let last_hour = last_hour(&profiles);
    let judging = judging::fetch(client, &participant, &policy, &rhythm.reference).await?;
    Ok(PersonPicture {
        title: study.display_name.clone(),
        participant: code.to_owned(),
        days: profiles
            .iter()
            .map(|profile| day(profile, car_window_h))
            .collect(),
        fitted: judging.as_ref().map_or_else(Vec::new, |judging| {
            curve::fitted(&rhythm, judging, &profiles, last_hour)
        }),
        reference_band: judging.as_ref().map_or_else(Vec::new, |judging| {
            curve::reference(judging.policy.reference_for(&judging.person), last_hour)
        }),
        posterior: posterior(&rhythm),
        verdict: verdict(&rhythm),
        unit: unit(&study),
        simulated: false,
    })
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

/// The last sample's hour, at least the 16 of an ordinary day.
fn last_hour(profiles: &[v1::Profile]) -> f64 {
    let hours = profiles
        .iter()
        .flat_map(|profile| &profile.samples)
        .map(|sample| sample.hours_since_awakening);
    hours.fold(16.0, f64::max)
}

fn day(profile: &v1::Profile, car_window_h: f64) -> DayCurve {
    let points = profile.samples.iter();
    DayCurve {
        label: profile.sampling_date.clone(),
        samples: points
            .filter_map(|sample| point(sample, profile.valid, car_window_h))
            .collect(),
    }
}

fn point(sample: &v1::ProfileSample, is_valid_day: bool, car_window_h: f64) -> Option<SamplePoint> {
    let has = |code: &str| sample.findings.iter().any(|finding| finding == code);
    let kind = if has(curve::BELOW_LIMIT) {
        SampleKind::Below
    } else if has(curve::ABOVE_LIMIT) {
        SampleKind::Above
    } else {
        SampleKind::Exact
    };
    let (hours, used) = (sample.hours_since_awakening, sample.used_in_slope);
    let left_out = match (used, is_valid_day) {
        (true, _) => "",
        (false, false) => "the day does not count",
        (false, true) if hours > 0.0 && hours <= car_window_h => "awakening response",
        (false, true) => "",
    };
    let note: Vec<&str> = std::iter::once(sample.label.as_str())
        .chain(sample.findings.iter().map(String::as_str))
        .chain([left_out])
        .filter(|text| !text.is_empty())
        .collect();
    Some(SamplePoint {
        hours,
        nmol_per_l: sample.concentration_nmol_per_l?,
        kind,
        used,
        note: note.join(", "),
    })
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
