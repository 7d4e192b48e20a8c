//! Messages that bytes choose: every field of the descriptor, with the values that are most often wrong.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

/// Messages within messages go so deep.
const DEPTH: usize = 6;
/// 2026-01-12 06:00:00 UTC, the first awakening of the prelude.
const AWAKENING: i64 = 1_768_197_600;

const TEXTS: [&str; 48] = [
    "",
    "studies/pilot",
    "pilot",
    "P001",
    "P002",
    "studies/pilot/participants/P001",
    "studies/pilot/batches/plate-1",
    "studies/pilot/specimens/P001-0-0",
    "studies/pilot/participants/P001/rhythm",
    "studies/pilot/policy",
    "studies/pilot/controls/low",
    "low",
    "studies/-",
    "studies",
    "studies/pilot/flags/x",
    "conversions/c",
    "c",
    "references/r",
    "studies/pilot/fits/f",
    "Europe/Berlin",
    "UTC",
    "Europe/Nowhere",
    "*",
    "labels",
    "policy",
    "log(cortisol) ~ hours + (hours | participant)",
    "log(cortisol) ~ (1 | participant:day",
    "2026-01-12",
    "07:00:00",
    "24:00",
    "female",
    "adults",
    "create_time desc",
    "probability_flat desc, name",
    "P001-0-0",
    "A1",
    "H12",
    "d1",
    "s1",
    "\u{0}",
    "\u{feff}x",
    "e\u{301}",
    "\u{202e}x",
    "-1",
    "1e309",
    "' or 1=1 --",
    "..",
    "diel_0000",
];
const NUMBERS: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.05,
    0.95,
    3.2,
    12.0,
    33.0,
    100.0,
    1e-9,
    1e9,
    1e300,
    1e308,
    -1e308,
    5e-324,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN_POSITIVE,
    1.0 + f64::EPSILON,
    27.589,
];
const INTEGERS: [i64; 16] = [
    0,
    1,
    -1,
    2,
    3,
    10,
    60,
    1000,
    86_400,
    i32::MAX as i64,
    i32::MIN as i64,
    i64::MAX,
    i64::MIN,
    AWAKENING,
    253_402_300_799,
    -62_135_596_801,
];

/// A message of this kind, as the bytes choose. Bytes that are used up choose nothing.
pub fn message(of: &MessageDescriptor, bytes: &mut &[u8]) -> DynamicMessage {
    within(of, bytes, 0)
}

fn within(of: &MessageDescriptor, bytes: &mut &[u8], depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(of.clone());
    if of.full_name() == "google.protobuf.Timestamp" {
        message.set_field_by_name("seconds", Value::I64(instant(bytes)));
        return message;
    }
    for field in of.fields() {
        let choice = take(bytes);
        let is_set = choice >= 96 && (depth < DEPTH || !matches!(field.kind(), Kind::Message(_)));
        if !is_set {
            continue;
        }
        if field.is_map() {
            message.set_field(
                &field,
                Value::Map([(MapKey::String(text(bytes)), value(&field, bytes, depth))].into()),
            );
        } else if field.is_list() {
            let count = if choice == 255 { 40 } else { choice % 4 };
            let items = (0..count).map(|_| value(&field, bytes, depth)).collect();
            message.set_field(&field, Value::List(items));
        } else {
            let value = value(&field, bytes, depth);
            message.set_field(&field, value);
        }
    }
    message
}

fn value(field: &FieldDescriptor, bytes: &mut &[u8], depth: usize) -> Value {
    let kind = match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
        kind => kind,
    };
    match kind {
        Kind::Double => Value::F64(number(bytes)),
        Kind::Float => Value::F32(number(bytes) as f32),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(integer(bytes) as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(integer(bytes)),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(integer(bytes) as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(integer(bytes) as u64),
        Kind::Bool => Value::Bool(take(bytes) & 1 == 1),
        Kind::String => Value::String(text(bytes)),
        Kind::Bytes => Value::Bytes(text(bytes).into_bytes().into()),
        Kind::Enum(of) => {
            let most = of.values().map(|value| value.number()).max().unwrap_or(0);
            Value::EnumNumber(i32::from(take(bytes)) % (most + 2))
        }
        Kind::Message(of) => Value::Message(within(&of, bytes, depth + 1)),
    }
}

fn take(bytes: &mut &[u8]) -> u8 {
    let Some((first, rest)) = bytes.split_first() else {
        return 0;
    };
    *bytes = rest;
    *first
}

fn text(bytes: &mut &[u8]) -> String {
    let choice = usize::from(take(bytes));
    match choice {
        ..200 => TEXTS[choice % TEXTS.len()].to_owned(),
        200..240 => {
            let (own, rest) = bytes.split_at(bytes.len().min(choice - 200));
            *bytes = rest;
            String::from_utf8_lossy(own).into_owned()
        }
        _ => "x".repeat(choice * 17),
    }
}

fn number(bytes: &mut &[u8]) -> f64 {
    let choice = usize::from(take(bytes));
    match choice {
        ..160 => NUMBERS[choice % NUMBERS.len()],
        _ => f64::from(take(bytes)) / 8.0,
    }
}

fn integer(bytes: &mut &[u8]) -> i64 {
    let choice = usize::from(take(bytes));
    match choice {
        ..160 => INTEGERS[choice % INTEGERS.len()],
        _ => i64::from(take(bytes)),
    }
}

fn instant(bytes: &mut &[u8]) -> i64 {
    let choice = take(bytes);
    match choice {
        ..200 => AWAKENING + i64::from(choice) * 900,
        _ => integer(bytes),
    }
}
