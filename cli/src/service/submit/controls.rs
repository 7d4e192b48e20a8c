//! The controls of a plate, from a file beside the samples.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use diel_client::v1;

use super::message::unit_message;

/// The columns of a file of controls.
const COLUMNS: [&str; 8] = [
    "material",
    "level",
    "lot",
    "concentration",
    "unit",
    "replicate_count",
    "replicate_cv_percent",
    "well",
];

/// Reads a file of controls: a header and one row a reading. Columns may stand in any order; material, concentration and
/// unit are required.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<v1::ControlMeasurement>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let headers: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    if let Some(unknown) = headers
        .iter()
        .find(|header| !COLUMNS.contains(&header.as_str()))
    {
        anyhow::bail!(
            "{}: `{unknown}` is not a column of controls; there are {}",
            path.display(),
            COLUMNS.join(", ")
        );
    }
    let mut controls = Vec::new();
    for (number, record) in (2..).zip(reader.records()) {
        let place = || format!("{}, line {number}", path.display());
        let record = record.with_context(place)?;
        let cells = headers.iter().map(String::as_str).zip(record.iter());
        let row = Cells(cells.filter(|(_, text)| !text.is_empty()).collect());
        controls.push(row.control().with_context(place)?);
    }
    anyhow::ensure!(!controls.is_empty(), "{}: has no row", path.display());
    Ok(controls)
}

/// The cells of a row that hold something.
struct Cells<'a>(BTreeMap<&'a str, &'a str>);

impl Cells<'_> {
    fn text(&self, column: &str) -> String {
        self.0.get(column).copied().unwrap_or_default().to_owned()
    }

    fn required(&self, column: &str) -> anyhow::Result<&str> {
        self.0
            .get(column)
            .copied()
            .with_context(|| format!("{column}: is missing"))
    }

    fn maybe<T: std::str::FromStr>(&self, column: &str) -> anyhow::Result<Option<T>>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let Some(text) = self.0.get(column) else {
            return Ok(None);
        };
        let number = text.parse();
        Ok(Some(number.with_context(|| {
            format!("{column}: `{text}` is not a number")
        })?))
    }

    fn control(&self) -> anyhow::Result<v1::ControlMeasurement> {
        let unit = self.required("unit")?;
        let unit = diel_import::parse_unit(unit).map_err(|rule| anyhow::anyhow!("unit: {rule}"))?;
        Ok(v1::ControlMeasurement {
            material: self.required("material")?.to_owned(),
            level: self.text("level"),
            lot: self.text("lot"),
            concentration: Some(v1::Measurement {
                outcome: Some(outcome(self.required("concentration")?)?),
                unit: unit_message(unit).into(),
            }),
            replicate_count: self.maybe("replicate_count")?,
            replicate_cv_percent: self.maybe("replicate_cv_percent")?,
            well: self.text("well"),
            ..v1::ControlMeasurement::default()
        })
    }
}

/// A number, or a bound as in `<0.33` and `>82`.
fn outcome(text: &str) -> anyhow::Result<v1::measurement::Outcome> {
    let number = |text: &str| {
        text.trim().parse::<f64>().with_context(|| {
            format!("concentration: `{text}` is not a number, nor a bound such as <0.33 or >82")
        })
    };
    Ok(match (text.strip_prefix('<'), text.strip_prefix('>')) {
        (Some(limit), _) => v1::measurement::Outcome::Below(number(limit)?),
        (_, Some(limit)) => v1::measurement::Outcome::Above(number(limit)?),
        _ => v1::measurement::Outcome::Value(number(text)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> anyhow::Result<Vec<v1::ControlMeasurement>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("controls.csv");
        std::fs::write(&path, text)?;
        read(&path)
    }

    #[test]
    fn rows_become_controls() -> anyhow::Result<()> {
        let controls = read_text(
            "material,level,lot,concentration,unit,well\npool A,low,L7,0.18,ug/dL,H11\npool A,high,L7,>82,nmol/L,\n",
        )?;
        let [low, high] = controls.as_slice() else {
            anyhow::bail!("{controls:?}")
        };
        assert_eq!((low.level.as_str(), low.well.as_str()), ("low", "H11"));
        let read = low
            .concentration
            .as_ref()
            .map(|read| (read.outcome, read.unit()));
        let expected = v1::measurement::Outcome::Value(0.18);
        assert_eq!(read, Some((Some(expected), v1::ConcentrationUnit::UgPerDl)));
        let bound = high.concentration.as_ref().and_then(|read| read.outcome);
        assert_eq!(bound, Some(v1::measurement::Outcome::Above(82.0)));
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, told) in [
            (
                "material,value\nA,1\n",
                "`value` is not a column of controls",
            ),
            ("material,concentration\nA,1\n", "unit: is missing"),
            (
                "material,concentration,unit\nA,x,nmol/L\n",
                "`x` is not a number",
            ),
            ("material,concentration,unit\n", "has no row"),
        ] {
            let error = read_text(text)
                .map(|_| ())
                .map_err(|error| format!("{error:#}"));
            assert!(
                error.as_ref().is_err_and(|error| error.contains(told)),
                "{error:?}"
            );
        }
    }
}
