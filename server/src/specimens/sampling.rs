//! Sampling protocols, what tubes show beside them, and tubes that may be one.

use diel_proto::v1 as pb;
use diel_store::{PageRequest, StoredProtocol};

use crate::access::Caller;
use crate::code::check_code;
use crate::convert::{compliance, protocol};
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// The version that stands for the one in force.
const CURRENT: &str = "current";

impl Service {
    /// The protocol of a name.
    pub(super) async fn protocol_named(
        &self,
        caller: &Caller,
        field: &'static str,
        name: &str,
    ) -> Result<(String, StoredProtocol), Refusal> {
        let (study, version) = name::child(name, "protocols").map_err(Refusal::name(field))?;
        caller.in_study(study)?;
        let version = match version {
            CURRENT => None,
            number => Some(number.parse().map_err(|_| {
                let rule = format!("{number:?} is not a version: a number or {CURRENT:?}");
                Refusal::field(field, rule)
            })?),
        };
        let stored = self.store.protocol(study, version).await?;
        Ok((study.to_owned(), stored))
    }

    pub(super) async fn put_protocol(
        &self,
        caller: &Caller,
        mut request: pb::UpdateProtocolRequest,
    ) -> Result<pb::Protocol, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let call = self.call(caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        if request.replaced_version < 0 {
            let rule = format!(
                "{} is not a version; 0 where there is none",
                request.replaced_version
            );
            violations.add("replaced_version", rule);
        }
        let message = request.protocol.clone().unwrap_or_default();
        let protocol = violations.within("protocol", |violations| {
            protocol::from_proto(&message, violations)
        });
        violations.into_result()?;
        let protocol = protocol.ok_or(Refusal::Defect(
            "a protocol without violations and without content",
        ))?;
        let stored = self
            .store
            .update_protocol(study, protocol, request.replaced_version, &call)
            .await?;
        Ok(protocol::to_proto(study, &stored))
    }

    pub(super) async fn compliance(
        &self,
        caller: &Caller,
        request: pb::ListComplianceRequest,
    ) -> Result<pb::ListComplianceResponse, Refusal> {
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let participant = participant(&request.participant)?;
        let stored = if request.protocol.is_empty() {
            self.store.protocol(study, None).await?
        } else {
            let (of, stored) = self
                .protocol_named(caller, "protocol", &request.protocol)
                .await?;
            if of != study {
                return Err(Refusal::field(
                    "protocol",
                    "belongs to another study than parent",
                ));
            }
            stored
        };
        let binding = Binding::plain(
            "ListCompliance",
            &format!("{study}\0{}\0{}", request.participant, request.protocol),
        );
        let page = binding.request(request.page_size, &request.page_token)?;
        let samplings = self.store.samplings(study, participant, &page).await?;
        let people = samplings.people.items.iter();
        Ok(pb::ListComplianceResponse {
            participants: people
                .map(|person| compliance::to_proto(person, &stored.protocol, &samplings.rule))
                .collect(),
            protocol: name::of_child(study, "protocols", stored.version),
            next_page_token: binding.token(samplings.people.next.as_ref()),
        })
    }

    pub(super) async fn duplicates(
        &self,
        caller: &Caller,
        request: pb::ListDuplicatesRequest,
    ) -> Result<pb::ListDuplicatesResponse, Refusal> {
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let participant = participant(&request.participant)?;
        let binding = Binding::plain(
            "ListDuplicates",
            &format!("{study}\0{}", request.participant),
        );
        let page: PageRequest<String> = binding.request(request.page_size, &request.page_token)?;
        let samplings = self.store.samplings(study, participant, &page).await?;
        let people = samplings.people.items.iter();
        Ok(pb::ListDuplicatesResponse {
            duplicates: people
                .flat_map(|person| compliance::duplicates_to_proto(study, person, &samplings.rule))
                .collect(),
            next_page_token: binding.token(samplings.people.next.as_ref()),
        })
    }
}

fn participant(code: &str) -> Result<Option<&str>, Refusal> {
    if code.is_empty() {
        return Ok(None);
    }
    check_code(code).map_err(|rule| Refusal::field("participant", rule))?;
    Ok(Some(code))
}
