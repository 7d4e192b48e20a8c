//! Studies that keep codes of participants and tubes keyed only.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_flight::sql::client::FlightSqlServiceClient;
use diel_proto::v1 as pb;
use diel_server::{CodeKey, CodesSettings, Settings, StartError};
use diel_tests::database::Database;
use diel_tests::rows::{FIRST_AWAKENING, at, person, submission};
use diel_tests::service::TestService;
use diel_tests::traces::files_holding;
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use tonic::Code;

use crate::bad_rows::facts;
use crate::on_both_engines;

on_both_engines!(
    codes_as_sent_are_nowhere_in_the_database,
    the_same_code_in_two_studies_has_nothing_in_common,
    another_key_or_none_is_refused,
    rows_are_refused_by_their_place_and_stored_once,
    the_stored_code_is_said_without_looking,
);

/// A text that stands nowhere else on this machine.
const CANARY: &str = "Kanarienvogel7391";

struct Key {
    folder: TempDir,
}

impl Key {
    fn new() -> Self {
        let key = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(key.path(), CodeKey::new_text().unwrap()).unwrap();
        fs::set_permissions(key.path(), fs::Permissions::from_mode(0o600)).unwrap();
        key
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("code.key")
    }

    fn settings(&self) -> Settings {
        Settings {
            codes: CodesSettings {
                key_file: Some(self.path()),
            },
            ..Settings::default()
        }
    }
}

/// The same database, served with a key.
async fn with_key(service: TestService, key: &Key) -> TestService {
    let database = service.stop().await;
    TestService::start_with(database, key.settings())
        .await
        .unwrap()
}

async fn create_keyed(service: &TestService, id: &str) -> Result<pb::Study, tonic::Status> {
    let study = pb::Study {
        display_name: "Keyed".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        code_storage: pb::CodeStorage::Keyed as i32,
        ..pb::Study::default()
    };
    let request = pb::CreateStudyRequest {
        study_id: id.to_owned(),
        study: Some(study),
        ..pb::CreateStudyRequest::default()
    };
    let made = service.studies().create_study(request).await?;
    Ok(made.into_inner())
}

async fn submit(service: &TestService, study: &str, code: &str) -> pb::SubmitBatchResponse {
    let mut request = submission(study, person(code, 3, 2.6, -0.02));
    request.request_id = format!("{code}-request");
    let submitted = service.submissions().submit_batch(request).await.unwrap();
    submitted.into_inner()
}

/// The stored code of a participant, as answers have it.
async fn stored_code(service: &TestService, study: &str, code: &str) -> String {
    let name = format!("studies/{study}/participants/{code}");
    let request = pb::GetParticipantRequest { name };
    let found = service.studies().get_participant(request).await.unwrap();
    let name = found.into_inner().name;
    name.rsplit('/').next().unwrap().to_owned()
}

/// The folder that an engine keeps a database in, with everything written out.
async fn folder_of(database: &Database) -> PathBuf {
    match database.url().strip_prefix("sqlite://") {
        Some(path) => Path::new(path).parent().unwrap().to_owned(),
        None => {
            let mut conn = PgConnection::connect(database.url()).await.unwrap();
            conn.execute("checkpoint").await.unwrap();
            let folder: String = sqlx::query_scalar("show data_directory")
                .fetch_one(&mut conn)
                .await
                .unwrap();
            folder.into()
        }
    }
}

/// How many days of a participant Flight SQL has.
async fn days_by_flight(service: &TestService, participant: &str) -> usize {
    let mut client = FlightSqlServiceClient::new(service.channel.clone());
    let statement = format!("SELECT day FROM keyed.profiles WHERE participant = '{participant}'");
    let selected = client.execute(statement, None).await.unwrap();
    let ticket = selected.endpoint.first().unwrap().ticket.clone().unwrap();
    let days = client.do_get(ticket).await.unwrap();
    let days: Vec<_> = days.try_collect().await.unwrap();
    days.iter().map(RecordBatch::num_rows).sum()
}

