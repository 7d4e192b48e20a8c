use diel_core::{Limits, NmolPerL};
use diel_store::{NewMethod, PageRequest, ReportedBias, StoreError};

use crate::TestStore;
use crate::cohort::{STUDY, call, call_with, create_study};

fn nmol(number: f64) -> NmolPerL {
    NmolPerL::new(number).unwrap()
}

fn new(name: &str, assay: &str, detection: f64) -> NewMethod {
    NewMethod {
        name: name.to_owned(),
        assay: assay.to_owned(),
        description: "rabbit, polyclonal".to_owned(),
        limits: Limits::new(Some(nmol(detection)), Some(nmol(1.0)), None).unwrap(),
        biases: Vec::new(),
        source: "leaflet, revision 7".to_owned(),
    }
}

pub(crate) async fn versions_stay_and_the_last_one_of_an_assay_is_found(store: TestStore) {
    create_study(&store).await;
    let bias = |percent| ReportedBias {
        compared_with: "LC-MS/MS".to_owned(),
        percent,
        lowest: Some(nmol(1.0)),
        highest: None,
        source: "own comparison".to_owned(),
    };
    let biased = NewMethod {
        biases: vec![bias(23.0), bias(-4.5)],
        ..new("x", "ELISA kit X", 0.3)
    };
    let asked = call_with("method", 1);
    let first = store.create_method(STUDY, biased.clone(), &asked).await;
    let first = first.unwrap();
    assert_eq!((&first.given, first.version), (&biased, 1));
    let again = store.create_method(STUDY, biased, &asked).await;
    assert_eq!(again.unwrap(), first, "the same request is answered again");
    let second = store
        .create_method(STUDY, new("x", "ELISA kit X", 0.2), &call())
        .await
        .unwrap();
    let other = store
        .create_method(STUDY, new("y", "ELISA kit Y", 0.5), &call())
        .await
        .unwrap();
    assert_eq!((second.version, other.version), (2, 1));
    for (name, expected) in [("x", &second), ("x@1", &first), ("y", &other)] {
        assert_eq!(&store.method(STUDY, name).await.unwrap(), expected);
    }
    for missing in ["x@3", "z", "x@one"] {
        let found = store.method(STUDY, missing).await;
        let is_missing = matches!(found, Err(StoreError::NotFound { .. }));
        assert!(is_missing, "{missing}");
    }
    let of = async |assay: &str| store.method_of_assay(STUDY, assay).await.unwrap();
    assert_eq!(of("ELISA kit X").await.as_ref(), Some(&second));
    assert_eq!(of("ELISA kit Y").await.as_ref(), Some(&other));
    assert_eq!(
        of("elisa kit x").await,
        None,
        "assays are told apart letter by letter"
    );

    let page = |after| PageRequest { after, limit: 2 };
    let one = store.methods(STUDY, &page(None)).await.unwrap();
    assert_eq!(one.items, [first, second]);
    let two = store.methods(STUDY, &page(one.next)).await.unwrap();
    assert_eq!((two.items, two.next), (vec![other], None));
}
