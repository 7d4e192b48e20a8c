//! `diel serve --access tokens`, `diel token`, `diel role` and `diel whoami`.

use std::fs;

use crate::command::{Service, diel, run};

/// Makes the first token into a file of the service's folder.
fn bootstrap(service: &Service) -> String {
    let database = format!("sqlite://{}", service.path("diel.db").display());
    let file = service.path("admin.token").display().to_string();
    let made = run(diel().args([
        "token",
        "bootstrap",
        "--database",
        &database,
        "--out",
        &file,
    ]))
    .done();
    assert!(made.stderr.contains("admin of all studies"), "{made:?}");
    assert!(!made.stdout.contains("diel_"), "{made:?}");
    file
}

#[test]
fn a_study_is_worked_on_with_tokens_from_the_first_to_the_last() {
    let service = Service::guarded();
    let turned_away = service.diel(&["study", "list"]).refused();
    assert!(turned_away.contains("TOKEN_MISSING"), "{turned_away}");

    let admin = bootstrap(&service);
    let as_admin = ["--token-file", &admin];
    let create = [
        "study",
        "create",
        "pilot",
        "--name",
        "Pilot",
        "--time-zone",
        "Europe/Berlin",
    ];
    service.diel(&[&create[..], &as_admin].concat()).done();
    let token = [
        "token", "create", "carol", "--role", "reviewer", "--study", "pilot", "--days", "30",
    ];
    let made = service.diel(&[&token[..], &as_admin].concat()).done();
    let carol = made.stdout.trim();
    assert!(carol.starts_with("diel_") && carol.len() == 69, "{made:?}");
    assert!(made.stderr.contains("reviewer in pilot"), "{made:?}");

    let by_carol = |arguments: &[&str]| {
        let mut command = diel();
        command.args(arguments).env("DIEL_SERVER", &service.url);
        run(command.env("DIEL_TOKEN", carol))
    };
    let shown = by_carol(&["whoami", "--format", "csv"]).done().stdout;
    assert_eq!(shown, "principal,role,study\ncarol,reviewer,pilot\n");
    by_carol(&["flags", "--study", "pilot"]).done();
    let file = service.write("samples.csv", &crate::command::samples());
    let denied = by_carol(&["submit", &file, "--study", "pilot"]).refused();
    assert!(
        denied.contains("ROLE_MISSING") && denied.contains("submitter"),
        "{denied}"
    );

    let grant = [
        "role",
        "grant",
        "carol",
        "--role",
        "submitter",
        "--study",
        "pilot",
    ];
    let granted = service.diel(&[&grant[..], &as_admin].concat()).done();
    assert_eq!(
        granted.stdout,
        "carol has submitter in pilot, reviewer in pilot\n"
    );
    by_carol(&["submit", &file, "--study", "pilot"]).done();
    let take = [
        "role",
        "take",
        "carol",
        "--role",
        "submitter",
        "--study",
        "pilot",
    ];
    service.diel(&[&take[..], &as_admin].concat()).done();
    let roles = service.rows(&[&["role", "list"][..], &as_admin].concat());
    let roles: Vec<_> = roles
        .iter()
        .map(|row| (row["principal"].as_str(), row["study"].as_str()))
        .collect();
    assert_eq!(roles, [("admin", "all studies"), ("carol", "pilot")]);

    let listed =
        service.rows(&[&["token", "list", "--principal", "carol"][..], &as_admin].concat());
    assert!(carol[5..].starts_with(&listed[0]["token"]) && listed[0]["revoked_at"].is_empty());
    service
        .diel(&[&["token", "revoke", &carol[..20]][..], &as_admin].concat())
        .done();
    let ended = by_carol(&["flags", "--study", "pilot"]).refused();
    assert!(ended.contains("TOKEN_REVOKED"), "{ended}");
}

#[cfg(unix)]
#[test]
fn a_token_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let service = Service::guarded();
    let file = bootstrap(&service);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let shown = service.diel(&["whoami", "--token-file", &file]).done();
    assert!(!shown.stderr.contains("warning"), "{shown:?}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let shown = service.diel(&["whoami", "--token-file", &file]).done();
    assert!(
        shown.stderr.contains("mode 644") && shown.stderr.contains("chmod 600"),
        "{shown:?}"
    );

    let database = format!("sqlite://{}", service.path("diel.db").display());
    let again = [
        "token",
        "bootstrap",
        "--database",
        &database,
        "--lost",
        "--out",
        &file,
    ];
    let refused = run(diel().args(again)).refused();
    assert!(refused.contains("exists already"), "{refused}");
    let refused = run(diel().args(&again[..4])).refused();
    assert!(refused.contains("say that it is lost"), "{refused}");
}

#[test]
fn where_roles_are_granted_has_to_be_said() {
    let refused = run(diel().args(["token", "create", "carol", "--role", "reviewer"])).refused();
    assert!(refused.contains("--all-studies"), "{refused}");
    for arguments in [
        &["role", "grant", "carol", "--role", "reviewer"][..],
        &[
            "role", "grant", "carol", "--role", "reader", "--study", "pilot",
        ],
        &["token", "create", "carol", "--study", "pilot"],
        &["token"],
    ] {
        assert_eq!(run(diel().args(arguments)).status, 2, "{arguments:?}");
    }
}
