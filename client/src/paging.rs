//! Lists: page by page, or as one stream of rows.

use std::future::Future;

use futures_util::stream;

use crate::call::{
    access, assays, audits, cohorts, controls, reviews, rhythms, specimens, studies, submissions,
};
use crate::connect::Client;
use crate::error::Error;
use crate::rows::Rows;
use crate::v1;

/// The largest page the service gives.
const LARGEST_PAGE: i32 = 1000;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Asks for the page after this one; empty on the last.
    pub next_page_token: String,
}

/// A request for a list: the `List...Request` messages of [`v1`], and nothing else.
pub trait PageRequest: Clone + Send + Sync + sealed::Sealed + 'static {
    /// The rows of the list.
    type Item: Send + 'static;

    #[doc(hidden)]
    fn page_size_mut(&mut self) -> &mut i32;

    #[doc(hidden)]
    fn page_token_mut(&mut self) -> &mut String;

    #[doc(hidden)]
    fn fetch(self, client: &Client)
    -> impl Future<Output = Result<Page<Self::Item>, Error>> + Send;
}

mod sealed {
    pub trait Sealed {}
}

impl Client {
    /// Returns one page.
    ///
    /// # Errors
    /// Those of the method, such as a refusal with `INVALID_PAGE_TOKEN`.
    pub async fn page<R: PageRequest>(&self, request: R) -> Result<Page<R::Item>, Error> {
        request.fetch(self).await
    }

    /// Returns all rows from the page that the request names on, fetching each page when it is needed. Pages are
    /// as large as the service allows unless the request says otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use diel_client::{Client, v1};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let settings = diel_server::Settings {
    /// #     listen: "127.0.0.1:0".parse()?,
    /// #     database: format!("sqlite://{}", folder.path().join("diel.db").display()),
    /// #     ..Default::default()
    /// # };
    /// # let service = diel_server::start(settings, std::sync::Arc::new(diel_server::SystemClock)).await?;
    /// # let url = format!("http://{}", service.address());
    /// let client = Client::connect(url).await?;
    /// # let study = v1::Study { display_name: "Pilot".into(), time_zone: "UTC".into(), ..Default::default() };
    /// # client
    /// #     .create_study(v1::CreateStudyRequest {
    /// #         study_id: "pilot".into(),
    /// #         study: Some(study),
    /// #         ..Default::default()
    /// #     })
    /// #     .await?;
    /// let mut studies = client.list(v1::ListStudiesRequest::default());
    /// while let Some(study) = studies.next().await {
    ///     assert_eq!(study?.name, "studies/pilot");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list<R: PageRequest>(&self, mut request: R) -> Rows<R::Item> {
        if *request.page_size_mut() == 0 {
            *request.page_size_mut() = LARGEST_PAGE;
        }
        let client = self.clone();
        Rows::of_chunks(stream::try_unfold(Some(request), move |request| {
            let client = client.clone();
            async move {
                let Some(mut request) = request else {
                    return Ok(None);
                };
                let page = request.clone().fetch(&client).await?;
                let next = (!page.next_page_token.is_empty()).then(|| {
                    *request.page_token_mut() = page.next_page_token;
                    request
                });
                Ok(Some((page.items, next)))
            }
        }))
    }
}

/// `Request, Item: service.method -> field of the response`.
macro_rules! lists {
    ($($request:ident, $item:ident: $service:ident.$method:ident -> $field:ident;)*) => {$(
        impl sealed::Sealed for v1::$request {}

        impl PageRequest for v1::$request {
            type Item = v1::$item;

            fn page_size_mut(&mut self) -> &mut i32 {
                &mut self.page_size
            }

            fn page_token_mut(&mut self) -> &mut String {
                &mut self.page_token
            }

            async fn fetch(self, client: &Client) -> Result<Page<Self::Item>, Error> {
                let answer = client
                    .call(self, |transport, request| async move {
                        $service(transport).$method(request).await
                    })
                    .await?;
                Ok(Page { items: answer.$field, next_page_token: answer.next_page_token })
            }
        }
    )*};
}

lists! {
    ListStudiesRequest, Study: studies.list_studies -> studies;
    ListParticipantsRequest, Participant: studies.list_participants -> participants;
    ListPoliciesRequest, Policy: studies.list_policies -> policies;
    ListReferencesRequest, Reference: studies.list_references -> references;
    ListFitsRequest, Fit: cohorts.list_fits -> fits;
    ListMethodsRequest, Method: assays.list_methods -> methods;
    ListConversionsRequest, Conversion: assays.list_conversions -> conversions;
    ListBatchesRequest, Batch: submissions.list_batches -> batches;
    ListControlsRequest, Control: controls.list_controls -> controls;
    ListControlRunsRequest, ControlRun: controls.list_control_runs -> control_runs;
    ListSpecimensRequest, Specimen: submissions.list_specimens -> specimens;
    ListResultsRequest, Result: submissions.list_results -> results;
    ListEarlierCollectionsRequest, EarlierCollection: specimens.list_earlier_collections -> collections;
    ListDuplicatesRequest, Duplicate: specimens.list_duplicates -> duplicates;
    ListProtocolsRequest, Protocol: specimens.list_protocols -> protocols;
    ListComplianceRequest, ParticipantCompliance: specimens.list_compliance -> participants;
    ListProfilesRequest, Profile: rhythms.list_profiles -> profiles;
    ListRhythmsRequest, Rhythm: rhythms.list_rhythms -> rhythms;
    ListFlagsRequest, Flag: reviews.list_flags -> flags;
    ListFlagEventsRequest, FlagEvent: reviews.list_flag_events -> events;
    ListAuditEntriesRequest, AuditEntry: audits.list_audit_entries -> entries;
    ListTokensRequest, Token: access.list_tokens -> tokens;
    ListPrincipalsRequest, Principal: access.list_principals -> principals;
}
