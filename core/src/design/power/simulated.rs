//! Studies, simulated and fitted one by one.

use std::sync::Arc;

use rayon::prelude::*;

use super::PowerStudy;
use crate::Level;
use crate::design::{Stopped, Watch};
use crate::features::is_in_awakening_response;
use crate::mixed::{
    Column, Design, DesignParts, FitSettings, Grouping, MixedFit, Observed, RandomTerm, fit,
};
use crate::simulate::Cohort;

/// Studies that are simulated before anybody is told. Fixed, and results are gathered in order, so that nothing depends on the
/// number of threads.
const STUDIES_A_CHUNK: u32 = 64;

/// The effect that is tested.
const EFFECT: &str = "hours:group";

/// What so many simulated studies found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Persons of the two groups.
    pub persons: [u32; 2],
    /// Studies simulated.
    pub studies: u32,
    /// Share of them whose test was significant.
    pub power: f64,
    /// Its Monte Carlo standard error.
    pub standard_error: f64,
    /// Share of the fitted ones whose 95 % interval held the true difference.
    pub coverage: f64,
    /// Mean estimate of the difference over the fitted ones, ln(nmol/L) per hour.
    pub mean_estimate_ln_per_h: f64,
    /// Mean of their standard errors.
    pub mean_se_ln_per_h: f64,
    /// Studies with a variance estimated as 0.
    pub singular: u32,
    /// Studies that could not be fitted, or whose fit did not converge; they found nothing.
    pub not_fitted: u32,
}

/// What one study found.
#[derive(Debug, Clone, Copy)]
struct Found {
    significant: bool,
    covered: bool,
    singular: bool,
    estimate: f64,
    se: f64,
}

impl PowerStudy {
    /// The share of studies with so many persons in the first group that find the difference. `watch` learns how many studies are
    /// done, and may stop.
    ///
    /// # Errors
    /// [`Stopped`] by the watcher, or for a number of persons that is too small or too large.
    pub fn power(&self, per_group: u32, watch: &mut Watch<'_>) -> Result<Power, Stopped> {
        self.simulate(per_group, self.groups(), self.difference_ln_per_h(), watch)
    }

    /// The share that find a difference where there is none: the size of the test, alpha if it is kept.
    ///
    /// # Errors
    /// As [`PowerStudy::power`].
    pub fn size(&self, per_group: u32, watch: &mut Watch<'_>) -> Result<Power, Stopped> {
        let [first, _] = self.groups();
        self.simulate(per_group, [first, first], 0.0, watch)
    }

    fn simulate(
        &self,
        per_group: u32,
        groups: [&Cohort; 2],
        truth: f64,
        watch: &mut Watch<'_>,
    ) -> Result<Power, Stopped> {
        let persons = self.persons(per_group)?;
        let studies = self.plan().studies;
        let levels: Arc<[String]> = (0..persons.iter().sum())
            .map(|person: u32| person.to_string())
            .collect();
        let one = |study: u32| {
            let parts = self.rows(groups, persons, study, &levels);
            self.test(parts, truth)
        };
        let mut sums = Sums::default();
        let mut done = 0;
        while done < studies {
            let next = studies.min(done + STUDIES_A_CHUNK);
            let found: Vec<Option<Found>> = (done..next).into_par_iter().map(one).collect();
            found.into_iter().for_each(|found| sums.add(found));
            done = next;
            if watch(done).is_break() {
                return Err(Stopped::ByWatcher);
            }
        }
        Ok(sums.power(persons, studies))
    }

    /// The samples of a study as its analysis takes them: usable and plausible ones.
    fn rows(
        &self,
        groups: [&Cohort; 2],
        persons: [u32; 2],
        study: u32,
        levels: &Arc<[String]>,
    ) -> DesignParts {
        let mut rows = Rows::default();
        let of_study: u32 = persons.iter().sum();
        let mut code = 0;
        for ((cohort, count), group) in groups.into_iter().zip(persons).zip([0.0, 1.0]) {
            for _ in 0..count {
                let person = cohort.person(study * of_study + code);
                for sample in person.days.iter().flat_map(|day| &day.samples) {
                    let known = match sample.level {
                        Level::Exact(value)
                            if value.get() > self.policy().rules().implausible_above_nmol_per_l =>
                        {
                            None
                        }
                        Level::Exact(value) => value.ln().map(|ln| (ln, Observed::Exactly)),
                        Level::Below(limit) => limit.ln().map(|ln| (ln, Observed::Below)),
                        Level::Above(limit) => limit.ln().map(|ln| (ln, Observed::Above)),
                        Level::Missing(_) => None,
                    };
                    if let Some((ln, observed)) = known {
                        let car = is_in_awakening_response(sample.hours, self.policy());
                        rows.push(code, group, sample.hours, car, ln, observed);
                    }
                }
                code += 1;
            }
        }
        rows.parts(Arc::clone(levels))
    }

