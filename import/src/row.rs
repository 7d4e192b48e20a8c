//! One row of a file, checked.

use csv::ByteRecord;
use diel_core::plate::Well;
use diel_core::{
    AgeYears, Condition, Conditions, Limits, Measurement, Moment, NmolPerL, Outcome, Unit,
};
use jiff::civil::Date;

use super::RefusedRow;
use super::clock::TimeError;
use super::column::Name;
use super::concentration;
use super::error::ImportCause;
use super::fields::Fields;
use super::habits::Habits;
use super::header::Header;
use super::options::ImportOptions;
use super::records::Place;
use super::replicates::Replicates;
use super::times::{self, TimeCells, Times, TimesError};
use diel_core::nearest;

/// Accepted minutes since awakening: from a day before it to two days after it.
const MINUTES: std::ops::RangeInclusive<f64> = -1440.0..=2880.0;

/// A row whose every cell is accepted. Empty cells are `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// The sheet of the workbook it stands on.
    pub sheet: Option<&'a str>,
    /// The line of the file it begins on, or the row of the sheet, from 1.
    pub line: u64,
    /// The code, as given. Empty only where a specimen waits for its collection facts, see
    /// [`ImportOptions::may_wait`].
    pub participant: &'a str,
    /// When saliva was collected.
    pub collected: Option<Moment>,
    /// When the person woke that began the sampling day.
    pub awakening: Option<Moment>,
    /// The local date on which the sampling day began.
    pub date: Option<Date>,
    /// Minutes from the awakening to the sample.
    pub minutes_since_awakening: Option<f64>,
    /// The label of the sampling day, as given.
    pub day: Option<&'a str>,
    /// The label of the sample, as given.
    pub label: Option<&'a str>,
    /// What was measured.
    pub measurement: Measurement,
    /// The id on the tube.
    pub specimen: Option<&'a str>,
    /// The participant's group.
    pub group: Option<&'a str>,
    /// The participant's age at sampling.
    pub age: Option<AgeYears>,
    /// The participant's sex, as given.
    pub sex: Option<&'a str>,
    /// In the unit of the measurement.
    pub limit_of_detection: Option<f64>,
    /// What holds on the sampling day.
    pub conditions: Conditions,
    /// The plate that it was measured on.
    pub plate: Option<&'a str>,
    /// The well, or the first of several.
    pub well: Option<Well>,
    /// How many wells the concentration is the mean of.
    pub replicate_count: Option<u16>,
    /// Their coefficient of variation in percent; none of a single well.
    pub replicate_cv_percent: Option<f64>,
}

impl Row<'_> {
    /// The row's limit of detection, for [`Measurement::level`].
    pub fn limits(&self) -> Limits {
        let unit = self.measurement.unit().unwrap_or(Unit::NmolPerL);
        let detection = self
            .limit_of_detection
            .and_then(|limit| NmolPerL::new(unit.nmol_per_l(limit)).ok());
        Limits {
            detection,
            ..Limits::default()
        }
    }
}

/// Reads rows under a header.
pub(super) struct RowReader<'b> {
    pub(super) header: &'b Header,
    pub(super) options: &'b ImportOptions,
    pub(super) habits: &'b Habits,
    /// A local time had no zone and was used for its date alone.
    pub(super) lacks_zone: bool,
    /// Rows of two clock times whose sample was moved to the next date.
    pub(super) after_midnight: u64,
}

