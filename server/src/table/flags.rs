//! The table of flags: a row a flag, the most probable first.

use diel_proto::v1;

use super::{Column, Records, instant, reference, text_or_nothing};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::unshown("group"),
    Column::new("state"),
    Column::headed("probability_flat", "P(flat)"),
    Column::headed("posterior_slope_ln_per_h", "slope\nln/h"),
    Column::unshown("posterior_lower_ln_per_h"),
    Column::unshown("posterior_upper_ln_per_h"),
    Column::headed("threshold_ln_per_h", "threshold\nln/h"),
    Column::headed("valid_day_count", "days"),
    Column::unshown("sample_count"),
    Column::new("decision"),
    Column::headed("decision_reason", "because"),
    Column::headed("name", "flag"),
    Column::unshown("posterior_sd"),
    Column::unshown("reference_percentile"),
    Column::unshown("reliability"),
    Column::unshown("left_out_sample_count"),
    Column::unshown("reasons"),
    Column::unshown("reference"),
    Column::unshown("policy"),
    Column::unshown("digest"),
    Column::unshown("method"),
    Column::unshown("raised_at"),
    Column::unshown("updated_at"),
    Column::unshown("etag"),
    Column::headed("claimed_by", "held by"),
    Column::unshown("claimed_until"),
    Column::unshown("decisions"),
];

/// `open`, `awaiting-second`, `disputed`, `resolved`, `withdrawn`.
#[must_use]
pub fn state_text(flag: &v1::Flag) -> String {
    plain(flag.state().as_str_name(), "FLAG_STATE_")
}

/// `confirmed`, `dismissed`, `more-data`; empty when nobody has decided.
#[must_use]
pub fn decision_text(decision: v1::FlagDecision) -> String {
    match decision {
        v1::FlagDecision::Unspecified => String::new(),
        decision => plain(decision.as_str_name(), "FLAG_DECISION_"),
    }
}

/// `anna=dismissed;ben=confirmed`, oldest first.
fn decisions_text(decisions: &[v1::ReviewerDecision]) -> String {
    let texts: Vec<String> = decisions
        .iter()
        .map(|one| format!("{}={}", one.reviewer, decision_text(one.decision())))
        .collect();
    texts.join(";")
}

/// A value of an enum as it is written on the command line.
#[must_use]
pub fn plain(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_lowercase()
        .replace('_', "-")
}

/// Hands over the cells of a flag.
pub fn write(records: &mut dyn Records, flag: &v1::Flag) {
    let evidence = flag.evidence.clone().unwrap_or_default();
    let time = |time: &Option<prost_types::Timestamp>| {
        time.as_ref()
            .and_then(instant::utc_text)
            .unwrap_or_default()
    };
    records.text(&flag.participant);
    text_or_nothing(records, &flag.group);
    records.text(&state_text(flag));
    for number in [
        evidence.probability_flat,
        evidence.posterior_slope_ln_per_h,
        evidence.posterior_lower_ln_per_h,
        evidence.posterior_upper_ln_per_h,
        evidence.threshold_ln_per_h,
    ] {
        records.number(number);
    }
    records.integer(evidence.valid_day_count.into());
    records.integer(evidence.sample_count.into());
    text_or_nothing(records, &decision_text(flag.decision()));
    text_or_nothing(records, &flag.decision_reason);
    records.text(&flag.name);
    for number in [
        evidence.posterior_sd,
        evidence.reference_percentile,
        evidence.reliability,
    ] {
        records.number(number);
    }
    records.integer(evidence.left_out_sample_count.into());
    text_or_nothing(records, &evidence.reasons.join(";"));
    records.text(reference(&evidence.reference));
    for text in [&evidence.policy, &evidence.input_digest, &evidence.method] {
        text_or_nothing(records, text);
    }
    for text in [time(&flag.raise_time), time(&flag.update_time)] {
        text_or_nothing(records, &text);
    }
    records.text(&flag.etag);
    let claim = flag.claim.clone().unwrap_or_default();
    text_or_nothing(records, &claim.reviewer);
    text_or_nothing(records, &time(&claim.expire_time));
    text_or_nothing(records, &decisions_text(&flag.decisions));
    records.end_row();
}

#[cfg(test)]
mod tests {
    use diel_proto::v1;

    use super::*;
    use crate::table::{RecordFormat, RecordWriter};

    #[test]
    fn a_row_has_a_cell_a_column() {
        let mut records = RecordWriter::new(COLUMNS, RecordFormat::Csv);
        write(
            &mut records,
            &v1::Flag {
                participant: "P-1".to_owned(),
                etag: "e".to_owned(),
                ..Default::default()
            },
        );
        let row = String::from_utf8_lossy(&records.into_bytes()).into_owned();
        assert_eq!(row.matches(',').count() + 1, COLUMNS.len());
        assert!(row.starts_with("P-1,") && row.ends_with(",e,,,\n"), "{row}");
    }

    #[test]
    fn decisions_read_as_they_are_written_on_the_command_line() {
        assert_eq!(decision_text(v1::FlagDecision::MoreData), "more-data");
        assert_eq!(decision_text(v1::FlagDecision::Unspecified), "");
    }
}
