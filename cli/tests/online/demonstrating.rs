//! `diel demo`.

use crate::command::{diel, run};

#[test]
fn the_demonstration_shows_rhythms_and_flags_with_their_reasons() {
    let run = run(diel().args(["demo", "--exit"])).done();
    assert!(
        run.stderr.contains("simulated") && run.stderr.contains("submitted"),
        "{}",
        run.stderr
    );
    for part in [
        "verdict",
        "FLAT_FOR_REVIEW",
        "NOT_FLAT",
        "flatter than the threshold",
        "valid days",
        "never a statement about a person",
    ] {
        assert!(
            run.stdout.contains(part),
            "`{part}` is not in: {}",
            run.stdout
        );
    }
}
