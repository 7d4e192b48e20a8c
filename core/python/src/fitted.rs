//! A fitted model as Python gets it.

use diel_core::mixed::{Criterion, FixedEffect, RandomEffect};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::cohort_fit::CohortFit;

/// The fields of `diel_core.CohortFit`.
pub(crate) fn dictionary<'py>(py: Python<'py>, cohort: &CohortFit) -> PyResult<Bound<'py, PyDict>> {
    let fit = &cohort.fit;
    let groups = PyDict::new(py);
    for group in &fit.groups {
        groups.set_item(&group.name, group.levels)?;
    }
    let fixed = fit.fixed.iter().map(|effect| fixed_effect(py, effect));
    let random = fit.random.iter().map(|effect| random_effect(py, effect));
    let covariance = fit.fixed_covariance.rows().into_iter();
    let answer = PyDict::new(py);
    answer.set_item("formula", &cohort.formula)?;
    answer.set_item("criterion", criterion(fit.criterion))?;
    answer.set_item("objective", fit.objective)?;
    answer.set_item("log_likelihood", fit.log_likelihood())?;
    answer.set_item("person_count", cohort.persons)?;
    answer.set_item("observation_count", fit.n_observations)?;
    answer.set_item("rows_left_out_count", cohort.rows_left_out)?;
    answer.set_item("beyond_limits_count", cohort.beyond_limits)?;
    answer.set_item("groups", groups)?;
    answer.set_item("residual_sd", fit.residual_sd)?;
    answer.set_item("fixed", list(py, fixed)?)?;
    answer.set_item(
        "fixed_covariance",
        covariance.map(|row| row.to_vec()).collect::<Vec<_>>(),
    )?;
    answer.set_item("random", list(py, random)?)?;
    answer.set_item("is_singular", fit.singular)?;
    answer.set_item("has_converged", fit.optimizer.converged)?;
    answer.set_item("evaluation_count", fit.optimizer.evaluations)?;
    Ok(answer)
}

fn list<'py>(
    py: Python<'py>,
    items: impl Iterator<Item = PyResult<Bound<'py, PyDict>>>,
) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
}

fn fixed_effect<'py>(py: Python<'py>, effect: &FixedEffect) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    fields.set_item("name", &effect.name)?;
    fields.set_item("estimate", effect.estimate)?;
    fields.set_item("se", effect.se)?;
    fields.set_item("df", effect.df)?;
    fields.set_item("t", effect.t)?;
    fields.set_item("p", effect.p)?;
    fields.set_item("lower", effect.lower)?;
    fields.set_item("upper", effect.upper)?;
    Ok(fields)
}

fn random_effect<'py>(py: Python<'py>, effect: &RandomEffect) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    fields.set_item("group", &effect.group)?;
    fields.set_item("terms", &effect.terms)?;
    fields.set_item("sd", &effect.sd)?;
    let rows = effect.correlation.rows().into_iter();
    let correlation: Vec<Vec<f64>> = rows.map(|row| row.to_vec()).collect();
    fields.set_item("correlation", correlation)?;
    Ok(fields)
}

const fn criterion(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Reml => "reml",
        Criterion::Ml => "ml",
    }
}
