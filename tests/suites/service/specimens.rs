//! Corrections of collection facts, over gRPC.

use diel_proto::v1 as pb;
use diel_proto::v1::specimen_correction::Correction;
use diel_tests::rows::{FIRST_AWAKENING, at, person};
use diel_tests::service::TestService;
use diel_tests::trail;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::on_both_engines;
use crate::path::{rhythm, submit};

on_both_engines!(
    swapped_tubes_end_as_if_they_had_never_been,
    a_dry_run_says_what_a_correction_does_and_leaves_all_as_it_was,
    a_tube_goes_to_the_person_it_belongs_to,
    an_awakening_stated_apart_stays,
    facts_under_the_wrong_barcode_go_to_the_tube_that_waits,
    what_cannot_be_corrected_is_refused_with_its_reason,
);

/// The tube of a participant, `seconds` after the awakening of a day.
fn tube(participant: &str, day: i64, seconds: i64) -> String {
    format!("{participant}-{day}-{seconds}")
}

const WAKE: i64 = 0;
const BED: i64 = 15 * 3600;

fn swap(first: (&str, i32), second: (&str, i32)) -> pb::SpecimenCorrection {
    pb::SpecimenCorrection {
        correction: Some(Correction::Swap(pb::SpecimenSwap {
            first: first.0.to_owned(),
            first_replaced_revision: first.1,
            second: second.0.to_owned(),
            second_replaced_revision: second.1,
        })),
    }
}

fn reassign(
    specimen: &str,
    replaced_revision: i32,
    collection: pb::Collection,
) -> pb::SpecimenCorrection {
    pb::SpecimenCorrection {
        correction: Some(Correction::Reassignment(pb::SpecimenReassignment {
            specimen: specimen.to_owned(),
            replaced_revision,
            collection: Some(collection),
        })),
    }
}

fn request(corrections: Vec<pb::SpecimenCorrection>) -> pb::CorrectSpecimensRequest {
    pb::CorrectSpecimensRequest {
        parent: "studies/s".to_owned(),
        corrections,
        reason: "tubes exchanged at the bedside".to_owned(),
        ..pb::CorrectSpecimensRequest::default()
    }
}

async fn correct(
    service: &TestService,
    request: pb::CorrectSpecimensRequest,
) -> Result<pb::CorrectSpecimensResponse, Status> {
    let answer = service.specimens().correct_specimens(request).await;
    answer.map(tonic::Response::into_inner)
}

async fn specimen(service: &TestService, code: &str) -> pb::Specimen {
    let name = format!("studies/s/specimens/{code}");
    let request = pb::GetSpecimenRequest { name };
    let answer = service.submissions().get_specimen(request).await;
    answer.unwrap().into_inner()
}

async fn earlier(service: &TestService, code: &str) -> Vec<pb::EarlierCollection> {
    let mut request = pb::ListEarlierCollectionsRequest {
        parent: format!("studies/s/specimens/{code}"),
        page_size: 1,
        ..Default::default()
    };
    let mut all = Vec::new();
    loop {
        let page = service
            .specimens()
            .list_earlier_collections(request.clone())
            .await
            .unwrap()
            .into_inner();
        all.extend(page.collections);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return all;
        }
    }
}

/// Two people with the same samples, of whom `wrong` has the first and the last tube of the first day exchanged.
async fn exchanged(service: &TestService) {
    service.create_study("s").await.unwrap();
    let mut rows = person("right", 3, 1.63, -0.0965);
    let mut wrong = person("wrong", 3, 1.63, -0.0965);
    let (wake, bed) = (wrong[0].specimen.clone(), wrong[4].specimen.clone());
    wrong[0].specimen = bed;
    wrong[4].specimen = wake;
    rows.extend(wrong);
    // Results come under the right barcodes, collection facts under the exchanged ones.
    let mut results = rows.clone();
    results.iter_mut().for_each(|row| row.collection = None);
    let (wake, bed) = (results[15].concentration, results[19].concentration);
    results[15].concentration = bed;
    results[19].concentration = wake;
    let registration = pb::RegisterSpecimensRequest {
        parent: "studies/s".to_owned(),
        specimens: rows
            .into_iter()
            .map(|row| pb::SpecimenInput {
                specimen: row.specimen,
                collection: row.collection,
            })
            .collect(),
        ..Default::default()
    };
    let answer = service.submissions().register_specimens(registration).await;
    assert_eq!(answer.unwrap().into_inner().stored_count, 30);
    assert_eq!(submit(service, "s", results).await.stored_count, 30);
}

