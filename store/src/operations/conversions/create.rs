//! A conversion, or the next version of one.

use diel_core::conversion::ConversionForm;
use serde_json::json;

use super::super::write::Write;
use super::super::{Conn, ground, requests};
use super::{conversion_name, read};
use crate::answer::KeptConversion;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, NewConversion, StoredConversion};

pub(in super::super) const STATEMENTS: [&str; 4] = [HOLD_STUDY, NEXT_VERSION, INSERT, INSERT_TERM];

/// Two that create a version of one name come one after the other.
const HOLD_STUDY: &str = "update studies set updated_us = updated_us where study_no = $1";

const NEXT_VERSION: &str = "select coalesce(max(version), 0) + 1 from conversions \
    where study_no = $1 and conversion = $2";

const INSERT: &str = "insert into conversions (study_no, conversion, version, from_assay, to_assay, form, \
    lowest_nmol_per_l, highest_nmol_per_l, source, created_us) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const INSERT_TERM: &str = "insert into conversion_terms (study_no, conversion, version, position, first_term, \
    second_term) values ($1, $2, $3, $4, $5, $6)";

/// Creates a conversion.
#[derive(Debug)]
pub(crate) struct CreateConversion {
    pub(crate) study: String,
    pub(crate) new: NewConversion,
    pub(crate) call: Call,
}

impl Write for CreateConversion {
    type Answer = StoredConversion;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<StoredConversion, Fault> {
        let no = ground::number(conn, &self.study).await?;
        if let Some(kept) = requests::find::<KeptConversion>(conn, no, &self.call).await? {
            let name = format!("{}@{}", kept.conversion, kept.version);
            return read(conn, &self.study, &name).await;
        }
        let new = &self.new;
        let version = next_version(conn, no, &new.name).await?;
        let stored = StoredConversion {
            given: new.clone(),
            version,
            created: self.call.now,
        };
        insert(conn, no, &stored).await?;
        let note = Note {
            action: "create_conversion",
            resource: format!("{}@{version}", conversion_name(&self.study, &new.name)),
            after: json!({
                "from_assay": new.from_assay,
                "to_assay": new.to_assay,
                "form": terms(&stored).0,
                "terms": terms(&stored).1,
                "lowest_nmol_per_l": new.function.lowest().get(),
                "highest_nmol_per_l": new.function.highest().get(),
                "source": new.source,
            }),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        let kept = KeptConversion {
            conversion: new.name.clone(),
            version,
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok(stored)
    }
}

async fn next_version(conn: &mut Conn, no: i64, name: &str) -> Result<i64, Fault> {
    sqlx::query(HOLD_STUDY).bind(no).execute(&mut *conn).await?;
    Ok(sqlx::query_scalar(NEXT_VERSION)
        .bind(no)
        .bind(name)
        .fetch_one(conn)
        .await?)
}

async fn insert(conn: &mut Conn, no: i64, stored: &StoredConversion) -> Result<(), Fault> {
    let given = &stored.given;
    let (form, terms) = terms(stored);
    sqlx::query(INSERT)
        .bind(no)
        .bind(&given.name)
        .bind(stored.version)
        .bind(&given.from_assay)
        .bind(&given.to_assay)
        .bind(form)
        .bind(given.function.lowest().get())
        .bind(given.function.highest().get())
        .bind(&given.source)
        .bind(stored.created.as_microsecond())
        .execute(&mut *conn)
        .await?;
    for (position, (first, second)) in (0_i64..).zip(terms) {
        sqlx::query(INSERT_TERM)
            .bind(no)
            .bind(&given.name)
            .bind(stored.version)
            .bind(position)
            .bind(first)
            .bind(second)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The word of the form, and its terms as they are written.
fn terms(stored: &StoredConversion) -> (&'static str, Vec<(f64, f64)>) {
    match stored.given.function.form() {
        ConversionForm::Linear {
            intercept_nmol_per_l,
            slope,
        } => ("linear", vec![(*intercept_nmol_per_l, *slope)]),
        ConversionForm::Power { factor, exponent } => ("power", vec![(*factor, *exponent)]),
        ConversionForm::Table { points } => ("table", points.clone()),
    }
}