    fn test(&self, parts: DesignParts, truth: f64) -> Option<Found> {
        let design = Design::new(parts).ok()?;
        let fit: MixedFit = fit(&design, &FitSettings::default()).ok()?;
        let effect = fit.fixed.iter().find(|effect| effect.name == EFFECT)?;
        let known = effect.p.is_finite() && effect.se.is_finite() && fit.optimizer.converged;
        known.then_some(Found {
            significant: effect.p < self.plan().alpha,
            covered: effect.lower <= truth && truth <= effect.upper,
            singular: fit.singular,
            estimate: effect.estimate,
            se: effect.se,
        })
    }
}

/// Columns of a study's table.
#[derive(Debug, Default)]
struct Rows {
    ln: Vec<f64>,
    observed: Vec<Observed>,
    hours: Vec<f64>,
    group: Vec<f64>,
    car: Vec<f64>,
    person: Vec<u32>,
}

impl Rows {
    fn push(
        &mut self,
        person: u32,
        group: f64,
        hours: f64,
        car: bool,
        ln: f64,
        observed: Observed,
    ) {
        self.ln.push(ln);
        self.observed.push(observed);
        self.hours.push(hours);
        self.group.push(group);
        self.car.push(f64::from(u8::from(car)));
        self.person.push(person);
    }

    fn parts(self, levels: Arc<[String]>) -> DesignParts {
        let column = |name: &str, values: Vec<f64>| Column {
            name: name.to_owned(),
            values: values.into(),
        };
        let product = self
            .hours
            .iter()
            .zip(&self.group)
            .map(|(hours, group)| hours * group);
        let product = column(EFFECT, product.collect());
        let has_response = self.car.contains(&1.0);
        let intercept = column("(Intercept)", vec![1.0; self.ln.len()]);
        let hours = column("hours", self.hours);
        let mut fixed = vec![
            intercept.clone(),
            hours.clone(),
            column("group", self.group),
        ];
        fixed.extend(has_response.then(|| column("car", self.car)));
        fixed.push(product);
        let censored = self
            .observed
            .iter()
            .any(|observed| *observed != Observed::Exactly);
        DesignParts {
            response_name: "log(cortisol)".to_owned(),
            response: self.ln,
            observed: censored.then_some(self.observed),
            fixed,
            groupings: vec![Grouping {
                name: "participant".to_owned(),
                codes: self.person.into(),
                levels,
            }],
            random: vec![RandomTerm {
                grouping: 0,
                columns: vec![intercept, hours],
            }],
            ..DesignParts::default()
        }
    }
}

/// Sums over studies, in their order.
#[derive(Debug, Default)]
struct Sums {
    fitted: u32,
    significant: u32,
    covered: u32,
    singular: u32,
    estimates: f64,
    ses: f64,
}

impl Sums {
    fn add(&mut self, found: Option<Found>) {
        let Some(found) = found else { return };
        self.fitted += 1;
        self.significant += u32::from(found.significant);
        self.covered += u32::from(found.covered);
        self.singular += u32::from(found.singular);
        self.estimates += found.estimate;
        self.ses += found.se;
    }

    fn power(&self, persons: [u32; 2], studies: u32) -> Power {
        let fitted = f64::from(self.fitted.max(1));
        let power = f64::from(self.significant) / f64::from(studies);
        Power {
            persons,
            studies,
            power,
            standard_error: (power * (1.0 - power) / f64::from(studies)).sqrt(),
            coverage: f64::from(self.covered) / fitted,
            mean_estimate_ln_per_h: self.estimates / fitted,
            mean_se_ln_per_h: self.ses / fitted,
            singular: self.singular,
            not_fitted: studies - self.fitted,
        }
    }
}
