//! Times of a day's samples, `0,0.5,4,9,15`.

use std::str::FromStr;

/// Hours since awakening. Their order and range are checked by the plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schedule(Vec<f64>);

impl Schedule {
    pub(crate) fn hours(&self) -> &[f64] {
        &self.0
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hours = text.split(',').map(|hour| {
            hour.trim()
                .parse()
                .map_err(|_| format!("`{}` is not a number of hours", hour.trim()))
        });
        hours.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn hours_are_separated_by_commas() {
        assert_eq!("0, 0.5,15".parse(), Ok(Schedule(vec![0.0, 0.5, 15.0])));
        assert_eq!(
            "0;15".parse::<Schedule>(),
            Err("`0;15` is not a number of hours".to_owned())
        );
    }
}
