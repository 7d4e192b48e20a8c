//! Downloads: profiles, rhythms and flags as CSV, Arrow or Parquet, the same rows as the command line's `--format csv`.
//!
//! Pages of the store follow each other as fast as the reader takes them: a download of any length holds three of them,
//! and of Parquet the row group that is not full yet.

mod output;

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use diel_store::PageRequest;
use tokio_stream::StreamExt as _;

use super::query::Given;
use super::refused::{Refused, plain};
use super::visitor::Visitor;
use crate::access::Stay;
use crate::convert::{filter, flag, profile, rhythm};
use crate::frames::Table;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::Pages;
use crate::table;
use output::{Form, Output};

pub(super) use output::{EXTENSIONS, is_download};

/// A download: its kind, the table it is, the method that would answer the same, the filter that an address gives, the filter that the store takes, and a row's message.
macro_rules! download {
    ($kind:ident, $table:ident, $method:literal, $given:ident, $checked:expr, $row:ident) => {
        pub(super) async fn $kind(
            State(service): State<Service>,
            Extension(visitor): Extension<Visitor>,
            Path(study): Path<String>,
            uri: Uri,
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
            let form = Form::of(uri.path());
            let output = match Output::new(form, Table::$table, table::$kind::COLUMNS) {
                Ok(output) => Arc::new(output),
                Err(error) => return plain(&Refusal::from(error).into()),
            };
            let page = move |page| {
                let (store, study, filter) = (store.clone(), name.clone(), filter.clone());
                let output = Arc::clone(&output);
                async move {
                    let page = store.$kind(&study, &filter, &page).await?;
                    let rows = page.items.iter().map(|item| $row::to_proto(&study, item));
                    let mut bytes = output.rows(rows, table::$kind::write)?;
                    if page.next.is_none() {
                        bytes.extend(output.end()?);
                    }
                    Ok((bytes, page.next))
                }
            };
            send(&service, stay, &study, stringify!($kind), form, page).await
        }
    };
}

download!(
    profiles,
    Profiles,
    "diel.v1.Rhythms/StreamProfiles",
    profile_filter,
    |filter, _| filter::of_profiles(filter),
    profile
);
download!(
    rhythms,
    Rhythms,
    "diel.v1.Rhythms/StreamRhythms",
    rhythm_filter,
    |filter, _| filter::of_rhythms(filter),
    rhythm
);
download!(
    flags,
    Flags,
    "diel.v1.Reviews/ListFlags",
    flag_filter,
    filter::of_flags,
    flag
);

/// Sends page after page. A failure on the way breaks the connection, so that nobody takes a part for
/// the whole.
async fn send<K, F, P>(
    service: &Service,
    stay: Stay,
    study: &str,
    kind: &str,
    form: Form,
    page: F,
) -> Response
where
    K: Send + 'static,
    F: Fn(PageRequest<K>) -> P + Send + 'static,
    P: Future<Output = Result<(Vec<u8>, Option<K>), Refusal>> + Send,
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
    let whole = pages.send_by(form.page_rows(), page).map(|sent| {
        sent.map(Bytes::from)
            .map_err(|status| io::Error::other(status.message().to_owned()))
    });
    let headers = [
        (CONTENT_TYPE, form.media_type().to_owned()),
        (
            CONTENT_DISPOSITION,
            format!(
                "attachment; filename=\"{study}-{kind}.{}\"",
                form.extension()
            ),
        ),
    ];
    (headers, Body::from_stream(whole)).into_response()
}