async fn swapped_tubes_end_as_if_they_had_never_been(service: TestService) {
    exchanged(&service).await;
    let right = rhythm(&service, "s", "right").await;
    let before = rhythm(&service, "s", "wrong").await;
    assert!((right.slope_ln_per_h.unwrap() + 0.0965).abs() < 1e-9);
    assert!(before.slope_ln_per_h.unwrap() > right.slope_ln_per_h.unwrap() + 0.02);

    let (wake, bed) = (tube("wrong", 0, WAKE), tube("wrong", 0, BED));
    let mut asked = request(vec![swap((&wake, 1), (&bed, 1))]);
    asked.request_id = "swap-1".to_owned();
    let answer = correct(&service, asked.clone()).await.unwrap();
    assert_eq!(answer.profile_count, 3);
    assert_eq!(answer.specimens.len(), 2);
    assert_eq!((answer.days.len(), answer.rhythms.len()), (1, 1));
    assert_eq!(answer.days[0].sampling_date, "2026-01-12");
    let effect = &answer.rhythms[0];
    let (was, is) = (
        effect.before.as_ref().unwrap(),
        effect.after.as_ref().unwrap(),
    );
    assert_eq!(was.probability_flat, before.probability_flat);
    let after = rhythm(&service, "s", "wrong").await;
    assert_eq!(is.probability_flat, after.probability_flat);
    assert_eq!(after.slope_ln_per_h, right.slope_ln_per_h);
    assert_eq!(after.probability_flat, right.probability_flat);

    // The same request again has the same answer and moves nothing back.
    assert_eq!(correct(&service, asked).await.unwrap(), answer);
    let now = specimen(&service, &wake).await;
    assert_eq!(now.collection_revision, 2);
    let collected = now.collection.unwrap().collection_time;
    assert_eq!(collected, Some(at(FIRST_AWAKENING)));

    let kept = earlier(&service, &wake).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].collection_revision, 1);
    assert_eq!(kept[0].reason, "tubes exchanged at the bedside");
    assert_eq!(kept[0].actor, "local");
    let facts = kept[0].collection.as_ref().unwrap();
    assert_eq!(facts.collection_time, Some(at(FIRST_AWAKENING + BED)));

    // What the caller saw is no longer so.
    let stale = correct(&service, request(vec![swap((&wake, 1), (&bed, 2))])).await;
    assert_eq!(stale.unwrap_err().code(), Code::Aborted);
    // Back and forth: every revision stays.
    let back = request(vec![swap((&wake, 2), (&bed, 2))]);
    correct(&service, back).await.unwrap();
    let again = rhythm(&service, "s", "wrong").await;
    assert_eq!(again.slope_ln_per_h, before.slope_ln_per_h);
    assert_eq!(earlier(&service, &wake).await.len(), 2);
    trail::verify(&service.channel, "s").await.unwrap();
}

async fn a_dry_run_says_what_a_correction_does_and_leaves_all_as_it_was(service: TestService) {
    exchanged(&service).await;
    let (wake, bed) = (tube("wrong", 0, WAKE), tube("wrong", 0, BED));
    let before = rhythm(&service, "s", "wrong").await;
    let mut asked = request(vec![swap((&wake, 1), (&bed, 1))]);
    asked.validate_only = true;
    let would = correct(&service, asked.clone()).await.unwrap();
    assert_eq!(rhythm(&service, "s", "wrong").await, before);
    assert_eq!(specimen(&service, &wake).await.collection_revision, 1);
    assert!(earlier(&service, &wake).await.is_empty());
    asked.validate_only = false;
    assert_eq!(correct(&service, asked).await.unwrap(), would);
}

