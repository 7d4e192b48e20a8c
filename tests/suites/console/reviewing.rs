//! A whole review in a real browser.

use anyhow::Result;
use diel_tests::database::Database;
use fantoccini::key::Key;

use super::browser::Browser;
use super::people::{self, SCRIPT};

/// The queue, a flag, a decision by keys alone, its history; and a reason that is a script shows as text.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_is_played_by_keyboard() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let browser = Browser::start().await?;
    let home = format!("http://{}", service.console()?);

    browser.client.goto(&home).await?;
    assert_eq!(browser.text("h1").await?, "Studies");
    browser.press('j').await?;
    browser.press('o').await?;
    browser.find(".figures").await?;
    browser
        .client
        .goto(&format!("{home}/studies/pilot/flags"))
        .await?;
    assert_eq!(browser.count("tr[data-row]").await?, 2);

    browser.press('j').await?;
    browser.press('j').await?;
    browser.press('k').await?;
    let first = browser.text("tr.chosen th").await?;
    browser.press('o').await?;
    browser.find("figure .picture").await?;
    assert!(browser.text("h1").await?.starts_with(&first));
    assert_eq!(browser.count("figure .picture[role=img]").await?, 2);

    browser.press('d').await?;
    let reason = browser.find("textarea").await?;
    reason
        .send_keys("late samples <script>document.title = 'taken'</script>")
        .await?;
    browser
        .press_with(char::from(Key::Control), char::from(Key::Enter))
        .await?;
    assert!(browser.text("[role=status]").await?.starts_with("Stored."));
    assert!(
        browser
            .text(".state")
            .await?
            .starts_with("resolved: dismissed")
    );
    let history = browser.text("#history").await?;
    assert!(
        history.contains("dismissed late samples <script>document.title = 'taken'</script>"),
        "{history}"
    );
    assert_ne!(browser.client.title().await?, "taken");
    let flags = people::flags(&service, "pilot").await?;
    let decided: Vec<_> = flags.iter().filter(|flag| flag.decision != 0).collect();
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].participant, first);

    // The other flag is reached from here, and is the last.
    browser
        .client
        .goto(&format!("{home}/studies/pilot/flags"))
        .await?;
    assert_eq!(browser.count("tr[data-row]").await?, 1);
    browser.close().await?;
    service.stop().await;
    Ok(())
}

/// A code that is a script is a text everywhere: title, heading, picture, table, address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_is_a_script_is_shown_as_text() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let browser = Browser::start().await?;
    let home = format!("http://{}", service.console()?);
    browser
        .client
        .goto(&format!("{home}/studies/pilot/participants"))
        .await?;
    let link = browser.find("tr[data-row] a[href*='onerror']").await?;
    assert_eq!(link.text().await?, SCRIPT);
    browser.follow("tr[data-row] a[href*='onerror']").await?;
    browser.find("figure .picture").await?;
    assert_eq!(browser.text("h1").await?, SCRIPT);
    assert_eq!(
        browser.client.title().await?,
        format!("{SCRIPT} \u{b7} diel")
    );
    assert_eq!(browser.count("img").await?, 0);
    browser.follow(".heading a[href*='/flags/']").await?;
    browser.find("[data-decide]").await?;
    assert!(browser.text("h1").await?.starts_with(SCRIPT));
    assert_eq!(
        browser.client.title().await?,
        format!("{SCRIPT}, flag \u{b7} diel")
    );
    browser.close().await?;
    service.stop().await;
    Ok(())
}

/// Two tabs on one flag: the second to decide sees what the first decided, and loses nothing of what was typed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_tab_gets_the_conflict() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let browser = Browser::start().await?;
    let flag = people::flags(&service, "pilot").await?.remove(0);
    let address = format!("http://{}/{}", service.console()?, flag.name);

    browser.client.goto(&address).await?;
    let first = browser.client.window().await?;
    let second = browser.client.new_window(true).await?.handle;
    browser.client.switch_to_window(second.clone()).await?;
    browser.client.goto(&address).await?;

    browser.client.switch_to_window(first).await?;
    decide(&browser, 'c', "the days are sound").await?;
    browser.find(".notice.good").await?;

    browser.client.switch_to_window(second).await?;
    decide(&browser, 'd', "worked nights that week").await?;
    let conflict = browser.text("#conflict").await?;
    assert!(conflict.contains("local"), "{conflict}");
    assert!(
        conflict.contains("confirmed") && conflict.contains("the days are sound"),
        "{conflict}"
    );
    let kept = browser.find("textarea").await?.prop("value").await?;
    assert_eq!(kept.as_deref(), Some("worked nights that week"));
    let flags = people::flags(&service, "pilot").await?;
    let decided = flags.iter().find(|one| one.name == flag.name).unwrap();
    assert_eq!(decided.decision_reason, "the days are sound");
    browser.close().await?;
    service.stop().await;
    Ok(())
}

async fn decide(browser: &Browser, key: char, reason: &str) -> Result<()> {
    browser.find("[data-decide]").await?;
    browser.press(key).await?;
    browser.find("textarea").await?.send_keys(reason).await?;
    browser.find("[data-decide] button").await?.click().await?;
    Ok(())
}
