//! Downloads: profiles, rhythms and flags as CSV, the same rows as the command line's `--format csv`.
//!
//! Pages of the store follow each other as fast as the reader takes them: a download of any length holds two of them.

use std::future::Future;
use std::io;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use diel_store::{PageRequest, StoreError};
use tokio_stream::StreamExt as _;

use super::query::Given;
use super::refused::{Refused, plain};
use super::visitor::Visitor;
use crate::access::Stay;
use crate::convert::{filter, flag, profile, rhythm};
use crate::service::Service;
use crate::stream::Pages;
use crate::table::{self, Column, RecordFormat, RecordWriter};

/// A download: its kind, the method that would answer the same, the filter that an address gives, the filter that the store takes, and a row's message.
macro_rules! download {
    ($kind:ident, $method:literal, $given:ident, $checked:expr, $row:ident) => {
        pub(super) async fn $kind(
            State(service): State<Service>,
            Extension(visitor): Extension<Visitor>,
            Path(study): Path<String>,
            given: Given,
        ) -> Response {
            let begun = visitor.calls($method).and_then(|caller| {
                caller.in_study(&study)?;
                Ok((caller.staying(Some(&study)), given.$given()?))
            });
            let begun = match begun {
                Ok((stay, filter)) => service.codes(&study).await.and_then(|codes| {
                    let filter = codes.enter(filter);
                    Ok((stay, $checked(Some(&*filter), service.clock.now())?))
                }),
                Err(refusal) => Err(refusal),
            };
            let (stay, filter) = match begun {
                Ok(begun) => begun,
                Err(refusal) => return plain(&refusal.into()),
            };
            let (store, name) = (service.store.clone(), study.clone());
            let columns = table::$kind::COLUMNS;
            let page = move |page| {
                let (store, study, filter) = (store.clone(), name.clone(), filter.clone());
                async move {
                    let page = store.$kind(&study, &filter, &page).await?;
                    let rows = page.items.iter().map(|item| $row::to_proto(&study, item));
                    let bytes = written(columns, rows, |records, row| {
                        table::$kind::write(records, row);
                    });
                    Ok((bytes, page.next))
                }
            };
            send(&service, stay, &study, stringify!($kind), columns, page).await
        }
    };
}

download!(
    profiles,
    "diel.v1.Rhythms/StreamProfiles",
    profile_filter,
    |filter, _| filter::of_profiles(filter),
    profile
);
download!(
    rhythms,
    "diel.v1.Rhythms/StreamRhythms",
    rhythm_filter,
    |filter, _| filter::of_rhythms(filter),
    rhythm
);
download!(
    flags,
    "diel.v1.Reviews/ListFlags",
    flag_filter,
    filter::of_flags,
    flag
);

fn written<M>(
    columns: &'static [Column],
    rows: impl Iterator<Item = M>,
    write: impl Fn(&mut RecordWriter, &M),
) -> Vec<u8> {
    let mut records = RecordWriter::new(columns, RecordFormat::Csv);
    for row in rows {
        write(&mut records, &row);
    }
    records.into_bytes()
}

/// Sends the header and page after page. A failure on the way breaks the connection, so that nobody takes a part for
/// the whole.
async fn send<K, F, P>(
    service: &Service,
    stay: Stay,
    study: &str,
    kind: &str,
    columns: &'static [Column],
    page: F,
) -> Response
where
    K: Send + 'static,
    F: Fn(PageRequest<K>) -> P + Send + 'static,
    P: Future<Output = Result<(Vec<u8>, Option<K>), StoreError>> + Send,
{
    // An unknown study is refused before anything is sent.
    if let Err(error) = service.store.study(study).await {
        return plain(&error.into());
    }
    let permit = match service.admission.stream() {
        Ok(permit) => permit,
        Err(refusal) => return plain(&Refused::from(refusal)),
    };
    let pages = Pages {
        stay,
        stopping: service.stopping.clone(),
        permit,
        after: None,
    };
    let header = RecordWriter::header(columns, RecordFormat::Csv);
    let rows = pages.send(page).map(|sent| {
        sent.map(Bytes::from)
            .map_err(|status| io::Error::other(status.message().to_owned()))
    });
    let whole = tokio_stream::once(Ok(Bytes::from(header))).chain(rows);
    let headers = [
        (
            CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{study}-{kind}.csv\""),
        ),
    ];
    (headers, Body::from_stream(whole)).into_response()
}
