//! The algebra of terms: what `+ - * : / ^ %in%` make of variables, by R's rules (`terms.formula`).
//!
//! References: Wilkinson & Rogers 1973, Applied Statistics 22:392-399, doi:10.2307/2346786; Chambers & Hastie 1992,
//! Statistical Models in S, chapter 2.

use super::error::FormulaCause;
use super::expression::{Expression, Operator, Sign};
use super::function::{Function, number};

/// As many variables as a term has bits for.
const MOST_VARIABLES: usize = 128;
const MOST_TERMS: usize = 500;

/// Variables that are multiplied, one bit each.
pub(crate) type Term = u128;

/// A linear predictor: an intercept or none, and terms by degree, then by appearance.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Terms {
    /// In order of appearance, which is their order within a term.
    pub(crate) variables: Vec<Expression>,
    pub(crate) intercept: bool,
    pub(crate) terms: Vec<Term>,
}

impl Terms {
    pub(super) fn new(expression: &Expression) -> Result<Self, FormulaCause> {
        let mut algebra = Algebra {
            variables: Vec::new(),
            intercept: true,
            adds: true,
        };
        let mut terms = algebra.encode(expression)?;
        terms.sort_by_key(|term| term.count_ones());
        Ok(Self {
            variables: algebra.variables,
            intercept: algebra.intercept,
            terms,
        })
    }

    /// The variables of a term and their numbers, in order of appearance.
    pub(crate) fn variables_of(&self, term: Term) -> impl Iterator<Item = (usize, &Expression)> {
        let variables = self.variables.iter().enumerate();
        variables.filter(move |(number, _)| term & (1 << number) != 0)
    }

    /// Whether a variable that is a factor is coded by contrasts in a term, and not by a column for every level.
    ///
    /// Contrasts are enough when the term without the factor, or a term that contains it, stands before.
    pub(crate) fn is_by_contrasts(&self, term: Term, variable: usize) -> bool {
        let rest = term & !(1 << variable);
        rest == 0
            || self
                .terms
                .iter()
                .take_while(|earlier| **earlier != term)
                .any(|earlier| rest & !earlier == 0)
    }
}

struct Algebra {
    variables: Vec<Expression>,
    intercept: bool,
    /// False on the right of a minus, where 1 and 0 mean the opposite.
    adds: bool,
}

impl Algebra {
    fn encode(&mut self, expression: &Expression) -> Result<Vec<Term>, FormulaCause> {
        match expression {
            Expression::Parenthesised(inner) => self.encode(inner),
            Expression::Number(one) if *one == 0.0 || *one == 1.0 => {
                self.intercept = (*one == 1.0) == self.adds;
                Ok(Vec::new())
            }
            Expression::Number(_) => Err(refused(
                expression,
                "only 1 and 0 stand for an intercept; write I(...) for arithmetic",
            )),
            Expression::Text(_) => Err(refused(expression, "write the name of a column")),
            Expression::Signed { sign, operand } => match sign {
                Sign::Plus => self.encode(operand),
                Sign::Minus => self.without(Vec::new(), operand),
            },
            Expression::Binary {
                operator,
                left,
                right,
            } if !operator.is_comparison() => self.combine(*operator, left, right),
            Expression::Call {
                function: Function::Offset,
                ..
            } => Err(FormulaCause::OffsetPlace {
                part: expression.to_string(),
            }),
            Expression::Name(_) | Expression::Call { .. } | Expression::Binary { .. } => {
                Ok(vec![self.variable(expression)?])
            }
        }
    }

    fn variable(&mut self, expression: &Expression) -> Result<Term, FormulaCause> {
        let known = self.variables.iter().position(|known| known == expression);
        let number = known.unwrap_or(self.variables.len());
        if number >= MOST_VARIABLES {
            let most = MOST_VARIABLES;
            return Err(FormulaCause::TooManyVariables { most });
        }
        if known.is_none() {
            self.variables.push(expression.clone());
        }
        Ok(1 << number)
    }

    fn combine(
        &mut self,
        operator: Operator,
        left: &Expression,
        right: &Expression,
    ) -> Result<Vec<Term>, FormulaCause> {
        match operator {
            Operator::Plus => {
                let left = self.encode(left)?;
                let right = self.encode(right)?;
                distinct(left.into_iter().chain(right))
            }
            Operator::Minus => {
                let left = self.encode(left)?;
                self.without(left, right)
            }
            Operator::Power => self.power(left, right),
            Operator::Times | Operator::Colon | Operator::Over | Operator::In => {
                let (left, right) = (self.factor(left)?, self.factor(right)?);
                let all = |terms: &[Term]| terms.iter().fold(0, |all, term| all | term);
                match operator {
                    Operator::Times => {
                        let products = products(&left, &right)?;
                        distinct(left.into_iter().chain(right).chain(products))
                    }
                    Operator::Over => {
                        let outer = all(&left);
                        let within = right.into_iter().map(|term| term | outer);
                        distinct(left.into_iter().chain(within))
                    }
                    Operator::In => {
                        let outer = all(&right);
                        distinct(left.into_iter().map(|term| term | outer))
                    }
                    _ => products(&left, &right),
                }
            }
            _ => Err(FormulaCause::RandomPlace {
                part: format!("{left} {} {right}", operator.text()),
            }),
        }
    }

    /// An operand of a product, which must have a variable.
    fn factor(&mut self, expression: &Expression) -> Result<Vec<Term>, FormulaCause> {
        let terms = self.encode(expression)?;
        if terms.is_empty() {
            let hint = "write I(...) for arithmetic, or a column";
            return Err(refused(expression, hint));
        }
        Ok(terms)
    }

    fn without(&mut self, left: Vec<Term>, right: &Expression) -> Result<Vec<Term>, FormulaCause> {
        self.adds = !self.adds;
        let dropped = self.encode(right);
        self.adds = !self.adds;
        let dropped = dropped?;
        Ok(left
            .into_iter()
            .filter(|term| !dropped.contains(term))
            .collect())
    }

    fn power(&mut self, left: &Expression, right: &Expression) -> Result<Vec<Term>, FormulaCause> {
        let power = number(right).filter(|power| *power >= 1.0 && power.fract() == 0.0);
        let Some(power) = power else {
            let hint = "an exponent of terms is a whole number from 1; write I(...) for arithmetic";
            return Err(refused(right, hint));
        };
        let base = self.factor(left)?;
        let mut terms = base.clone();
        let mut times = 1.0;
        while times < power {
            let grown = products(&terms, &base)?;
            // Once every combination is there, further powers add nothing.
            if grown.len() == terms.len() {
                break;
            }
            terms = grown;
            times += 1.0;
        }
        Ok(terms)
    }
}

fn refused(part: &Expression, hint: &'static str) -> FormulaCause {
    FormulaCause::Term {
        part: part.to_string(),
        hint,
    }
}

fn products(left: &[Term], right: &[Term]) -> Result<Vec<Term>, FormulaCause> {
    distinct(
        left.iter()
            .flat_map(|one| right.iter().map(move |other| one | other)),
    )
}

/// Every term once, where it appears first.
fn distinct(all: impl Iterator<Item = Term>) -> Result<Vec<Term>, FormulaCause> {
    let mut seen = std::collections::HashSet::new();
    let mut terms = Vec::new();
    for term in all {
        if seen.insert(term) {
            terms.push(term);
        }
        if terms.len() > MOST_TERMS {
            return Err(FormulaCause::TooManyTerms { most: MOST_TERMS });
        }
    }
    Ok(terms)
}
