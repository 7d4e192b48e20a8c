//! What was read in a well, and which wells hold the same thing.

use crate::MissingReason;
use crate::plate::{Dilution, Nominal, Well, WellRole};

use super::weighting::Spread;

/// What the instrument reported of a well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// A response, such as an optical density.
    Response(f64),
    /// None, and why: masked by somebody, an error, beyond what the instrument reads.
    Missing(MissingReason),
}

/// A well with what stands in it and what was read.
#[derive(Debug, Clone, PartialEq)]
pub struct PlateWell {
    /// Where.
    pub well: Well,
    /// What stands in it.
    pub role: WellRole,
    /// What was read.
    pub reading: Reading,
}

/// What replicates share.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Standard(Nominal),
    Blank,
    Control(String),
    Sample(String, Dilution),
}

impl Content {
    pub(super) fn of(role: &WellRole, blanks_are_zero: bool) -> Option<Self> {
        Some(match role {
            WellRole::Standard { nominal } => Self::Standard(*nominal),
            WellRole::Blank if blanks_are_zero => Self::Standard(Nominal::new(0.0).ok()?),
            WellRole::Blank => Self::Blank,
            WellRole::Control { name } => Self::Control(name.clone()),
            WellRole::Sample { id, dilution } => Self::Sample(id.clone(), *dilution),
            WellRole::Empty => return None,
        })
    }
}

/// The wells of one content, in the order of the plate.
#[derive(Debug, Clone)]
pub(super) struct Replicates {
    pub(super) content: Content,
    pub(super) wells: Vec<(Well, Reading)>,
}

impl Replicates {
    /// The wells with a response.
    pub(super) fn responses(&self) -> impl Iterator<Item = (Well, f64)> {
        self.wells
            .iter()
            .filter_map(|(well, reading)| match reading {
                Reading::Response(response) => Some((*well, *response)),
                Reading::Missing(_) => None,
            })
    }

    /// Mean and spread; `None` without a response.
    pub(super) fn spread(&self) -> Option<Spread> {
        let count = self.responses().count();
        let mean = self.responses().map(|(_, y)| y).sum::<f64>() / count as f64;
        let square = self.responses().map(|(_, y)| (y - mean).powi(2)).sum();
        Some(Spread {
            mean,
            square,
            df: count.checked_sub(1)?,
        })
    }
}

/// Gathers the wells of each content, contents in the order in which they first occur.
pub(super) fn gather(wells: &[PlateWell], blanks_are_zero: bool) -> Vec<Replicates> {
    let mut groups: Vec<Replicates> = Vec::new();
    for well in wells {
        let Some(content) = Content::of(&well.role, blanks_are_zero) else {
            continue;
        };
        let entry = (well.well, well.reading);
        match groups.iter_mut().find(|group| group.content == content) {
            Some(group) => group.wells.push(entry),
            None => groups.push(Replicates {
                content,
                wells: vec![entry],
            }),
        }
    }
    groups
}
