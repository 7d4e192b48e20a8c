//! Downloads: byte for byte what the command line prints.

use anyhow::{Context as _, Result};
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::process::diel;
use diel_tests::service::TestService;

use super::people;

async fn printed(service: &TestService, arguments: &[&str]) -> Result<Vec<u8>> {
    let mut command = std::process::Command::new(diel()?);
    command
        .args(arguments)
        .args(["--study", "demo", "--format", "csv"])
        .env("DIEL_SERVER", service.url());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    anyhow::ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

async fn same_as_printed(database: Database) -> Result<()> {
    let service = people::simulated(database).await?;
    let console = service.console()?;
    for (path, arguments) in [
        ("rhythms.csv", vec!["rhythms"]),
        ("profiles.csv", vec!["profiles"]),
        ("flags.csv", vec!["flags"]),
        (
            "rhythms.csv?verdicts=FLAT_FOR_REVIEW&verdicts=INDETERMINATE&min_slope_ln_per_h=-0.05",
            vec![
                "rhythms",
                "--verdict",
                "FLAT_FOR_REVIEW",
                "--verdict",
                "INDETERMINATE",
                "--min-slope",
                "-0.05",
            ],
        ),
        (
            "profiles.csv?valid_only=true",
            vec!["profiles", "--valid-only"],
        ),
        (
            "flags.csv?states=open&min_probability=0.9",
            vec!["flags", "--state", "open", "--min-probability", "0.9"],
        ),
    ] {
        let download = http::get(console, &format!("/studies/demo/{path}")).await?;
        assert_eq!(download.status, 200, "{}", download.text());
        let kind = download.header("content-type").context("a kind")?;
        assert!(kind.starts_with("text/csv"), "{kind}");
        let expected = printed(&service, &arguments).await?;
        assert!(
            download.body == expected,
            "{path} differs from {arguments:?}"
        );
        assert!(download.text().lines().count() > 1, "{path} has no row");
    }
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_are_what_the_command_line_prints_on_sqlite() -> Result<()> {
    same_as_printed(Database::sqlite()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_are_what_the_command_line_prints_on_postgres() -> Result<()> {
    same_as_printed(Database::postgres().await?).await
}

#[tokio::test]
async fn a_misspelt_filter_is_refused_in_a_plain_line() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let console = service.console()?;
    for (path, status, said) in [
        (
            "/studies/pilot/rhythms.csv?verdict=NOT_FLAT",
            400,
            "verdict: is not a parameter; did you mean verdicts?\n",
        ),
        (
            "/studies/pilot/profiles.csv?first_date=yesterday",
            400,
            "filter.first_date: \"yesterday\" is not a date of the form YYYY-MM-DD\n",
        ),
        (
            "/studies/none/flags.csv",
            404,
            "studies/none does not exist\n",
        ),
    ] {
        let answer = http::get(console, path).await?;
        assert_eq!((answer.status, answer.text().as_str()), (status, said));
    }
    service.stop().await;
    Ok(())
}
