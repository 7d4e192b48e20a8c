//! Why a file cannot be read at all. Single bad rows are no error, see [`RefusedRow`](super::RefusedRow).

use std::io;
use std::path::{Path, PathBuf};

use diel_core::plate::{Well, WellError};
use jiff::civil::Date;

/// A file that cannot be understood, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
pub struct ImportError {
    path: PathBuf,
    #[source]
    cause: Box<ImportCause>,
}

impl ImportError {
    pub(super) fn new(path: &Path, cause: ImportCause) -> Self {
        Self {
            path: path.to_owned(),
            cause: Box::new(cause),
        }
    }

    /// The same cause under the name by which people know the file.
    #[must_use]
    pub fn of(self, path: &Path) -> Self {
        Self::new(path, *self.cause)
    }
}

/// The cause, with what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportCause {
    /// It cannot be opened or read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// The CSV reader gave up.
    #[error("the file is not CSV")]
    Csv(#[from] csv::Error),
    /// Not a byte in it.
    #[error(
        "the file is empty; the first line must name the columns, as in participant,collected_at,concentration,unit"
    )]
    Empty,
    /// A header and nothing else.
    #[error("the file has a header and no samples")]
    NoRows,
    /// A workbook that cannot be opened.
    #[error(
        "the workbook cannot be read; take its password away and save it again as .xlsx, or save it as CSV (UTF-8)"
    )]
    Workbook(#[source] Box<calamine::Error>),
    /// Refused rows that do not fit into one.
    #[error("the refused rows cannot be written as a workbook")]
    WorkbookUnwritten(#[from] rust_xlsxwriter::XlsxError),
    /// More bytes than are held at once.
    #[error(
        "a {what} of more than {most_mib} MiB is not read as a whole; save the table as long CSV, one row a sample, which may \
         have any length"
    )]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// The limit, MiB.
        most_mib: u64,
    },
    /// More cells than are held at once.
    #[error(
        "the file has more than {most} cells; save the table as long CSV, one row a sample, which may have any length"
    )]
    TooManyCells {
        /// The limit.
        most: usize,
    },
    /// Several sheets could be meant.
    #[error("the sheets {sheets} could each be the samples; choose with --sheet NAME")]
    SheetAmbiguous {
        /// The names of the sheets.
        sheets: String,
    },
    /// No sheet could be meant.
    #[error(
        "none of the sheets {sheets} has a header with participant, concentration and a time; choose one with --sheet NAME to \
         hear what it lacks"
    )]
    SheetNone {
        /// The names of the sheets.
        sheets: String,
    },
    /// `--sheet` names one that is not there.
    #[error("--sheet {sheet}: the workbook has no such sheet with anything on it; it has {sheets}")]
    SheetAbsent {
        /// The name asked for.
        sheet: String,
        /// The names of the sheets.
        sheets: String,
    },
    /// A file of another kind.
    #[error("the file is {kind}")]
    NotText {
        /// What it is, and what to do.
        kind: &'static str,
    },
    /// `--header-row` points at nothing.
    #[error(
        "--header-row {row}: there is nothing on that line; lines and rows are counted from 1, blank ones too"
    )]
    HeaderRowEmpty {
        /// The line or row.
        row: u64,
    },
    /// 3/4/2026, and nothing decides.
    #[error(
        "line {line}: `{value}` is {day_first} (day first) or {month_first} (month first), and no date of the file shows which; \
         say it with --date-order dmy or --date-order mdy"
    )]
    DateAmbiguous {
        /// The first line with such a date.
        line: u64,
        /// What stands there.
        value: String,
        /// Read as day, month, year.
        day_first: Date,
        /// Read as month, day, year.
        month_first: Date,
    },
    /// Dates like 3/4/2026 at the beginning of a file that is too long to look for one that decides.
    #[error(
        "the first dates may have the day or the month first, and only the first {most_mib} MiB of a file are searched for one \
         that shows which; say it with --date-order dmy or --date-order mdy"
    )]
    DateOrderOpen {
        /// The limit, MiB.
        most_mib: u64,
    },
    /// Names that are not UTF-8.
    #[error(
        "the header has a byte that is no character in UTF-8; save the whole file in one encoding, or say which with --encoding"
    )]
    HeaderNotUtf8,
    /// A header of two rows that is no wide table's.
    #[error(
        "the header has two rows, the second of which fills gaps of the first, and no samples were found under them; write \
         one row of names"
    )]
    TwoHeaderRows,
    /// A name that is needed and was not found.
    #[error(
        "no column is `{name}`; the file has {headers}. Tell which it is with --column {name}=HEADER"
    )]
    ColumnMissing {
        /// The canonical name.
        name: &'static str,
        /// The headers of the file.
        headers: String,
    },
    /// Neither instants nor times since awakening.
    #[error(
        "no column says when a sample was taken; one of `collected_at`, `date` + `time` or `minutes_since_awakening` is \
         needed, and the file has {headers}. Tell which it is with --column collected_at=HEADER, or, where the \
         samples were taken as planned, in how many minutes after awakening: --minutes S1=0 --minutes S2=30"
    )]
    TimesMissing {
        /// The headers of the file.
        headers: String,
    },
    /// `--column` names a header that is not there.
    #[error(
        "`{name}` is to be read from `{header}`: the file has no column `{header}`; did you mean `{nearest}`? It has {headers}"
    )]
    HeaderAbsent {
        /// The canonical name.
        name: &'static str,
        /// The header asked for.
        header: String,
        /// The header that looks most like it.
        nearest: String,
        /// The headers of the file.
        headers: String,
    },
    /// Several columns could be meant.
    #[error(
        "the columns {candidates} could each be `{name}`; choose with --column {name}={example}"
    )]
    ColumnAmbiguous {
        /// The canonical name.
        name: &'static str,
        /// The headers that could be meant.
        candidates: String,
        /// One of them.
        example: String,
    },
    /// Two columns under one header.
    #[error(
        "the header has `{header}` twice, and it is needed as `{name}`; rename one of the columns"
    )]
    HeaderTwice {
        /// The canonical name.
        name: &'static str,
        /// The header.
        header: String,
    },
    /// `--column` twice for one name.
    #[error("--column {name}=... is given twice")]
    ChoiceTwice {
        /// The canonical name.
        name: &'static str,
    },
    /// Two columns under one header, one of which is wanted.
    #[error("the header has `{header}` twice; rename one of the columns")]
    WantedTwice {
        /// The header.
        header: String,
    },
    /// A row that is longer or shorter than the header.
    #[error("line {line} has {found} fields where the header has {expected}")]
    FieldCount {
        /// The line of the file, from 1.
        line: u64,
        /// Its fields.
        found: usize,
        /// The header's.
        expected: usize,
    },
    /// A cell that is not UTF-8.
    #[error(
        "line {line} has a byte that is no character in UTF-8; save the whole file in one encoding, or say which with --encoding"
    )]
    CellNotUtf8 {
        /// The line of the file, from 1.
        line: u64,
    },
    /// Nothing says what the numbers mean.
    #[error(
        "the unit of `{header}` is not stated; give --unit nmol/L, ug/dL, ng/mL or ug/L, or a column `unit`, or name \
         the column cortisol_nmol_l"
    )]
    UnitMissing {
        /// The concentrations' header.
        header: String,
    },
    /// `--unit` contradicts the header.
    #[error("--unit {option}, but the column `{header}` is in {stated}")]
    UnitConflict {
        /// The unit of the option.
        option: &'static str,
        /// The concentrations' header.
        header: String,
        /// The unit in the header.
        stated: &'static str,
    },
    /// Local times and no zone.
    #[error(
        "line {line}: `{value}` is a local time and needs --time-zone, such as --time-zone Europe/Berlin (or write times \
         with their offset: 2026-03-01T07:05+01:00)"
    )]
    NeedsTimeZone {
        /// The first line with a local time.
        line: u64,
        /// What stands there.
        value: String,
    },
    /// A log of samplings without concentrations.
    #[error(
        "the file is {reading}; it says when samples were taken and not what was found. `diel register` takes such logs"
    )]
    LogWithoutResults {
        /// What was recognised.
        reading: String,
    },
    /// A plate reader's export without a plate.
    #[error(
        "the file is an export of {instrument} in which no plate with one reading a well was found; export the endpoint \
         readings as text"
    )]
    NoPlate {
        /// The program.
        instrument: &'static str,
    },
    /// A plate reader's export without concentrations.
    #[error(
        "the file is {instrument} with readings and without concentrations; `diel plate` computes them from the standards"
    )]
    PlateWithoutResults {
        /// The program.
        instrument: &'static str,
    },
    /// A cell of a plate that is not understood.
    #[error("line {line}: well {well} `{value}`: {rule}")]
    WellReading {
        /// The line, from 1.
        line: u64,
        /// The well.
        well: Well,
        /// What stands there.
        value: String,
        /// The rule.
        rule: String,
    },
    /// Samples that are only numbered through.
    #[error(
        "the samples of {instrument} are numbered through (`{sample}`) and name no tubes; say what stands in the wells with \
         --samples MAP, a CSV such as well,sample"
    )]
    SampleMapNeeded {
        /// The program.
        instrument: &'static str,
        /// One of them.
        sample: String,
    },
    /// A sample whose wells the map does not name.
    #[error(
        "the sample `{sample}`{} is not in the sample map; add its wells, with role `empty` to leave them out",
        well.map(|well| format!(" in well {well}")).unwrap_or_default()
    )]
    SampleNotInMap {
        /// What the export calls it.
        sample: String,
        /// The first of its wells.
        well: Option<Well>,
    },
    /// A sample whose wells the map gives to several tubes.
    #[error(
        "the sample `{sample}` is one for the instrument, and the sample map gives its wells to several tubes; its mean \
         belongs to none of them"
    )]
    SampleOfSeveralTubes {
        /// What the export calls it.
        sample: String,
    },
    /// Not the export of a plate reader.
    #[error(
        "the file is no export of a plate reader that is known (Gen5, SoftMax Pro, BMG MARS, Tecan Magellan), and neither a \
         grid of wells nor a list with the columns well and od"
    )]
    NotAPlate,
    /// The sample map cannot be read.
    #[error("the sample map cannot be read")]
    SampleMap(#[source] Box<ImportError>),
    /// Not a sample map.
    #[error(
        "the sample map is neither a list with the columns well and sample nor a grid of ids with rows A, B, ... and \
         columns 1, 2, ..."
    )]
    NoSampleMap,
    /// A well of a map that is none.
    #[error("line {line} of the sample map")]
    MapWell {
        /// The line, from 1.
        line: u64,
        /// Why.
        #[source]
        cause: WellError,
    },
    /// A role of a map that is none.
    #[error(
        "line {line} of the sample map: well {well}: the role `{role}` of `{name}` is none of standard (with its \
         concentration under `nominal`), blank, control, sample, empty"
    )]
    MapRole {
        /// The line, from 1.
        line: u64,
        /// The well.
        well: Well,
        /// The role.
        role: String,
        /// The name.
        name: String,
    },
    /// A well twice in a map.
    #[error("well {well} stands twice in the sample map; a well holds one thing")]
    WellTwice {
        /// The well.
        well: Well,
    },
}
