//! The service `diel.v1.Rhythms`.

mod analyze;

use std::collections::BTreeMap;

use diel_core::sampling::SampleCompliance;
use diel_proto::v1 as pb;
use diel_store::{PageRequest, StoreError};
use tonic::{Request, Response, Status, Streaming};

use crate::access::Caller;
use crate::convert::{compliance, filter, measurement, profile, rhythm};
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{self, Answers};

impl Service {
    /// A stored profile with its samples, which are derived again from what it rests on.
    async fn profile_with_samples(
        &self,
        caller: &Caller,
        request: pb::GetProfileRequest,
    ) -> Result<pb::Profile, Refusal> {
        let (study, ..) = name::profile(&request.name).map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let (study, participant, date) =
            name::profile(&request.name).map_err(Refusal::name("name"))?;
        let stored = self.store.profile(study, participant, date).await?;
        let history = self.store.history(study, participant).await?;
        let analysis = history.analysis();
        let timings = self.timings(study, participant).await?;
        let mut message = profile::to_proto(study, &stored);
        if let Some(computed) = analysis.profiles.iter().find(|p| p.day.date == Some(date)) {
            message.samples = computed
                .day
                .samples
                .iter()
                .filter_map(|sample| {
                    let stored = history.samples.get(sample.index)?;
                    let message = profile::sample_to_proto(
                        sample,
                        &stored.specimen,
                        &stored.label,
                        stored.sample.collected,
                        measurement::to_proto(&stored.measurement),
                    );
                    let timing = timings.get(&stored.specimen);
                    Some(compliance::beside_protocol(message, timing))
                })
                .collect();
        }
        Ok(message)
    }

    /// How a person's tubes stand to the protocol in force, by specimen; of none where the study has no protocol.
    async fn timings(
        &self,
        study: &str,
        participant: &str,
    ) -> Result<BTreeMap<String, SampleCompliance>, Refusal> {
        let protocol = match self.store.protocol(study, None).await {
            Err(StoreError::NotFound { .. }) => return Ok(BTreeMap::new()),
            found => found?.protocol,
        };
        let page = PageRequest {
            after: None,
            limit: 1,
        };
        let samplings = self
            .store
            .samplings(study, Some(participant), &page)
            .await?;
        let people = samplings.people.items.iter();
        Ok(people
            .flat_map(|person| compliance::by_specimen(person, &protocol, &samplings.rule))
            .collect())
    }
}