impl RowReader<'_> {
    /// Reads a row. `None` when something is refused; what and why is appended to `refused`.
    ///
    /// # Errors
    /// What is wrong with the file as a whole.
    pub(super) fn read<'a>(
        &mut self,
        record: &'a ByteRecord,
        place: &'a Place,
        refused: &mut Vec<RefusedRow>,
    ) -> Result<Option<Row<'a>>, ImportCause> {
        let refused_before = refused.len();
        let refusal = place.refusal.as_deref().map(str::to_owned).or_else(|| {
            let (found, expected) = (record.len(), self.header.width());
            (!has_width(record, expected))
                .then(|| format!("has {found} fields where the header has {expected}"))
        });
        if let Some(rule) = refusal {
            refused.push(RefusedRow {
                sheet: place.sheet.as_deref().unwrap_or_default().to_owned(),
                line: place.line,
                field: "(line)".to_owned(),
                value: String::new(),
                rule,
            });
            return Ok(None);
        }
        let mut fields = Fields {
            header: self.header,
            record,
            place,
            comma: self.habits.comma,
            missing: &self.options.missing,
            refused,
        };
        let minutes = minutes(&mut fields, self.options);
        let times = self.times(&mut fields, minutes)?;
        let unit = self.unit(&mut fields);
        let limit_of_detection = limit_of_detection(&mut fields);
        let measurement = measurement(&mut fields, unit, limit_of_detection);
        let participant = fields.code(Name::Participant);
        let specimen = fields.code(Name::Specimen);
        let waits = self.options.may_wait && specimen.is_some();
        if participant.is_none() && !(waits && times.collected.is_none()) {
            fields.refuse(
                Name::Participant,
                "",
                "is empty; every sample needs its participant's code",
            );
        }
        let age = fields.number(Name::AgeYears).and_then(|number| {
            AgeYears::new(number)
                .map_err(|error| fields.refuse(Name::AgeYears, &number.to_string(), error))
                .ok()
        });
        let conditions = conditions(&mut fields);
        let labels =
            [day_name(&fields), Name::Label, Name::Group, Name::Sex].map(|name| fields.label(name));
        let replicates = Replicates::read(&mut fields);
        if fields.refused.len() > refused_before {
            return Ok(None);
        }
        let [day, label, group, sex] = labels;
        let day =
            day.filter(|_| fields.header.position(Name::Day).is_some() || times.date.is_none());
        let Some(measurement) = measurement else {
            return Ok(None);
        };
        Ok(Some(Row {
            sheet: place.sheet.as_deref(),
            line: place.line,
            participant: participant.unwrap_or_default(),
            collected: times.collected,
            awakening: times.awakening,
            date: times.date,
            minutes_since_awakening: minutes,
            day,
            label,
            measurement,
            specimen,
            group,
            age,
            sex,
            limit_of_detection,
            conditions,
            plate: replicates.plate,
            well: replicates.well,
            replicate_count: replicates.count,
            replicate_cv_percent: replicates.cv_percent,
        }))
    }

    fn times(
        &mut self,
        fields: &mut Fields<'_, '_>,
        minutes: Option<f64>,
    ) -> Result<Times, ImportCause> {
        let has_hours = self.header.has_hours();
        let cells = TimeCells {
            collected: fields.text(Name::CollectedAt),
            awakening: fields.text(Name::AwakeningAt),
            date: fields.text(Name::Date),
            minutes,
            has_hours,
            forms: self.habits.forms,
        };
        let waits = self.options.may_wait && !fields.text(Name::Specimen).is_empty();
        if !has_hours && cells.collected.is_empty() && !waits {
            fields.refuse(
                Name::CollectedAt,
                "",
                "is empty; a sample is placed by the time when it was taken",
            );
        }
        match times::read(cells, self.options.time_zone.as_ref()) {
            Ok(times) => {
                self.lacks_zone |= times.lacks_zone;
                self.after_midnight += u64::from(times.is_after_midnight);
                Ok(times)
            }
            Err((name, TimesError::ZoneMissing)) => Err(ImportCause::NeedsTimeZone {
                line: fields.place.line,
                value: fields.text(name).to_owned(),
            }),
            Err((
                name,
                TimesError::Time(TimeError::Ambiguous {
                    day_first,
                    month_first,
                }),
            )) => Err(ImportCause::DateAmbiguous {
                line: fields.place.line,
                value: fields.text(name).to_owned(),
                day_first,
                month_first,
            }),
            Err((name, error)) => {
                let value = fields.text(name);
                fields.refuse(name, value, error);
                Ok(Times::default())
            }
        }
    }

    fn unit(&self, fields: &mut Fields<'_, '_>) -> Option<Unit> {
        let text = fields.text(Name::Unit);
        let stated = match text {
            "" => None,
            text => Unit::from_ucum(text).or_else(|| {
                fields.refuse(Name::Unit, text, "is none of nmol/L, ug/dL, ng/mL, ug/L");
                None
            }),
        };
        if let (Some(stated), Some(header)) = (stated, self.header.unit())
            && stated != header
        {
            fields.refuse(
                Name::Unit,
                text,
                format_args!("contradicts the concentrations' header, which says {header}"),
            );
        }
        stated.or(self.header.unit()).or(self.options.unit)
    }
}

