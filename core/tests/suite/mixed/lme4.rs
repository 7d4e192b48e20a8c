//! The fits of `lme4_reference.json` and `lme4_cohort_S.json`, polished there to the optimum.

use diel_core::mixed::{Criterion, Design, FitSettings, MixedFit, conditional_modes, fit};
use serde_json::Value;

use super::tables::{column, design, grouping, intercept, numbers, present, read, table};

fn pasted(left: &[String], right: &[String], by: &str) -> Vec<String> {
    left.iter()
        .zip(right)
        .map(|(left, right)| format!("{left}{by}{right}"))
        .collect()
}

/// The designs of the reference, by data and formula.
fn reference_design(data: &str, formula: &str) -> Design {
    let table = table(&format!("lme4_{data}.csv"));
    let number = |name: &str| numbers(&table[name]);
    let rows = table.values().next().expect("columns").len();
    let one = || intercept(rows);
    match data {
        "sleepstudy" => {
            let days = || column("Days", &number("Days"));
            let subject = grouping("Subject", &table["Subject"]);
            let random = match formula {
                "Reaction ~ Days + (Days | Subject)" => vec![(0, vec![one(), days()])],
                "Reaction ~ Days + (Days || Subject)" => vec![(0, vec![one()]), (0, vec![days()])],
                _ => vec![(0, vec![one()])],
            };
            design(
                number("Reaction"),
                vec![one(), days()],
                vec![subject],
                random,
            )
        }
        "Pastes" => {
            let batch = grouping("batch", &table["batch"]);
            let (groupings, random) = if formula.contains("batch/cask") {
                let cask = grouping("batch:cask", &pasted(&table["batch"], &table["cask"], ":"));
                (vec![cask, batch], vec![(0, vec![one()]), (1, vec![one()])])
            } else {
                (
                    vec![grouping("sample", &table["sample"])],
                    vec![(0, vec![one()])],
                )
            };
            design(number("strength"), vec![one()], groupings, random)
        }
        _ => {
            let age = number("age");
            let male: Vec<f64> = table["Sex"]
                .iter()
                .map(|sex| f64::from(u8::from(sex == "Male")))
                .collect();
            let both: Vec<f64> = age
                .iter()
                .zip(&male)
                .map(|(age, male)| age * male)
                .collect();
            let mut fixed = vec![one(), column("age", &age)];
            if formula.contains("Sex") {
                fixed.push(column("SexMale", &male));
            }
            if formula.contains('*') {
                fixed.push(column("age:SexMale", &both));
            }
            let slopes = if formula.contains("(age |") {
                vec![one(), column("age", &age)]
            } else {
                vec![one()]
            };
            design(
                number("distance"),
                fixed,
                vec![grouping("Subject", &table["Subject"])],
                vec![(0, slopes)],
            )
        }
    }
}

fn cohort_design(levels: &str) -> Design {
    let table = table("lme4_cohort_S.csv");
    let response: Vec<f64> = numbers(&table["cortisol_nmol_l"])
        .iter()
        .map(|value| value.ln())
        .collect();
    let hours: Vec<f64> = numbers(&table["minutes_since_waking"])
        .iter()
        .map(|value| value / 60.0)
        .collect();
    let car: Vec<f64> = table["sample"]
        .iter()
        .map(|label| f64::from(u8::from(label == "S2")))
        .collect();
    let (one, hours) = (intercept(response.len()), column("hours", &hours));
    let fixed = vec![one.clone(), hours.clone(), column("car", &car)];
    let subject = grouping("subject", &table["subject"]);
    let day = grouping(
        "subject:day",
        &pasted(&table["subject"], &table["day"], " "),
    );
    let of_subject = (0, vec![one.clone(), hours.clone()]);
    match levels {
        "2" => design(response, fixed, vec![subject], vec![of_subject]),
        "3" => design(
            response,
            fixed,
            vec![subject, day],
            vec![of_subject, (1, vec![one])],
        ),
        _ => design(
            response,
            fixed,
            vec![subject, day],
            vec![of_subject, (1, vec![one, hours])],
        ),
    }
}

fn fitted(design: &Design, method: &str) -> MixedFit {
    let criterion = if method == "REML" {
        Criterion::Reml
    } else {
        Criterion::Ml
    };
    let settings = FitSettings {
        criterion,
        ..FitSettings::default()
    };
    fit(design, &settings).expect("a fit")
}

