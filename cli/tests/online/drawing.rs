//! `diel plot`.

use std::fs;

use crate::command::Service;

#[test]
fn a_participant_is_drawn_as_svg_and_png() {
    let service = Service::with_samples();
    let draw = |name: &str| {
        let out = service.path(name);
        service
            .diel(&[
                "plot",
                "B",
                "--study",
                "pilot",
                "--out",
                &out.display().to_string(),
            ])
            .done();
        fs::read(out).unwrap()
    };
    let svg = String::from_utf8(draw("B.svg")).unwrap();
    assert!(
        svg.starts_with("<svg") || svg.starts_with("<?xml"),
        "{svg:.80}"
    );
    assert!(svg.contains("Pilot") && svg.contains("2026-03-02"));
    assert_eq!(draw("B.png")[..8], *b"\x89PNG\r\n\x1a\n");
}

#[test]
fn another_ending_and_an_unknown_participant_are_refused() {
    let service = Service::with_samples();
    let message = service
        .diel(&["plot", "B", "--study", "pilot", "--out", "B.gif"])
        .refused();
    assert!(message.contains(".svg or .png"), "{message}");
    let out = service.path("C.svg").display().to_string();
    let message = service
        .diel(&["plot", "C", "--study", "pilot", "--out", &out])
        .refused();
    assert!(
        message.contains("studies/pilot/participants/C") && message.contains("RESOURCE_NOT_FOUND"),
        "{message}"
    );
}
