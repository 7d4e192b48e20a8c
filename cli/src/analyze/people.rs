//! Computes every participant, in parallel, and writes the answers in the order of the file.

use std::io::Write;

use diel_core::{Analysis, Policy, analyse_days};
use rayon::prelude::*;

use super::days::days;
use super::samples::{Samples, StoredSample};
use super::summary::Tally;
use super::{profiles, rhythms};
use crate::output::{Destination, Format, Frame, Progress, RecordWriter};

/// Participants that are computed before their answers are written.
const PARTICIPANTS_A_BATCH: usize = 8192;
/// Participants that one thread takes at a time.
const PARTICIPANTS_A_TASK: usize = 128;

/// What is asked of the samples, and where the answers go.
pub(super) struct Answer<'a> {
    pub(super) samples: &'a Samples,
    pub(super) policy: &'a Policy,
    pub(super) profiles: Option<&'a Destination>,
    pub(super) rhythms: Option<&'a Destination>,
    pub(super) format: Format,
}

/// The rows of some participants, ready to be written.
struct Part {
    profiles: Vec<u8>,
    rhythms: Vec<u8>,
    tally: Tally,
}

impl Answer<'_> {
    /// Whether the rhythms are drawn as a table.
    pub(super) fn is_for_people(&self) -> bool {
        self.profiles.is_none() && self.rhythms.is_none() && self.format == Format::Table
    }

    /// Computes and writes everything.
    pub(super) fn write(&self) -> anyhow::Result<Tally> {
        if self.is_for_people() {
            return self.print_table();
        }
        let to_standard_output = Destination::StandardOutput;
        let rhythms = self
            .rhythms
            .or(self.profiles.is_none().then_some(&to_standard_output));
        let mut profiles_out = Sink::open(
            self.profiles,
            RecordWriter::header(profiles::COLUMNS, self.format),
        )?;
        let mut rhythms_out =
            Sink::open(rhythms, RecordWriter::header(rhythms::COLUMNS, self.format))?;
        let people: Vec<&[StoredSample]> = self.samples.by_participant().collect();
        let mut progress = Progress::new(people.len() as u64, "participants");
        let mut tally = Tally::default();
        for (number, batch) in people.chunks(PARTICIPANTS_A_BATCH).enumerate() {
            let tasks: Vec<_> = batch.chunks(PARTICIPANTS_A_TASK).enumerate().collect();
            let parts: Vec<Part> = tasks
                .into_par_iter()
                .map(|(task, people)| self.part(people, number == 0 && task == 0))
                .collect();
            for part in &parts {
                profiles_out.write(&part.profiles)?;
                rhythms_out.write(&part.rhythms)?;
                tally.merge(&part.tally);
            }
            progress.set(((number + 1) * PARTICIPANTS_A_BATCH) as u64);
        }
        profiles_out.finish(RecordWriter::footer(self.format))?;
        rhythms_out.finish(RecordWriter::footer(self.format))?;
        Ok(tally)
    }

    fn part(&self, people: &[&[StoredSample]], is_first: bool) -> Part {
        let writer = if is_first {
            RecordWriter::new
        } else {
            RecordWriter::continuing
        };
        let mut profile_rows = writer(profiles::COLUMNS, self.format);
        let mut rhythm_rows = writer(rhythms::COLUMNS, self.format);
        let mut tally = Tally::default();
        for of_person in people {
            let Some((code, labels, analysis)) = self.analyse(of_person) else {
                continue;
            };
            if self.profiles.is_some() {
                for (label, profile) in labels.iter().zip(&analysis.profiles) {
                    profiles::write(&mut profile_rows, code, self.samples.label(*label), profile);
                }
            }
            rhythms::write(&mut rhythm_rows, code, &analysis.rhythm);
            tally.add(&analysis.rhythm);
        }
        Part {
            profiles: profile_rows.into_bytes(),
            rhythms: rhythm_rows.into_bytes(),
            tally,
        }
    }

    fn analyse(&self, of_person: &[StoredSample]) -> Option<(&str, Vec<u32>, Analysis)> {
        let first = of_person.first()?;
        let (labels, days) = days(self.samples, of_person, self.policy)
            .into_iter()
            .map(|labelled| (labelled.label, labelled.day))
            .unzip();
        Some((
            self.samples.code(first),
            labels,
            analyse_days(&self.samples.person(first), days, self.policy),
        ))
    }

    fn print_table(&self) -> anyhow::Result<Tally> {
        let people: Vec<&[StoredSample]> = self.samples.by_participant().collect();
        let analysed: Vec<_> = people
            .par_iter()
            .filter_map(|of_person| self.analyse(of_person))
            .collect();
        let mut frame = Frame::new(rhythms::COLUMNS);
        let mut tally = Tally::default();
        for (code, _, analysis) in &analysed {
            rhythms::write(&mut frame, code, &analysis.rhythm);
            tally.add(&analysis.rhythm);
        }
        frame.note(tally.to_string());
        frame.print(Format::Table)?;
        Ok(tally)
    }
}

/// An open destination, or none.
struct Sink(Option<Box<dyn Write>>);

impl Sink {
    fn open(destination: Option<&Destination>, header: String) -> anyhow::Result<Self> {
        let mut sink = Self(destination.map(Destination::open).transpose()?);
        sink.write(header.as_bytes())?;
        Ok(sink)
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.as_mut().map_or(Ok(()), |out| out.write_all(bytes))
    }

    fn finish(mut self, footer: &str) -> std::io::Result<()> {
        self.write(footer.as_bytes())?;
        self.0.as_mut().map_or(Ok(()), |out| out.flush())
    }
}
