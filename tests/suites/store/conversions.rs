use diel_core::conversion::{Conversion, ConversionForm};
use diel_store::{NewConversion, PageRequest, StoreError};

use crate::TestStore;
use crate::cohort::{STUDY, call, call_with, create_study};

fn new(name: &str, form: ConversionForm) -> NewConversion {
    NewConversion {
        name: name.to_owned(),
        from_assay: "ELISA".to_owned(),
        to_assay: "LC-MS/MS".to_owned(),
        function: Conversion::new(form, 0.5, 60.0).unwrap(),
        source: "a comparison of 40 samples".to_owned(),
    }
}

pub(crate) async fn versions_of_every_form_stay_and_come_back(store: TestStore) {
    create_study(&store).await;
    let linear = ConversionForm::Linear {
        intercept_nmol_per_l: -0.1,
        slope: 0.63,
    };
    let power = ConversionForm::Power {
        factor: 0.7,
        exponent: 0.95,
    };
    let table = ConversionForm::Table {
        points: vec![(0.5, 0.2), (10.0, 6.0), (60.0, 30.5)],
    };
    let asked = call_with("line", 1);
    let first = store
        .create_conversion(STUDY, new("to-lcms", linear.clone()), &asked)
        .await
        .unwrap();
    let again = store
        .create_conversion(STUDY, new("to-lcms", linear), &asked)
        .await;
    assert_eq!(again.unwrap(), first, "the same request is answered again");
    let second = store
        .create_conversion(STUDY, new("to-lcms", table), &call())
        .await
        .unwrap();
    let other = store
        .create_conversion(STUDY, new("to-power", power), &call())
        .await
        .unwrap();
    assert_eq!((first.version, second.version, other.version), (1, 2, 1));
    for (name, expected) in [
        ("to-lcms", &second),
        ("to-lcms@2", &second),
        ("to-lcms@1", &first),
        ("to-power", &other),
    ] {
        assert_eq!(&store.conversion(STUDY, name).await.unwrap(), expected);
    }
    for missing in ["to-lcms@3", "none", "to-lcms@x"] {
        let found = store.conversion(STUDY, missing).await;
        assert!(
            matches!(found, Err(StoreError::NotFound { .. })),
            "{missing}"
        );
    }
    let page = |after| PageRequest { after, limit: 2 };
    let one = store.conversions(STUDY, &page(None)).await.unwrap();
    assert_eq!(one.items, [first, second]);
    let two = store.conversions(STUDY, &page(one.next)).await.unwrap();
    assert_eq!((two.items, two.next), (vec![other], None));
}
