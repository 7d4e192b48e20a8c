//! Effects of plates.

use diel_core::quality::{PlateEffectAbsence, PlateSample, plate_effect};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use crate::{assert_near, below, exact};

fn at_eight(values_ln: &[f64]) -> Vec<PlateSample> {
    let of_person = |(person, ln): (usize, &f64)| PlateSample {
        person,
        hour: 8.5,
        level: exact(ln.exp()),
    };
    values_ln.iter().enumerate().map(of_person).collect()
}

const OWN: [f64; 7] = [0.31, 0.52, 0.10, 0.95, 0.44, 0.27, 0.66];
const OTHERS: [f64; 12] = [
    -0.4, 0.1, 0.05, -0.15, 0.3, -0.02, 0.2, -0.6, 0.12, 0.0, 0.08, -0.1,
];

/// scipy 1.16: ttest_ind(own, others, equal_var=False, trim=0.2) gives t = 4.0314679 on 6.28484 degrees of freedom, p =
/// 0.00623833, which is z = 2.7349840; the trimmed means lie 0.43 apart.
#[test]
fn persons_are_compared_by_yuens_test() {
    let effect = plate_effect(&at_eight(&OWN), &at_eight(&OTHERS)).unwrap();
    assert_near(effect.effect_ln, 0.43, 1e-12);
    assert_near(effect.se_ln, 0.43 / 4.031_467_945_878, 1e-9);
    assert_near(effect.z, 2.734_984_012, 1e-7);
    assert_eq!((effect.persons, effect.other_persons), (7, 12));
    assert_near(effect.size_percent(), 53.7257, 1e-3);
}

#[test]
fn only_comparable_times_count() {
    let mut evening = at_eight(&OWN);
    evening.iter_mut().for_each(|sample| sample.hour = 22.0);
    let others = at_eight(&OTHERS);
    assert_eq!(
        plate_effect(&evening, &others),
        Err(PlateEffectAbsence::FewPersons)
    );
    assert_eq!(
        plate_effect(&at_eight(&OWN[..4]), &others),
        Err(PlateEffectAbsence::FewPersons)
    );
    // Nine samples in a band do not give it a centre.
    assert_eq!(
        plate_effect(&at_eight(&OWN), &at_eight(&OTHERS[..9])),
        Err(PlateEffectAbsence::FewPersons)
    );
    let one_person: Vec<_> = others
        .iter()
        .map(|sample| PlateSample {
            person: 0,
            ..*sample
        })
        .collect();
    assert_eq!(
        plate_effect(&at_eight(&OWN), &one_person),
        Err(PlateEffectAbsence::FewOtherPersons)
    );
    let same = at_eight(&[0.0; 12]);
    assert_eq!(
        plate_effect(&same, &same),
        Err(PlateEffectAbsence::NoSpread)
    );
}

#[test]
fn censored_samples_stand_at_their_limit_and_zeros_are_left_out() {
    let mut own = at_eight(&OWN);
    own.push(PlateSample {
        person: 0,
        hour: 8.2,
        level: exact(0.0),
    });
    own.push(PlateSample {
        person: 0,
        hour: f64::NAN,
        level: exact(90.0),
    });
    let plain = plate_effect(&at_eight(&OWN), &at_eight(&OTHERS)).unwrap();
    assert_eq!(plate_effect(&own, &at_eight(&OTHERS)), Ok(plain));
    own[2].level = below(0.10_f64.exp());
    assert_near(
        plate_effect(&own, &at_eight(&OTHERS)).unwrap().z,
        plain.z,
        1e-12,
    );
}

/// A study of 60 persons on other plates and 12 on this one, five samples each: persons differ by SD 0.5, samples by SD
/// 0.4, on the ln scale. The plate reads `shift` higher.
fn z_of_study(shift: f64, seed: &mut ChaCha8Rng) -> f64 {
    let mut normal = || -> f64 { StandardNormal.sample(&mut *seed) };
    let mut persons = |count: usize, shift: f64| -> Vec<PlateSample> {
        (0..count)
            .flat_map(|person| {
                let of_person = 0.5 * normal() + shift;
                let hours = [0.2, 0.7, 3.3, 9.4, 14.6];
                hours.map(|hour| PlateSample {
                    person,
                    hour,
                    level: exact((2.5 - 0.12 * hour + of_person + 0.4 * normal()).exp()),
                })
            })
            .collect()
    };
    let (own, others) = (persons(12, shift), persons(60, 0.0));
    plate_effect(&own, &others).unwrap().z
}

/// Share of studies in which |z| exceeds a bound.
fn share(shift: f64, bound: f64) -> f64 {
    let mut seed = ChaCha8Rng::seed_from_u64(20_261);
    let studies = 2_000;
    let beyond = (0..studies).filter(|_| z_of_study(shift, &mut seed).abs() > bound);
    beyond.count() as f64 / f64::from(studies)
}

#[test]
fn without_an_effect_z_is_about_a_standard_normal() {
    let (five, few) = (share(0.0, 1.96), share(0.0, 3.0));
    // Measured: 0.054 and 0.0035.
    assert!((0.035..0.065).contains(&five), "{five}");
    assert!(few <= 0.006, "{few}");
}

#[test]
fn a_plate_of_twelve_persons_finds_what_is_large() {
    let found = [1.25, 1.5, 2.0, 3.0].map(|factor| share(f64::ln(factor), 3.0));
    // Measured: 0.035, 0.1455, 0.5025, 0.923.
    let [quarter, _, twice, thrice] = found;
    assert!(quarter < 0.1 && twice > 0.5 && thrice > 0.9, "{found:?}");
}
