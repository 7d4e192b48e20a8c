use diel_store::PageRequest;

use crate::TestStore;
use crate::cohort::{STUDY, create_study};

pub(crate) async fn every_statement_is_prepared(store: TestStore) {
    let count = store.prepare_all().await.unwrap();
    // Those of fixed text, and 13 of many rows in four sizes each.
    assert!(count > 20 + 13 * 4, "{count} statements");
}

pub(crate) async fn opening_again_changes_nothing(store: TestStore) {
    create_study(&store).await;
    store.ping().await.unwrap();
    let replica = store.replica().await;
    assert_eq!(replica.engine(), store.engine());
    assert_eq!(
        replica.study(STUDY).await.unwrap(),
        store.study(STUDY).await.unwrap()
    );
    replica.close().await;
    assert!(replica.ping().await.is_err());
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    assert_eq!(store.studies(&page).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn other_addresses_are_refused() {
    for url in [
        "mysql://x",
        "sqlite::memory:",
        "diel.db",
        "postgres://[",
        "",
    ] {
        let opened = diel_store::Store::open(url, &diel_store::OpenOptions::default()).await;
        assert!(
            matches!(opened, Err(diel_store::StoreError::Url { .. })),
            "{url}"
        );
    }
}
