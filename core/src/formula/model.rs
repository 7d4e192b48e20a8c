//! What a right-hand side says: fixed effects, random terms and offsets.

use super::error::FormulaCause;
use super::expression::{Expression, Operator};
use super::function::Function;
use super::terms::Terms;

/// A right-hand side, sorted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) fixed: Terms,
    pub(crate) offsets: Vec<Expression>,
    pub(crate) random: Vec<RandomPart>,
}

/// One random term: `(terms | group)`. Those with `/` and `||` are already expanded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RandomPart {
    pub(crate) terms: Terms,
    /// The columns whose combinations are the levels; one, or several joined by `:`.
    pub(crate) group: Vec<Expression>,
    /// Whether it comes of `||`, which takes columns of numbers only.
    pub(crate) is_uncorrelated: bool,
}

impl Model {
    pub(super) fn new(predictor: &Expression) -> Result<Self, FormulaCause> {
        let mut offsets = Vec::new();
        let mut random = Vec::new();
        let mut fixed = None;
        sort(predictor, &mut fixed, &mut offsets, &mut random)?;
        let fixed = match &fixed {
            Some(fixed) => Terms::new(fixed)?,
            None => Terms {
                intercept: true,
                ..Terms::default()
            },
        };
        Ok(Self {
            fixed,
            offsets,
            random,
        })
    }
}

/// Takes random terms and offsets out of the summands; what remains is the fixed part.
fn sort(
    summand: &Expression,
    fixed: &mut Option<Expression>,
    offsets: &mut Vec<Expression>,
    random: &mut Vec<RandomPart>,
) -> Result<(), FormulaCause> {
    match summand {
        Expression::Binary {
            operator: Operator::Plus,
            left,
            right,
        } => {
            sort(left, fixed, offsets, random)?;
            return sort(right, fixed, offsets, random);
        }
        // What is taken away can only be fixed; what it is taken from is sorted first.
        Expression::Binary {
            operator: Operator::Minus,
            left,
            right,
        } => {
            sort(left, fixed, offsets, random)?;
            *fixed = Some(match fixed.take() {
                Some(before) => binary(Operator::Minus, before, (**right).clone()),
                None => Expression::Signed {
                    sign: super::expression::Sign::Minus,
                    operand: right.clone(),
                },
            });
            return Ok(());
        }
        Expression::Parenthesised(_) => {
            if let Expression::Binary {
                operator: operator @ (Operator::Bar | Operator::DoubleBar),
                left,
                right,
            } = summand.bare()
            {
                let is_uncorrelated = *operator == Operator::DoubleBar;
                random.extend(random_parts(summand, left, right, is_uncorrelated)?);
                return Ok(());
            }
        }
        Expression::Call {
            function: Function::Offset,
            arguments,
        } => {
            offsets.extend(arguments.first().cloned());
            return Ok(());
        }
        _ => {}
    }
    *fixed = Some(match fixed.take() {
        Some(before) => binary(Operator::Plus, before, summand.clone()),
        None => summand.clone(),
    });
    Ok(())
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    Expression::Binary {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    }
}

fn random_parts(
    whole: &Expression,
    varying: &Expression,
    group: &Expression,
    is_uncorrelated: bool,
) -> Result<Vec<RandomPart>, FormulaCause> {
    let terms = Terms::new(varying)?;
    if terms.terms.is_empty() && !terms.intercept {
        return Err(FormulaCause::RandomEmpty {
            part: whole.to_string(),
        });
    }
    let each = if is_uncorrelated {
        one_by_one(&terms)
    } else {
        vec![terms]
    };
    let mut parts = Vec::new();
    for group in groups(group)? {
        parts.extend(each.iter().map(|terms| RandomPart {
            terms: terms.clone(),
            group: group.clone(),
            is_uncorrelated,
        }));
    }
    Ok(parts)
}

/// `(1 + a + b || g)` is `(1 | g) + (0 + a | g) + (0 + b | g)`.
fn one_by_one(terms: &Terms) -> Vec<Terms> {
    let intercept = terms.intercept.then(|| Terms {
        intercept: true,
        ..Terms::default()
    });
    let others = terms.terms.iter().map(|term| Terms {
        variables: terms.variables.clone(),
        intercept: false,
        terms: vec![*term],
    });
    intercept.into_iter().chain(others).collect()
}

/// The grouping factors of what stands behind the bar: `a/b` is `a` and `a:b`.
fn groups(group: &Expression) -> Result<Vec<Vec<Expression>>, FormulaCause> {
    let refused = || FormulaCause::Group {
        part: group.to_string(),
    };
    match group {
        Expression::Name(_)
        | Expression::Call {
            function: Function::Factor | Function::AsFactor,
            ..
        } => Ok(vec![vec![group.clone()]]),
        Expression::Parenthesised(inner) => groups(inner),
        Expression::Binary {
            operator: Operator::Colon,
            left,
            right,
        } => match (groups(left)?.as_slice(), groups(right)?.as_slice()) {
            ([left], [right]) => Ok(vec![joined(left, right)]),
            _ => Err(refused()),
        },
        Expression::Binary {
            operator: Operator::Over,
            left,
            right,
        } => {
            let mut all = groups(left)?;
            let outer = all.last().cloned().unwrap_or_default();
            let within = groups(right)?;
            all.extend(within.iter().map(|inner| joined(&outer, inner)));
            Ok(all)
        }
        _ => Err(refused()),
    }
}

fn joined(left: &[Expression], right: &[Expression]) -> Vec<Expression> {
    let mut joined = left.to_vec();
    joined.extend(right.iter().filter(|one| !left.contains(one)).cloned());
    joined
}
