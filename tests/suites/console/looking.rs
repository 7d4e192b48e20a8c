//! What pages look like: accessible, in light and dark, on a desk and on a telephone. Screenshots are kept.

use anyhow::Result;
use diel_tests::database::Database;

use super::axe;
use super::browser::Browser;
use super::people;

/// No page has a serious violation of what axe-core checks, in either scheme; no page is wider than a telephone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_read_by_everybody() -> Result<()> {
    let service = people::simulated(Database::sqlite()?).await?;
    let browser = Browser::start().await?;
    let home = format!("http://{}", service.console()?);
    let flag = people::flags(&service, "demo").await?.remove(0);
    let plate = people::failed_plate(&service, "demo").await?;
    let pages = [
        ("studies", "/studies".to_owned()),
        ("overview", "/studies/demo".to_owned()),
        ("queue", "/studies/demo/flags?states=all".to_owned()),
        ("flag", format!("/{}", flag.name)),
        ("participants", "/studies/demo/participants".to_owned()),
        (
            "participant",
            format!("/studies/demo/participants/{}", flag.participant),
        ),
        ("batches", "/studies/demo/batches".to_owned()),
        ("batch", format!("/{plate}")),
        ("refused", "/nowhere".to_owned()),
    ];
    for (name, path) in &pages {
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await?;
            browser.resize(1280, 900).await?;
            browser.client.goto(&format!("{home}{path}")).await?;
            browser.find("main h1").await?;
            axe::check(&browser, &format!("{name}, {scheme}")).await?;
            browser.keep(&format!("{name}-{scheme}")).await?;
            browser.resize(390, 844).await?;
            let wide = browser
                .client
                .execute("return document.documentElement.scrollWidth;", Vec::new())
                .await?;
            assert!(wide.as_u64() <= Some(390), "{name} is {wide} wide");
            browser.keep(&format!("{name}-{scheme}-phone")).await?;
        }
    }
    browser.close().await?;
    service.stop().await;
    Ok(())
}
