//! The bytes of format 118, section by section.

use super::{Dataset, Missing, Values, Variable};

/// Bytes of a name, a format, and a label of a variable, with the zero that ends them: up to four a character.
const NAME: usize = 129;
const FORMAT: usize = 57;
const LABEL: usize = 321;

/// The longest text that stands in its row; a longer one stands by itself, as a `strL`.
const LONGEST_IN_ROW: usize = 2_045;
const STRL: u16 = 32_768;
const DOUBLE: u16 = 65_526;

/// The labels of missing values.
const REASONS: &str = "reasons";

/// How a variable is stored: its type, and how many bytes a row.
#[derive(Clone, Copy)]
enum Storage {
    Double,
    Text(u16),
    Long,
}

impl Storage {
    fn of(variable: &Variable) -> Self {
        let Values::Text(values) = &variable.values else {
            return Self::Double;
        };
        let longest = values.iter().map(String::len).max().unwrap_or_default();
        match u16::try_from(longest.max(1)) {
            Ok(bytes) if usize::from(bytes) <= LONGEST_IN_ROW => Self::Text(bytes),
            _ => Self::Long,
        }
    }

    const fn code(self) -> u16 {
        match self {
            Self::Double => DOUBLE,
            Self::Text(bytes) => bytes,
            Self::Long => STRL,
        }
    }
}

/// A file while it is put together, and where its sections begin.
struct File {
    bytes: Vec<u8>,
    begins: Vec<u64>,
}

impl File {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Text in a field of its own length, the rest zeros.
    fn field(&mut self, text: &str, bytes: usize) {
        let end = self.bytes.len() + bytes;
        self.put(text.as_bytes());
        self.bytes.resize(end, 0);
    }

    fn begin(&mut self, section: &str) {
        self.begins.push(self.bytes.len() as u64);
        self.put(section.as_bytes());
    }

