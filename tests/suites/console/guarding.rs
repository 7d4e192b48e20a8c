//! Who is let in, and what pages tell the browser about their safety.

use anyhow::{Context as _, Result};
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::service::TestService;

use super::people;

/// The session and the key of a flag's form, as a browser gets them.
async fn form(service: &TestService, path: &str) -> Result<(String, String, String)> {
    let page = http::get(service.console()?, path).await?;
    assert_eq!(page.status, 200, "{}", page.text());
    let cookie = page.header("set-cookie").context("a session")?;
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let session = cookie.split(';').next().context("a cookie")?.to_owned();
    Ok((session, page.field("key")?, page.field("etag")?))
}

#[tokio::test]
async fn pages_forbid_what_they_do_not_need() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let flag = people::flags(&service, "pilot").await?.remove(0);
    for path in ["/studies", "/studies/pilot", &format!("/{}", flag.name)] {
        let page = http::get(service.console()?, path).await?;
        let policy = page.header("content-security-policy").context("a policy")?;
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let text = page.text();
        assert!(
            !text.contains("<style") && !text.contains(" style=") && !text.contains("onclick"),
            "{path} has something inline"
        );
    }
    let script = http::get(service.console()?, "/assets/console.js").await?;
    assert!(
        script
            .header("cache-control")
            .context("a cache")?
            .contains("immutable")
    );
    service.stop().await;
    Ok(())
}

#[tokio::test]
async fn another_name_of_this_machine_is_not_answered() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let foreign = [("host", "attacker.example")];
    let page = http::send(
        service.console()?,
        "GET",
        "/studies/pilot/rhythms.csv",
        &foreign,
        "",
    )
    .await?;
    assert_eq!(page.status, 421);
    assert!(!page.text().contains("flat-1"));
    service.stop().await;
    Ok(())
}

/// A form needs the session's key, an origin of the console's own, and the etag.
#[tokio::test]
async fn a_form_of_others_stores_nothing() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let flag = people::flags(&service, "pilot").await?.remove(0);
    let (console, path) = (service.console()?, format!("/{}", flag.name));
    let (session, key, etag) = form(&service, &path).await?;
    let resolve = format!("{path}/resolve");
    let fields =
        |key: &str, etag: &str| format!("key={key}&etag={etag}&decision=confirmed&reason=seen");
    let origin = format!("http://{console}");
    let own = [("cookie", session.as_str()), ("origin", origin.as_str())];

    let foreign = [
        ("cookie", session.as_str()),
        ("origin", "http://attacker.example"),
    ];
    let answer = http::post(console, &resolve, &foreign, &fields(&key, &etag)).await?;
    assert_eq!(answer.status, 403, "another origin");
    let answer = http::post(console, &resolve, &own, &fields("00", &etag)).await?;
    assert_eq!(answer.status, 403, "no key");
    let answer = http::post(console, &resolve, &[], &fields(&key, &etag)).await?;
    assert_eq!(answer.status, 403, "another session");
    assert_eq!(people::flags(&service, "pilot").await?[0].decision, 0);

    let answer = http::post(
        console,
        &resolve,
        &own,
        &format!("key={key}&etag={etag}&decision=perhaps&reason="),
    )
    .await?;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("Nothing was stored"),
        "{}",
        answer.text()
    );
    let answer = http::post(console, &resolve, &own, &fields(&key, &etag)).await?;
    assert_eq!(answer.status, 303);
    let stored = format!("{path}?stored=yes");
    assert_eq!(answer.header("location"), Some(stored.as_str()));
    let answer = http::post(console, &resolve, &own, &fields(&key, &etag)).await?;
    assert_eq!(answer.status, 409, "the etag is old");
    assert!(answer.text().contains("Somebody else was faster"));
    service.stop().await;
    Ok(())
}

/// What is not there and what is not understood: a page that says so, with the right status.
#[tokio::test]
async fn what_is_not_there_is_said() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let console = service.console()?;
    for (path, status, text) in [
        ("/studies/none", 404, "studies/none does not exist"),
        ("/studies/pilot/flags/none", 404, "does not exist"),
        ("/studies/pilot/participants/none", 404, "does not exist"),
        (
            "/studies/pilot/flags?state=open",
            400,
            "did you mean states?",
        ),
        (
            "/studies/pilot/flags?states=shut",
            400,
            "is not one of open",
        ),
        ("/studies/pilot/flags?page=zzz", 400, "page_token"),
        (
            "/studies/pilot/flags?order=random",
            400,
            "is not one of probability",
        ),
        ("/nowhere", 404, "no page of this address"),
        ("/assets/none.js", 404, "no such file"),
    ] {
        let page = http::get(console, path).await?;
        assert_eq!(page.status, status, "{path}: {}", page.text());
        assert!(page.text().contains(text), "{path}: {}", page.text());
    }
    assert_eq!(http::get(console, "/healthz").await?.status, 200);
    service.stop().await;
    Ok(())
}

/// Both engines: every page of a study, the queue in every order, and its pages one by one.
async fn every_page_and_order(database: Database) -> Result<()> {
    let service = people::simulated(database).await?;
    let console = service.console()?;
    let flags = people::flags(&service, "demo").await?;
    for order in ["probability", "newest", "oldest", "participant"] {
        let page = http::get(
            console,
            &format!("/studies/demo/flags?states=all&order={order}"),
        )
        .await?;
        assert_eq!(page.status, 200, "{order}: {}", page.text());
        let text = page.text();
        let mut places: Vec<_> = flags
            .iter()
            .map(|flag| (text.find(&flag.name).unwrap(), flag))
            .collect();
        places.sort_by_key(|(place, _)| *place);
        let codes: Vec<_> = places
            .iter()
            .map(|(_, flag)| flag.participant.as_str())
            .collect();
        if order == "participant" {
            assert!(codes.is_sorted(), "{codes:?}");
        }
        if order == "probability" {
            let first: Vec<_> = flags.iter().map(|flag| flag.participant.as_str()).collect();
            assert_eq!(codes, first);
        }
    }
    for path in [
        "/studies",
        "/studies/demo",
        "/studies/demo/participants",
        "/studies/demo/participants?verdicts=FLAT_FOR_REVIEW",
        &format!("/studies/demo/participants/{}", flags[0].participant),
        &format!(
            "/studies/demo/participants/{}/picture.svg",
            flags[0].participant
        ),
    ] {
        let page = http::get(console, path).await?;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    let overview = http::get(console, "/studies/demo").await?.text();
    assert!(
        overview.contains("<strong>61</strong> participants"),
        "{overview}"
    );
    assert!(overview.contains(&format!("<strong>{}</strong> flags that wait", flags.len())));
    assert!(overview.contains("Example lab"));
    let png = format!(
        "/studies/demo/participants/{}/picture.png",
        flags[0].participant
    );
    assert!(http::get(console, &png).await?.body.starts_with(b"\x89PNG"));
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_on_sqlite() -> Result<()> {
    every_page_and_order(Database::sqlite()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_on_postgres() -> Result<()> {
    every_page_and_order(Database::postgres().await?).await
}
