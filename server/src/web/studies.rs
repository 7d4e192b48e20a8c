//! The studies.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::frame::Frame;
use super::query::Given;
use super::refused::{Refused, page};
use super::text;
use super::visitor::Visitor;
use crate::access::Studies;
use crate::convert::time::time_zone;
use crate::page::Binding;
use crate::service::Service;

struct StudyRow {
    id: String,
    title: String,
    time_zone: String,
    created: String,
    policy: i64,
}

#[derive(Template)]
#[template(path = "studies.html")]
struct Page {
    frame: Frame,
    studies: Vec<StudyRow>,
    next: String,
}

pub(super) async fn list(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    mut given: Given,
) -> Result<Response, Refused> {
    let binding = Binding::plain("web/studies", "");
    let request = binding.request(0, &given.take("page"))?;
    let caller = visitor.calls("diel.v1.Studies/ListStudies")?;
    let studies = match caller.principal().studies() {
        Studies::All => service.store.studies(&request).await?,
        Studies::Only(ids) => service.store.studies_among(&ids, &request).await?,
    };
    page(&Page {
        frame: Frame::of(&visitor),
        next: binding.token(studies.next.as_ref()),
        studies: studies
            .items
            .into_iter()
            .map(|study| StudyRow {
                created: text::moment(
                    study.created,
                    &time_zone(&study.time_zone).unwrap_or(jiff::tz::TimeZone::UTC),
                ),
                id: study.id,
                title: study.display_name,
                time_zone: study.time_zone,
                policy: study.policy.version,
            })
            .collect(),
    })
}