#[tonic::async_trait]
impl pb::rhythms_server::Rhythms for Service {
    async fn get_profile(
        &self,
        request: Request<pb::GetProfileRequest>,
    ) -> Result<Response<pb::Profile>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(
            self.profile_with_samples(&caller, request).await?,
        ))
    }

    async fn list_profiles(
        &self,
        request: Request<pb::ListProfilesRequest>,
    ) -> Result<Response<pb::ListProfilesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let filter = filter::of_profiles(request.filter.as_ref()).map_err(Refusal::from)?;
        let binding = Binding::new("ListProfiles", study, request.filter.as_ref());
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .profiles(study, &filter, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListProfilesResponse {
            profiles: page
                .items
                .iter()
                .map(|item| profile::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    type StreamProfilesStream = Answers<pb::StreamProfilesResponse>;

    async fn stream_profiles(
        &self,
        request: Request<pb::StreamProfilesRequest>,
    ) -> Result<Response<Self::StreamProfilesStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent)
            .map_err(Refusal::name("parent"))?
            .to_owned();
        caller.in_study(&study)?;
        let request = self.codes(&study).await?.enter(request);
        let filter = filter::of_profiles(request.filter.as_ref()).map_err(Refusal::from)?;
        let binding = Binding::new("StreamProfiles", &study, request.filter.as_ref());
        let after = binding.read(&request.resume_token)?;
        // An unknown study is refused before the stream begins.
        self.store.study(&study).await.map_err(Refusal::from)?;
        let store = self.store.clone();
        let pages = stream::Pages {
            stay: caller.staying(Some(&study)),
            stopping: self.stopping.clone(),
            permit,
            after,
        };
        Ok(Response::new(pages.send(move |page| {
            let (store, study, filter) = (store.clone(), study.clone(), filter.clone());
            let token = binding.clone();
            async move {
                let page = store.profiles(&study, &filter, &page).await?;
                let message = pb::StreamProfilesResponse {
                    profiles: page
                        .items
                        .iter()
                        .map(|item| profile::to_proto(&study, item))
                        .collect(),
                    resume_token: token.token(page.next.as_ref()),
                };
                Ok((message, page.next))
            }
        })))
    }

    async fn get_rhythm(
        &self,
        request: Request<pb::GetRhythmRequest>,
    ) -> Result<Response<pb::Rhythm>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, _) = name::rhythm(&request.name).map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let (study, participant) = name::rhythm(&request.name).map_err(Refusal::name("name"))?;
        let found = self
            .store
            .rhythm(study, participant)
            .await
            .map_err(Refusal::from)?;
        let mut message = rhythm::to_proto(study, &found);
        if request.with_posterior_line {
            let history = self.store.history(study, participant).await;
            let computed = history.map_err(Refusal::from)?.analysis().rhythm;
            // Samples may have come between the two: a line of theirs would not be this rhythm's.
            if computed.digest == found.rhythm.digest {
                message.posterior_line = rhythm::line_to_proto(&computed);
            }
        }
        Ok(Response::new(message))
    }

    async fn list_rhythms(
        &self,
        request: Request<pb::ListRhythmsRequest>,
    ) -> Result<Response<pb::ListRhythmsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let filter = filter::of_rhythms(request.filter.as_ref()).map_err(Refusal::from)?;
        let binding = Binding::new("ListRhythms", study, request.filter.as_ref());
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .rhythms(study, &filter, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListRhythmsResponse {
            rhythms: page
                .items
                .iter()
                .map(|item| rhythm::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    type StreamRhythmsStream = Answers<pb::StreamRhythmsResponse>;

    async fn stream_rhythms(
        &self,
        request: Request<pb::StreamRhythmsRequest>,
    ) -> Result<Response<Self::StreamRhythmsStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent)
            .map_err(Refusal::name("parent"))?
            .to_owned();
        caller.in_study(&study)?;
        let filter = filter::of_rhythms(request.filter.as_ref()).map_err(Refusal::from)?;
        let binding = Binding::new("StreamRhythms", &study, request.filter.as_ref());
        let after = binding.read(&request.resume_token)?;
        self.store.study(&study).await.map_err(Refusal::from)?;
        let store = self.store.clone();
        let pages = stream::Pages {
            stay: caller.staying(Some(&study)),
            stopping: self.stopping.clone(),
            permit,
            after,
        };
        Ok(Response::new(pages.send(move |page| {
            let (store, study, filter) = (store.clone(), study.clone(), filter.clone());
            let token = binding.clone();
            async move {
                let page = store.rhythms(&study, &filter, &page).await?;
                let message = pb::StreamRhythmsResponse {
                    rhythms: page
                        .items
                        .iter()
                        .map(|item| rhythm::to_proto(&study, item))
                        .collect(),
                    resume_token: token.token(page.next.as_ref()),
                };
                Ok((message, page.next))
            }
        })))
    }

    async fn analyze(
        &self,
        request: Request<pb::AnalyzeRequest>,
    ) -> Result<Response<pb::AnalyzeResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (_, request) = Caller::take(request)?;
        Ok(Response::new(self.analyse(&request)?))
    }

    type AnalyzeStreamStream = Answers<pb::AnalyzeStreamResponse>;

    async fn analyze_stream(
        &self,
        request: Request<Streaming<pb::AnalyzeStreamRequest>>,
    ) -> Result<Response<Self::AnalyzeStreamStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, requests) = Caller::take(request)?;
        Ok(Response::new(analyze::serve(
            self.clone(),
            caller,
            requests,
            permit,
        )))
    }
}
