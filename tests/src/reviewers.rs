//! Many reviewers who decide about the same flags at once: each flag has one decision, and each who came late learns whose.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use diel_proto::v1 as pb;
use diel_proto::v1::reviews_client::ReviewsClient;
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

use crate::{http, trail};

/// The way by which a reviewer decides. Another front door is another variant.
#[derive(Debug, Clone)]
pub enum Desk {
    /// gRPC, on a channel of its own or shared.
    Grpc(Channel),
    /// The form of the review console, in a session of its own.
    Http(Visit),
}

/// A session at the review console, as a browser holds it.
#[derive(Debug, Clone)]
pub struct Visit {
    console: SocketAddr,
    cookie: String,
    key: String,
}

impl Visit {
    /// Opens the page of a flag, and keeps the session and the key of its forms.
    ///
    /// # Errors
    /// The page has no session or no form.
    pub async fn open(console: SocketAddr, flag: &pb::Flag) -> Result<Self> {
        let page = http::get(console, &format!("/{}", flag.name)).await?;
        ensure!(page.status == 200, "{}: {}", page.status, page.text());
        let cookie = page.header("set-cookie").context("a session")?;
        Ok(Self {
            console,
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            key: page.field("key")?,
        })
    }
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// It was recorded, and the flag has this etag since.
    Won {
        /// The etag after it.
        etag: String,
    },
    /// Another came first.
    Lost {
        /// The etag that the refusal names.
        etag: String,
        /// The reason of the decision that the refusal tells of, by which the winner is known.
        winners_reason: String,
    },
}

impl Desk {
    async fn decide(&self, flag: &pb::Flag, reason: &str) -> Result<Decided> {
        match self {
            Self::Grpc(channel) => by_grpc(channel, flag, reason).await,
            Self::Http(visit) => by_form(visit, flag, reason).await,
        }
    }
}

async fn by_grpc(channel: &Channel, flag: &pb::Flag, reason: &str) -> Result<Decided> {
    let request = pb::ResolveFlagRequest {
        name: flag.name.clone(),
        decision: pb::FlagDecision::Dismissed as i32,
        reason: reason.to_owned(),
        etag: flag.etag.clone(),
        ..Default::default()
    };
    match ReviewsClient::new(channel.clone())
        .resolve_flag(request)
        .await
    {
        Ok(resolved) => Ok(Decided::Won {
            etag: resolved.into_inner().etag,
        }),
        Err(status) => {
            ensure!(status.code() == tonic::Code::Aborted, "{status:?}");
            let details = status.get_error_details();
            let info = details.error_info().context("an ErrorInfo")?;
            ensure!(info.reason == "ETAG_MISMATCH", "{info:?}");
            let told = |name: &str| info.metadata.get(name).cloned().context(name.to_owned());
            ensure!(told("decision")? == "DISMISSED" && told("kind")? == "RESOLVED");
            Ok(Decided::Lost {
                etag: told("etag")?,
                winners_reason: told("reason")?,
            })
        }
    }
}

/// A page that follows a stored decision states the etag since; one that refuses a late decision states it too, beside the
/// winner's.
async fn by_form(visit: &Visit, flag: &pb::Flag, reason: &str) -> Result<Decided> {
    let origin = format!("http://{}", visit.console);
    let headers = [("cookie", visit.cookie.as_str()), ("origin", &origin)];
    let form = format!(
        "key={}&etag={}&decision=dismissed&reason={}",
        visit.key,
        flag.etag,
        reason.replace(' ', "+")
    );
    let path = format!("/{}/resolve", flag.name);
    let answer = http::post(visit.console, &path, &headers, &form).await?;
    let text = answer.text();
    match answer.status {
        303 => {
            let stored = answer.header("location").context("a place")?;
            let page = http::send(visit.console, "GET", stored, &headers, "").await?;
            ensure!(page.status == 200, "{}: {}", page.status, page.text());
            Ok(Decided::Won {
                etag: page.field("etag")?,
            })
        }
        409 => {
            let (_, conflict) = text
                .split_once("id=\"conflict\"")
                .context("a page without a conflict")?;
            let (conflict, _) = conflict.split_once("</div>").context("its end")?;
            ensure!(
                conflict.contains("<strong>dismissed</strong>"),
                "{conflict}"
            );
            let winners_reason = conflict
                .split_once("because \u{201c}")
                .and_then(|(_, rest)| rest.split_once('\u{201d}'))
                .context("the winner's reason")?
                .0;
            Ok(Decided::Lost {
                etag: answer.field("etag")?,
                winners_reason: winners_reason.to_owned(),
            })
        }
        status => bail!("{status}: {text}"),
    }
}

/// Lets every reviewer decide about every flag, each in another order, all at once. Returns how many decisions came late.
///
/// # Errors
/// A flag has no decision or two, or somebody who came late was told of another decision than the one that holds.
pub async fn contest(desks: &[Desk], reviewers: usize, flags: &[pb::Flag]) -> Result<usize> {
    let mut tasks = JoinSet::new();
    for reviewer in 0..reviewers {
        let desk = desks
            .get(reviewer % desks.len().max(1))
            .context("a desk")?
            .clone();
        let mut mine = flags.to_vec();
        mine.rotate_left(reviewer * 7 % flags.len().max(1));
        tasks.spawn(async move {
            let reason = format!("reviewer {reviewer}");
            let mut decided = Vec::with_capacity(mine.len());
            for flag in &mine {
                let answer = desk.decide(flag, &reason).await?;
                decided.push((flag.name.clone(), reason.clone(), answer));
            }
            anyhow::Ok(decided)
        });
    }
    let (mut winners, mut late) = (BTreeMap::new(), Vec::new());
    while let Some(decided) = tasks.join_next().await {
        for (flag, reason, answer) in decided?? {
            match answer {
                Decided::Won { etag } => {
                    if let Some((other, _)) = winners.insert(flag.clone(), (reason.clone(), etag)) {
                        bail!("{flag} was decided by {other} and by {reason}");
                    }
                }
                Decided::Lost {
                    etag,
                    winners_reason,
                } => late.push((flag, winners_reason, etag)),
            }
        }
    }
    ensure!(
        winners.len() == flags.len(),
        "{} of {} flags have a decision",
        winners.len(),
        flags.len()
    );
    for (flag, reason, etag) in &late {
        let told = (reason.clone(), etag.clone());
        ensure!(winners.get(flag) == Some(&told), "{flag}: {told:?}");
    }
    Ok(late.len())
}

/// Walks the audit chain of the study, to which nobody may be writing, and looks for the decision about each flag in it.
///
/// # Errors
/// What is wrong with the chain, or a flag whose decision it does not hold exactly once.
pub async fn recorded(channel: &Channel, study: &str, flags: &[pb::Flag]) -> Result<()> {
    trail::verify(channel, study).await?;
    let mut decided = trail::resources(channel, study, "resolve_flag").await?;
    decided.sort();
    let mut expected: Vec<_> = flags.iter().map(|flag| flag.name.clone()).collect();
    expected.sort();
    ensure!(
        decided == expected,
        "{} decisions in the chain about {} flags",
        decided.len(),
        expected.len()
    );
    Ok(())
}