/// Registers, reads, amends, filters and counts, by the code as it was sent.
async fn go_in_by_every_other_way(service: &TestService) {
    let day = pb::SamplingDayInput {
        participant: CANARY.to_owned(),
        awakening_time: Some(at(FIRST_AWAKENING)),
        ..pb::SamplingDayInput::default()
    };
    let registration = pb::RegisterSpecimensRequest {
        parent: "studies/keyed".to_owned(),
        days: vec![day],
        request_id: format!("{CANARY} day"),
        ..pb::RegisterSpecimensRequest::default()
    };
    service
        .submissions()
        .register_specimens(registration)
        .await
        .unwrap();
    let stored = stored_code(service, "keyed", CANARY).await;
    assert!(stored.starts_with("k-") && stored.len() == 28, "{stored}");
    assert_eq!(stored_code(service, "keyed", &stored).await, stored);
    let tube = format!("{CANARY}-0-1800");
    let specimen = pb::GetSpecimenRequest {
        name: format!("studies/keyed/specimens/{tube}"),
    };
    let specimen = service
        .submissions()
        .get_specimen(specimen)
        .await
        .unwrap()
        .into_inner();
    assert!(
        specimen.name.starts_with("studies/keyed/specimens/t-"),
        "{}",
        specimen.name
    );
    assert_eq!(specimen.collection.unwrap().participant, stored);
    let amendment = pb::AmendResultRequest {
        name: format!("studies/keyed/specimens/{tube}"),
        result: Some(pb::Result {
            concentration: Some(diel_tests::rows::nmol(11.5)),
            ..pb::Result::default()
        }),
        reason: "misread".to_owned(),
        replaced_revision: 1,
        request_id: format!("{CANARY} amends"),
        ..pb::AmendResultRequest::default()
    };
    service.submissions().amend_result(amendment).await.unwrap();
    for filter in [CANARY, stored.as_str()] {
        let request = pb::ListProfilesRequest {
            parent: "studies/keyed".to_owned(),
            filter: Some(pb::ProfileFilter {
                participant: filter.to_owned(),
                ..pb::ProfileFilter::default()
            }),
            ..pb::ListProfilesRequest::default()
        };
        let days = service
            .rhythms()
            .list_profiles(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(days.profiles.len(), 3, "{filter}");
        assert!(days.profiles.iter().all(|day| day.participant == stored));
        assert_eq!(days_by_flight(service, filter).await, 3, "{filter}");
    }
    let counting = |reason: &str| pb::EraseParticipantRequest {
        name: format!("studies/keyed/participants/{CANARY}"),
        reason: reason.to_owned(),
        validate_only: true,
    };
    let naming = service.studies().erase_participant(counting(CANARY)).await;
    assert_eq!(naming.unwrap_err().code(), Code::InvalidArgument);
    let counted = service
        .studies()
        .erase_participant(counting("withdrew"))
        .await;
    assert_eq!(counted.unwrap().into_inner().specimen_count, 15);
}

async fn codes_as_sent_are_nowhere_in_the_database(service: TestService) {
    let key = Key::new();
    let service = with_key(service, &key).await;
    let made = create_keyed(&service, "keyed").await.unwrap();
    assert_eq!(made.code_storage(), pb::CodeStorage::Keyed);
    let submitted = submit(&service, "keyed", CANARY).await;
    assert_eq!(submitted.stored_count, 15);
    assert!(submit(&service, "keyed", CANARY).await.answered_before);

    go_in_by_every_other_way(&service).await;

    let folder = folder_of(&service.database).await;
    let (found, seen) = files_holding(&folder, CANARY).unwrap();
    assert!(seen > 0);
    assert_eq!(found, Vec::<PathBuf>::new(), "while it runs");

    // A study as sent shows that the search finds.
    service.create_study("open").await.unwrap();
    submit(&service, "open", CANARY).await;
    let folder = folder_of(&service.database).await;
    let (found, _) = files_holding(&folder, CANARY).unwrap();
    assert!(!found.is_empty(), "the search finds nothing at all");
    service.stop().await;
}

async fn the_same_code_in_two_studies_has_nothing_in_common(service: TestService) {
    let key = Key::new();
    let service = with_key(service, &key).await;
    let mut codes = Vec::new();
    for study in ["first", "second"] {
        create_keyed(&service, study).await.unwrap();
        submit(&service, study, "P-017").await;
        codes.push(stored_code(&service, study, "P-017").await);
    }
    assert_ne!(codes[0], codes[1]);
    service.stop().await;
}

async fn another_key_or_none_is_refused(service: TestService) {
    let refused = create_keyed(&service, "keyed").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(
        refused.message().contains("diel study key --new"),
        "{}",
        refused.message()
    );
    let key = Key::new();
    let service = with_key(service, &key).await;
    create_keyed(&service, "keyed").await.unwrap();
    submit(&service, "keyed", "P-017").await;
    let stored = stored_code(&service, "keyed", "P-017").await;
    let database = service.stop().await;
    for settings in [Settings::default(), Key::new().settings()] {
        let settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: database.url().to_owned(),
            ..settings
        };
        let clock = std::sync::Arc::new(diel_server::SystemClock);
        let refused = diel_server::start(settings, clock).await.err().unwrap();
        assert!(
            matches!(&refused, StartError::OtherCodeKey { study, .. } if study == "keyed"),
            "{refused}"
        );
    }
    let service = TestService::start_with(database, key.settings())
        .await
        .unwrap();
    assert_eq!(stored_code(&service, "keyed", "P-017").await, stored);
    service.stop().await;
}