    /// A text behind its length in four bytes, which the caller's limits make sufficient.
    fn length(&mut self, length: usize) {
        self.put(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }
}

/// All of it. The map of the sections, which stands near the beginning, is filled in last.
pub(super) fn bytes(dataset: &Dataset) -> Vec<u8> {
    let storages: Vec<Storage> = dataset.variables.iter().map(Storage::of).collect();
    let mut file = File {
        bytes: Vec::new(),
        begins: Vec::new(),
    };
    file.begin("<stata_dta>");
    header(&mut file, dataset);
    file.begin("<map>");
    let map = file.bytes.len();
    file.put(&[0; 14 * 8]);
    file.put(b"</map>");
    descriptions(&mut file, dataset, &storages);
    characteristics(&mut file, dataset);
    file.begin("<data>");
    for row in 0..dataset.rows {
        for (position, (variable, storage)) in
            (1_u64..).zip(dataset.variables.iter().zip(&storages))
        {
            cell(&mut file, variable, *storage, row, position);
        }
    }
    file.put(b"</data>");
    long_texts(&mut file, dataset, &storages);
    file.begin("<value_labels>");
    if !dataset.missing.is_empty() {
        value_labels(&mut file, &dataset.missing);
    }
    file.put(b"</value_labels>");
    file.begin("</stata_dta>");
    let end = file.bytes.len() as u64;
    let places = file
        .begins
        .into_iter()
        .chain([end])
        .flat_map(u64::to_le_bytes);
    for (byte, place) in file.bytes.iter_mut().skip(map).zip(places) {
        *byte = place;
    }
    file.bytes
}

fn header(file: &mut File, dataset: &Dataset) {
    let variables = u16::try_from(dataset.variables.len()).unwrap_or(u16::MAX);
    let label = dataset.label.as_bytes();
    file.put(b"<header><release>118</release><byteorder>LSF</byteorder><K>");
    file.put(&variables.to_le_bytes());
    file.put(b"</K><N>");
    file.put(&(dataset.rows as u64).to_le_bytes());
    file.put(b"</N><label>");
    file.put(&u16::try_from(label.len()).unwrap_or_default().to_le_bytes());
    file.put(label);
    // No time: the same data make the same bytes.
    file.put(b"</label><timestamp>\0</timestamp></header>");
}

fn descriptions(file: &mut File, dataset: &Dataset, storages: &[Storage]) {
    file.begin("<variable_types>");
    for storage in storages {
        file.put(&storage.code().to_le_bytes());
    }
    file.put(b"</variable_types>");
    file.begin("<varnames>");
    for variable in &dataset.variables {
        file.field(&variable.name, NAME);
    }
    file.put(b"</varnames>");
    file.begin("<sortlist>");
    file.put(&vec![0; 2 * (dataset.variables.len() + 1)]);
    file.put(b"</sortlist>");
    file.begin("<formats>");
    for (variable, storage) in dataset.variables.iter().zip(storages) {
        let format = match (&variable.values, storage) {
            (Values::Days(_), _) => "%td".to_owned(),
            (_, Storage::Double) => "%10.0g".to_owned(),
            (_, Storage::Text(bytes)) => format!("%-{}s", bytes.min(&32)),
            (_, Storage::Long) => "%-32s".to_owned(),
        };
        file.field(&format, FORMAT);
    }
    file.put(b"</formats>");
    file.begin("<value_label_names>");
    for variable in &dataset.variables {
        let is_labelled = variable.has_reasons && !dataset.missing.is_empty();
        file.field(if is_labelled { REASONS } else { "" }, NAME);
    }
    file.put(b"</value_label_names>");
    file.begin("<variable_labels>");
    for variable in &dataset.variables {
        file.field(&variable.label, LABEL);
    }
    file.put(b"</variable_labels>");
}

/// Units as `char list` shows them, and the note of the dataset as `notes` does.
fn characteristics(file: &mut File, dataset: &Dataset) {
    file.begin("<characteristics>");
    for variable in dataset
        .variables
        .iter()
        .filter(|variable| !variable.unit.is_empty())
    {
        characteristic(file, &variable.name, "unit", &variable.unit);
    }
    if !dataset.note.is_empty() {
        characteristic(file, "_dta", "note1", &dataset.note);
        characteristic(file, "_dta", "note0", "1");
    }
    file.put(b"</characteristics>");
}

fn characteristic(file: &mut File, of: &str, name: &str, text: &str) {
    file.put(b"<ch>");
    file.length(2 * NAME + text.len() + 1);
    file.field(of, NAME);
    file.field(name, NAME);
    file.put(text.as_bytes());
    file.put(b"\0</ch>");
}

fn cell(file: &mut File, variable: &Variable, storage: Storage, row: usize, position: u64) {
    let double =
        |value: Result<f64, Missing>| value.map_or_else(Missing::bits, f64::to_bits).to_le_bytes();
    match &variable.values {
        Values::Numbers(values) => file.put(&double(at(values, row))),
        Values::Days(values) => file.put(&double(at(values, row).map(f64::from))),
        Values::Text(values) => {
            let text = values.get(row).map_or("", String::as_str);
            match storage {
                // Where the text stands: variable in two bytes, row in six, from 1. An empty one stands nowhere.
                Storage::Long if text.is_empty() => file.put(&[0; 8]),
                Storage::Long => file.put(&(((row as u64 + 1) << 16) | position).to_le_bytes()),
                Storage::Text(bytes) => file.field(text, usize::from(bytes)),
                Storage::Double => {}
            }
        }
    }
}

fn at<T: Copy>(values: &[Result<T, Missing>], row: usize) -> Result<T, Missing> {
    values.get(row).copied().unwrap_or(Err(Missing::SYSTEM))
}

fn long_texts(file: &mut File, dataset: &Dataset, storages: &[Storage]) {
    const TEXT_WITH_END: u8 = 130;
    file.begin("<strls>");
    for row in 0..dataset.rows {
        for (position, (variable, storage)) in (1_u32..).zip(dataset.variables.iter().zip(storages))
        {
            let (Values::Text(values), Storage::Long) = (&variable.values, storage) else {
                continue;
            };
            let Some(text) = values.get(row).filter(|text| !text.is_empty()) else {
                continue;
            };
            file.put(b"GSO");
            file.put(&position.to_le_bytes());
            file.put(&(row as u64 + 1).to_le_bytes());
            file.put(&[TEXT_WITH_END]);
            file.length(text.len() + 1);
            file.put(text.as_bytes());
            file.put(b"\0");
        }
    }
    file.put(b"</strls>");
}

fn value_labels(file: &mut File, missing: &[(Missing, String)]) {
    let count = missing.len();
    let text: usize = missing.iter().map(|(_, reason)| reason.len() + 1).sum();
    file.put(b"<lbl>");
    file.length(8 + 8 * count + text);
    file.field(REASONS, NAME);
    file.put(&[0; 3]);
    file.length(count);
    file.length(text);
    let mut begin = 0;
    for (_, reason) in missing {
        file.length(begin);
        begin += reason.len() + 1;
    }
    for (missing, _) in missing {
        file.put(&missing.long().to_le_bytes());
    }
    for (_, reason) in missing {
        file.put(reason.as_bytes());
        file.put(b"\0");
    }
    file.put(b"</lbl>");
}
