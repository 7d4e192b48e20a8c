//! Downloads: profiles, rhythms, flags, samples and fits as CSV, Arrow or Parquet, the same rows as the command line's `--format csv`.
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
use crate::convert::filter;
use crate::frames::{Table, source};
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::Pages;
use crate::table;
use output::{Form, Output, Rows};

pub(super) use output::{EXTENSIONS, is_download};

/// A download: its kind, the table it is, the method that would answer the same, the filter that an
/// address gives, and the filter that the store takes.
macro_rules! download {
    ($kind:ident, $table:ident, $method:literal, $given:ident, $checked:expr) => {
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
                    let read = source::$kind(&store, &study, &filter, &page, output.rows()?);
                    let (rows, next) = read.await?;
                    Ok(((rows, next.is_none()), next))
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
    |filter, _| filter::of_profiles(filter)
);
download!(
    rhythms,
    Rhythms,
    "diel.v1.Rhythms/StreamRhythms",
    rhythm_filter,
    |filter, _| filter::of_rhythms(filter)
);
download!(
    flags,
    Flags,
    "diel.v1.Reviews/ListFlags",
    flag_filter,
    filter::of_flags
);

download!(
    samples,
    Samples,
    "diel.v1.Submissions/ListSpecimens",
    specimen_filter,
    |filter, _| filter::of_specimens(filter)
);
download!(
    fits,
    Fits,
    "diel.v1.Cohorts/ListFits",
    fit_filter,
    |_, _| Ok::<_, Refusal>(source::Unfiltered)
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
    P: Future<Output = Result<((Rows, bool), Option<K>), Refusal>> + Send,
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
    // Bytes are made of one page while the next is read.
    let whole = pages.send_by(form.page_rows(), page).map(|sent| {
        let bytes = sent.and_then(|(rows, are_last)| {
            let bytes = rows.into_bytes(are_last);
            bytes.map_err(|error| Refusal::from(error).into())
        });
        bytes
            .map(Bytes::from)
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
