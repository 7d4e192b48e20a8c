//! `diel serve`, and the absence of a service.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::command::{Service, diel, run};

#[test]
fn a_service_stops_in_good_order_when_asked() {
    assert_eq!(Service::start().terminate(), Some(0));
}

#[test]
fn others_than_this_machine_are_not_served() {
    let message = run(diel().args([
        "serve",
        "--listen",
        "0.0.0.0:0",
        "--database",
        "sqlite://never.db",
    ]))
    .refused();
    assert!(
        message.contains("listen = 0.0.0.0:0: is not a loopback address"),
        "{message}"
    );
}

#[test]
fn a_misspelt_setting_is_refused_with_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("diel.toml");
    fs::write(&file, "datbase = 'sqlite://x.db'").unwrap();
    let message = run(diel().arg("serve").arg("--config").arg(&file)).refused();
    assert!(
        message.contains("diel.toml") && message.contains("did you mean `database`?"),
        "{message}"
    );
}

#[test]
fn a_setting_of_the_wrong_kind_names_itself() {
    let message = run(diel().args(["serve", "--listen", "localhost:50151"])).refused();
    assert!(message.contains("--listen `localhost:50151`"), "{message}");
    let message = run(diel().args(["serve", "--database", "mysql://x"])).refused();
    assert!(message.contains("database"), "{message}");
}

#[test]
fn without_a_service_a_command_says_what_to_do() {
    let message = run(diel().args([
        "rhythms",
        "--study",
        "pilot",
        "--server",
        "http://127.0.0.1:1",
    ]))
    .refused();
    for part in ["http://127.0.0.1:1", "refused", "diel serve", "--server"] {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    let message = run(diel().args(["study", "list", "--server", "localhost"])).refused();
    assert!(message.contains("http://HOST:PORT"), "{message}");
}

#[test]
fn wrong_usage_leaves_with_2() {
    for arguments in [
        &["flags"][..],
        &["rhythms"],
        &["submit", "--study", "s"],
        &["study"],
        &["flags", "resolve", "x"],
    ] {
        assert_eq!(run(diel().args(arguments)).status, 2, "{arguments:?}");
    }
}

#[test]
fn every_command_has_examples() {
    for command in [
        "serve", "demo", "submit", "profiles", "rhythms", "flags", "plot", "token", "role",
        "whoami", "health",
    ] {
        let help = run(diel().args([command, "--help"])).done().stdout;
        assert!(help.contains("Examples:"), "{command}");
    }
}

#[test]
fn a_configuration_is_checked_without_opening_anything() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("diel.db");
    let file = folder.path().join("diel.toml");
    fs::write(&file, "web = 'off'\n[limits]\nreaders = 3").unwrap();
    let check = |variables: &[(&str, &str)]| {
        let mut command = diel();
        command.args(["serve", "--check-config", "--listen", "127.0.0.1:9"]);
        command.arg("--config").arg(&file);
        run(command.envs(variables.iter().copied()))
    };
    let url = format!("sqlite://{}", database.display());
    let shown = check(&[("DIEL_DATABASE", &url)]).done().stdout;
    let line = |key: &str| {
        let begin = format!("{key} = ");
        let mut lines = shown.lines();
        lines.find(|line| line.starts_with(&begin)).unwrap()
    };
    assert!(
        line("listen").ends_with("# command line --listen"),
        "{shown}"
    );
    assert!(
        line("database").ends_with("# environment DIEL_DATABASE"),
        "{shown}"
    );
    assert!(
        line("limits.readers").starts_with("limits.readers = 3 "),
        "{shown}"
    );
    assert!(line("limits.readers").contains("# file "), "{shown}");
    assert!(line("limits.batch_rows").ends_with("# default"), "{shown}");
    assert!(shown.contains("# tls.certificate is not set"), "{shown}");
    assert!(!database.exists(), "checking made a database");
    // What is printed is a configuration.
    fs::write(&file, &shown).unwrap();
    check(&[]).done();

    let said = check(&[
        ("DIEL_DATABASE", "postgres://diel:hunter2@db.example/diel"),
        ("DIEL_LIMITS_CALL_SECONDS", "0"),
        ("DIEL_TLS_CERTIFICATE", "nowhere.pem"),
    ])
    .refused();
    for part in [
        "2 settings cannot be used",
        "limits.call_seconds = 0: has to be 1 to 86400 (environment DIEL_LIMITS_CALL_SECONDS)",
        "tls.certificate and tls.key go together",
        "postgres://diel:***@db.example/diel",
    ] {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_certificate_and_a_key_that_do_not_match_are_named_before_a_start() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [("server.pem", "no certificate"), ("server.key", "no key")] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let mut command = diel();
    command.args(["serve", "--check-config"]);
    command.env("DIEL_TLS_CERTIFICATE", folder.path().join("server.pem"));
    command.env("DIEL_TLS_KEY", folder.path().join("server.key"));
    let said = run(&mut command).refused();
    assert!(
        said.contains("server.pem holds no certificate in PEM"),
        "{said}"
    );
}

#[test]
fn a_server_says_whether_it_takes_calls() {
    let service = Service::guarded();
    // No token is needed.
    assert_eq!(service.diel(&["health"]).done().stdout, "serving\n");
    let url = service.url.clone();
    assert_eq!(service.terminate(), Some(0));
    let message = run(diel().args(["health", "--server", &url])).refused();
    assert!(message.contains(&url), "{message}");
}

#[test]
fn a_supervisor_is_told_when_the_service_listens_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let told = || {
        let mut bytes = [0; 200];
        let length = supervisor.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let service = Service::start_for(&path);
    assert_eq!(
        told(),
        format!("READY=1\nSTATUS=listening on {}", service.url)
    );
    assert_eq!(service.terminate(), Some(0));
    assert!(told().starts_with("STOPPING=1\n"));
}

#[test]
fn a_supervisor_that_does_not_listen_is_no_reason_not_to_serve() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start_for(&folder.path().join("nobody"));
    service.diel(&["health"]).done();
}
