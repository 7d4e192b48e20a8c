//! A sample of a protocol, as people write it.

use std::str::FromStr;

use diel_client::v1;
use diel_client::v1::protocol_sample::Due;

/// `LABEL=DUE[,EARLY,LATE]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampleText(pub(super) v1::ProtocolSample);

impl FromStr for SampleText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule =
            "write LABEL=DUE[,EARLY,LATE], such as S2=wake+30 or S4=16:00,30,30 or S5=bedtime";
        let (label, rest) = text.rsplit_once('=').ok_or(rule)?;
        let mut parts = rest.split(',').map(str::trim);
        let due = due(parts.next().unwrap_or_default()).ok_or(rule)?;
        let tolerance: Vec<f64> = parts
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| rule)?;
        let (early, late) = match tolerance.as_slice() {
            [] => (None, None),
            [early, late] => (Some(*early), Some(*late)),
            _ => return Err(rule.to_owned()),
        };
        Ok(Self(v1::ProtocolSample {
            label: label.trim().to_owned(),
            due: Some(due),
            early_tolerance_minutes: early,
            late_tolerance_minutes: late,
        }))
    }
}

fn due(text: &str) -> Option<Due> {
    if text.eq_ignore_ascii_case("bedtime") {
        return Some(Due::Bedtime(true));
    }
    if let Some(minutes) = text.strip_prefix("wake+") {
        return minutes.parse().ok().map(Due::MinutesAfterAwakening);
    }
    text.contains(':').then(|| Due::ClockTime(text.to_owned()))
}

/// The same way back.
pub(super) fn due_text(sample: &v1::ProtocolSample) -> String {
    match &sample.due {
        Some(Due::MinutesAfterAwakening(minutes)) => format!("wake+{minutes}"),
        Some(Due::ClockTime(text)) => text.clone(),
        Some(Due::Bedtime(_)) => "bedtime".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn samples_are_read_and_written_back() {
        for (text, early, late) in [
            ("S1=wake+0", None, None),
            ("S4=16:00,30,45", Some(30.0), Some(45.0)),
            ("S5=bedtime", None, None),
        ] {
            let SampleText(sample) = text.parse().unwrap();
            let written = format!("{}={}", sample.label, due_text(&sample));
            assert!(text.starts_with(&written), "{text} is {written}");
            assert_eq!(sample.early_tolerance_minutes, early);
            assert_eq!(sample.late_tolerance_minutes, late);
        }
        for bad in ["S1", "S1=noon", "S1=wake+x", "S1=wake+0,5", "S1=wake+0,a,b"] {
            assert!(bad.parse::<SampleText>().is_err(), "{bad}");
        }
    }
}
