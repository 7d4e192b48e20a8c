//! A list of the wells of a plate: what stands in each, what was read there, or both.
//!
//! The header is `well` and any of `role`, `sample`, `nominal`, `dilution`, `od`; further columns go along with the sample.

use std::collections::HashSet;
use std::path::Path;

use diel_core::MissingReason;
use diel_core::calibration::Reading;
use diel_core::plate::{Dilution, Nominal, Well, WellError, WellRole};
use diel_core::range::RangeError;

use crate::column::fold;
use crate::separator::Separator;

/// The wells of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct WellList {
    /// The headers of the further columns.
    pub fact_names: Vec<String>,
    /// The wells, in the file's order.
    pub wells: Vec<ListedWell>,
}

/// A well of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedWell {
    /// Where.
    pub well: Well,
    /// What stands in it, where the list says so.
    pub role: Option<WellRole>,
    /// What was read, where the list says so.
    pub reading: Option<Reading>,
    /// The cells of the further columns.
    pub facts: Vec<String>,
}

/// Why a file is no list of wells. The line counts from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WellListError {
    /// It cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Not a table.
    #[error("the list of wells is not a table of text in UTF-8")]
    Csv(#[from] csv::Error),
    /// No column of wells.
    #[error(
        "no column is `well`; a list of wells has the columns well,role,sample,nominal,dilution,od, and this file has {headers}"
    )]
    WellMissing {
        /// The headers of the file.
        headers: String,
    },
    /// Not a well.
    #[error("line {line}: {cause}")]
    Well {
        /// The line.
        line: u64,
        /// The rule.
        cause: WellError,
    },
    /// A well that stands in an earlier line.
    #[error("line {line}: well {well} is listed twice")]
    WellTwice {
        /// The line.
        line: u64,
        /// The well.
        well: Well,
    },
    /// A role that is not understood.
    #[error("line {line}: `{role}` is no role; write standard, blank, control, sample or empty")]
    Role {
        /// The line.
        line: u64,
        /// What stands there.
        role: String,
    },
    /// A standard without its concentration.
    #[error("line {line}: a standard needs its concentration in the column `nominal`")]
    NominalMissing {
        /// The line.
        line: u64,
    },
    /// A sample or a control without its name.
    #[error("line {line}: a {role} needs its name in the column `sample`")]
    NameMissing {
        /// The line.
        line: u64,
        /// What it is.
        role: &'static str,
    },
    /// Not a number.
    #[error("line {line}, column `{column}`: `{text}` is not a number")]
    Number {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A number that is not accepted.
    #[error("line {line}, column `{column}`: {cause}")]
    Range {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The rule.
        cause: RangeError,
    },
}

