//! The presets, published as they are: provisional, each with what anchors it.

use std::sync::{Arc, LazyLock};

use super::{PopulationModel, Reference, ReferenceTerms};

/// A preset as it is written down here.
struct Preset {
    id: &'static str,
    population: &'static str,
    source: &'static str,
    min_age_years: f64,
    max_age_years: Option<f64>,
    intercept_ln: f64,
    slope_ln_per_h: f64,
    car_ln: f64,
    intercept_sd: f64,
    slope_sd: f64,
    correlation: f64,
    residual_sd: f64,
}

/// What all presets have in common.
const ASSEMBLED: Preset = Preset {
    id: "",
    population: "",
    source: "",
    min_age_years: 0.0,
    max_age_years: None,
    intercept_ln: 0.0,
    slope_ln_per_h: 0.0,
    car_ln: 0.0,
    intercept_sd: 0.0,
    slope_sd: 0.0,
    correlation: -0.5,
    residual_sd: 0.0,
};

/// Older versions come before newer ones of the same name.
const PRESETS: [Preset; 6] = [
    Preset {
        id: "adult-noisy@1",
        population: "adults, samples taken at home without electronic monitoring",
        source: "Variance components of a mixed model fitted to 31 healthy adults x 3 days x 4 samples \
                 (University of Colorado BIOS6624 class data, 353 samples).",
        min_age_years: 18.0,
        intercept_ln: 1.63,
        slope_ln_per_h: -0.0965,
        car_ln: 0.41,
        intercept_sd: 0.45,
        slope_sd: 0.055,
        correlation: -0.66,
        residual_sd: 0.70,
        ..ASSEMBLED
    },
    Preset {
        id: "adult-clean@1",
        population: "adults, verified sampling times and few outliers",
        source: "Assembled from published fixed effects of adult studies and the same mixed model without \
                 outliers.",
        min_age_years: 18.0,
        intercept_ln: 2.1,
        slope_ln_per_h: -0.105,
        car_ln: 0.40,
        intercept_sd: 0.40,
        slope_sd: 0.045,
        residual_sd: 0.50,
        ..ASSEMBLED
    },
    Preset {
        id: "adolescent@1",
        population: "adolescents of 12 to 18 years",
        source: "Fixed effects after 206 Latino adolescents (PMC6842693); variance components assumed.",
        min_age_years: 12.0,
        max_age_years: Some(18.0),
        intercept_ln: 1.8,
        slope_ln_per_h: -0.10,
        car_ln: 0.6,
        intercept_sd: 0.40,
        slope_sd: 0.045,
        residual_sd: 0.55,
        ..ASSEMBLED
    },
    Preset {
        id: "child@1",
        population: "children of 3 to 12 years; its anchors are 6 to 12 years old",
        source: "Morning levels after Heijsman 2011 and Tornhage; reliability after Rotenberg 2012 and \
                 Kertes 2012; the rest assumed.",
        min_age_years: 3.0,
        max_age_years: Some(12.0),
        intercept_ln: 2.15,
        slope_ln_per_h: -0.13,
        car_ln: 0.2,
        intercept_sd: 0.40,
        slope_sd: 0.04,
        residual_sd: 0.55,
        ..ASSEMBLED
    },
    Preset {
        id: "toddler@1",
        population: "toddlers of 1 to 3 years",
        source: "Shape after Watamura 2004; the plateau around the midday nap is not modelled; variance \
                 components assumed.",
        min_age_years: 1.0,
        max_age_years: Some(3.0),
        intercept_ln: 1.9,
        slope_ln_per_h: -0.10,
        intercept_sd: 0.45,
        slope_sd: 0.04,
        residual_sd: 0.65,
        ..ASSEMBLED
    },
    Preset {
        id: "infant@1",
        population: "infants under 1 year; its anchors are 3 to 11 months old",
        source: "Morning level and spread after 96 infants of a Buenos Aires study (geometric mean 5.46 nmol/L, \
                 geometric SD 2.15); the rest assumed.",
        min_age_years: 0.0,
        max_age_years: Some(1.0),
        intercept_ln: 1.7,
        slope_ln_per_h: -0.05,
        intercept_sd: 0.45,
        slope_sd: 0.05,
        residual_sd: 0.75,
        ..ASSEMBLED
    },
];

/// A test of the folder above holds that each keeps the rules of [`Reference::new`].
static REFERENCES: LazyLock<[Arc<Reference>; 6]> =
    LazyLock::new(|| PRESETS.map(|preset| Arc::new(preset.reference())));

impl Preset {
    fn reference(self) -> Reference {
        Reference {
            terms: ReferenceTerms {
                id: self.id.to_owned(),
                population: self.population.to_owned(),
                assay: String::new(),
                source: self.source.to_owned(),
                provisional: true,
                min_age_years: self.min_age_years,
                max_age_years: self.max_age_years,
                sex: None,
                model: PopulationModel {
                    intercept_ln: self.intercept_ln,
                    slope_ln_per_h: self.slope_ln_per_h,
                    car_ln: self.car_ln,
                    intercept_sd: self.intercept_sd,
                    slope_sd: self.slope_sd,
                    correlation: self.correlation,
                    residual_sd: self.residual_sd,
                },
                basis: None,
            },
        }
    }
}

pub(super) fn all() -> &'static [Arc<Reference>] {
    &*REFERENCES
}

/// The reference for an age in years; that of adults when none is recorded.
pub(super) fn for_age(age_years: Option<f64>) -> &'static Arc<Reference> {
    let [adult, _, adolescent, child, toddler, infant] = &*REFERENCES;
    match age_years {
        Some(age) if age < 1.0 => infant,
        Some(age) if age < 3.0 => toddler,
        Some(age) if age < 12.0 => child,
        Some(age) if age < 18.0 => adolescent,
        _ => adult,
    }
}
