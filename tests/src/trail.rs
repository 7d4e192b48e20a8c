//! The audit trail of a service, walked.

use anyhow::{Context as _, Result};
use diel_core::audit::{Entry, Head, Record, Walk};
use diel_proto::v1 as pb;
use diel_proto::v1::audits_client::AuditsClient;
use tonic::Streaming;
use tonic::transport::Channel;

/// An entry as it is hashed.
///
/// # Errors
/// It has no instant, or a hash is none.
pub fn entry(message: &pb::AuditEntry) -> Result<Entry> {
    let at = message.create_time.context("an instant")?;
    Ok(Entry {
        sequence: message.sequence,
        previous: message.previous_hash.parse()?,
        hash: message.hash.parse()?,
        erased_by: (message.erased_by != 0).then_some(message.erased_by),
        record: Record {
            study: message.study.trim_start_matches("studies/").to_owned(),
            at_us: at.seconds * 1_000_000 + i64::from(at.nanos) / 1_000,
            actor: message.actor.clone(),
            action: message.action.clone(),
            resource: message.resource.clone(),
            before: message.before_json.clone(),
            after: message.after_json.clone(),
            reason: message.reason.clone(),
        },
    })
}

/// Walks the chain of `studies/{study}`, to which nobody may be writing, to the head that the service states.
///
/// # Errors
/// What is wrong with the chain, or whatever the service answers.
pub async fn verify(channel: &Channel, study: &str) -> Result<Head> {
    let parent = format!("studies/{study}");
    let mut audits = AuditsClient::new(channel.clone());
    let request = pb::GetAuditHeadRequest {
        parent: parent.clone(),
    };
    let head = audits.get_audit_head(request).await?.into_inner();
    let mut stream = stream(&mut audits, parent).await?;
    let mut walk = Walk::new(study);
    while let Some(message) = stream.message().await? {
        for message in &message.entries {
            walk.step(&entry(message)?)?;
        }
    }
    let stated = Head {
        sequence: head.sequence,
        hash: head.hash.parse()?,
    };
    Ok(walk.finish_at(stated)?)
}

/// What the entries of one action in `studies/{study}` are about, in the order of the chain.
///
/// # Errors
/// Whatever the service answers.
pub async fn resources(channel: &Channel, study: &str, action: &str) -> Result<Vec<String>> {
    let mut audits = AuditsClient::new(channel.clone());
    let mut stream = stream(&mut audits, format!("studies/{study}")).await?;
    let mut resources = Vec::new();
    while let Some(message) = stream.message().await? {
        let entries = message.entries.into_iter();
        let of_action = entries.filter(|entry| entry.action == action);
        resources.extend(of_action.map(|entry| entry.resource));
    }
    Ok(resources)
}

async fn stream(
    audits: &mut AuditsClient<Channel>,
    parent: String,
) -> Result<Streaming<pb::StreamAuditEntriesResponse>> {
    let request = pb::StreamAuditEntriesRequest {
        parent,
        ..Default::default()
    };
    Ok(audits.stream_audit_entries(request).await?.into_inner())
}
