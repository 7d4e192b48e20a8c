//! Standard curves of many plates, one after the other on one thread: fit, errors, recovery and range of eight standards in
//! duplicate.
//!
//! `cargo bench -p diel-benches --bench calibration -- FILE ANSWERS` calibrates the plates of a CSV (`plate,x,y`, plates in
//! order), writes `plate,A,D,C,B,A_se,D_se,C_se,B_se` and prints the seconds of the fastest of five runs.
//! `benches/peers/calibration.R` makes the file, compares the answers with R's and times R beside it.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use diel_core::calibration::{CalibrationOptions, Calibrator, PlateWell, Reading, Weighting};
use diel_core::plate::{Nominal, Well, WellRole};

const REPETITIONS: u32 = 5;

struct Plate {
    name: String,
    wells: Vec<PlateWell>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (file, answers) = match arguments.as_slice() {
        [] => {
            println!(
                "calibration: wants plates to fit; Rscript benches/peers/calibration.R makes them and runs this"
            );
            return Ok(());
        }
        [file, answers] => (file, answers),
        _ => bail!("give FILE and ANSWERS, as benches/peers/calibration.R does"),
    };
    let plates = read(&std::fs::read_to_string(file)?)?;
    let options = CalibrationOptions {
        weighting: Weighting::None,
        ..CalibrationOptions::default()
    };
    let mut text = "plate,A,D,C,B,A_se,D_se,C_se,B_se\n".to_owned();
    let mut calibrator = Calibrator::default();
    for plate in &plates {
        let curve = calibrator.calibrate(&plate.wells, &options)?.curve;
        write!(text, "{}", plate.name)?;
        for of in [curve.curve, curve.standard_errors] {
            for number in [
                of.zero_response,
                of.infinite_response,
                of.midpoint,
                of.steepness,
            ] {
                write!(text, ",{number}")?;
            }
        }
        writeln!(text)?;
    }
    std::fs::write(answers, text)?;
    let mut best = Duration::MAX;
    for _ in 0..REPETITIONS {
        let begun = Instant::now();
        for plate in &plates {
            black_box(calibrator.calibrate(&plate.wells, &options)?);
        }
        best = best.min(begun.elapsed());
    }
    println!("{}", best.as_secs_f64());
    Ok(())
}

fn read(text: &str) -> Result<Vec<Plate>> {
    let mut plates: Vec<Plate> = Vec::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let mut cell = || cells.next().with_context(|| format!("a cell of `{line}`"));
        let (name, x, y) = (cell()?, cell()?.parse()?, cell()?.trim().parse()?);
        if plates.last().is_none_or(|last| last.name != name) {
            plates.push(Plate {
                name: name.to_owned(),
                wells: Vec::new(),
            });
        }
        if let Some(last) = plates.last_mut() {
            let number = u32::try_from(last.wells.len())?;
            last.wells.push(PlateWell {
                well: Well::new(number / 2 + 1, number % 2 + 1)?,
                role: WellRole::Standard {
                    nominal: Nominal::new(x)?,
                },
                reading: Reading::Response(y),
            });
        }
    }
    Ok(plates)
}
