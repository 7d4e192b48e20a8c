//! People's tubes beside the protocol, and tubes that may be one.

use diel_core::Policy;
use diel_core::sampling::{
    DayCompliance, Duplicate, DuplicateKind, SampleCompliance, SamplingProtocol, Timing,
    TimingCounts,
};
use diel_proto::v1 as pb;
use diel_store::{SampledPerson, StoredTube};

use super::{collection, time};
use crate::name;

/// A person beside a protocol.
pub(crate) fn to_proto(
    person: &SampledPerson,
    protocol: &SamplingProtocol,
    rule: &Policy,
) -> pb::ParticipantCompliance {
    let days = person.compliance(protocol, rule);
    let counts = days
        .iter()
        .fold(TimingCounts::default(), |all, day| all.and(day.counts));
    pb::ParticipantCompliance {
        participant: person.participant.clone(),
        missing_day_count: protocol.days().map(|planned| {
            let sampled = u32::try_from(days.len()).unwrap_or(u32::MAX);
            small(planned.saturating_sub(sampled))
        }),
        days: days
            .iter()
            .map(|day| day_to_proto(person, protocol, day))
            .collect(),
        counts: Some(counts_to_proto(counts)),
    }
}

fn day_to_proto(
    person: &SampledPerson,
    protocol: &SamplingProtocol,
    day: &DayCompliance,
) -> pb::DayCompliance {
    pb::DayCompliance {
        sampling_date: day.date.to_string(),
        samples: day
            .samples
            .iter()
            .map(|sample| sample_to_proto(person, protocol, sample))
            .collect(),
        counts: Some(counts_to_proto(day.counts)),
    }
}

fn sample_to_proto(
    person: &SampledPerson,
    protocol: &SamplingProtocol,
    sample: &SampleCompliance,
) -> pb::SampleTiming {
    let tube = sample.tube.and_then(|at| person.tubes.get(at));
    let planned = sample.planned.and_then(|at| protocol.samples().get(at));
    let label = planned
        .map(|planned| planned.label.as_str())
        .or(tube.map(|tube| tube.label.as_str()));
    let unknown_reason = match sample.timing {
        Timing::NotKnown(reason) => reason.code(),
        _ => "",
    };
    pb::SampleTiming {
        label: label.unwrap_or_default().to_owned(),
        specimen: tube.map(|tube| tube.specimen.clone()).unwrap_or_default(),
        timing: timing_to_proto(sample.timing).into(),
        unknown_reason: unknown_reason.to_owned(),
        due_local_time: sample.deviation.map_or_else(String::new, |deviation| {
            deviation.due.strftime("%Y-%m-%dT%H:%M:%S").to_string()
        }),
        collection_time: tube.map(|tube| time::moment_to_proto(tube.collected)),
        collection_utc_offset_minutes: tube
            .map(|tube| tube.collected.utc_offset_minutes())
            .unwrap_or_default(),
        collection_time_source: tube
            .map_or(pb::TimeSource::Unspecified, |tube| {
                collection::source_to_proto(tube.source)
            })
            .into(),
        deviation_minutes: sample.deviation.map(|deviation| deviation.minutes),
        electronic: sample.is_electronic,
    }
}

const fn timing_to_proto(timing: Timing) -> pb::Timing {
    match timing {
        Timing::Within => pb::Timing::Within,
        Timing::Outside => pb::Timing::Outside,
        Timing::NotKnown(_) => pb::Timing::NotKnown,
        Timing::NotTaken => pb::Timing::NotTaken,
        Timing::NotPlanned => pb::Timing::NotPlanned,
    }
}

/// A person's tubes beside a protocol, by specimen.
pub(crate) fn by_specimen(
    person: &SampledPerson,
    protocol: &SamplingProtocol,
    rule: &Policy,
) -> Vec<(String, SampleCompliance)> {
    let days = person.compliance(protocol, rule);
    let samples = days.iter().flat_map(|day| &day.samples);
    samples
        .filter_map(|sample| {
            let tube = person.tubes.get(sample.tube?)?;
            Some((tube.specimen.clone(), *sample))
        })
        .collect()
}

/// A sample of a profile with how it stands to the protocol.
pub(crate) fn beside_protocol(
    sample: pb::ProfileSample,
    timing: Option<&SampleCompliance>,
) -> pb::ProfileSample {
    pb::ProfileSample {
        timing: timing
            .map_or(pb::Timing::Unspecified, |found| {
                timing_to_proto(found.timing)
            })
            .into(),
        deviation_minutes: timing
            .and_then(|found| found.deviation)
            .map(|deviation| deviation.minutes),
        ..sample
    }
}

fn counts_to_proto(counts: TimingCounts) -> pb::TimingCounts {
    pb::TimingCounts {
        planned_count: small(counts.planned),
        taken_count: small(counts.taken),
        within_count: small(counts.within),
        outside_count: small(counts.outside),
        not_known_count: small(counts.not_known),
        electronic_count: small(counts.electronic),
        not_planned_count: small(counts.not_planned),
        share_within: counts.share_within(),
        share_electronic: counts.share_electronic(),
    }
}

fn small(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Tubes of a person that may be one.
pub(crate) fn duplicates_to_proto<'a>(
    study: &'a str,
    person: &'a SampledPerson,
    rule: &Policy,
) -> impl Iterator<Item = pb::Duplicate> + 'a {
    let found = person.duplicates(rule).into_iter();
    found.map(move |duplicate| duplicate_to_proto(study, person, &duplicate))
}

fn duplicate_to_proto(study: &str, person: &SampledPerson, duplicate: &Duplicate) -> pb::Duplicate {
    let kind = match duplicate.kind {
        DuplicateKind::SameTime => pb::DuplicateKind::SameTime,
        DuplicateKind::SameLabel => pb::DuplicateKind::SameLabel,
    };
    let tube = |tube: &StoredTube| pb::DuplicateTube {
        specimen: name::of_child(study, "specimens", &tube.specimen),
        label: tube.label.clone(),
        collection_time: Some(time::moment_to_proto(tube.collected)),
        collection_utc_offset_minutes: tube.collected.utc_offset_minutes(),
    };
    pb::Duplicate {
        participant: person.participant.clone(),
        kind: kind.into(),
        tubes: duplicate
            .tubes
            .iter()
            .filter_map(|&at| person.tubes.get(at).map(tube))
            .collect(),
    }
}
