//! Colours and type, for light and dark readers.
//!
//! Against the paper, texts have a contrast of at least 4.5 to 1 and marks that carry meaning of at least 3 to 1, in
//! both schemes (WCAG 2.2, 1.4.3 and 1.4.11, level AA). No meaning rests on colour alone: kinds of samples differ by
//! shape.

/// The style sheet. The classes are named for what they mark; a page may restyle them.
pub(super) const STYLE: &str = "
text{font-family:'DejaVu Sans',Verdana,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px;fill:#1b1f24}
.paper{fill:#ffffff}
.heading{font-size:19px;font-weight:bold}
.verdict{font-size:14px}
.panel-title{font-size:13px;font-weight:bold}
.strong{font-weight:bold}
.muted{fill:#4b5563}
.note{fill:#4b5563;font-size:11px}
.centred,.axis-title{text-anchor:middle}
.at-end{text-anchor:end}
.badge{fill:#fff4e5;stroke:#9a3412;stroke-width:1.2}
.badge-text{fill:#9a3412;font-weight:bold;font-size:13px;text-anchor:middle}
.grid{stroke:#e5e9ee;stroke-width:1}
.axis{stroke:#4b5563;stroke-width:1}
.reference-band{fill:#e3e8ee}
.reference-middle{fill:none;stroke:#66717f;stroke-width:1.5;stroke-dasharray:2 4}
.person-band{fill:#0b5cad;fill-opacity:.16}
.person-curve{fill:none;stroke:#0b5cad;stroke-width:2.6}
.day{fill:none;stroke:#0b5cad;stroke-width:1;stroke-opacity:.45}
.used{fill:#0b5cad;stroke:#ffffff;stroke-width:1}
.censored{fill:#ffffff;stroke:#0b5cad;stroke-width:1.8}
.left-out{fill:#ffffff;stroke:#66717f;stroke-width:1.5}
.broken{fill:#9a3412;stroke:#ffffff;stroke-width:1}
.density{fill:#0b5cad;fill-opacity:.10;stroke:none}
.density-line{fill:none;stroke:#0b5cad;stroke-width:2}
.probability{fill:#c2410c;fill-opacity:.42}
.threshold{stroke:#9a3412;stroke-width:2;stroke-dasharray:6 3}
.threshold-text{fill:#9a3412;font-weight:bold;text-anchor:middle}
.interval{stroke:#0b5cad;stroke-width:4}
.whisker{stroke:#0b5cad;stroke-width:2}
.histogram{fill:#0b5cad;fill-opacity:.72}
.median{stroke:#1b1f24;stroke-width:1.5}
.bar-ground{fill:#e3e8ee}
.bar{fill:#0b5cad}
@media (prefers-color-scheme:dark){
text{fill:#e8ebef}
.paper{fill:#14181d}
.muted,.note{fill:#b3bdc9}
.badge{fill:#3a2413;stroke:#ffb38a}
.badge-text{fill:#ffb38a}
.grid{stroke:#262d35}
.axis{stroke:#b3bdc9}
.reference-band{fill:#2b333d}
.reference-middle{stroke:#9aa6b4}
.person-band{fill:#7cc0ff;fill-opacity:.22}
.person-curve,.day,.density-line,.interval,.whisker{stroke:#7cc0ff}
.used{fill:#7cc0ff;stroke:#14181d}
.censored{fill:#14181d;stroke:#7cc0ff}
.left-out{fill:#14181d;stroke:#9aa6b4}
.broken{fill:#ffb38a;stroke:#14181d}
.density{fill:#7cc0ff;fill-opacity:.14}
.probability{fill:#ff9a62;fill-opacity:.5}
.threshold{stroke:#ffb38a}
.threshold-text{fill:#ffb38a}
.histogram,.bar{fill:#7cc0ff}
.median{stroke:#e8ebef}
.bar-ground{fill:#2b333d}
}
";

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::STYLE;

    /// The colour that a scheme's rules give a class, `.name` or an element; the last rule that names it holds.
    fn colour<'a>(rules: &'a str, selector: &str, property: &str) -> Option<&'a str> {
        let names = |rule: &&str| {
            rule.split('{')
                .next()
                .unwrap()
                .split(',')
                .any(|name| name.trim() == selector)
        };
        let value = |rule: &'a str| {
            let body = rule.split_once('{')?.1;
            body.split(';')
                .find_map(|line| line.strip_prefix(property)?.strip_prefix(':'))
        };
        rules.split('}').filter(names).filter_map(value).next_back()
    }

    /// Relative luminance of #rrggbb, as WCAG 2.2 defines it.
    fn luminance(hex: &str) -> f64 {
        let channel = |from: usize| {
            let share =
                f64::from(u8::from_str_radix(hex.get(from..from + 2).unwrap(), 16).unwrap())
                    / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-12);
        // The best known boundary case of level AA.
        assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.005);
    }

    #[test]
    fn texts_and_marks_can_be_read_in_both_schemes() {
        let (light, dark) = STYLE
            .split_once("@media (prefers-color-scheme:dark){")
            .unwrap();
        for rules in [light, dark] {
            let paper = colour(rules, ".paper", "fill").unwrap();
            let badge = colour(rules, ".badge", "fill").unwrap();
            for (selector, ground) in [
                ("text", paper),
                (".muted", paper),
                (".note", paper),
                (".threshold-text", paper),
                (".badge-text", badge),
            ] {
                let ratio = contrast(colour(rules, selector, "fill").unwrap(), ground);
                assert!(ratio >= 4.5, "{selector} on {ground}: {ratio:.2}");
            }
            let band = colour(rules, ".reference-band", "fill").unwrap();
            for selector in [
                ".person-curve",
                ".reference-middle",
                ".left-out",
                ".censored",
            ] {
                for ground in [paper, band] {
                    let ratio = contrast(colour(rules, selector, "stroke").unwrap(), ground);
                    assert!(ratio >= 3.0, "{selector} on {ground}: {ratio:.2}");
                }
            }
            for selector in [".threshold", ".density-line", ".interval", ".axis"] {
                let ratio = contrast(colour(rules, selector, "stroke").unwrap(), paper);
                assert!(ratio >= 3.0, "{selector}: {ratio:.2}");
            }
            for selector in [".used", ".broken"] {
                let ratio = contrast(colour(rules, selector, "fill").unwrap(), band);
                assert!(ratio >= 3.0, "{selector}: {ratio:.2}");
            }
        }
    }
}
