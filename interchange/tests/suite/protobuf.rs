//! The same mapping by protobuf's own library for Python: what it writes is read, what is written it reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use diel_interchange::json;
use diel_proto::v1;

use super::json::request;

const PACKAGE: &str = "protobuf==6.33.2";
const MISSING: &str = "protobuf for Python comes from PyPI and is needed to run this test; it is never skipped. On Debian: \
    apt-get install python3-pip, and the registry must be reachable once";

/// Reads a file as JSON and writes it as bytes and as JSON again.
const SCRIPT: &str = "
import sys
from google.protobuf import descriptor_pb2, descriptor_pool, field_mask_pb2, json_format, message_factory, timestamp_pb2
pool = descriptor_pool.Default()
files = descriptor_pb2.FileDescriptorSet.FromString(open('descriptors.bin', 'rb').read())
for file in files.file:
    if file.package == 'diel.v1':
        pool.Add(file)
kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(sys.argv[1]))
message = json_format.Parse(open('ours.json').read(), kind())
open('theirs.bin', 'wb').write(message.SerializeToString())
open('theirs.json', 'w').write(json_format.MessageToJson(message))
";

/// The folder of the library, fetched once and kept below the target folder.
fn library() -> Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
    if !folder.join("google/protobuf/json_format.py").exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"])
            .args([folder.as_os_str()])
            .arg(PACKAGE);
        run(&mut pip)?;
    }
    Ok(folder)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().context(MISSING)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{MISSING}\n{said}");
    Ok(())
}

/// What the library makes of our JSON: the message, and its own JSON.
fn through_python(folder: &Path, name: &str, ours: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    fs::write(
        folder.join("descriptors.bin"),
        diel_proto::FILE_DESCRIPTOR_SET,
    )?;
    fs::write(folder.join("ours.json"), ours)?;
    let mut python = Command::new("python3");
    python
        .args(["-c", SCRIPT, name])
        .env("PYTHONPATH", library()?)
        .current_dir(folder);
    run(&mut python)?;
    Ok((
        fs::read(folder.join("theirs.bin"))?,
        fs::read(folder.join("theirs.json"))?,
    ))
}

#[test]
fn both_ways_it_is_the_same_message() -> Result<()> {
    use prost::Message as _;

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("protobuf-json");
    fs::create_dir_all(&folder)?;
    let request = request();
    let ours = json::write(&request)?;
    let (bytes, theirs) = through_python(&folder, "diel.v1.SubmitBatchRequest", &ours)?;
    assert_eq!(v1::SubmitBatchRequest::decode(bytes.as_slice())?, request);
    assert_eq!(json::read::<v1::SubmitBatchRequest>(&theirs)?, request);

    let rhythm = v1::Rhythm {
        name: "studies/pilot/participants/P-1/rhythm".to_owned(),
        slope_ln_per_h: Some(-0.1 - 0.2),
        probability_flat: Some(0.0),
        verdict: v1::Verdict::FlatForReview.into(),
        reasons: vec!["limit_hides_evening".to_owned()],
        ..v1::Rhythm::default()
    };
    let ours = json::write(&rhythm)?;
    let (bytes, theirs) = through_python(&folder, "diel.v1.Rhythm", &ours)?;
    assert_eq!(v1::Rhythm::decode(bytes.as_slice())?, rhythm);
    assert_eq!(json::read::<v1::Rhythm>(&theirs)?, rhythm);
    Ok(())
}