/// The facts of a tube with what is the participant's taken out.
fn facts_of(specimen: &pb::Specimen) -> pb::Collection {
    pb::Collection {
        age_years: None,
        group: String::new(),
        ..specimen.collection.clone().unwrap()
    }
}

async fn a_tube_goes_to_the_person_it_belongs_to(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut rows = person("A", 3, 1.63, -0.0965);
    rows.extend(person("B", 3, 1.63, -0.0965));
    // A tube of B, whose label was read as A's: with B's awakening, an hour before A's.
    let stray = &mut rows[17];
    let collection = stray.collection.as_mut().unwrap();
    collection.participant = "A".to_owned();
    collection.awakening_time = Some(at(FIRST_AWAKENING - 3600));
    let code = stray.specimen.clone();
    submit(&service, "s", rows).await;
    let profile = async |participant: &str| {
        let name = format!("studies/s/participants/{participant}/profiles/2026-01-12");
        let request = pb::GetProfileRequest { name };
        let answer = service.rhythms().get_profile(request).await;
        answer.unwrap().into_inner()
    };
    let mixed = profile("A").await;
    assert_eq!(mixed.sample_count, 6);
    assert!(mixed.findings.contains(&"awakening_conflict".to_owned()));

    let collection = pb::Collection {
        participant: "B".to_owned(),
        awakening_time: Some(at(FIRST_AWAKENING)),
        ..facts_of(&specimen(&service, &code).await)
    };
    let answer = correct(&service, request(vec![reassign(&code, 1, collection)])).await;
    let answer = answer.unwrap();
    let concerned: Vec<_> = answer.rhythms.iter().map(|it| &it.participant).collect();
    assert_eq!(concerned, ["A", "B"]);
    assert_eq!(answer.withdrawn_awakenings.len(), 1);
    assert_eq!(answer.withdrawn_awakenings[0].participant, "A");
    let (a, b) = (profile("A").await, profile("B").await);
    assert_eq!((a.sample_count, b.sample_count), (5, 5));
    assert!(a.findings.is_empty() && b.findings.is_empty());
    assert_eq!(a.awakening_time, Some(at(FIRST_AWAKENING)));
    assert_eq!(
        rhythm(&service, "s", "A").await.slope_ln_per_h,
        rhythm(&service, "s", "B").await.slope_ln_per_h
    );
}

async fn an_awakening_stated_apart_stays(service: TestService) {
    service.create_study("s").await.unwrap();
    let rows = person("A", 1, 1.63, -0.0965);
    let code = rows[4].specimen.clone();
    submit(&service, "s", rows).await;
    // The evening tube says another awakening than the others; the diary said so too, apart.
    let other = at(FIRST_AWAKENING + 600);
    let collection = pb::Collection {
        awakening_time: Some(other),
        ..facts_of(&specimen(&service, &code).await)
    };
    let moved = request(vec![reassign(&code, 1, collection.clone())]);
    // The old awakening is stated by the other tubes and stays.
    let answer = correct(&service, moved).await.unwrap();
    assert!(answer.withdrawn_awakenings.is_empty());
    let day = pb::SamplingDayInput {
        participant: "A".to_owned(),
        awakening_time: Some(other),
        ..Default::default()
    };
    let registration = pb::RegisterSpecimensRequest {
        parent: "studies/s".to_owned(),
        days: vec![day],
        ..Default::default()
    };
    let registered = service.submissions().register_specimens(registration).await;
    assert_eq!(registered.unwrap().into_inner().day_count, 1);
    let back = pb::Collection {
        awakening_time: Some(at(FIRST_AWAKENING)),
        ..collection
    };
    let answer = correct(&service, request(vec![reassign(&code, 2, back)])).await;
    assert!(answer.unwrap().withdrawn_awakenings.is_empty());
}