/// Reads a list of wells.
///
/// # Errors
/// The file cannot be read or is no such list; the first line that is not understood is named.
pub fn read_well_list(path: &Path) -> Result<WellList, WellListError> {
    let bytes = std::fs::read(path).map_err(|source| WellListError::Unreadable {
        path: path.display().to_string(),
        source,
    })?;
    parse(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
}

fn parse(bytes: &[u8]) -> Result<WellList, WellListError> {
    let separator = Separator::of_first_line(bytes).byte();
    let mut table = csv::ReaderBuilder::new()
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let columns = Columns::of(table.headers()?)?;
    let mut seen = HashSet::new();
    let mut wells = Vec::new();
    for record in table.records() {
        let record = record?;
        let row = Row {
            line: record.position().map_or(0, csv::Position::line),
            record: &record,
            columns: &columns,
            has_decimal_commas: separator != b',',
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let listed = row.read()?;
        if !seen.insert(listed.well) {
            return Err(WellListError::WellTwice {
                line: row.line,
                well: listed.well,
            });
        }
        wells.push(listed);
    }
    Ok(WellList {
        fact_names: columns.facts.into_iter().map(|(_, name)| name).collect(),
        wells,
    })
}

/// Which column holds what.
struct Columns {
    well: usize,
    role: Option<usize>,
    sample: Option<usize>,
    nominal: Option<usize>,
    dilution: Option<usize>,
    od: Option<usize>,
    facts: Vec<(usize, String)>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, WellListError> {
        let folded: Vec<String> = header.iter().map(fold).collect();
        let find = |names: &[&str]| {
            folded
                .iter()
                .position(|name| names.contains(&name.as_str()))
        };
        let well = find(&["well"]).ok_or_else(|| WellListError::WellMissing {
            headers: header
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let (role, sample) = (
            find(&["role", "type"]),
            find(&["sample", "specimen", "name"]),
        );
        let (nominal, dilution) = (find(&["nominal"]), find(&["dilution"]));
        let od = find(&["od", "value", "response", "absorbance"]);
        let known = [Some(well), role, sample, nominal, dilution, od];
        let facts = header.iter().enumerate();
        let facts = facts.filter(|(at, name)| !name.is_empty() && !known.contains(&Some(*at)));
        Ok(Self {
            well,
            role,
            sample,
            nominal,
            dilution,
            od,
            facts: facts.map(|(at, name)| (at, name.to_owned())).collect(),
        })
    }
}

struct Row<'a> {
    line: u64,
    record: &'a csv::StringRecord,
    columns: &'a Columns,
    has_decimal_commas: bool,
}

impl Row<'_> {
    fn read(&self) -> Result<ListedWell, WellListError> {
        let line = self.line;
        let well = self.cell(Some(self.columns.well)).parse();
        let facts = self.columns.facts.iter();
        Ok(ListedWell {
            well: well.map_err(|cause| WellListError::Well { line, cause })?,
            role: self.role()?,
            reading: self.reading()?,
            facts: facts
                .map(|(at, _)| self.cell(Some(*at)).to_owned())
                .collect(),
        })
    }

    fn cell(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    /// What stands in the well. Without a word for it, whatever has a name is a sample.
    fn role(&self) -> Result<Option<WellRole>, WellListError> {
        let name = self.cell(self.columns.sample);
        let word = self.cell(self.columns.role).to_lowercase();
        Ok(Some(match word.as_str() {
            "" if name.is_empty() => return Ok(None),
            "" | "sample" | "unknown" | "specimen" => WellRole::Sample {
                id: self.named("sample")?,
                dilution: self.dilution()?,
            },
            "standard" | "std" | "calibrator" => WellRole::Standard {
                nominal: self.nominal()?,
            },
            "blank" | "blk" => WellRole::Blank,
            "control" | "ctl" | "qc" => WellRole::Control {
                name: self.named("control")?,
            },
            "empty" => WellRole::Empty,
            _ => {
                return Err(WellListError::Role {
                    line: self.line,
                    role: word,
                });
            }
        }))
    }

    fn named(&self, role: &'static str) -> Result<String, WellListError> {
        match self.cell(self.columns.sample) {
            "" => Err(WellListError::NameMissing {
                line: self.line,
                role,
            }),
            name => Ok(name.to_owned()),
        }
    }

    fn nominal(&self) -> Result<Nominal, WellListError> {
        let number = self.number(self.columns.nominal, "nominal")?;
        let number = number.ok_or(WellListError::NominalMissing { line: self.line })?;
        Nominal::new(number).map_err(|cause| self.range("nominal", cause))
    }

    fn dilution(&self) -> Result<Dilution, WellListError> {
        match self.number(self.columns.dilution, "dilution")? {
            Some(factor) => Dilution::new(factor).map_err(|cause| self.range("dilution", cause)),
            None => Ok(Dilution::default()),
        }
    }

    fn reading(&self) -> Result<Option<Reading>, WellListError> {
        let missing = match self.cell(self.columns.od).to_lowercase().as_str() {
            "masked" | "excluded" => MissingReason::RejectedByLab,
            "error" | "missed" | "n/a" | "na" => MissingReason::InstrumentError,
            "ovrflw" | "overflow" | "range?" | "?????" => MissingReason::OutsideCurve,
            _ => {
                let number = self.number(self.columns.od, "od")?;
                return Ok(number.map(Reading::Response));
            }
        };
        Ok(Some(Reading::Missing(missing)))
    }

    /// A finite number; `None` for an empty cell.
    fn number(
        &self,
        at: Option<usize>,
        column: &'static str,
    ) -> Result<Option<f64>, WellListError> {
        let text = self.cell(at);
        if text.is_empty() {
            return Ok(None);
        }
        let with_point = if self.has_decimal_commas {
            text.replace(',', ".")
        } else {
            text.to_owned()
        };
        let number = with_point
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite());
        number.map(Some).ok_or_else(|| WellListError::Number {
            line: self.line,
            column,
            text: text.to_owned(),
        })
    }

    fn range(&self, column: &'static str, cause: RangeError) -> WellListError {
        WellListError::Range {
            line: self.line,
            column,
            cause,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

    use super::*;

    #[test]
    fn a_list_says_what_stands_in_a_well_and_what_was_read() {
        let text = "Well;Role;Sample;Nominal;Dilution;OD;participant\nA1;standard;;0,33;;1,987;\n\
                    a02;;P-1;;5;masked;P\n;;;;;;\nA3;qc;low;;;OVRFLW;\nA4;;;;;;\n";
        let list = parse(text.as_bytes()).unwrap();
        assert_eq!(list.fact_names, ["participant"]);
        let nominal = Nominal::new(0.33).unwrap();
        let [standard, sample, control, nothing] = list.wells.as_slice() else {
            panic!("four wells")
        };
        assert_eq!(standard.role, Some(WellRole::Standard { nominal }));
        assert_eq!(standard.reading, Some(Reading::Response(1.987)));
        let dilution = Dilution::new(5.0).unwrap();
        let id = "P-1".to_owned();
        assert_eq!(sample.role, Some(WellRole::Sample { id, dilution }));
        assert_eq!(sample.well.to_string(), "A2");
        assert_eq!(sample.facts, ["P"]);
        assert_eq!(
            sample.reading,
            Some(Reading::Missing(MissingReason::RejectedByLab))
        );
        assert_eq!(
            control.reading,
            Some(Reading::Missing(MissingReason::OutsideCurve))
        );
        assert_eq!((&nothing.role, nothing.reading), (&None, None));
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        for (text, said) in [
            ("position,od\nA1,1\n", "no column is `well`"),
            ("well,od\nX1Y,1\n", "line 2: `X1Y` is not a well"),
            ("well,od\nA1,1\nA01,2\n", "line 3: well A1 is listed twice"),
            ("well,role,od\nA1,water,1\n", "line 2: `water` is no role"),
            (
                "well,role,od\nA1,standard,1\n",
                "line 2: a standard needs its concentration",
            ),
            (
                "well,role,od\nA1,control,1\n",
                "line 2: a control needs its name",
            ),
            (
                "well,od\nA1,high\n",
                "line 2, column `od`: `high` is not a number",
            ),
            (
                "well,od\nA1,NaN\n",
                "line 2, column `od`: `NaN` is not a number",
            ),
            (
                "well,role,nominal\nA1,std,-1\n",
                "line 2, column `nominal`: -1 ",
            ),
            (
                "well,sample,dilution\nA1,x,0\n",
                "line 2, column `dilution`: 0 fold is less",
            ),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
