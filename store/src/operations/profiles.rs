//! Profiles: the days of a participant as last judged.

pub(crate) mod scan;

use std::collections::{BTreeMap, BTreeSet};

use diel_core::{Features, Profile};
use sqlx::QueryBuilder;

use super::bulk::{Insertion, Lookup, Values};
use super::fields::{Fields, found};
use super::ground;
use super::judge::Analyses;
use super::participants::participant_name;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::{Statement, push_ages, push_bound, push_one_of};
use crate::{Page, PageRequest, ProfileFilter, StoredProfile};
use jiff::civil::Date;

macro_rules! features {
    () => {
        "wake_nmol_per_l, peak_nmol_per_l, bed_nmol_per_l, slope_wake_bed_ln_per_h, slope_peak_bed_ln_per_h, \
        slope_regression_ln_per_h, slope_regression_se, slope_wake_bed_nmol_per_l_per_h, car_auc_g_nmol_min_per_l, \
        car_auc_i_nmol_min_per_l, car_mean_increase_nmol_per_l, car_max_increase_nmol_per_l, \
        day_auc_g_nmol_h_per_l, dynamic_range_ln, evening_morning_ratio, mesor, amplitude, peak_clock_time, cosinor_p"
    };
}

macro_rules! columns {
    () => {
        concat!(
            "study_no, participant, day, awakening_us, utc_offset_minutes, awakening_recorded, sample_count, valid, \
            conditions, ",
            features!(),
            ", absent, findings"
        )
    };
}

const MANY: &str = concat!("select ", columns!(), " from profiles where study_no = ");

/// Groups and ages are those of the participant.
const OF_PARTICIPANTS: &str = " and exists (select 1 from participants p where p.study_no = profiles.study_no \
    and p.participant = profiles.participant";

pub(super) static WRITE: Insertion = Insertion::new(
    concat!("insert into profiles (", columns!(), ") values "),
    30,
    "",
);

pub(super) static DELETE: Lookup = Lookup::new(
    "delete from profiles where study_no = ",
    " and participant in (",
    ")",
);

pub(super) static VALID: Lookup = Lookup::new(
    "select participant, day from profiles where valid and study_no = ",
    " and participant in (",
    ")",
);

/// The days of participants that count toward their rhythms.
pub(super) async fn valid_days(
    conn: &mut Conn,
    no: i64,
    participants: &[&str],
) -> Result<BTreeMap<String, BTreeSet<Date>>, Fault> {
    let mut days: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
    for row in VALID.read(conn, no, participants).await? {
        let fields = Fields(&row);
        let of_one = days.entry(fields.owned("participant")?).or_default();
        of_one.insert(fields.date("day")?);
    }
    Ok(days)
}

/// Takes away the profiles of participants that are judged again.
pub(super) async fn delete(conn: &mut Conn, no: i64, participants: &[&str]) -> Result<(), Fault> {
    DELETE.execute(conn, no, participants).await
}

/// Writes the profiles and returns how many there are.
pub(super) async fn write(conn: &mut Conn, no: i64, analyses: &Analyses) -> Result<u32, Fault> {
    let profiles: Vec<(&str, &Profile)> = analyses
        .iter()
        .flat_map(|(code, analysis)| {
            analysis
                .profiles
                .iter()
                .map(|profile| (code.as_str(), profile))
        })
        .filter(|(_, profile)| profile.day.date.is_some())
        .collect();
    WRITE
        .write(conn, &profiles, |values, (code, profile)| {
            bind(values, no, code, profile)
        })
        .await?;
    Ok(u32::try_from(profiles.len()).unwrap_or(u32::MAX))
}

fn bind(values: &mut Values, no: i64, code: &str, profile: &Profile) {
    let day = &profile.day;
    values.integer(no);
    values.text(code);
    values.text(day.date.map(|date| date.to_string()).as_deref());
    values.integer(day.awakening.map(|at| at.microseconds()));
    values.integer(day.awakening.map(|at| i64::from(at.utc_offset_minutes())));
    values.truth(day.awakening_recorded);
    values.integer(i64::try_from(day.samples.len()).unwrap_or(i64::MAX));
    values.truth(profile.valid);
    values.integer(i64::from(day.conditions.bits()));
    for (_, feature) in profile.features.iter() {
        values.number(feature.ok());
    }
    values.text(codes::absent(&profile.features).as_str());
    values.text(profile.findings.to_string().as_str());
}

/// The profile of a date.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    participant: &str,
    date: Date,
) -> Result<StoredProfile, Fault> {
    let no = ground::number(conn, study).await?;
    let mut select = QueryBuilder::<Db>::new(MANY);
    select
        .push_bind(no)
        .push(" and participant = ")
        .push_bind(participant);
    select.push(" and day = ").push_bind(date.to_string());
    let row = select.build().fetch_optional(conn).await?;
    profile(&found(row, || {
        format!("{}/profiles/{date}", participant_name(study, participant))
    })?)
}

