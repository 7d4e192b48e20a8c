//! With tokens: logging in and out, whose name stands in the history, and what a role may see.

use anyhow::{Context as _, Result};
use diel_server::{AccessMode, Settings};
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::service::TestService;
use diel_tests::token::token;

use super::browser::Browser;
use super::people;

/// The study `pilot` with flags, behind tokens.
async fn guarded(database: Database) -> Result<TestService> {
    let open = people::three(database).await?;
    let database = open.stop().await;
    let settings = Settings {
        access: AccessMode::Tokens,
        ..Settings::default()
    };
    TestService::start_with(database, settings).await
}

/// Nothing is shown without a token, and nothing of a study in which the role is missing.
async fn doors(database: Database) -> Result<()> {
    let service = guarded(database).await?;
    let console = service.console()?;
    let reader = token(
        &service.database,
        "carol",
        &[(Role::Researcher, Some("pilot"))],
    )
    .await?;
    let stranger = token(&service.database, "dan", &[(Role::Submitter, None)]).await?;
    let pages = [
        "/studies/pilot",
        "/studies/pilot/flags",
        "/studies/pilot/participants",
        "/studies/pilot/participants/flat-1",
        "/studies/pilot/participants/flat-1/picture.svg",
        "/studies/pilot/participants/flat-1/picture.png",
        "/studies/pilot/rhythms.csv",
        "/studies/pilot/profiles.csv",
        "/studies/pilot/flags.csv",
    ];
    for path in pages {
        let unknown = http::get(console, path).await?;
        assert!(!unknown.text().contains("flat-1"), "{path}");
        if path.ends_with(".csv") {
            assert_eq!(unknown.status, 401, "{path}");
            assert_eq!(unknown.header("www-authenticate"), Some("Bearer"));
        } else {
            assert_eq!(unknown.status, 303, "{path}");
            let to = unknown.header("location").context("a place")?;
            assert!(to.starts_with("/login?to=%2Fstudies%2Fpilot"), "{to}");
        }
        for (who, expected) in [(&reader, 200), (&stranger, 403)] {
            let bearer = format!("Bearer {who}");
            let headers = [("authorization", bearer.as_str())];
            let answer = http::send(console, "GET", path, &headers, "").await?;
            assert_eq!(answer.status, expected, "{path}: {}", answer.text());
            let cookie = format!("diel_session={who}");
            let headers = [("cookie", cookie.as_str())];
            let answer = http::send(console, "GET", path, &headers, "").await?;
            assert_eq!(answer.status, expected, "{path} with a session");
        }
    }
    let bearer = format!("Bearer {stranger}");
    let studies = http::send(
        console,
        "GET",
        "/studies",
        &[("authorization", &bearer)],
        "",
    )
    .await?;
    assert_eq!(
        studies.status, 200,
        "whose studies may be seen is the caller's own"
    );

    let wrong = format!("token=diel_{}&to=/studies", "0".repeat(64));
    let refused = http::post(console, "/login", &[], &wrong).await?;
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("This token is not known"));
    let elsewhere = format!("token={reader}&to=//example.org");
    let entered = http::post(console, "/login", &[], &elsewhere).await?;
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, Some("/studies"))
    );
    let foreign = [("origin", "http://attacker.example")];
    assert_eq!(
        http::post(console, "/login", &foreign, &elsewhere)
            .await?
            .status,
        403
    );
    assert_eq!(http::get(console, "/healthz").await?.status, 200);
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doors_are_shut_on_sqlite() -> Result<()> {
    doors(Database::sqlite()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doors_are_shut_on_postgres() -> Result<()> {
    doors(Database::postgres().await?).await
}

/// In a browser: to the page that was asked for by way of the log-in, a decision under one's own name, and out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reviewer_logs_in_decides_and_logs_out() -> Result<()> {
    let service = guarded(Database::sqlite()?).await?;
    let reviewer = token(
        &service.database,
        "carol",
        &[(Role::Reviewer, Some("pilot"))],
    )
    .await?;
    let browser = Browser::start().await?;
    let queue = format!("http://{}/studies/pilot/flags", service.console()?);
    browser.client.goto(&queue).await?;
    assert_eq!(browser.text("h1").await?, "Log in");
    let field = browser.find("input[name=token]").await?;
    field.send_keys("diel_wrong").await?;
    browser.follow("form.login button").await?;
    assert_eq!(
        browser.text("[role=alert]").await?,
        "This token is not known."
    );
    browser
        .find("input[name=token]")
        .await?
        .send_keys(&reviewer)
        .await?;
    browser.follow("form.login button").await?;
    assert_eq!(browser.text("h1").await?, "Queue");
    assert!(browser.text(".visitor").await?.contains("carol"));

    browser.press('j').await?;
    browser.press('o').await?;
    browser.find("[data-decide]").await?;
    browser.press('m').await?;
    browser
        .find("textarea")
        .await?
        .send_keys("two more days")
        .await?;
    browser.follow("[data-decide] button").await?;
    browser.find(".notice.good").await?;
    let history = browser.text("#history").await?;
    assert!(
        history.contains("carol") && history.contains("two more days"),
        "{history}"
    );

    browser.follow(".visitor button").await?;
    assert_eq!(browser.text("h1").await?, "Log in");
    browser.client.goto(&queue).await?;
    assert_eq!(browser.text("h1").await?, "Log in");
    browser.close().await?;
    service.stop().await;
    Ok(())
}

/// A page as somebody sees it, with the key and the etag of its form.
async fn seen(service: &TestService, path: &str, cookie: &str) -> Result<(String, String, String)> {
    let headers = [("cookie", cookie)];
    let page = http::send(service.console()?, "GET", path, &headers, "").await?;
    assert_eq!(page.status, 200, "{}", page.text());
    Ok((page.text(), page.field("key")?, page.field("etag")?))
}

/// One reviewer holds a flag; another sees who, cannot hold it without taking it over, and says why; a form of the one
/// is not the other's.
#[tokio::test]
async fn a_flag_is_held_by_one_reviewer_at_a_time() -> Result<()> {
    let service = guarded(Database::sqlite()?).await?;
    let console = service.console()?;
    let roles = [(Role::Reviewer, Some("pilot"))];
    let carol = format!(
        "diel_session={}",
        token(&service.database, "carol", &roles).await?
    );
    let dan = format!(
        "diel_session={}",
        token(&service.database, "dan", &roles).await?
    );
    let headers = [("cookie", carol.as_str())];
    let queue = http::send(console, "GET", "/studies/pilot/flags", &headers, "").await?;
    let queue = queue.text();
    let (_, rest) = queue
        .split_once("href=\"/studies/pilot/flags/")
        .context("a flag")?;
    let path = format!(
        "/studies/pilot/flags/{}",
        rest.split('"').next().unwrap_or_default()
    );

    let (text, key, etag) = seen(&service, &path, &carol).await?;
    assert!(text.contains("Held by nobody"), "{text}");
    let form = format!("key={key}&etag={etag}");
    let stolen = http::post(
        console,
        &format!("{path}/claim"),
        &[("cookie", &dan)],
        &form,
    )
    .await?;
    assert_eq!(stolen.status, 403, "a form of somebody else");
    let held = http::post(
        console,
        &format!("{path}/claim"),
        &[("cookie", &carol)],
        &form,
    )
    .await?;
    assert_eq!(held.status, 303, "{}", held.text());

    let (text, key, etag) = seen(&service, &path, &dan).await?;
    assert!(text.contains("Held by <strong>carol</strong>"), "{text}");
    let form = format!("key={key}&etag={etag}");
    let refused = http::post(
        console,
        &format!("{path}/claim"),
        &[("cookie", &dan)],
        &form,
    )
    .await?;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let form = format!("{form}&take_over=yes&reason=carol+is+away");
    let taken = http::post(
        console,
        &format!("{path}/claim"),
        &[("cookie", &dan)],
        &form,
    )
    .await?;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let (text, key, etag) = seen(&service, &path, &dan).await?;
    assert!(
        text.contains("Let it go") && text.contains("carol is away"),
        "{text}"
    );
    let form = format!("key={key}&etag={etag}");
    let freed = http::post(
        console,
        &format!("{path}/release"),
        &[("cookie", &dan)],
        &form,
    )
    .await?;
    assert_eq!(freed.status, 303, "{}", freed.text());
    service.stop().await;
    Ok(())
}
