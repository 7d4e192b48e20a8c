//! What a person should look at before using a plate.

use crate::coded::coded;

coded! {
    /// A remark on a calibrated plate. Nothing is corrected or left out because of it.
    PlateRemark, "plate" {
        StandardRejected = "standard_rejected": "A standard does not give back its own concentration within the accepted recovery.",
        FewStandardsAccepted = "few_standards_accepted": "Fewer than three quarters of the standards above zero give back their own concentration.",
        LackOfFit = "lack_of_fit": "The standards lie farther from the curve than their replicates lie from each other.",
        AsymptoteExtrapolated = "asymptote_extrapolated": "The highest standard lies in the first half of the curve; the rest of it is extrapolated.",
        WeightsUnsettled = "weights_unsettled": "The weights of the responses went on changing with the curve; the last ones were taken.",
        EdgeEffect = "edge_effect": "Wells at the rim read other than their replicates inside, more than chance explains.",
        RowTrend = "row_trend": "Replicates differ along the rows of the plate, more than chance explains.",
        ColumnTrend = "column_trend": "Replicates differ along the columns of the plate, more than chance explains.",
    }
}
