//! axe-core: does a page keep the rules of accessibility that a program can check?

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};

use super::browser::Browser;

/// The version whose rules the pages are held to.
const PACKAGE: &str = "axe-core@4.14.1";
const MISSING: &str = "axe-core comes from the npm registry and is needed to run these tests; they are never skipped. \
    On Debian: apt-get install npm, and the registry must be reachable once";

/// The program's text, fetched once and kept below the target folder.
fn source() -> Result<&'static str> {
    static SOURCE: OnceLock<Result<String, String>> = OnceLock::new();
    let kept = SOURCE.get_or_init(|| fetched().map_err(|error| format!("{error:#}")));
    kept.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn fetched() -> Result<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE);
    let file = folder.join("package/axe.min.js");
    if !file.exists() {
        std::fs::create_dir_all(&folder)?;
        run(
            Command::new("npm").args(["pack", PACKAGE, "--silent"]),
            &folder,
        )?;
        let archive = format!("{}.tgz", PACKAGE.replace('@', "-"));
        run(Command::new("tar").args(["-xzf", &archive]), &folder)?;
    }
    std::fs::read_to_string(&file).context(MISSING)
}

fn run(command: &mut Command, folder: &Path) -> Result<()> {
    let output = command.current_dir(folder).output().context(MISSING)?;
    ensure!(
        output.status.success(),
        "{MISSING}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// The page at hand has no violation that axe-core calls serious or critical; a lesser one is printed.
#[expect(
    clippy::print_stderr,
    reason = "for whoever reads the log of the suite"
)]
pub(super) async fn check(browser: &Browser, what: &str) -> Result<()> {
    const ASK: &str = "const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ['violations']}).then(
            (found) => done(found.violations.map((v) => ({
                id: v.id, impact: v.impact, help: v.help, where: v.nodes.slice(0, 3).map((n) => n.target.join(' '))
            }))),
            (error) => done(String(error)));";
    browser.client.execute(source()?, Vec::new()).await?;
    let found = browser.client.execute_async(ASK, Vec::new()).await?;
    let violations = found
        .as_array()
        .with_context(|| format!("{what}: axe-core said {found}"))?;
    let serious: Vec<_> = violations
        .iter()
        .filter(|violation| matches!(violation["impact"].as_str(), Some("serious" | "critical")))
        .collect();
    ensure!(serious.is_empty(), "{what}: {serious:#?}");
    for violation in violations {
        eprintln!("{what}: {violation}");
    }
    Ok(())
}