fn close(what: &str, found: f64, expected: f64, relative: f64) {
    let scale = expected.abs().max(1e-3);
    assert!(
        (found - expected).abs() <= relative * scale,
        "{what}: {found} instead of {expected}"
    );
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Criterion, fixed effects, standard errors, variance components.
fn assert_equal(what: &str, fit: &MixedFit, exact: &Value) {
    let objective = number(&exact["criterion"]);
    assert!(fit.optimizer.converged, "{what}: {:?}", fit.optimizer);
    assert!(
        fit.objective <= objective + 1e-7,
        "{what}: {} instead of {objective}",
        fit.objective
    );
    for effect in &fit.fixed {
        close(
            what,
            effect.estimate,
            number(&exact["fixef"][&effect.name]),
            1e-6,
        );
        // R writes a lone standard error without its name.
        let se = exact["se"].get(0).unwrap_or(&exact["se"][&effect.name]);
        close(what, effect.se, number(se), 1e-5);
    }
    let components = exact["vc"].as_array().expect("components");
    for component in components {
        let expected = number(&component["sdcor"]);
        let (first, second) = (component["var1"].as_str(), component["var2"].as_str());
        let Some(first) = first else {
            close(what, fit.residual_sd, expected, 1e-5);
            continue;
        };
        let found = fit
            .random
            .iter()
            .filter(|effect| group_is(&effect.group, component["grp"].as_str().expect("a group")))
            .find_map(|effect| {
                let row = effect.terms.iter().position(|term| term == first)?;
                match second {
                    None => Some(effect.sd[row]),
                    Some(second) => {
                        let column = effect.terms.iter().position(|term| term == second)?;
                        Some(effect.correlation[(row, column)])
                    }
                }
            });
        let found = found
            .unwrap_or_else(|| panic!("{what}: no {first} {second:?} of {}", component["grp"]));
        close(
            what,
            found,
            expected,
            if second.is_some() { 1e-4 } else { 1e-5 },
        );
    }
}

/// lme4 numbers the terms of a factor (`Subject.1`), writes nested factors inside out, and the cohort's days are `sday`.
fn group_is(name: &str, theirs: &str) -> bool {
    let stem = theirs.split('.').next().unwrap_or(theirs);
    name == stem
        || (name, stem) == ("batch:cask", "cask:batch")
        || (name, stem) == ("subject:day", "sday")
}

#[test]
fn equals_lme4_on_its_own_examples() {
    if !present() {
        return;
    }
    let reference: Value = serde_json::from_str(&read("lme4_reference.json")).expect("JSON");
    let fits = reference["fits"].as_array().expect("fits");
    assert_eq!(fits.len(), 16);
    for one in fits {
        let text = |key: &str| one[key].as_str().expect("text").to_owned();
        let what = format!("{} {} {}", text("data"), text("formula"), text("method"));
        let design = reference_design(&text("data"), &text("formula"));
        let found = fitted(&design, &text("method"));
        assert_equal(&what, &found, &one["exact"]);
        if let Some(df) = one["exact"]["satterthwaite"]["df"].as_object() {
            for effect in &found.fixed {
                close(
                    &format!("{what}: df"),
                    effect.df,
                    number(&df[&effect.name]),
                    1e-3,
                );
            }
        }
        assert_modes(&what, &design, &found, &one["exact"]["blup"]);
    }
}

fn assert_modes(what: &str, design: &Design, fit: &MixedFit, expected: &Value) {
    let modes = conditional_modes(design, fit).expect("modes");
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        values.fold(0.0, |most: f64, value| most.max(value.abs()))
    };
    for (group, rows) in expected.as_object().expect("groups") {
        let rows = rows.as_array().expect("rows");
        let of_group: Vec<_> = modes
            .iter()
            .filter(|modes| group_is(&modes.group, group))
            .collect();
        assert!(!of_group.is_empty(), "{what}: {group}");
        let size: usize = of_group.iter().map(|modes| modes.terms.len()).sum();
        let mut offset = 0;
        for modes in of_group {
            for (term, name) in modes.terms.iter().enumerate() {
                let scale = largest(&mut rows.iter().map(|row| number(&row[name])));
                for row in rows {
                    let name_of_level = row["group"].as_str().expect("a level");
                    let level = modes
                        .levels
                        .iter()
                        .position(|level| {
                            level == name_of_level || inside_out(level) == name_of_level
                        })
                        .unwrap_or_else(|| panic!("{what}: no level {name_of_level}"));
                    let found = modes.mode[(level, term)];
                    let wanted = number(&row[name]);
                    assert!(
                        (found - wanted).abs() <= 1e-5 * scale,
                        "{what} {name_of_level} {name}: {found} instead of {wanted}"
                    );
                    if let Some(condvar) = row["condvar"].as_array() {
                        let cell = condvar[offset + term].as_array().map_or_else(
                            || number(&condvar[offset + term]),
                            |cells| number(&cells[offset + term]),
                        );
                        let found = modes.covariance[(level, term * modes.terms.len() + term)];
                        close(
                            &format!("{what} {name_of_level} variance of {name}"),
                            found,
                            cell,
                            1e-5,
                        );
                    }
                }
            }
            offset += modes.terms.len();
        }
        assert_eq!(offset, size);
    }
}

