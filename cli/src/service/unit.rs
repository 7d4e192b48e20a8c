//! Units between messages and people.

use diel_client::v1;

/// The UCUM code of a unit; empty when none is stated.
pub(super) const fn ucum(unit: v1::ConcentrationUnit) -> &'static str {
    match unit {
        v1::ConcentrationUnit::Unspecified => "",
        v1::ConcentrationUnit::NmolPerL => "nmol/L",
        v1::ConcentrationUnit::UgPerDl => "ug/dL",
        v1::ConcentrationUnit::NgPerMl => "ng/mL",
        v1::ConcentrationUnit::UgPerL => "ug/L",
    }
}
