#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use diel_core::{Unit, Verdict};
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::{Document, Node};

use super::*;

/// A person whose numbers were worked by hand: mean -0.02, sd 0.02 and a threshold of -0.05 make
/// P(flatter) = Phi(1.5) = 0.9332.
fn flagged() -> PersonPicture {
    let sample = |hours: f64, nmol_per_l: f64, kind, used| SamplePoint {
        hours,
        nmol_per_l,
        kind,
        used,
        note: if used {
            String::new()
        } else {
            "awakening response".to_owned()
        },
    };
    let day = |label: &str, scale: f64| DayCurve {
        label: label.to_owned(),
        samples: vec![
            sample(0.0, 6.0 * scale, SampleKind::Exact, true),
            sample(0.5, 8.5 * scale, SampleKind::Exact, false),
            sample(4.0, 5.5 * scale, SampleKind::Exact, true),
            sample(9.0, 5.0 / scale, SampleKind::Exact, true),
            sample(15.0, 4.4, SampleKind::Exact, true),
        ],
    };
    let mut days = vec![
        day("2026-03-02", 1.0),
        day("2026-03-03", 1.3),
        day("2026-03-04", 0.8),
    ];
    days[2].samples[4] = sample(15.5, 0.53, SampleKind::Below, true);
    let curve = |intercept: f64, slope: f64, half: f64| {
        (0..=16)
            .map(|hour| {
                let hours = f64::from(hour);
                let middle_ln = intercept + slope * hours;
                CurvePoint {
                    hours,
                    middle_ln,
                    lower_ln: middle_ln - half,
                    upper_ln: middle_ln + half,
                }
            })
            .collect()
    };
    PersonPicture {
        title: "Pilot".to_owned(),
        participant: "P-017".to_owned(),
        days,
        fitted: curve(1.75, -0.02, 0.3),
        reference_band: curve(1.63, -0.0965, 0.8),
        posterior: Some(PosteriorSlope {
            slope_ln_per_h: -0.02,
            sd_ln_per_h: 0.02,
            lower_ln_per_h: -0.0592,
            upper_ln_per_h: 0.0192,
            threshold_ln_per_h: -0.05,
            probability_flat: 0.9332,
        }),
        verdict: Verdict::FlatForReview,
        unit: Unit::NmolPerL,
        simulated: true,
    }
}

fn with_class<'a>(document: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
    let is = |node: &Node<'_, '_>| node.attribute("class") == Some(class);
    document.descendants().filter(is).collect()
}

fn texts(document: &Document<'_>) -> Vec<String> {
    let text = |node: Node<'_, '_>| {
        node.has_tag_name("text")
            .then(|| node.text().unwrap_or_default().to_owned())
    };
    document.descendants().filter_map(text).collect()
}

#[test]
fn the_message_stands_in_words_too() {
    let svg = profile_svg(&flagged());
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    assert_eq!(
        root.attribute("aria-labelledby"),
        Some("diel-title diel-desc")
    );
    let description = document
        .descendants()
        .find(|node| node.has_tag_name("desc"))
        .unwrap();
    assert_eq!(description.attribute("id"), Some("diel-desc"));
    assert_eq!(
        description.text().unwrap(),
        "Simulated data. Salivary cortisol in nmol/L against hours since awakening, 15 samples on 3 days: 12 used, \
         3 left out, 1 beyond a limit. Posterior slope \u{2212}0.020 ln(nmol/L) per hour, 95 % interval \
         \u{2212}0.059 to 0.019; threshold \u{2212}0.050. Flatter than the threshold with probability 0.93: a reason \
         to look again."
    );
}

#[test]
fn each_sample_is_drawn_once_in_the_shape_of_its_kind() {
    let svg = profile_svg(&flagged());
    let document = Document::parse(&svg).unwrap();
    assert_eq!(with_class(&document, "sample").len(), 15);
    let inside = |class: &str| {
        let in_group = |node: &Node<'_, '_>| {
            node.parent().and_then(|parent| parent.attribute("class")) == Some("sample")
        };
        with_class(&document, class)
            .into_iter()
            .filter(in_group)
            .map(|node| node.tag_name().name())
            .collect::<Vec<_>>()
    };
    assert_eq!(inside("used"), vec!["circle"; 11]);
    assert_eq!(inside("left-out"), vec!["circle"; 3]);
    assert_eq!(inside("censored"), vec!["polygon"]);
}

#[test]
fn a_left_out_sample_says_why() {
    let svg = profile_svg(&flagged());
    assert!(
        svg.contains("2026-03-02, 0.50 h: 8.5 nmol/L, left out of the slope (awakening response)")
    );
    assert!(svg.contains("2026-03-04, 15.50 h: below 0.53 nmol/L, used in the slope"));
}

