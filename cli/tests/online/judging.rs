//! `diel policy`.

use crate::command::Service;

/// The terms that `policy show` prints, by name.
fn terms(service: &Service, arguments: &[&str]) -> std::collections::HashMap<String, String> {
    let shown = service.rows(&[&["policy", "show", "--study", "pilot"], arguments].concat());
    shown
        .into_iter()
        .map(|row| (row["term"].clone(), row["value"].clone()))
        .collect()
}

#[test]
fn a_policy_is_looked_at_tried_and_changed() {
    let service = Service::with_samples();
    let before = terms(&service, &[]);
    assert_eq!(
        (before["version"].as_str(), before["min_samples"].as_str()),
        ("1", "0")
    );
    assert!(before["excluding"].contains("corticosteroids;pregnancy"));

    // B gave four samples a day outside the awakening response, on four days.
    let other = [
        "--study",
        "pilot",
        "--min-samples",
        "17",
        "--excluding",
        "none",
    ];
    let said = service.rows(&[&["policy", "preview"], &other[..]].concat());
    assert_eq!(said.len(), 1);
    assert_eq!(
        (
            said[0]["participant"].as_str(),
            said[0]["effect"].as_str(),
            said[0]["verdict_after"].as_str()
        ),
        ("B", "cleared", "INDETERMINATE")
    );
    assert!(said[0]["reasons_after"].contains("too_few_samples_to_flag"));
    let counts = service.rows(&[&["policy", "preview", "--counts"], &other[..]].concat());
    let cleared = counts
        .iter()
        .find(|row| row["what"] == "cleared flags")
        .unwrap();
    assert_eq!(cleared["count"], "1");
    let text = service
        .diel(&[&["policy", "preview"], &other[..]].concat())
        .done()
        .stdout;
    assert!(
        text.contains("2 of 2 participants: 0 new flags, 1 cleared flags"),
        "{text}"
    );
    assert_eq!(terms(&service, &[]), before, "a preview changes nothing");

    let set = service
        .diel(&[&["policy", "set", "--wait"], &other[..]].concat())
        .done()
        .stdout;
    assert!(
        set.contains("studies/pilot/policies/2 is in force; 2 participants were judged"),
        "{set}"
    );
    assert_eq!(
        service.rows(&["flags", "--study", "pilot"])[0]["state"],
        "withdrawn"
    );

    // What is not said stays; with --defaults it does not.
    service
        .diel(&["policy", "set", "--study", "pilot", "--probability", "0.9"])
        .done();
    let third = terms(&service, &[]);
    assert_eq!(
        (
            third["probability"].as_str(),
            third["min_samples"].as_str(),
            third["excluding"].as_str()
        ),
        ("0.9", "17", "none")
    );
    service
        .diel(&[
            "policy",
            "set",
            "--study",
            "pilot",
            "--defaults",
            "--second-review",
            "true",
        ])
        .done();
    let versions = service.rows(&["policy", "list", "--study", "pilot"]);
    let listed: Vec<_> = versions
        .iter()
        .map(|row| {
            (
                row["version"].as_str(),
                row["min_samples"].as_str(),
                row["second_review"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("4", "0", "true"),
            ("3", "17", "false"),
            ("2", "17", "false"),
            ("1", "0", "false")
        ]
    );
    assert_eq!(terms(&service, &["--number", "1"]), before);
}

#[test]
fn terms_that_break_a_rule_are_refused_with_the_rule() {
    let service = Service::with_samples();
    let set = |arguments: &[&str]| {
        service.diel(&[&["policy", "set", "--study", "pilot"], arguments].concat())
    };
    let message = set(&["--evening-limit-share", "1.5", "--min-age-years", "200"]).refused();
    for rule in [
        "policy.evening_limit_share: 1.5 of the valid days is more than 1",
        "policy.min_age_years: 200 years is more than 130",
    ] {
        assert!(message.contains(rule), "{message}");
    }
    let unknown = set(&["--excluding", "jetlag"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("known are corticosteroids"),
        "{}",
        unknown.stderr
    );
    assert_eq!(terms(&service, &[])["version"], "1");
}
