//! How long a study may keep a person's data: stated, changed, taken back, and said in the audit trail.

use diel_proto::v1 as pb;
use diel_tests::service::TestService;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::on_both_engines;

on_both_engines!(a_retention_is_stated_and_taken_back);

async fn update(
    service: &TestService,
    days: Option<i32>,
    mask: &[&str],
    etag: &str,
) -> Result<pb::Study, Status> {
    let request = pb::UpdateStudyRequest {
        study: Some(pb::Study {
            name: "studies/pilot".to_owned(),
            display_name: "Pilot".to_owned(),
            retention_days: days,
            etag: etag.to_owned(),
            ..pb::Study::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: mask.iter().map(|path| (*path).to_owned()).collect(),
        }),
        ..pb::UpdateStudyRequest::default()
    };
    let changed = service.studies().update_study(request).await?;
    Ok(changed.into_inner())
}

async fn read(service: &TestService) -> pb::Study {
    let name = "studies/pilot".to_owned();
    let request = pb::GetStudyRequest { name };
    service
        .studies()
        .get_study(request)
        .await
        .unwrap()
        .into_inner()
}

async fn a_retention_is_stated_and_taken_back(service: TestService) {
    service.create_study("pilot").await.unwrap();
    let first = read(&service).await;
    assert_eq!(first.retention_days, None);
    let only = ["retention_days"];
    let stated = update(&service, Some(3_650), &only, &first.etag)
        .await
        .unwrap();
    assert_eq!(stated.retention_days, Some(3_650));
    assert_eq!(read(&service).await, stated);

    let stale = update(&service, Some(7), &only, &first.etag).await;
    assert_eq!(stale.unwrap_err().code(), Code::Aborted);
    for days in [0, -1, 36_526] {
        let refused = update(&service, Some(days), &only, &stated.etag).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{days}");
        let details = refused.get_error_details();
        let violations = details.bad_request().unwrap().field_violations.clone();
        assert_eq!(violations[0].field, "study.retention_days");
        assert!(refused.message().contains("1 to 36525"), "{refused}");
    }
    // A change of something else leaves it, with a mask and without.
    let renamed = update(&service, None, &[], &stated.etag).await.unwrap();
    assert_eq!(renamed.retention_days, Some(3_650));
    let taken = update(&service, None, &only, &renamed.etag).await.unwrap();
    assert_eq!(taken.retention_days, None);
    let unmasked = update(&service, Some(30), &[], &taken.etag).await.unwrap();
    assert_eq!(unmasked.retention_days, Some(30));

    let request = pb::ListAuditEntriesRequest {
        parent: "studies/pilot".to_owned(),
        ..pb::ListAuditEntriesRequest::default()
    };
    let entries = service.audits().list_audit_entries(request).await;
    let entries = entries.unwrap().into_inner().entries;
    let said: Vec<_> = entries[1..]
        .iter()
        .map(|entry| (entry.before_json.as_str(), entry.after_json.as_str()))
        .collect();
    assert_eq!(
        said[0],
        (
            r#"{"retention_days":null,"version":1}"#,
            r#"{"retention_days":3650,"version":2}"#
        )
    );
    assert!(said[2].1.contains(r#""retention_days":null"#), "{said:?}");
    service.stop().await;
}
