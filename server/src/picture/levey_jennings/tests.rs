#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use resvg::usvg::roxmltree::{Document, Node};

use super::*;

fn chart(readings: &[(&str, f64, &[&str], bool)]) -> ControlChart {
    ControlChart {
        title: "Pilot".to_owned(),
        control: "pool A low".to_owned(),
        target_nmol_per_l: Some((5.0, 0.5)),
        readings: readings
            .iter()
            .map(|(run, z, rules, rejected)| ControlReading {
                run: (*run).to_owned(),
                z: *z,
                rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
                rejected: *rejected,
            })
            .collect(),
    }
}

fn three() -> ControlChart {
    chart(&[
        ("plate 1", 0.5, &[], false),
        ("plate 2", -2.25, &["1_2s"], false),
        ("plate 3", 3.5, &["1_2s", "1_3s"], true),
    ])
}

fn with_class<'a>(document: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
    let is = |node: &Node<'_, '_>| node.attribute("class") == Some(class);
    document.descendants().filter(is).collect()
}

fn number_of(node: Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute).unwrap().parse().unwrap()
}

#[test]
fn each_reading_is_a_mark_between_the_lines_of_its_sd() {
    let text = control_chart_svg(&three());
    let document = Document::parse(&text).unwrap();
    assert_eq!(with_class(&document, "reading").len(), 3);
    // +3 SD and -3 SD, +2 SD and -2 SD, +1 SD and -1 SD, the mean.
    assert_eq!(with_class(&document, "threshold").len(), 2);
    assert_eq!(with_class(&document, "reference-middle").len(), 2);
    assert_eq!(with_class(&document, "grid").len(), 2);
    assert_eq!(with_class(&document, "axis").len(), 1);
    // 9 SD share 256 units: half an SD above the mean is 14.22 units up.
    let mean = number_of(with_class(&document, "axis")[0], "y1");
    let first = with_class(&document, "used")[0];
    assert!((mean - number_of(first, "cy") - 256.0 / 18.0).abs() < 0.01);
}

#[test]
fn broken_rules_differ_by_shape_and_stand_in_text() {
    let text = control_chart_svg(&three());
    let document = Document::parse(&text).unwrap();
    // One mark of each kind, and one in the legend.
    for class in ["used", "censored", "broken"] {
        assert_eq!(with_class(&document, class).len(), 2, "{class}");
    }
    let rules: Vec<_> = with_class(&document, "threshold-text")
        .iter()
        .map(|node| node.text().unwrap())
        .collect();
    assert_eq!(rules, ["1_2s", "1_2s 1_3s"]);
}

#[test]
fn the_message_stands_in_words() {
    let text = control_chart_svg(&three());
    assert!(text.contains("<title id=\"diel-title\">Pilot: control pool A low</title>"));
    assert!(
        text.contains("3 runs, 1 breaks a rule that asks for a look."),
        "{text}"
    );
    assert!(text.contains("Mean 5.0 nmol/L, SD 0.50 nmol/L."));
    assert!(text.contains("plate 3: 3.50 SD, breaks 1_2s, 1_3s."));
    assert!(text.contains("plate 2: \u{2212}2.25 SD, breaks 1_2s."));
    // The axis in nmol/L: 5 + 3 x 0.5.
    assert!(text.contains(">6.50<") && text.contains(">3.50<"));
}

#[test]
fn the_chart_of_a_page_says_the_same_and_brings_no_style() {
    let text = control_chart_inline("pool-a", &three());
    Document::parse(&text).unwrap();
    assert!(text.contains("aria-labelledby=\"pool-a-words\""));
    assert!(text.contains("Levey-Jennings chart of control pool A low."));
    assert!(!text.contains("<style>"));
}

#[test]
fn odd_input_still_makes_a_document() {
    let empty = control_chart_svg(&chart(&[]));
    assert!(empty.contains("0 runs, none breaks a rule"));
    let odd = chart(&[
        ("<&\"", f64::NAN, &[], false),
        ("far", 1.0e9, &["1_3s"], true),
    ]);
    let text = control_chart_svg(&odd);
    let document = Document::parse(&text).unwrap();
    assert_eq!(with_class(&document, "reading").len(), 1);
    assert!(!text.contains("NaN"));
}
