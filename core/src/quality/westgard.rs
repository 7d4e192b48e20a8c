//! The multi-rules of Westgard: which controls of a run, with those of the runs before it, lie too far out.
//!
//! Definitions after Westgard JO, Barry PL, Hunt MR, Groth T 1981 (Clin Chem 27:493-501) and the later rules of the same
//! school; where sources differ, `docs/methods.md` says which is taken. "Exceeds" is strict: a reading exactly at a limit
//! does not exceed it, one exactly at the mean lies on neither side.

mod across;
mod within;

use super::ControlRun;
use crate::coded::{coded, coded_set};

coded! {
    /// A rule over controls.
    WestgardRule, "control_rule" {
        OneTwoS = "1_2s": "One control exceeds 2 SD: a warning, which asks for the other rules and rejects nothing by itself.",
        OneThreeS = "1_3s": "One control exceeds 3 SD.",
        TwoTwoS = "2_2s": "Two controls in a row exceed 2 SD on the same side: of one material over runs, or of two materials in the run.",
        RFourS = "r_4s": "In one run a control exceeds +2 SD and another -2 SD.",
        RFourSRange = "r_4s_range": "In one run two controls lie more than 4 SD apart, wherever they lie.",
        FourOneS = "4_1s": "Four controls in a row exceed 1 SD on the same side: of one material, or of all materials over whole runs.",
        TenX = "10_x": "Ten controls in a row lie on the same side of the mean: of one material, or of all materials over whole runs.",
        SixX = "6_x": "Six controls in a row lie on the same side of the mean.",
        EightX = "8_x": "Eight controls in a row lie on the same side of the mean.",
        NineX = "9_x": "Nine controls in a row lie on the same side of the mean.",
        TwelveX = "12_x": "Twelve controls in a row lie on the same side of the mean.",
        TwoOfThreeTwoS = "2of3_2s": "Two of three controls exceed 2 SD on the same side: of one material over three runs, or of the three materials of the run.",
        ThreeOneS = "3_1s": "Three controls in a row exceed 1 SD on the same side.",
        SevenT = "7_t": "Seven controls of one material in a row rise, each above the one before, or fall.",
    }
}

coded_set! {
    /// A set of rules.
    WestgardRules(u32) of WestgardRule
}

impl WestgardRules {
    /// The classical multi-rule: 1_2s as a warning, then 1_3s, 2_2s, R_4s, 4_1s and 10_x.
    #[must_use]
    pub const fn classical() -> Self {
        let mut rules = Self::EMPTY;
        rules.insert(WestgardRule::OneTwoS);
        rules.insert(WestgardRule::OneThreeS);
        rules.insert(WestgardRule::TwoTwoS);
        rules.insert(WestgardRule::RFourS);
        rules.insert(WestgardRule::FourOneS);
        rules.insert(WestgardRule::TenX);
        rules
    }

    /// The rules whose codes these are, separated by `/`, `,`, `;` or blanks, as in `1_3s/2_2s/R_4s`; case does not
    /// matter. The first unknown code comes back as it was given.
    ///
    /// # Errors
    /// A code that no rule has.
    ///
    /// ```
    /// use diel_core::quality::{WestgardRule, WestgardRules};
    /// let rules = WestgardRules::from_codes("1_3s/R_4s")?;
    /// assert!(rules.contains(WestgardRule::RFourS) && rules.len() == 2);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn from_codes(codes: &str) -> Result<Self, &str> {
        codes
            .split(|separator: char| separator.is_whitespace() || "/,;".contains(separator))
            .filter(|code| !code.is_empty())
            .map(|code| WestgardRule::from_code(&code.to_ascii_lowercase()).ok_or(code))
            .collect()
    }
}

/// Where a reading stands: the position of its run, and its own in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlRef {
    /// Position of the run among those given.
    pub run: usize,
    /// Position of the reading in its run.
    pub control: usize,
}

coded! {
    /// Whether a rule was broken by one material over time or by several together.
    Scope, "control_scope" {
        WithinMaterial = "within_material": "Readings of one material.",
        AcrossMaterials = "across_materials": "Readings of the run, or of several runs, together.",
    }
}

