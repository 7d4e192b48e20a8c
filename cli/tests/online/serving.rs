//! `diel serve`, and the absence of a service.

use std::fs;

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
        message.contains("0.0.0.0:0 is not a loopback address"),
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
        "whoami",
    ] {
        let help = run(diel().args([command, "--help"])).done().stdout;
        assert!(help.contains("Examples:"), "{command}");
    }
}
