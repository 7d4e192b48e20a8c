//! One participant's samples, sorted into sampling days.

use diel_core::{
    Awakening, BatchVerdict, Conditions, Policy, Sample, SamplingDay, TimeSource, sampling_days,
};

use super::samples::{NO_LABEL, Samples, StoredSample};

/// A sampling day and the number of its label. The index of each sample is the line of its row.
pub(crate) struct LabelledDay {
    pub(crate) label: u32,
    pub(crate) day: SamplingDay,
}

/// The days of one participant, by date and then by label.
pub(crate) fn days(
    samples: &Samples,
    of_person: &[StoredSample],
    policy: &Policy,
) -> Vec<LabelledDay> {
    if samples.has_hours() {
        by_label(samples, of_person)
    } else {
        by_awakening(samples, of_person, policy)
    }
}

/// Hours since awakening are given: samples with one label, or one date where there are no labels, are a day.
fn by_label(samples: &Samples, of_person: &[StoredSample]) -> Vec<LabelledDay> {
    let key = |sample: &StoredSample| match sample.day {
        NO_LABEL => (u32::MAX, sample.date),
        day => (samples.label_rank(day), None),
    };
    let mut sorted: Vec<&StoredSample> = of_person.iter().collect();
    sorted.sort_by_key(|sample| key(sample));
    let mut days: Vec<LabelledDay> = sorted
        .chunk_by(|a, b| key(a) == key(b))
        .map(|group| labelled(samples, group))
        .collect();
    if days.iter().all(|labelled| labelled.day.date.is_some()) {
        days.sort_by_key(|labelled| labelled.day.date);
    }
    days
}

fn labelled(samples: &Samples, group: &[&StoredSample]) -> LabelledDay {
    let date = group.iter().filter_map(|sample| sample.date).min();
    let measured = group.iter().map(|sample| {
        (
            hours(samples, sample).unwrap_or(f64::NAN),
            sample.level,
            None,
        )
    });
    let mut day = SamplingDay::from_hours(date, measured);
    if let Some(awakening) = group.iter().find_map(|sample| samples.awakening(sample)) {
        day.awakening = Some(awakening);
        day.awakening_recorded = true;
    }
    day.conditions = union(group.iter().copied());
    number_by_line(&mut day, group);
    LabelledDay {
        label: group.first().map_or(NO_LABEL, |sample| sample.day),
        day,
    }
}

/// As stated, else from the instants of the row.
fn hours(samples: &Samples, sample: &StoredSample) -> Option<f64> {
    sample
        .hours
        .or_else(|| Some(sample.collected?.hours_since(samples.awakening(sample)?)))
}

/// Instants are given: a day lasts from one awakening to the next.
fn by_awakening(
    samples: &Samples,
    of_person: &[StoredSample],
    policy: &Policy,
) -> Vec<LabelledDay> {
    let mut measured = Vec::with_capacity(of_person.len());
    let mut placed: Vec<&StoredSample> = Vec::with_capacity(of_person.len());
    let mut awakenings: Vec<Awakening> = Vec::new();
    for stored in of_person {
        if let Some(at) = samples.awakening(stored)
            && awakenings.iter().all(|known| known.at != at)
        {
            awakenings.push(Awakening {
                at,
                source: TimeSource::Unspecified,
                conditions: Conditions::default(),
            });
        }
        if let Some(at) = stored.collected {
            let sample = Sample {
                collected: at,
                level: stored.level,
                replicate_cv_percent: None,
                batch: BatchVerdict::NotAssessed,
            };
            measured.push(sample);
            placed.push(stored);
        }
    }
    let days = sampling_days(&measured, &awakenings, policy);
    days.into_iter()
        .map(|mut day| {
            let stored: Vec<&StoredSample> = day
                .samples
                .iter()
                .filter_map(|sample| placed.get(sample.index).copied())
                .collect();
            day.conditions = day.conditions.union(union(stored.iter().copied()));
            let mut labels = stored.iter().map(|sample| sample.day);
            let label = labels.find(|label| *label != NO_LABEL).unwrap_or(NO_LABEL);
            number_by_line(&mut day, &placed);
            LabelledDay { label, day }
        })
        .collect()
}

/// Lets each sample's index, a position among `placed`, be its line.
fn number_by_line(day: &mut SamplingDay, placed: &[&StoredSample]) {
    for sample in &mut day.samples {
        let line = placed
            .get(sample.index)
            .map_or(u32::MAX, |stored| stored.line);
        sample.index = line as usize;
    }
}

fn union<'a>(samples: impl Iterator<Item = &'a StoredSample>) -> Conditions {
    samples.fold(Conditions::default(), |all, sample| {
        all.union(sample.conditions)
    })
}