/// A rule that is broken, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: WestgardRule,
    /// Whether by one material or by several.
    pub scope: Scope,
    /// The readings that break it, by run and then as measured. At least one is of the run that is judged.
    pub controls: Vec<ControlRef>,
}

/// A reading with a z-score.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: ControlRef,
    z: f64,
}

/// What a rule asks of a row of readings.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// One reading beyond so many SD on either side.
    One { sd: f64 },
    /// So many of so many in a row beyond the same limit; 0 SD is the mean.
    Row { need: usize, of: usize, sd: f64 },
    /// Two readings of one run beyond opposite limits.
    Opposite { sd: f64 },
    /// Two readings of one run further apart.
    Apart { sd: f64 },
    /// So many in a row, each beyond the one before.
    Trend { length: usize },
}

impl WestgardRule {
    const fn shape(self) -> Shape {
        const fn row(length: usize, sd: f64) -> Shape {
            Shape::Row {
                need: length,
                of: length,
                sd,
            }
        }
        match self {
            Self::OneTwoS => Shape::One { sd: 2.0 },
            Self::OneThreeS => Shape::One { sd: 3.0 },
            Self::TwoTwoS => row(2, 2.0),
            Self::RFourS => Shape::Opposite { sd: 2.0 },
            Self::RFourSRange => Shape::Apart { sd: 4.0 },
            Self::FourOneS => row(4, 1.0),
            Self::TenX => row(10, 0.0),
            Self::SixX => row(6, 0.0),
            Self::EightX => row(8, 0.0),
            Self::NineX => row(9, 0.0),
            Self::TwelveX => row(12, 0.0),
            Self::TwoOfThreeTwoS => Shape::Row {
                need: 2,
                of: 3,
                sd: 2.0,
            },
            Self::ThreeOneS => row(3, 1.0),
            Self::SevenT => Shape::Trend { length: 7 },
        }
    }
}

/// The rules that the last of these runs breaks, given the runs before it, oldest first. In the order of the rules,
/// one material before several; a material that breaks a rule more than once in the run is named once, with the last.
///
/// Each of `rules` is applied whether or not 1_2s warns: on paper the warning saves work, in a program it only hides
/// slow shifts (a row of ten between the mean and 2 SD). Readings of runs that were rejected stay in the rows.
#[must_use]
pub fn violations_of_latest(runs: &[ControlRun], rules: WestgardRules) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in rules.iter() {
        let shape = rule.shape();
        let mut note = |scope, controls: Vec<ControlRef>| {
            found.push(Violation {
                rule,
                scope,
                controls,
            });
        };
        for controls in within::broken(runs, shape) {
            note(Scope::WithinMaterial, controls);
        }
        if let Some(controls) = across::broken(runs, shape) {
            note(Scope::AcrossMaterials, controls);
        }
    }
    found
}

/// The rules that each run breaks, given those before it: one entry a run, oldest first.
#[must_use]
pub fn violations(runs: &[ControlRun], rules: WestgardRules) -> Vec<Vec<Violation>> {
    (1..=runs.len())
        .filter_map(|count| runs.get(..count))
        .map(|until| violations_of_latest(until, rules))
        .collect()
}

/// The readings of a run that have a z-score.
fn readings(position: usize, run: &ControlRun) -> impl DoubleEndedIterator<Item = Reading> {
    let scores = run.controls.iter().enumerate();
    scores.filter_map(move |(control, score)| {
        let at = ControlRef {
            run: position,
            control,
        };
        Some(Reading {
            at,
            z: score.z.ok()?,
        })
    })
}

/// Those beyond a limit on one side.
fn beyond(readings: &[Reading], limit: SignedLimit) -> Vec<ControlRef> {
    let out = readings
        .iter()
        .filter(|reading| limit.is_exceeded(reading.z));
    out.map(|reading| reading.at).collect()
}

/// A limit above (+1) or below (-1) the mean.
#[derive(Debug, Clone, Copy)]
struct SignedLimit {
    side: f64,
    sd: f64,
}

impl SignedLimit {
    fn both(sd: f64) -> [Self; 2] {
        [1.0, -1.0].map(|side| Self { side, sd })
    }

    fn is_exceeded(self, z: f64) -> bool {
        z * self.side > self.sd
    }
}