fn inside_out(level: &str) -> String {
    level
        .split_once(':')
        .map_or_else(String::new, |(left, right)| format!("{right}:{left}"))
}

#[test]
fn equals_lme4_on_a_cohort_or_finds_the_truer_optimum() {
    if !present() {
        return;
    }
    let reference: Value = serde_json::from_str(&read("lme4_cohort_S.json")).expect("JSON");
    for levels in ["2", "3", "3s"] {
        let design = cohort_design(levels);
        for method in ["REML", "ML"] {
            let what = format!("{levels}_{method}");
            let found = fitted(&design, method);
            assert_equal(&what, &found, &reference[&what]["exact"]);
        }
    }
}

#[test]
fn modes_of_a_cohort_equal_lme4s() {
    if !present() {
        return;
    }
    for (levels, group, index) in [
        ("2", "subject", 0),
        ("3", "subject", 0),
        ("3", "sday", 1),
        ("3s", "subject", 0),
        ("3s", "sday", 1),
    ] {
        let design = cohort_design(levels);
        let found = fitted(&design, "REML");
        let modes = &conditional_modes(&design, &found).expect("modes")[index];
        let table = table(&format!("lme4_cohort_S_{levels}_REML_blup_{group}.csv"));
        assert_eq!(table["group"].len(), modes.levels.len());
        for (term, name) in modes
            .terms
            .iter()
            .map(|term| term.trim_matches(['(', ')']).to_lowercase())
            .enumerate()
        {
            let expected = numbers(&table[&format!("b_{name}")]);
            let variances = numbers(&table[&format!("condvar_b_{name}")]);
            let scale = expected
                .iter()
                .fold(0.0, |most: f64, value| most.max(value.abs()));
            for (row, level) in table["group"].iter().enumerate() {
                let at = modes
                    .levels
                    .iter()
                    .position(|known| known == level)
                    .expect("a level");
                let what = format!("{levels} {level} {name}");
                let (mode, variance) = (
                    modes.mode[(at, term)],
                    modes.covariance[(at, term * modes.terms.len() + term)],
                );
                assert!(
                    (mode - expected[row]).abs() <= 1e-5 * scale,
                    "{what}: {mode} instead of {}",
                    expected[row]
                );
                assert!(
                    (variance / variances[row] - 1.0).abs() < 1e-4,
                    "{what}: {variance} instead of {}",
                    variances[row]
                );
            }
        }
    }
}

#[test]
fn weights_and_offset_enter_as_in_lme4() {
    if !present() {
        return;
    }
    let mut parts = reference_design("sleepstudy", "Reaction ~ Days + (Days | Subject)")
        .parts()
        .clone();
    let days = numbers(&table("lme4_sleepstudy.csv")["Days"]);
    parts.weights = Some(days.iter().map(|day| 1.0 + day % 3.0).collect());
    parts.offset = Some(days.iter().map(|day| 0.5 * day * day).collect());
    let found = fitted(&Design::new(parts).expect("a design"), "REML");
    // R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, with w = 1 + Days %% 3:
    // lmer(Reaction ~ Days + offset(0.5 * Days^2) + (Days | Subject), weights = w)
    close("criterion", found.objective, 1_733.577_424_114_8, 1e-10);
    for (effect, (estimate, se, df)) in found.fixed.iter().zip([
        (256.695_576_221_206, 7.068_435_959_969, 16.999_814),
        (6.118_143_124_104, 1.670_602_759_288, 17.000_584),
    ]) {
        close(&effect.name, effect.estimate, estimate, 1e-7);
        close(&effect.name, effect.se, se, 1e-5);
        close(&effect.name, effect.df, df, 1e-3);
    }
    close("intercepts", found.random[0].sd[0], 26.325_647_5, 1e-5);
    close("slopes", found.random[0].sd[1], 6.552_673_3, 1e-5);
    close(
        "correlation",
        found.random[0].correlation[(0, 1)],
        -0.099_376_55,
        1e-3,
    );
    close("residual", found.residual_sd, 31.809_753_2, 1e-5);
}
