//! Numbers as a reader wants them.

/// The typographic minus: a hyphen before a digit is easily lost.
const MINUS: char = '\u{2212}';

/// A coordinate in user units, to a hundredth. What is not finite becomes 0: no drawing may hold "NaN".
pub(super) fn coordinate(value: f64) -> String {
    let rounded = if value.is_finite() {
        (value * 100.0).round() / 100.0
    } else {
        0.0
    };
    // Adding zero turns -0 into 0.
    format!("{}", rounded + 0.0)
}

/// A number with a fixed number of decimals and a typographic minus.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !is_zero {
        format!("{MINUS}{digits}")
    } else {
        digits
    }
}

/// A concentration to two or three figures: 12.3, 4.7, 0.33, 0.05.
pub(crate) fn concentration(value: f64) -> String {
    match value {
        v if !v.is_finite() => "unknown".to_owned(),
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 1.0 => format!("{v:.1}"),
        v if v >= 0.1 => format!("{v:.2}"),
        v if v > 0.0 => format!("{v:.2e}").replace('-', "\u{2212}"),
        _ => "0".to_owned(),
    }
}

/// The label of a tick, without trailing zeros.
pub(super) fn tick(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.strip_prefix('-') {
        Some("0") => "0".to_owned(),
        Some(digits) => format!("{MINUS}{digits}"),
        None => text.to_owned(),
    }
}

/// A probability to two decimals. The ends stay open: a posterior never says 0 or 1.
pub(crate) fn probability(value: f64) -> String {
    match value {
        v if !v.is_finite() => "unknown".to_owned(),
        v if v > 0.995 => "above 0.99".to_owned(),
        v if v < 0.005 => "below 0.01".to_owned(),
        v => format!("{v:.2}"),
    }
}