async fn the_stored_code_is_said_without_looking(service: TestService) {
    let key = Key::new();
    let service = with_key(service, &key).await;
    create_keyed(&service, "keyed").await.unwrap();
    service.create_study("open").await.unwrap();
    submit(&service, "keyed", "P-017").await;
    let ask = async |study: &str, participant: &str, specimen: &str| {
        let request = pb::GetStoredCodeRequest {
            parent: format!("studies/{study}"),
            participant: participant.to_owned(),
            specimen: specimen.to_owned(),
        };
        let answer = service.studies().get_stored_code(request).await;
        answer.map(tonic::Response::into_inner)
    };
    let stored = ask("keyed", "P-017", "P-017-0-0").await.unwrap();
    assert_eq!(
        stored.participant,
        stored_code(&service, "keyed", "P-017").await
    );
    assert!(stored.specimen.starts_with("t-") && stored.specimen.len() == 28);
    assert_eq!(stored.code_storage(), pb::CodeStorage::Keyed);
    let nobody = ask("keyed", "P-018", "").await.unwrap();
    assert!(nobody.participant.starts_with("k-"), "there is no P-018");
    assert_ne!(nobody.participant, stored.participant);
    assert_eq!(nobody.specimen, "");
    let again = ask("keyed", &stored.participant, "").await.unwrap();
    assert_eq!(again.participant, stored.participant);
    let open = ask("open", "P-017", "").await.unwrap();
    assert_eq!(open.participant, "P-017");
    assert_eq!(open.code_storage(), pb::CodeStorage::AsSent);
    let nothing = ask("keyed", "", "").await.unwrap_err();
    assert_eq!(nothing.code(), Code::InvalidArgument);
    service.stop().await;
}

async fn rows_are_refused_by_their_place_and_stored_once(service: TestService) {
    let key = Key::new();
    let service = with_key(service, &key).await;
    create_keyed(&service, "keyed").await.unwrap();
    let mut rows = person("P-017", 3, 2.6, -0.02);
    facts(&mut rows[4]).participant = "anna.schmidt@example.org".to_owned();
    let mut request = submission("keyed", rows);
    request.allow_partial = true;
    let answer = service
        .submissions()
        .submit_batch(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!((answer.stored_count, answer.refused_rows), (14, vec![4]));
    let violation = &answer.violations[0];
    assert_eq!(violation.field, "results[4].collection.participant");
    assert!(
        !violation.description.contains("schmidt"),
        "{}",
        violation.description
    );
    let again = service
        .submissions()
        .submit_batch(submission("keyed", person("P-017", 3, 2.6, -0.02)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((again.stored_count, again.unchanged_count), (1, 14));
    service.stop().await;
}
