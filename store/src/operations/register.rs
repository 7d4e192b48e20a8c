//! Stores collection facts and awakenings, before or after the results they belong to.

use serde_json::json;

use super::ground::{self, study_name};
use super::judge::rejudge;
use super::participants::meet;
use super::write::Write;
use super::{Conn, awakenings, requests, specimens};
use crate::fault::Fault;
use crate::plan::{Given, Plan};
use crate::trail::{Note, Trail};
use crate::{Call, Mode, Registered, Registration, StoreError};

/// A registration as a change.
#[derive(Debug)]
pub(crate) struct Register(pub(crate) Registration);

impl Write for Register {
    type Answer = Registered;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Registered, Fault> {
        let registration = &self.0;
        let call = &registration.call;
        let ground = ground::share(conn, &registration.study).await?;
        if let Some(kept) = requests::find::<Registered>(conn, ground.no, call).await? {
            return Ok(kept);
        }
        let codes: Vec<&str> = registration
            .specimens
            .iter()
            .map(|row| row.specimen.as_str())
            .collect();
        let known = specimens::known(conn, ground.no, &codes).await?;
        let mut plan = Plan::new(self.given(), &known, call.now.as_microsecond());
        if registration.mode == Mode::Atomic && !plan.conflicts.is_empty() {
            return Err(StoreError::Conflicts(plan.conflicts).into());
        }
        // Awakenings that came with specimens belong to those; only the days of this request are counted as days.
        let with_specimens = std::mem::take(&mut plan.awakenings);
        registration.days.iter().for_each(|day| plan.note_day(day));
        let said = plan.participants.iter().map(|(code, said)| (*code, *said));
        let met = meet(conn, ground.no, call.now.as_microsecond(), said).await?;
        specimens::write(conn, ground.no, &plan.specimens).await?;
        let days = awakenings::report(conn, ground.no, &plan.awakenings, true).await?;
        awakenings::report(conn, ground.no, &with_specimens, false).await?;
        let judgement = rejudge(conn, trail, &ground, call.now, ground.by_data(), &met).await?;
        let answer = Registered {
            stored: plan.stored,
            unchanged: plan.unchanged,
            days: u32::try_from(days).unwrap_or(u32::MAX),
            profiles: judgement.profiles,
            conflicts: plan.conflicts,
            raised_flags: judgement.raised_flags(),
        };
        let note = Note {
            action: "register",
            resource: study_name(&registration.study),
            after: json!({
                "stored": answer.stored,
                "unchanged": answer.unchanged,
                "refused": answer.conflicts.len(),
                "days": answer.days,
            }),
            ..Note::default()
        };
        trail.note(ground.no, &registration.study, call, note);
        requests::keep(conn, ground.no, call, &answer).await?;
        Ok(answer)
    }
}

impl Register {
    fn given(&self) -> Vec<Given<'_>> {
        let specimens = self.0.specimens.iter();
        specimens
            .map(|row| Given {
                row: row.row,
                specimen: &row.specimen,
                collection: Some(&row.collection),
                result: None,
            })
            .collect()
    }
}
