//! From terms to columns: treatment contrasts, interactions, and the names that R gives them.

use std::collections::HashMap;
use std::sync::Arc;

use super::refusal::PrepareError;
use super::terms::{Term, Terms};
use super::value::Factor;
use crate::mixed::Column;

/// The name of the constant column.
pub(super) const INTERCEPT: &str = "(Intercept)";

/// A variable of a term, on the complete rows.
#[derive(Debug, Clone)]
pub(super) enum Variable {
    /// One or more columns, with what their names end in.
    Numbers(Vec<(String, Arc<[f64]>)>),
    Factor(Factor),
}

impl Variable {
    /// The same with other rows.
    pub(super) fn mapped(
        self,
        numbers: impl Fn(&Arc<[f64]>) -> Arc<[f64]>,
        codes: impl Fn(&Arc<[u32]>) -> Arc<[u32]>,
    ) -> Self {
        match self {
            Self::Numbers(columns) => Self::Numbers(
                columns
                    .into_iter()
                    .map(|(ending, values)| (ending, numbers(&values)))
                    .collect(),
            ),
            Self::Factor(factor) => Self::Factor(Factor {
                codes: codes(&factor.codes),
                levels: factor.levels,
            }),
        }
    }
}

/// Columns of variables, each made once and shared.
pub(super) struct Coding<'a> {
    rows: usize,
    variables: &'a HashMap<String, Variable>,
    made: HashMap<Vec<Part>, Arc<[f64]>>,
}

/// One factor of a product: a variable's column, or the indicator of a level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Part {
    variable: String,
    number: usize,
}

impl<'a> Coding<'a> {
    pub(super) fn new(rows: usize, variables: &'a HashMap<String, Variable>) -> Self {
        Self {
            rows,
            variables,
            made: HashMap::new(),
        }
    }

    /// How many columns terms make, without making them.
    pub(super) fn count(&self, terms: &Terms) -> usize {
        let of_term = |term: &Term| {
            terms
                .variables_of(*term)
                .map(|(number, variable)| {
                    let variable = self.variables.get(&variable.to_string());
                    match variable {
                        Some(Variable::Numbers(columns)) => columns.len(),
                        Some(Variable::Factor(factor)) => {
                            self.levels(terms, *term, number, factor).len()
                        }
                        None => 0,
                    }
                })
                .fold(1, usize::saturating_mul)
        };
        let columns = terms.terms.iter().map(of_term);
        columns.fold(usize::from(terms.intercept), usize::saturating_add)
    }

    /// The columns of terms, in R's order: within an interaction the first variable's columns run fastest.
    pub(super) fn columns(&mut self, terms: &Terms) -> Result<Vec<Column>, PrepareError> {
        let mut columns = Vec::new();
        if terms.intercept {
            columns.push(Column {
                name: INTERCEPT.to_owned(),
                values: self.product(&[]),
            });
        }
        for term in &terms.terms {
            let mut products: Vec<(String, Vec<Part>)> = vec![(String::new(), Vec::new())];
            for (number, variable) in terms.variables_of(*term) {
                let variable = variable.to_string();
                let parts = self.parts(terms, *term, number, &variable)?;
                products = parts
                    .iter()
                    .flat_map(|(name, part)| {
                        products.iter().map(move |(before, parts)| {
                            let separator = if before.is_empty() { "" } else { ":" };
                            let mut parts = parts.clone();
                            parts.push(part.clone());
                            (format!("{before}{separator}{name}"), parts)
                        })
                    })
                    .collect();
            }
            for (name, parts) in products {
                let values = self.product(&parts);
                columns.push(Column { name, values });
            }
        }
        Ok(columns)
    }

    /// The columns of one variable in a term, with their names.
    fn parts(
        &self,
        terms: &Terms,
        term: Term,
        number: usize,
        variable: &str,
    ) -> Result<Vec<(String, Part)>, PrepareError> {
        let part = |number: usize| Part {
            variable: variable.to_owned(),
            number,
        };
        Ok(match self.variables.get(variable) {
            Some(Variable::Numbers(columns)) => columns
                .iter()
                .enumerate()
                .map(|(number, (ending, _))| (format!("{variable}{ending}"), part(number)))
                .collect(),
            Some(Variable::Factor(factor)) => {
                if let [level] = &*factor.levels {
                    return Err(PrepareError::OneLevel {
                        factor: variable.to_owned(),
                        level: level.clone(),
                    });
                }
                self.levels(terms, term, number, factor)
                    .filter_map(|level| {
                        let name = factor.levels.get(level)?;
                        Some((format!("{variable}{name}"), part(level)))
                    })
                    .collect()
            }
            None => Vec::new(),
        })
    }

    /// The levels of a factor that get a column in a term.
    fn levels(
        &self,
        terms: &Terms,
        term: Term,
        variable: usize,
        factor: &Factor,
    ) -> std::ops::Range<usize> {
        // Without an intercept the first factor of the model has a column for every level.
        let is_whole = !terms.intercept && self.first_factor(terms) == Some((term, variable));
        let by_contrasts = !is_whole && terms.is_by_contrasts(term, variable);
        usize::from(by_contrasts)..factor.levels.len()
    }

    fn first_factor(&self, terms: &Terms) -> Option<(Term, usize)> {
        let of_terms = terms.terms.iter().flat_map(|term| {
            let variables = terms.variables_of(*term);
            variables.map(move |(number, variable)| (*term, number, variable))
        });
        let mut factors = of_terms.filter(|(_, _, variable)| {
            let variable = self.variables.get(&variable.to_string());
            matches!(variable, Some(Variable::Factor(_)))
        });
        factors.next().map(|(term, number, _)| (term, number))
    }

    fn product(&mut self, parts: &[Part]) -> Arc<[f64]> {
        if let Some(made) = self.made.get(parts) {
            return Arc::clone(made);
        }
        let values = match parts.split_last() {
            None => vec![1.0; self.rows].into(),
            Some((last, [])) => self.single(last),
            Some((last, before)) => {
                let before = self.product(before);
                let last = self.product(std::slice::from_ref(last));
                before.iter().zip(last.iter()).map(|(a, b)| a * b).collect()
            }
        };
        self.made.insert(parts.to_vec(), Arc::clone(&values));
        values
    }

    fn single(&self, part: &Part) -> Arc<[f64]> {
        match self.variables.get(&part.variable) {
            Some(Variable::Numbers(columns)) => match columns.get(part.number) {
                Some((_, values)) => Arc::clone(values),
                None => Arc::default(),
            },
            Some(Variable::Factor(factor)) => {
                let holds = |code: &u32| f64::from(u8::from(*code as usize == part.number));
                factor.codes.iter().map(holds).collect()
            }
            None => Arc::default(),
        }
    }
}