#[test]
fn the_logarithmic_axis_puts_equal_ratios_at_equal_distances() {
    let mut picture = flagged();
    let at = |nmol_per_l: f64| SamplePoint {
        hours: 1.0,
        nmol_per_l,
        kind: SampleKind::Exact,
        used: true,
        note: String::new(),
    };
    picture.days = vec![DayCurve {
        label: "d".to_owned(),
        samples: vec![at(2.0), at(4.0), at(8.0)],
    }];
    let svg = profile_svg(&picture);
    let document = Document::parse(&svg).unwrap();
    let y: Vec<f64> = with_class(&document, "sample")
        .iter()
        .map(|group| {
            group
                .children()
                .find(|node| node.has_tag_name("circle"))
                .unwrap()
                .attribute("cy")
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    assert!(
        y[0] > y[1] && ((y[0] - y[1]) - (y[1] - y[2])).abs() < 0.02,
        "{y:?}"
    );
}

#[test]
fn labels_cannot_break_the_document() {
    let mut picture = flagged();
    let evil = "</title><script>alert(1)</script>&\"'\u{0}\u{1f}\u{ffff}";
    picture.title = evil.to_owned();
    picture.participant = evil.to_owned();
    picture.days[0].label = evil.to_owned();
    picture.days[0].samples[0].note = evil.to_owned();
    let svg = profile_svg(&picture);
    let document = Document::parse(&svg).unwrap();
    assert!(
        document
            .descendants()
            .all(|node| !node.has_tag_name("script"))
    );
    assert!(document.descendants().any(|node| {
        node.text()
            .is_some_and(|text| text.contains("<script>alert(1)</script>&\"'"))
    }));
}

#[test]
fn numbers_that_are_not_finite_are_not_drawn() {
    let mut picture = flagged();
    picture.days[0].samples[0].nmol_per_l = f64::NAN;
    picture.days[0].samples[1].hours = f64::INFINITY;
    picture.fitted[3].upper_ln = f64::NAN;
    picture.reference_band[0].hours = f64::NEG_INFINITY;
    for broken in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        picture.posterior.as_mut().unwrap().sd_ln_per_h = broken;
        let svg = profile_svg(&picture);
        let document = Document::parse(&svg).unwrap();
        assert!(
            !svg.contains("NaN") && !svg.contains("inf"),
            "a coordinate is not a number"
        );
        assert_eq!(with_class(&document, "sample").len(), 13);
        assert!(texts(&document).contains(&"no posterior: not judged".to_owned()));
    }
}

#[test]
fn a_zero_lies_on_the_lower_edge() {
    let mut picture = flagged();
    picture.days[0].samples[4].nmol_per_l = 0.0;
    let svg = profile_svg(&picture);
    assert!(svg.contains("2026-03-02, 15.00 h: 0 nmol/L"));
    assert!(svg.contains("cy=\"408\""));
}

#[test]
fn without_a_posterior_nothing_is_claimed() {
    let mut picture = flagged();
    picture.posterior = None;
    picture.fitted.clear();
    picture.verdict = Verdict::InsufficientData;
    picture.days.clear();
    let svg = profile_svg(&picture);
    let document = Document::parse(&svg).unwrap();
    let texts = texts(&document);
    assert!(texts.iter().any(|text| text.starts_with("Not judged")));
    assert!(texts.iter().all(|text| !text.contains("probability")));
}

#[test]
fn the_axis_speaks_the_unit_of_the_study() {
    let mut picture = flagged();
    picture.unit = Unit::UgPerDl;
    let svg = profile_svg(&picture);
    let document = Document::parse(&svg).unwrap();
    let texts = texts(&document);
    assert!(texts.contains(&"salivary cortisol, ug/dL (log scale)".to_owned()));
    // 8.5 nmol/L / 27.589 = 0.308 ug/dL, worked by hand.
    assert!(svg.contains("0.50 h: 0.31 ug/dL"));
}

#[test]
fn simulated_data_are_marked_and_measured_ones_are_not() {
    let mut picture = flagged();
    assert!(profile_svg(&picture).contains(">simulated data</text>"));
    picture.simulated = false;
    assert!(!profile_svg(&picture).to_lowercase().contains("simulated"));
}

#[test]
fn the_png_has_the_size_asked_for_and_shows_something() {
    let bytes = png(&profile_svg(&flagged()), 460).unwrap();
    let pixels = Pixmap::decode_png(&bytes).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (460, 270));
    let share = |is: fn(u8, u8, u8) -> bool| {
        let hits = pixels
            .pixels()
            .iter()
            .filter(|pixel| is(pixel.red(), pixel.green(), pixel.blue()))
            .count();
        hits as f64 / pixels.pixels().len() as f64
    };
    let paper = share(|r, g, b| (r, g, b) == (255, 255, 255));
    let orange = share(|r, g, b| i32::from(r) - i32::from(b) > 60 && r > g);
    assert!((0.3..0.95).contains(&paper), "paper {paper}");
    assert!(orange > 0.01, "the shaded probability is missing: {orange}");
}

#[test]
fn the_png_holds_letters() {
    let svg = |text: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"80\" height=\"20\"><text x=\"2\" y=\"15\">{text}</text></svg>"
        )
    };
    let inked = |text: &str| {
        let pixels = Pixmap::decode_png(&png(&svg(text), 80).unwrap()).unwrap();
        pixels
            .pixels()
            .iter()
            .filter(|pixel| pixel.alpha() > 128)
            .count()
    };
    assert_eq!(inked(""), 0);
    assert!(inked("ln \u{2212}0.05 \u{2192}") > 60);
}

#[test]
fn a_width_outside_the_range_is_refused() {
    let svg = profile_svg(&flagged());
    for width_px in [0, MAX_WIDTH_PX + 1] {
        assert!(
            matches!(png(&svg, width_px), Err(PictureError::Width { width_px: refused }) if refused == width_px)
        );
    }
    assert!(matches!(
        png("not a picture", 100),
        Err(PictureError::Svg(_))
    ));
}
