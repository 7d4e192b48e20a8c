//! The queue of flags as a whole.

use diel_core::{FalseDiscovery, QueueSummary};
use diel_proto::v1 as pb;

/// A summary as a message.
pub(crate) fn to_proto(summary: &QueueSummary) -> pb::SummarizeFlagsResponse {
    pb::SummarizeFlagsResponse {
        flags: Some(discovery(summary.all())),
        groups: summary
            .groups()
            .map(|(group, flags)| pb::GroupFalseDiscovery {
                group: group.to_owned(),
                flags: Some(discovery(flags)),
            })
            .collect(),
        steps: summary
            .steps()
            .map(|step| pb::QueueStep {
                probability_flat: step.probability_flat,
                flags: Some(discovery(&step.so_far)),
            })
            .collect(),
    }
}

fn discovery(flags: &FalseDiscovery) -> pb::FalseDiscovery {
    pb::FalseDiscovery {
        flag_count: i64::try_from(flags.count()).unwrap_or(i64::MAX),
        expected_false_share: flags.expected_false_share(),
        expected_false_count: flags.expected_false_count(),
        expected_false_sd: flags.expected_false_sd(),
    }
}
