//! Analysis without storage: samples in, profiles and rhythms out.

use std::collections::BTreeMap;

use diel_core::{
    Awakening, BatchVerdict, Conditions, Limits, Measurement, Moment, Person, Policy, Sample, Sex,
    TimeSource, analyse_days, sampling_days,
};
use diel_proto::v1 as pb;
use diel_store::Collection;
use jiff::tz::TimeZone;
use tonic::{Status, Streaming};

use crate::access::Caller;
use crate::admission::Permit;
use crate::call;
use crate::convert::code_shape::CodeGuard;
use crate::convert::time::{Zone, time_zone};
use crate::convert::{batch, collection, measurement, policy, profile, rhythm};
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{Answers, answers, silence};
use crate::transport::undecodable;
use crate::violations::Violations;

/// Answers that may wait for a slow reader.
const ANSWERS: usize = 2;

/// One sample with what its message says beside the numbers.
struct Row<'a> {
    specimen: &'a str,
    measurement: Measurement,
    replicate_cv_percent: Option<f64>,
    collection: Collection,
}

impl Service {
    /// Computes what the request's samples show.
    pub(super) fn analyse(
        &self,
        request: &pb::AnalyzeRequest,
    ) -> Result<pb::AnalyzeResponse, Refusal> {
        self.check_rows("results", request.results.len())?;
        let mut violations = Violations::new();
        if request.results.is_empty() {
            violations.add("results", "is empty; 1 to 5,000 samples are required");
        }
        let policy = violations.within("policy", |violations| {
            policy::built_in(request.policy.as_ref(), violations)
        });
        let time_zone = if request.time_zone.is_empty() {
            Some(TimeZone::UTC)
        } else {
            violations.take("time_zone", time_zone(&request.time_zone))
        };
        let zone = Zone {
            time_zone: time_zone.unwrap_or(TimeZone::UTC),
            now: self.clock.now(),
        };
        let rows: Vec<_> = request
            .results
            .iter()
            .enumerate()
            .filter_map(|(index, message)| {
                violations.in_row("results", index, |violations| {
                    read_row(message, &zone, violations)
                })
            })
            .collect();
        violations.into_result()?;
        let policy = policy.ok_or(Refusal::Defect(
            "a policy without violations and without content",
        ))?;
        let mut people: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
        for row in &rows {
            people
                .entry(&row.collection.participant)
                .or_default()
                .push(row);
        }
        let mut response = pb::AnalyzeResponse::default();
        for (participant, rows) in people {
            analyse_person(participant, &rows, &policy, &mut response);
        }
        Ok(response)
    }
}

fn read_row<'a>(
    message: &'a pb::ResultInput,
    zone: &Zone,
    violations: &mut Violations,
) -> Option<Row<'a>> {
    let before = violations.len();
    let result = batch::result_from_proto(
        &message.specimen,
        message.concentration.as_ref(),
        message.replicate_count,
        message.replicate_cv_percent,
        &message.well,
        violations,
    );
    let Some(facts) = message.collection.as_ref() else {
        violations.add(
            "collection",
            "is missing; an analysis needs the collection facts",
        );
        return None;
    };
    let collection = violations.within("collection", |violations| {
        // Nothing is stored, and no study says what it refuses.
        collection::from_proto(facts, zone, &CodeGuard::OPEN, violations)
    });
    if violations.len() > before {
        return None;
    }
    let result = result?;
    Some(Row {
        specimen: &message.specimen,
        measurement: result.measurement,
        replicate_cv_percent: result.replicate_cv_percent,
        collection: collection?,
    })
}

fn analyse_person(
    participant: &str,
    rows: &[&Row<'_>],
    policy: &Policy,
    response: &mut pb::AnalyzeResponse,
) {
    let samples: Vec<_> = rows
        .iter()
        .map(|row| Sample {
            collected: row.collection.collected,
            level: row.measurement.level(&Limits::default()),
            replicate_cv_percent: row.replicate_cv_percent,
            batch: BatchVerdict::NotAssessed,
        })
        .collect();
    let person = Person {
        age: rows.iter().find_map(|row| row.collection.age),
        sex: rows
            .iter()
            .map(|row| row.collection.sex)
            .find(|sex| *sex != Sex::Unspecified)
            .unwrap_or_default(),
        conditions: Conditions::default(),
    };
    let group = rows
        .iter()
        .map(|row| row.collection.group.as_str())
        .find(|group| !group.is_empty())
        .unwrap_or_default();
    let stated: Vec<_> = rows.iter().map(|row| row.collection.conditions).collect();
    let mut days = sampling_days(&samples, &awakenings(rows), policy);
    days.iter_mut()
        .for_each(|day| day.add_conditions_stated_with(&stated));
    let analysis = analyse_days(&person, days, policy);
    response
        .profiles
        .extend(analysis.profiles.iter().map(|computed| {
            let mut message = profile::computed(participant, computed);
            message.samples = computed
                .day
                .samples
                .iter()
                .filter_map(|sample| {
                    let row = rows.get(sample.index)?;
                    Some(profile::sample_to_proto(
                        sample,
                        row.specimen,
                        &row.collection.label,
                        row.collection.collected,
                        measurement::to_proto(&row.measurement),
                    ))
                })
                .collect();
            message
        }));
    response.rhythms.push(rhythm::computed(
        participant,
        group,
        person.age,
        &analysis.rhythm,
    ));
}

/// The distinct awakenings that a person's rows report, each by the most trusted source that does.
fn awakenings(rows: &[&Row<'_>]) -> Vec<Awakening> {
    let mut reported: BTreeMap<Moment, TimeSource> = BTreeMap::new();
    for (at, source) in rows.iter().filter_map(|row| row.collection.awakening) {
        let trusted = reported.entry(at).or_insert(source);
        *trusted = source.max(*trusted);
    }
    let with_source = |(at, source)| Awakening {
        at,
        source,
        conditions: Conditions::EMPTY,
    };
    reported.into_iter().map(with_source).collect()
}

/// Answers each request of a stream in order.
pub(super) fn serve(
    service: Service,
    caller: Caller,
    mut requests: Streaming<pb::AnalyzeStreamRequest>,
    permit: Permit,
) -> Answers<pb::AnalyzeStreamResponse> {
    let (sender, answers) = answers(ANSWERS);
    call::spawn(async move {
        loop {
            let answer = tokio::select! {
                biased;
                () = service.stopping.cancelled() => Err(Refusal::Overloaded("this server is stopping").into()),
                refusal = silence() => Err(refusal.into()),
                next = requests.message() => match next {
                    Ok(Some(request)) => caller
                        .renewed()
                        .await
                        .and_then(|_| service.analyse(&request.request.unwrap_or_default()))
                        .map(|response| pb::AnalyzeStreamResponse { response: Some(response) })
                        .map_err(Status::from),
                    Ok(None) => break,
                    Err(status) => Err(undecodable(&status).unwrap_or(status)),
                },
            };
            match answer {
                Ok(answer) => {
                    if sender.send(answer).await.is_err() {
                        break;
                    }
                }
                Err(status) => {
                    sender.end(status);
                    break;
                }
            }
        }
        drop(permit);
    });
    answers
}
