//! Quality control of batches.

mod carried;
mod cvs;
mod plates;
mod published;
mod rules;
mod verdicts;

use diel_core::quality::{ControlMaterial, ControlRun, ControlScore, Violation, WestgardRules};

fn material(name: &str) -> ControlMaterial {
    ControlMaterial {
        material: name.to_owned(),
        level: String::new(),
        lot: String::new(),
    }
}

/// A run of materials `A`, `B`, `C` with these z-scores.
fn run(scores: &[f64]) -> ControlRun {
    let controls = scores.iter().zip(["A", "B", "C", "D"]);
    ControlRun {
        controls: controls
            .map(|(z, name)| ControlScore {
                material: material(name),
                z: Ok(*z),
            })
            .collect(),
    }
}

/// Runs of one material.
fn series(scores: &[f64]) -> Vec<ControlRun> {
    scores.iter().map(|z| run(&[*z])).collect()
}

fn rules(codes: &str) -> WestgardRules {
    WestgardRules::from_codes(codes).unwrap()
}

fn codes(violations: &[Violation]) -> Vec<&'static str> {
    violations.iter().map(|one| one.rule.code()).collect()
}
