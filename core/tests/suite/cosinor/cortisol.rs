//! Serum cortisol of 36 people every 2 h (R package assist, `horm.cort`), on the ln scale, time in hours.

use std::collections::BTreeMap;

use diel_core::cosinor::{Cosinor, Individual, PopulationCosinor, compare_populations};

use super::data_beside;
use crate::assert_near;

/// Recomputed in R 4.2.2 from `horm.cort`, all digits.
#[test]
fn subject_8001() {
    let ug_per_dl = [
        22.5, 13.5, 10.0, 10.0, 11.0, 11.3, 4.5, 2.4, 6.2, 2.7, 15.0, 17.0_f64,
    ];
    let values = ug_per_dl.map(f64::ln);
    let hours: Vec<f64> = (1..=12).map(|sample| f64::from(sample) * 2.0).collect();
    let cosinor = Cosinor::fit(&hours, &values).unwrap();
    let wave = &cosinor.waves[0];
    assert_near(cosinor.mesor, 2.15689032696, 1e-11);
    assert_near(wave.beta(), 0.379961766232, 1e-11);
    assert_near(wave.gamma(), 0.626235071522, 1e-11);
    assert_near(wave.amplitude(), 0.732489801023, 1e-11);
    assert_near(wave.acrophase_rad().unwrap(), 1.02543579511, 1e-11);
    assert_near(wave.peak_h().unwrap(), 3.9169, 5e-5);
    assert_near(wave.amplitude_se().unwrap(), 0.209091342359, 1e-11);
    assert_near(wave.acrophase_se_rad().unwrap(), 0.285452906057, 1e-11);
    assert_eq!(cosinor.residual_df, 9);
    assert_near(cosinor.zero_amplitude_f, 6.13622204985, 1e-10);
    assert_near(cosinor.zero_amplitude_p, 0.0208407350602, 1e-12);
    assert_near(cosinor.residual_square, 2.36083623027, 1e-11);
}

/// The individuals of each group.
fn groups() -> Option<BTreeMap<String, Vec<Individual>>> {
    let text = std::fs::read_to_string(data_beside("data/horm_cort.csv")?).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("subject,day,label,time,cortisol,unit,ln_cortisol,group")
    );
    let mut series: BTreeMap<(String, String), (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let (hours, values) = series
            .entry((cells[7].to_owned(), cells[0].to_owned()))
            .or_default();
        hours.push(cells[3].parse().unwrap());
        values.push(cells[6].parse().unwrap());
    }
    let mut groups: BTreeMap<String, Vec<Individual>> = BTreeMap::new();
    for ((group, _), (hours, values)) in series {
        let cosinor = Cosinor::fit(&hours, &values).unwrap();
        groups
            .entry(group)
            .or_default()
            .push(Individual::of(&cosinor));
    }
    Some(groups)
}

#[test]
fn groups_of_healthy_depressed_and_cushing_people() {
    let Some(groups) = groups() else { return };
    for (group, k, mesor, amplitude, peak_h, f, p, (least, greatest)) in [
        (
            "normal",
            9,
            1.637713836,
            0.829955936,
            4.2315,
            87.0193,
            1.14e-5,
            (0.497, 1.138),
        ),
        (
            "depression",
            11,
            1.845654155,
            0.723945325,
            4.2062,
            15.5465,
            0.00120,
            (0.466, 1.162),
        ),
        (
            "cushing",
            16,
            3.042738620,
            0.050409001,
            5.3771,
            3.9589,
            0.0434,
            (0.011, 0.254),
        ),
    ] {
        let individuals = &groups[group];
        let population = PopulationCosinor::of(individuals, 24.0).unwrap();
        assert_eq!(population.individuals, k);
        assert_near(population.mesor, mesor, 1e-9);
        assert_near(population.wave.amplitude(), amplitude, 1e-9);
        assert_near(population.wave.peak_h().unwrap(), peak_h, 5e-5);
        assert_near(population.zero_amplitude_f, f, 5e-5);
        assert_near(population.zero_amplitude_p / p, 1.0, 5e-3);
        let amplitudes = individuals.iter().map(|one| one.beta.hypot(one.gamma));
        let (lowest, highest) = amplitudes.fold((f64::MAX, 0.0_f64), |(lowest, highest), one| {
            (lowest.min(one), highest.max(one))
        });
        assert_near(lowest, least, 5e-4);
        assert_near(highest, greatest, 5e-4);
    }
}

/// A flat rhythm that is known to be flat: no amplitude of a person with Cushing's syndrome reaches any healthy one.
#[test]
fn amplitudes_of_cushing_and_healthy_people_do_not_overlap() {
    let Some(groups) = groups() else { return };
    let amplitudes = |group: &str| groups[group].iter().map(|one| one.beta.hypot(one.gamma));
    let highest = amplitudes("cushing").fold(0.0, f64::max);
    let lowest = amplitudes("normal").fold(f64::MAX, f64::min);
    assert!(highest < 0.255 && lowest > 0.496, "{highest} {lowest}");
    let population = |group: &str| PopulationCosinor::of(&groups[group], 24.0).unwrap();
    let (healthy, cushing) = (population("normal"), population("cushing"));
    let comparison = compare_populations(&healthy, &cushing).unwrap();
    assert!(comparison.mesor.difference < -1.0 && comparison.mesor.p < 1e-6);
    assert!(comparison.rhythm.p < 1e-4);
    let depressed = compare_populations(&healthy, &population("depression")).unwrap();
    assert!(depressed.acrophase.unwrap().p > 0.5 && depressed.amplitude.unwrap().p > 0.2);
}