/// Profiles by participant and date.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    filter: &ProfileFilter,
    page: &PageRequest<(String, Date)>,
) -> Result<Page<StoredProfile, (String, Date)>, Fault> {
    let no = ground::number(conn, study).await?;
    self::page(conn, no, filter, page).await
}

/// The same of a study whose number is known.
pub(super) async fn page(
    conn: &mut Conn,
    no: i64,
    filter: &ProfileFilter,
    page: &PageRequest<(String, Date)>,
) -> Result<Page<StoredProfile, (String, Date)>, Fault> {
    let rows = select(no, filter, page).build().fetch_all(conn).await?;
    let profiles = rows.iter().map(profile).collect::<Result<_, _>>()?;
    Ok(page.cut(profiles, |profile| {
        (profile.participant.clone(), profile.date)
    }))
}

pub(crate) fn select(
    no: i64,
    filter: &ProfileFilter,
    page: &PageRequest<(String, Date)>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    narrow(&mut select, no, filter, page);
    select
}

/// What stands behind `study_no = `: which rows, in which order, how many.
fn narrow(
    select: &mut impl Statement,
    no: i64,
    filter: &ProfileFilter,
    page: &PageRequest<(String, Date)>,
) {
    select.value(no);
    push_bound(select, " and participant = ", filter.participant.as_deref());
    push_bound(
        select,
        " and day >= ",
        filter.first_date.map(|date| date.to_string()),
    );
    push_bound(
        select,
        " and day <= ",
        filter.last_date.map(|date| date.to_string()),
    );
    push_bound(
        select,
        " and slope_regression_ln_per_h >= ",
        filter.min_slope_ln_per_h,
    );
    push_bound(
        select,
        " and slope_regression_ln_per_h <= ",
        filter.max_slope_ln_per_h,
    );
    if filter.valid_only {
        select.words(" and valid");
    }
    if !filter.groups.is_empty() || filter.min_age_years.is_some() || filter.max_age_years.is_some()
    {
        select.words(OF_PARTICIPANTS);
        push_one_of(select, " and p.group_label in (", &filter.groups);
        push_ages(select, filter.min_age_years, filter.max_age_years);
        select.words(")");
    }
    if let Some((participant, date)) = &page.after {
        select
            .words(" and (participant, day) > (")
            .value(participant.as_str());
        select.words(", ").value(date.to_string()).words(")");
    }
    if let Some((participant, date)) = &filter.through {
        select
            .words(" and (participant, day) <= (")
            .value(participant.as_str());
        select.words(", ").value(date.to_string()).words(")");
    }
    select
        .words(" order by participant, day limit ")
        .value(page.probe());
}

fn profile(row: &Row) -> Result<StoredProfile, Fault> {
    let fields = Fields(row);
    Ok(StoredProfile {
        participant: fields.owned("participant")?,
        date: fields.date("day")?,
        awakening: fields.maybe_moment("awakening_us", "utc_offset_minutes")?,
        awakening_recorded: fields.truth("awakening_recorded")?,
        sample_count: fields.small("sample_count")?,
        valid: fields.truth("valid")?,
        conditions: fields.conditions("conditions")?,
        features: features_of(fields)?,
        findings: codes::read_findings(fields.text("findings")?)?,
    })
}

fn features_of(fields: Fields<'_>) -> Result<Features, Fault> {
    let absent = fields.text("absent")?;
    let read = |name: &str| -> Result<diel_core::Feature, Fault> {
        Ok(codes::read_feature(
            name,
            fields.maybe_number(name)?,
            absent,
        )?)
    };
    Ok(Features {
        wake_nmol_per_l: read("wake_nmol_per_l")?,
        peak_nmol_per_l: read("peak_nmol_per_l")?,
        bed_nmol_per_l: read("bed_nmol_per_l")?,
        slope_wake_bed_ln_per_h: read("slope_wake_bed_ln_per_h")?,
        slope_peak_bed_ln_per_h: read("slope_peak_bed_ln_per_h")?,
        slope_regression_ln_per_h: read("slope_regression_ln_per_h")?,
        slope_regression_se: read("slope_regression_se")?,
        slope_wake_bed_nmol_per_l_per_h: read("slope_wake_bed_nmol_per_l_per_h")?,
        car_auc_g_nmol_min_per_l: read("car_auc_g_nmol_min_per_l")?,
        car_auc_i_nmol_min_per_l: read("car_auc_i_nmol_min_per_l")?,
        car_mean_increase_nmol_per_l: read("car_mean_increase_nmol_per_l")?,
        car_max_increase_nmol_per_l: read("car_max_increase_nmol_per_l")?,
        day_auc_g_nmol_h_per_l: read("day_auc_g_nmol_h_per_l")?,
        dynamic_range_ln: read("dynamic_range_ln")?,
        evening_morning_ratio: read("evening_morning_ratio")?,
        mesor: read("mesor")?,
        amplitude: read("amplitude")?,
        peak_clock_time: read("peak_clock_time")?,
        cosinor_p: read("cosinor_p")?,
    })
}
