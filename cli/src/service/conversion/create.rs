//! A conversion from a line, a power or a table.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_client::v1;
use diel_client::v1::conversion::Form;

use super::{ServerOptions, StudyOption};
use crate::service::answer::say;

const EXAMPLES: &str = "\
diel brings no conversion: relations between assays differ by method, lot and laboratory. Give the function that was
determined for yours, the range it was determined on, and where it comes from. Results keep what was measured;
`diel conversion results NAME` shows beside it what it comes to. Nothing outside the range is converted.

Examples:
  diel conversion create elisa-to-lcms --study pilot --from 'ELISA kit X' --to 'LC-MS/MS' \\
    --linear=-0.21,0.63 --range 0.5,60 --source 'doi:10.1000/example, table 2'
  diel conversion create elisa-to-lcms --study pilot --from 'ELISA kit X' --to 'LC-MS/MS' \\
    --table points.csv --range 0.5,60 --source 'own comparison of 40 samples, 2026-03'

The table is a CSV with the columns from_nmol_per_l and to_nmol_per_l.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CreateArguments {
    /// Its name in the study: 1 to 63 of a-z, 0-9 and -, beginning with a letter.
    name: String,

    #[command(flatten)]
    study: StudyOption,

    /// The assay converted from, as its batches name it.
    #[arg(long, value_name = "ASSAY")]
    from: String,

    /// The assay converted to.
    #[arg(long, value_name = "ASSAY")]
    to: String,

    #[command(flatten)]
    form: FormOptions,

    /// The concentrations it holds for, nmol/L of the assay converted from.
    #[arg(long, value_name = "LOWEST,HIGHEST", value_parser = pair)]
    range: (f64, f64),

    /// Where it comes from, such as a DOI.
    #[arg(long, value_name = "TEXT")]
    source: String,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct FormOptions {
    /// intercept + slope x, the intercept in nmol/L.
    #[arg(long, value_name = "INTERCEPT,SLOPE", value_parser = pair, allow_hyphen_values = true)]
    linear: Option<(f64, f64)>,

    /// factor x^exponent.
    #[arg(long, value_name = "FACTOR,EXPONENT", value_parser = pair)]
    power: Option<(f64, f64)>,

    /// Straight lines between the points of this CSV.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

pub(super) async fn create(arguments: &CreateArguments) -> anyhow::Result<()> {
    let (lowest_nmol_per_l, highest_nmol_per_l) = arguments.range;
    let conversion = v1::Conversion {
        from_assay: arguments.from.clone(),
        to_assay: arguments.to.clone(),
        form: form(&arguments.form)?,
        lowest_nmol_per_l,
        highest_nmol_per_l,
        source: arguments.source.clone(),
        ..Default::default()
    };
    let client = arguments.server.connect().await?;
    let request = v1::CreateConversionRequest {
        parent: arguments.study.name(),
        conversion_id: arguments.name.clone(),
        conversion: Some(conversion),
        ..Default::default()
    };
    say(&client.create_conversion(request).await?.name)
}

fn form(options: &FormOptions) -> anyhow::Result<Option<Form>> {
    let linear = options.linear.map(|(intercept_nmol_per_l, slope)| {
        Form::Linear(v1::LinearConversion {
            intercept_nmol_per_l,
            slope,
        })
    });
    let power = options
        .power
        .map(|(factor, exponent)| Form::Power(v1::PowerConversion { factor, exponent }));
    let table = options.table.as_deref().map(table).transpose()?;
    Ok(linear.or(power).or(table))
}

fn table(path: &Path) -> anyhow::Result<Form> {
    let context = || format!("cannot read {}", path.display());
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(context)?;
    let headers = reader.headers().with_context(context)?.clone();
    let column = |name: &str| {
        let position = headers.iter().position(|header| header == name);
        position.with_context(|| format!("{}: has no column {name}", path.display()))
    };
    let columns = [column("from_nmol_per_l")?, column("to_nmol_per_l")?];
    let mut points = Vec::new();
    for (record, line) in reader.records().zip(2..) {
        let record = record.with_context(context)?;
        let [from_nmol_per_l, to_nmol_per_l] = columns.map(|column| {
            let text = record.get(column).unwrap_or_default();
            text.parse::<f64>()
                .with_context(|| format!("{}:{line}: {text:?} is not a number", path.display()))
        });
        points.push(v1::ConversionPoint {
            from_nmol_per_l: from_nmol_per_l?,
            to_nmol_per_l: to_nmol_per_l?,
        });
    }
    Ok(Form::Table(v1::TableConversion { points }))
}

/// Two numbers with a comma between them.
fn pair(text: &str) -> Result<(f64, f64), String> {
    let refuse =
        || format!("{text:?} is not two numbers with a comma between them, such as 0.5,60");
    let (first, second) = text.split_once(',').ok_or_else(refuse)?;
    let number = |part: &str| part.trim().parse::<f64>().map_err(|_| refuse());
    Ok((number(first)?, number(second)?))
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn a_pair_is_two_numbers() {
        assert_eq!(pair("-0.21, 0.63"), Ok((-0.21, 0.63)));
        for wrong in ["0.5", "a,b", "1,2,3", ""] {
            assert!(pair(wrong).is_err(), "{wrong}");
        }
    }
}
