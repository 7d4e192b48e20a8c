//! Codes that look like a person: which shapes are meant, and whether a row has one.

use clap::Args;
use diel_core::{CodeShape, CodeShapes};
use diel_import::Row;
use diel_server::{Clock as _, SystemClock};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Whether the codes of a file are looked at.
#[derive(Debug, Args)]
pub(crate) struct CodesOption {
    /// Refuse codes of participants and tubes that look like a person, as a study does: all shapes but digits_date, or
    /// those named, joined by commas; `diel codes code_shape` lists them. The code is not printed.
    #[arg(
        long = "codes",
        value_name = "SHAPES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "usual",
        value_parser = parse
    )]
    shapes: Option<CodeShapes>,
}

/// A code that is refused.
pub(crate) struct Refused {
    /// The field.
    pub(crate) field: &'static str,
    /// The shape and what it means.
    pub(crate) rule: String,
}

impl CodesOption {
    /// The first code of the row that has a shape that is looked for.
    pub(crate) fn judge(&self, row: &Row<'_>, today: Date) -> Option<Refused> {
        let shapes = self.shapes?;
        let participant = shapes
            .of_participant(row.participant, today)
            .map(|shape| ("participant", shape));
        let specimen = || {
            let shape = shapes.of_specimen(row.specimen?, today)?;
            Some(("specimen", shape))
        };
        let (field, shape) = participant.or_else(specimen)?;
        Some(Refused {
            field,
            rule: format!("{shape}: {} Give a pseudonym", shape.meaning()),
        })
    }
}

/// The present day in UTC.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(SystemClock.now()).date()
}

/// Reads shapes joined by commas, `none`, or `usual`.
pub(crate) fn parse(text: &str) -> Result<CodeShapes, String> {
    match text {
        "none" => return Ok(CodeShapes::EMPTY),
        "usual" => return Ok(CodeShapes::usual()),
        _ => {}
    }
    text.split(',')
        .map(|code| {
            CodeShape::from_code(code.trim()).ok_or_else(|| {
                let known: Vec<&str> = CodeShape::ALL.into_iter().map(CodeShape::code).collect();
                format!(
                    "`{code}` is not a shape of codes; there are {}, or none, or usual",
                    known.join(", ")
                )
            })
        })
        .collect()
}
