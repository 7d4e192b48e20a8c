//! A block `Group:`: a table with a line a well. What is said once of a sample, its name, mean and variation, stands on its
//! first line; the others have an empty cell there.

use diel_core::Unit;
use diel_core::plate::{Dilution, Nominal, Well, WellRole};

use crate::column::fold;
use crate::layout::reader::replicates::{Replicate, Together, together};
use crate::number::{self, DecimalComma};
use crate::plate::{PlateExport, PlateResult, WellContent};
use crate::sheet::{Sheet, SheetRow};
use crate::unit::unit_in_header;

/// What stands below the table of a group.
const BELOW: [&str; 2] = ["Group Column", "Group Summaries"];

/// A table of samples, standards, controls or blanks.
pub(super) struct Group {
    name: String,
    unit: Option<Unit>,
    samples: Vec<Sample>,
}

/// A sample and its wells.
struct Sample {
    line: u64,
    name: String,
    nominal: Option<f64>,
    dilution: f64,
    /// The concentration of the tube, where the group has a column for it.
    adjusted: String,
    cv_percent: Option<f64>,
    /// The plate that the wells stand on, where the group says so.
    plate: Option<String>,
    wells: Vec<Replicate>,
}

/// Where the table has what.
struct Columns {
    sample: usize,
    well: usize,
    result: Option<usize>,
    adjusted: Option<usize>,
    cv: Option<usize>,
    dilution: Option<usize>,
    nominal: Option<usize>,
    plate: Option<usize>,
    /// `R` beside a result outside the standards.
    range: Option<usize>,
    unit: Option<Unit>,
}

impl Group {
    /// Reads a group; `None` where its table names no wells.
    pub(super) fn read(name: &str, block: &[SheetRow], sheet: &Sheet) -> Option<Self> {
        let columns = Columns::find(block.get(1)?)?;
        let mut samples: Vec<Sample> = Vec::new();
        for row in block.iter().skip(2) {
            let cell = |at: Option<usize>| {
                at.and_then(|at| row.cells.get(at))
                    .map_or("", String::as_str)
            };
            if BELOW.contains(&cell(Some(0))) {
                break;
            }
            let Ok(well) = cell(Some(columns.well)).parse::<Well>() else {
                continue;
            };
            let number = |at: Option<usize>| number::parse(cell(at), sheet.comma).ok();
            let sample = cell(Some(columns.sample));
            if !sample.is_empty() || samples.is_empty() {
                samples.push(Sample {
                    line: row.line,
                    name: sample.to_owned(),
                    nominal: number(columns.nominal),
                    dilution: number(columns.dilution)
                        .filter(|factor| *factor > 0.0)
                        .unwrap_or(1.0),
                    adjusted: cell(columns.adjusted).to_owned(),
                    cv_percent: number(columns.cv),
                    plate: Some(cell(columns.plate).to_owned()).filter(|plate| !plate.is_empty()),
                    wells: Vec::new(),
                });
            }
            let is_outside = !cell(columns.range).is_empty();
            if let Some(sample) = samples.last_mut() {
                let text = if is_outside {
                    "Range?"
                } else {
                    cell(columns.result)
                };
                sample.wells.push(Replicate {
                    well,
                    text: text.to_owned(),
                });
            }
        }
        (!samples.is_empty()).then(|| Self {
            name: name.to_owned(),
            unit: columns.unit,
            samples,
        })
    }

    /// Adds what the group says of a plate's wells.
    pub(super) fn add_to(&self, plate: &mut PlateExport, is_single: bool) {
        for sample in &self.samples {
            let is_here = match (&sample.plate, &plate.plate) {
                (Some(of), Some(plate)) => of == plate,
                _ => is_single,
            };
            let Some(role) = self.role(sample).filter(|_| is_here) else {
                continue;
            };
            if let WellRole::Sample { .. } = role {
                plate.results.extend(self.result(sample));
            }
            let wells = sample.wells.iter().map(|replicate| WellContent {
                well: replicate.well,
                name: sample.name.clone(),
                role: role.clone(),
            });
            plate.layout.extend(wells);
        }
    }

    /// What the wells are for, by the group's name and whether it knows concentrations.
    fn role(&self, sample: &Sample) -> Option<WellRole> {
        let name = self.name.to_lowercase();
        let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if is(&["standard", "std", "calibrator"]) {
            let nominal = sample
                .nominal
                .and_then(|nominal| Nominal::new(nominal).ok());
            return nominal.map(|nominal| WellRole::Standard { nominal });
        }
        if is(&["blank", "nsb"]) {
            return Some(WellRole::Blank);
        }
        if is(&["control", "qc", "spike"]) {
            return Some(WellRole::Control {
                name: if sample.name.is_empty()
                    || sample.name.bytes().all(|byte| byte.is_ascii_digit())
                {
                    format!("{} {}", self.name, sample.name).trim().to_owned()
                } else {
                    sample.name.clone()
                },
            });
        }
        Some(WellRole::Sample {
            id: sample.name.clone(),
            dilution: Dilution::new(sample.dilution).unwrap_or_default(),
        })
    }

    /// What the program computed of a sample; `None` where the group has no column for it.
    fn result(&self, sample: &Sample) -> Option<PlateResult> {
        if sample.wells.iter().all(|well| well.text.is_empty()) {
            return None;
        }
        let wells: Vec<Replicate> = sample
            .wells
            .iter()
            .filter(|well| !well.text.is_empty())
            .cloned()
            .collect();
        // The results were printed with a decimal point or with a comma; both stand for one number here.
        let Together {
            concentration,
            count,
            cv_percent,
        } = together(&wells, sample.dilution, DecimalComma::Accepted);
        let is_number = number::parse(&sample.adjusted, DecimalComma::Accepted).is_ok();
        Some(PlateResult {
            line: sample.line,
            sample: sample.name.clone(),
            wells: sample
                .wells
                .iter()
                .map(|replicate| replicate.well)
                .collect(),
            concentration: if is_number && count > 0 {
                sample.adjusted.clone()
            } else {
                concentration
            },
            unit: self.unit,
            replicate_count: count,
            // The program prints 0.0 for a single well: no variation is known of one.
            replicate_cv_percent: sample.cv_percent.filter(|_| count >= 2).or(cv_percent),
            dilution: sample.dilution,
        })
    }
}

impl Columns {
    fn find(row: &SheetRow) -> Option<Self> {
        let folded: Vec<String> = row
            .cells
            .iter()
            .map(|cell| fold(cell).replace('.', ""))
            .collect();
        let at = |is_it: &dyn Fn(&str) -> bool| folded.iter().position(|text| is_it(text));
        let adjusted = at(&|text| text.starts_with("adjresult") || text.starts_with("adjconc"));
        let result = at(&|text| text.starts_with("result") && text != "resultflag");
        let nominal = at(&|text| text.starts_with("conc") || text.starts_with("expected"));
        let unit_of = |at: Option<usize>| unit_in_header(row.cells.get(at?)?);
        Some(Self {
            sample: at(&|text| text == "sample")?,
            well: at(&|text| matches!(text, "wells" | "well"))?,
            result,
            adjusted,
            cv: at(&|text| matches!(text, "cv%" | "cvs" | "cv" | "%cv")),
            dilution: at(&|text| text.starts_with("dilution") || text == "dil"),
            nominal,
            plate: at(&|text| matches!(text, "plate" | "wellplatename")),
            range: at(&|text| text == "r"),
            unit: unit_of(adjusted).or(unit_of(result)).or(unit_of(nominal)),
        })
    }
}
