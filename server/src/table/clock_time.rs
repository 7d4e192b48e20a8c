//! Times of day as a clock on the wall shows them.

use super::instant::push_two;

/// `06:05` from hours after midnight, to the nearest minute; what rounds to midnight is `00:00`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond the range becomes its nearest end, and a day has 1440 minutes"
)]
#[must_use]
pub fn clock_time(hours_after_midnight: f64) -> String {
    let minutes = ((hours_after_midnight * 60.0).round() as i64).rem_euclid(24 * 60) as i32;
    let mut text = String::with_capacity(5);
    push_two(&mut text, minutes / 60);
    text.push(':');
    push_two(&mut text, minutes % 60);
    text
}

#[cfg(test)]
mod tests {
    use super::clock_time;

    #[test]
    fn minutes_round_and_days_wrap() {
        for (hours, text) in [
            (0.0, "00:00"),
            (6.09, "06:05"),
            (8.5, "08:30"),
            (23.99, "23:59"),
            (23.995, "00:00"),
            (24.0, "00:00"),
        ] {
            assert_eq!(clock_time(hours), text);
        }
    }
}
