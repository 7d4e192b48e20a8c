use diel_store::{Grant, NewToken, PageRequest, RefusedCalls, Role, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::TestStore;
use crate::cohort::{STUDY, call, create_study, now};

fn grant(role: Role, study: Option<&str>) -> Grant {
    Grant {
        study: study.map(str::to_owned),
        role,
    }
}

/// A token whose hash is its id's first byte, again and again.
fn token(id: &str, principal: &str, grants: Vec<Grant>) -> NewToken {
    NewToken {
        id: id.to_owned(),
        hash: [id.as_bytes()[0]; 32],
        principal: principal.to_owned(),
        description: format!("token {id}"),
        expires: now() + SignedDuration::from_hours(24),
        grants,
        only_first: false,
    }
}

pub(crate) async fn a_bearer_is_found_by_the_hash_of_the_token(store: TestStore) {
    create_study(&store).await;
    let grants = vec![
        grant(Role::Reviewer, Some(STUDY)),
        grant(Role::Submitter, None),
    ];
    let made = store
        .create_token(token("a1", "carol", grants.clone()), &call())
        .await
        .unwrap();
    let found = store.bearer(&[b'a'; 32]).await.unwrap().unwrap();
    assert_eq!(found.token, made.token);
    assert_eq!(found.principal, made.principal);
    assert_eq!(
        found.principal.grants,
        [grants[1].clone(), grants[0].clone()],
        "those for all studies stand first"
    );
    assert!(store.bearer(&[b'b'; 32]).await.unwrap().is_none());

    let at = now() + SignedDuration::from_hours(1);
    store.note_token_use("a1", at).await.unwrap();
    store.note_token_use("a1", now()).await.unwrap();
    let found = store.bearer(&[b'a'; 32]).await.unwrap().unwrap();
    assert_eq!(found.token.used, Some(at), "an earlier use changes nothing");
}

pub(crate) async fn a_token_is_kept_whole_or_not_at_all(store: TestStore) {
    create_study(&store).await;
    let made = token("a1", "carol", vec![]);
    store.create_token(made.clone(), &call()).await.unwrap();
    let taken = NewToken {
        hash: [7; 32],
        principal: "dan".to_owned(),
        ..made
    };
    let taken = store.create_token(taken, &call()).await;
    assert!(
        matches!(taken, Err(StoreError::AlreadyExists { .. })),
        "{taken:?}"
    );
    let nowhere = vec![
        grant(Role::Reviewer, Some(STUDY)),
        grant(Role::Reviewer, Some("nowhere")),
    ];
    let nowhere = store
        .create_token(token("b1", "dan", nowhere), &call())
        .await;
    assert!(
        matches!(nowhere, Err(StoreError::NotFound { .. })),
        "{nowhere:?}"
    );
    let dan = store.principal("dan").await;
    assert!(matches!(dan, Err(StoreError::NotFound { resource }) if resource == "principals/dan"));
    assert!(store.bearer(&[b'b'; 32]).await.unwrap().is_none());
}

pub(crate) async fn a_first_token_is_the_first_that_is_good(store: TestStore) {
    let first = |id: &str| NewToken {
        only_first: true,
        ..token(id, "admin", vec![grant(Role::Admin, None)])
    };
    store
        .create_token(token("a1", "carol", vec![]), &call())
        .await
        .unwrap();
    store.create_token(first("b1"), &call()).await.unwrap();
    let second = store.create_token(first("c1"), &call()).await;
    let taken =
        matches!(second, Err(StoreError::AlreadyExists { resource }) if resource.contains("b1"));
    assert!(taken);
    store.revoke_token(None, "b1", &call()).await.unwrap();
    store.create_token(first("c1"), &call()).await.unwrap();
    let later = diel_store::Call {
        now: now() + SignedDuration::from_hours(25),
        ..call()
    };
    store.create_token(first("d1"), &later).await.unwrap();
}

pub(crate) async fn tokens_and_principals_are_listed_page_by_page(store: TestStore) {
    create_study(&store).await;
    for (id, principal) in [("d1", "b"), ("a1", "c"), ("c1", "b"), ("b1", "a")] {
        store
            .create_token(token(id, principal, vec![]), &call())
            .await
            .unwrap();
    }
    let mut found = Vec::new();
    let mut page = PageRequest {
        after: None,
        limit: 3,
    };
    loop {
        let got = store.tokens(None, &page).await.unwrap();
        found.extend(
            got.items
                .into_iter()
                .map(|token| (token.principal, token.id)),
        );
        match got.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let pairs = [("a", "b1"), ("b", "c1"), ("b", "d1"), ("c", "a1")];
    assert_eq!(
        found,
        pairs.map(|(one, other)| (one.to_owned(), other.to_owned()))
    );
    let page = PageRequest {
        after: None,
        limit: 9,
    };
    let of_b = store.tokens(Some("b"), &page).await.unwrap().items;
    assert_eq!(
        of_b.iter()
            .map(|token| token.id.as_str())
            .collect::<Vec<_>>(),
        ["c1", "d1"]
    );

    store
        .grant_role("c", grant(Role::Admin, Some(STUDY)), &call())
        .await
        .unwrap();
    store
        .grant_role("c", grant(Role::Submitter, Some(STUDY)), &call())
        .await
        .unwrap();
    store
        .grant_role("b", grant(Role::Admin, None), &call())
        .await
        .unwrap();
    let page = PageRequest {
        after: None,
        limit: 2,
    };
    let all = store.principals(None, &page).await.unwrap();
    assert_eq!(all.next.as_deref(), Some("b"));
    assert_eq!(all.items[1].grants, [grant(Role::Admin, None)]);
    let here = store.principals(Some(STUDY), &page).await.unwrap();
    assert_eq!((here.items.len(), here.next), (1, None));
    assert_eq!(
        here.items[0].grants,
        [
            grant(Role::Submitter, Some(STUDY)),
            grant(Role::Admin, Some(STUDY))
        ]
    );
}

pub(crate) async fn a_role_is_granted_once_and_taken_once(store: TestStore) {
    create_study(&store).await;
    store
        .create_token(token("a1", "carol", vec![]), &call())
        .await
        .unwrap();
    let role = grant(Role::Reviewer, Some(STUDY));
    for _ in 0..2 {
        let carol = store
            .grant_role("carol", role.clone(), &call())
            .await
            .unwrap();
        assert_eq!(carol.grants, std::slice::from_ref(&role));
    }
    let carol = store
        .take_role("carol", role.clone(), &call())
        .await
        .unwrap();
    assert!(carol.grants.is_empty());
    let again = store.take_role("carol", role.clone(), &call()).await;
    let missing = matches!(again, Err(StoreError::NotFound { resource })
        if resource == "the role reviewer of principals/carol");
    assert!(missing);
    let nobody = store.grant_role("dan", role, &call()).await;
    assert!(
        matches!(nobody, Err(StoreError::NotFound { resource }) if resource == "principals/dan")
    );
}

pub(crate) async fn refused_calls_are_noted(store: TestStore) {
    let refused = RefusedCalls {
        principal: String::new(),
        address: "192.0.2.7".to_owned(),
        resource: "access".to_owned(),
        cause: "TOKEN_UNKNOWN".to_owned(),
        count: 1_000,
        since: Timestamp::UNIX_EPOCH,
    };
    let of_carol = RefusedCalls {
        principal: "carol".to_owned(),
        ..refused.clone()
    };
    store
        .note_refused_calls(vec![refused, of_carol], now())
        .await
        .unwrap();
}