/// Whether a record has as many fields as the header, or more that are empty.
fn has_width(record: &ByteRecord, width: usize) -> bool {
    let mut beyond = record.iter().skip(width);
    record.len() >= width && beyond.all(|field| field.trim_ascii().is_empty())
}

/// Where days have no labels but hours, what stands under `date` and is no date is a label.
fn day_name(fields: &Fields<'_, '_>) -> Name {
    let header = fields.header;
    let is_labelled = header.position(Name::Day).is_some() || !header.has_hours();
    if is_labelled || header.position(Name::Date).is_none() {
        Name::Day
    } else {
        Name::Date
    }
}

fn minutes(fields: &mut Fields<'_, '_>, options: &ImportOptions) -> Option<f64> {
    if fields.header.has_sample_minutes() {
        return minutes_of_label(fields, options);
    }
    let (name, minutes_each) = if fields
        .header
        .position(Name::MinutesSinceAwakening)
        .is_some()
    {
        (Name::MinutesSinceAwakening, 1.0)
    } else {
        (Name::HoursSinceAwakening, 60.0)
    };
    let minutes = fields.number(name)? * minutes_each;
    if MINUTES.contains(&minutes) {
        return Some(minutes);
    }
    let text = fields.text(name);
    fields.refuse(
        name,
        text,
        "is more than 24 h before or 48 h after awakening",
    );
    None
}

/// Minutes as the options say for the row's label.
fn minutes_of_label(fields: &mut Fields<'_, '_>, options: &ImportOptions) -> Option<f64> {
    let label = fields.text(Name::Label);
    let known = options.sample_minutes.iter();
    let minutes = known
        .clone()
        .find(|sample| sample.label == label)
        .map(|sample| sample.minutes);
    if minutes.is_none_or(|minutes| !MINUTES.contains(&minutes)) {
        let labels: Vec<&str> = known.map(|sample| sample.label.as_str()).collect();
        let rule = format!(
            "has no minutes from 24 h before to 48 h after awakening; they were given for {}",
            labels.join(", ")
        );
        fields.refuse(Name::Label, label, rule);
        return None;
    }
    minutes
}

fn limit_of_detection(fields: &mut Fields<'_, '_>) -> Option<f64> {
    let limit = fields.number(Name::LimitOfDetection)?;
    if limit > 0.0 {
        return Some(limit);
    }
    let text = fields.text(Name::LimitOfDetection);
    fields.refuse(
        Name::LimitOfDetection,
        text,
        "is not a limit; it must be more than 0",
    );
    None
}

fn measurement(
    fields: &mut Fields<'_, '_>,
    unit: Option<Unit>,
    limit_of_detection: Option<f64>,
) -> Option<Measurement> {
    let text = fields.text(Name::Concentration);
    let outcome = match concentration::parse(text, limit_of_detection, fields.comma, fields.missing)
    {
        Ok(outcome) => outcome,
        Err(error) => {
            fields.refuse(Name::Concentration, text, error);
            return None;
        }
    };
    let unit = unit.filter(|_| !matches!(outcome, Outcome::Missing(_)));
    Measurement::new(outcome, unit)
        .map_err(|error| fields.refuse(Name::Concentration, text, error))
        .ok()
}

fn conditions(fields: &mut Fields<'_, '_>) -> Conditions {
    let mut conditions = Conditions::default();
    for code in fields
        .text(Name::Conditions)
        .split(';')
        .map(str::trim)
        .filter(|code| !code.is_empty())
    {
        match Condition::from_code(code) {
            Some(condition) => conditions.insert(condition),
            None => {
                let likely = nearest(code, Condition::ALL.map(Condition::code)).unwrap_or_default();
                fields.refuse(
                    Name::Conditions,
                    code,
                    format_args!(
                        "is no condition; did you mean `{likely}`? See `diel codes condition`"
                    ),
                );
            }
        }
    }
    conditions
}
