//! Where on a plate a concentration was measured, and of how many replicate wells it is the mean.

use diel_core::plate::Well;

use super::column::Name;
use super::fields::Fields;

/// The most replicates that anybody pipettes.
const MOST: f64 = 1000.0;

/// What a row says of its wells.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Replicates<'a> {
    pub(super) plate: Option<&'a str>,
    pub(super) well: Option<Well>,
    pub(super) count: Option<u16>,
    pub(super) cv_percent: Option<f64>,
}

impl<'a> Replicates<'a> {
    /// Reads the cells. A variation of zero beside a single well is what programs print for one; it is none.
    pub(super) fn read(fields: &mut Fields<'a, '_>) -> Self {
        let plate = fields.label(Name::Plate);
        let text = fields.text(Name::Well);
        let wells: Result<Vec<Well>, _> = text.split_whitespace().map(str::parse).collect();
        let well = match wells {
            Ok(wells) => wells.first().copied(),
            Err(_) => {
                let rule = "is not a well; wells are a row letter and a column number, such as A1 or H12, \
                            with blanks between several";
                fields.refuse(Name::Well, text, rule);
                None
            }
        };
        let count = count(fields);
        let cv_percent = fields.number(Name::ReplicateCvPercent);
        let cv_percent = match (cv_percent, count) {
            (Some(percent), _) if percent < 0.0 => {
                refuse_cv(
                    fields,
                    "is negative; a coefficient of variation is 0 or more",
                );
                None
            }
            (Some(0.0), Some(1)) => None,
            (Some(_), Some(1)) => {
                refuse_cv(
                    fields,
                    "is the variation of a single replicate, of which there is none",
                );
                None
            }
            (cv_percent, _) => cv_percent,
        };
        Self {
            plate,
            well,
            count,
            cv_percent,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a whole number from 1 to 1000"
)]
fn count(fields: &mut Fields<'_, '_>) -> Option<u16> {
    let number = fields.number(Name::ReplicateCount)?;
    // No well had a number: the result is a bound or missing, and the mean of none.
    if number == 0.0 {
        return None;
    }
    if number.fract() == 0.0 && (1.0..=MOST).contains(&number) {
        return Some(number as u16);
    }
    let text = fields.text(Name::ReplicateCount);
    fields.refuse(
        Name::ReplicateCount,
        text,
        "is not a number of replicates; it must be a whole number up to 1000, 0 where no well had a number",
    );
    None
}

fn refuse_cv(fields: &mut Fields<'_, '_>, rule: &str) {
    let text = fields.text(Name::ReplicateCvPercent);
    fields.refuse(Name::ReplicateCvPercent, text, rule);
}