async fn facts_under_the_wrong_barcode_go_to_the_tube_that_waits(service: TestService) {
    service.create_study("s").await.unwrap();
    let rows = person("A", 1, 1.63, -0.0965);
    let mut results = rows.clone();
    results.iter_mut().for_each(|row| row.collection = None);
    let mut registered: Vec<_> = rows
        .into_iter()
        .map(|row| pb::SpecimenInput {
            specimen: row.specimen,
            collection: row.collection,
        })
        .collect();
    let right = registered[4].specimen.clone();
    registered[4].specimen = "misread".to_owned();
    let registration = pb::RegisterSpecimensRequest {
        parent: "studies/s".to_owned(),
        specimens: registered,
        ..Default::default()
    };
    service
        .submissions()
        .register_specimens(registration)
        .await
        .unwrap();
    assert_eq!(submit(&service, "s", results).await.waiting_count, 1);
    assert_eq!(specimen(&service, &right).await.collection_revision, 0);
    let answer = correct(&service, request(vec![swap(("misread", 1), (&right, 0))])).await;
    let answer = answer.unwrap();
    assert_eq!(answer.days[0].after.as_ref().unwrap().sample_count, 5);
    let found = specimen(&service, &right).await;
    assert_eq!(found.collection_revision, 1);
    assert!(found.collection.is_some() && found.result.is_some());
    let emptied = specimen(&service, "misread").await;
    assert_eq!(emptied.collection_revision, 0);
    assert!(emptied.collection.is_none() && emptied.result.is_none());
    assert_eq!(earlier(&service, "misread").await.len(), 1);
    // And back again.
    let back = request(vec![swap(("misread", 0), (&right, 1))]);
    correct(&service, back).await.unwrap();
    assert_eq!(specimen(&service, "misread").await.collection_revision, 2);
    assert_eq!(specimen(&service, &right).await.collection_revision, 0);
}

async fn what_cannot_be_corrected_is_refused_with_its_reason(service: TestService) {
    service.create_study("s").await.unwrap();
    let rows = person("A", 1, 1.63, -0.0965);
    let (one, two) = (rows[0].specimen.clone(), rows[1].specimen.clone());
    submit(&service, "s", rows).await;
    let facts = facts_of(&specimen(&service, &one).await);
    let with_group = pb::Collection {
        group: "cases".to_owned(),
        ..facts.clone()
    };
    let invalid = [
        (request(Vec::new()), "corrections"),
        (
            pb::CorrectSpecimensRequest {
                reason: String::new(),
                ..request(vec![swap((&one, 1), (&two, 1))])
            },
            "reason",
        ),
        (
            request(vec![pb::SpecimenCorrection::default()]),
            "corrections[0]",
        ),
        (
            request(vec![swap((&one, 1), (&one, 1))]),
            "corrections[0].swap.second",
        ),
        (
            request(vec![swap((&one, -1), (&two, 1))]),
            "corrections[0].swap.first_replaced_revision",
        ),
        (
            request(vec![reassign(&one, 1, with_group)]),
            "corrections[0].reassignment.collection.participant",
        ),
    ];
    for (asked, field) in invalid {
        let refused = correct(&service, asked).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        let details = refused.get_error_details();
        let named = &details.bad_request().unwrap().field_violations;
        assert_eq!(named[0].field, field, "{named:?}");
    }
    let unknown = pb::Collection {
        participant: "nobody".to_owned(),
        ..facts
    };
    let of_nobody = correct(&service, request(vec![reassign(&one, 1, unknown)])).await;
    let of_nobody = of_nobody.unwrap_err();
    assert_eq!(of_nobody.code(), Code::NotFound);
    assert!(
        of_nobody
            .message()
            .contains("studies/s/participants/nobody")
    );
    let absent = correct(&service, request(vec![swap((&one, 1), ("absent", 0))])).await;
    assert_eq!(absent.unwrap_err().code(), Code::NotFound);
    let mut results = person("C", 1, 1.63, -0.0965);
    results.iter_mut().for_each(|row| row.collection = None);
    let (three, four) = (results[0].specimen.clone(), results[1].specimen.clone());
    submit(&service, "s", results).await;
    let empty = correct(&service, request(vec![swap((&three, 0), (&four, 0))])).await;
    assert_eq!(empty.unwrap_err().code(), Code::FailedPrecondition);
    // Nothing of a call is done when part of it is refused.
    let half = vec![swap((&one, 1), (&two, 1)), swap((&three, 0), (&four, 0))];
    correct(&service, request(half)).await.unwrap_err();
    assert_eq!(specimen(&service, &one).await.collection_revision, 1);
}
