//! The module `diel_core_native`: record batches in, record batches out. What is said of it in Python, and its types, stand in
//! `python/diel_core/`.

mod cohort_fit;
mod cohort_terms;
mod columns;
mod days;
mod fault;
mod fitted;
mod lists;
mod people;
mod policy;
mod profiles;
mod rhythms;
mod samples;
mod schema;

use diel_core::formula::BeyondLimits;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_arrow::{PyRecordBatch, PySchema, PyTable};

use crate::cohort_fit::CohortError;
use crate::fault::TableError;
use crate::policy::policy_of;

create_exception!(
    diel_core,
    RefusedInputError,
    PyValueError,
    "Input that is refused: the text names row, column, value and rule."
);

impl From<TableError> for PyErr {
    fn from(error: TableError) -> Self {
        RefusedInputError::new_err(error.to_string())
    }
}

impl From<CohortError> for PyErr {
    fn from(error: CohortError) -> Self {
        RefusedInputError::new_err(error.to_string())
    }
}

/// A profile a row of sampling days.
#[pyfunction]
#[pyo3(name = "profiles", signature = (days, policy = None))]
fn profiles_of<'py>(
    py: Python<'py>,
    days: PyRecordBatch,
    policy: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let policy = policy_of(policy)?;
    let batch = days.into_inner();
    let answer = py.detach(|| profiles::profiles(&batch, &policy))?;
    PyRecordBatch::new(answer).into_pyarrow(py)
}

/// A rhythm a row of persons.
#[pyfunction]
#[pyo3(name = "rhythms", signature = (persons, policy = None))]
fn rhythms_of<'py>(
    py: Python<'py>,
    persons: PyRecordBatch,
    policy: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let policy = policy_of(policy)?;
    let batch = persons.into_inner();
    let answer = py.detach(|| rhythms::rhythms(&batch, &policy))?;
    PyRecordBatch::new(answer).into_pyarrow(py)
}

/// The sums of each row of persons, for a model of all.
#[pyfunction]
#[pyo3(name = "cohort_terms", signature = (persons, formula, policy = None, limits = "refuse"))]
fn cohort_terms_of<'py>(
    py: Python<'py>,
    persons: PyRecordBatch,
    formula: &str,
    policy: Option<&Bound<'py, PyDict>>,
    limits: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let policy = policy_of(policy)?;
    let model = cohort_fit::model_of(formula)?;
    let beyond = match limits {
        "refuse" => BeyondLimits::Refuse,
        "leave_out" => BeyondLimits::LeaveOut,
        value => {
            let value = value.to_owned();
            return Err(CohortError::Limits { value }.into());
        }
    };
    let batch = persons.into_inner();
    let answer = py.detach(|| cohort_terms::cohort_terms(&batch, &model, &policy, beyond))?;
    PyRecordBatch::new(answer).into_pyarrow(py)
}

/// The model of all persons whose sums these are.
#[pyfunction]
#[pyo3(name = "fit_cohort", signature = (terms, criterion = "reml"))]
fn fit_cohort_of<'py>(
    py: Python<'py>,
    terms: PyTable,
    criterion: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let (batches, _) = terms.into_inner();
    let fit = py.detach(|| cohort_fit::fit_cohort(&batches, criterion))?;
    fitted::dictionary(py, &fit)
}

/// The schema of [`cohort_terms_of`].
#[pyfunction]
fn cohort_terms_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    PySchema::new(cohort_terms::schema()).into_pyarrow(py)
}

/// The schema of [`profiles_of`].
#[pyfunction]
fn profile_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    PySchema::new(profiles::schema()).into_pyarrow(py)
}

/// The schema of [`rhythms_of`].
#[pyfunction]
fn rhythm_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    PySchema::new(rhythms::schema()).into_pyarrow(py)
}

#[pymodule]
fn diel_core_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add(
        "RefusedInputError",
        module.py().get_type::<RefusedInputError>(),
    )?;
    module.add("RHYTHM_METHOD", diel_core::RHYTHM_METHOD)?;
    module.add_function(wrap_pyfunction!(profiles_of, module)?)?;
    module.add_function(wrap_pyfunction!(rhythms_of, module)?)?;
    module.add_function(wrap_pyfunction!(cohort_terms_of, module)?)?;
    module.add_function(wrap_pyfunction!(fit_cohort_of, module)?)?;
    module.add_function(wrap_pyfunction!(cohort_terms_schema, module)?)?;
    module.add_function(wrap_pyfunction!(profile_schema, module)?)?;
    module.add_function(wrap_pyfunction!(rhythm_schema, module)?)
}
