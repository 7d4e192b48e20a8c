//! From tokens to a syntax tree, by R's precedence of operators.

use super::error::{FormulaCause, FormulaError};
use super::expression::{Expression, Operator, SIGN_BINDS, Sign};
use super::function::Function;
use super::token::{Token, tokens};

/// The most characters of a formula. Models of a hundred columns have a tenth of it.
const MOST_CHARACTERS: usize = 10_000;
/// The most operators and parentheses within each other, a bound on the depth of every recursion over the tree.
const MOST_DEPTH: usize = 200;
/// The most parentheses and signs within each other, which is how deep the parser itself recurs.
const MOST_NESTING: usize = 50;

/// The sides of a formula.
pub(super) struct Sides {
    pub(super) response: Expression,
    pub(super) predictor: Expression,
}

/// Reads `response ~ predictor`.
pub(super) fn parse(formula: &str) -> Result<Sides, FormulaError> {
    if formula.chars().nth(MOST_CHARACTERS).is_some() {
        let most = MOST_CHARACTERS;
        return Err(FormulaError::whole(formula, FormulaCause::TooLong { most }));
    }
    let mut parser = Parser {
        formula,
        tokens: tokens(formula)?,
        next: 0,
        nesting: 0,
    };
    if *parser.peek() == Token::Sign("~") || *parser.peek() == Token::End {
        return Err(parser.refuse(FormulaCause::NoResponse));
    }
    let response = parser.expression(0)?.tree;
    parser.take("~", "`~` after the response")?;
    let predictor = parser.expression(0)?.tree;
    if *parser.peek() != Token::End {
        return Err(parser.expected("an operator or the end"));
    }
    Ok(Sides {
        response,
        predictor,
    })
}

struct Parser<'a> {
    formula: &'a str,
    tokens: Vec<(usize, Token)>,
    next: usize,
    nesting: usize,
}

/// A tree and its height.
struct Grown {
    tree: Expression,
    height: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens
            .get(self.next)
            .map_or(&Token::End, |(_, token)| token)
    }

    fn refuse(&self, cause: FormulaCause) -> FormulaError {
        let at = self.tokens.get(self.next).or(self.tokens.last());
        FormulaError::at(self.formula, at.map_or(0, |(at, _)| *at), cause)
    }

    fn expected(&self, expected: &'static str) -> FormulaError {
        self.refuse(FormulaCause::Expected {
            expected,
            found: self.peek().to_string(),
        })
    }

    fn take(&mut self, sign: &'static str, expected: &'static str) -> Result<(), FormulaError> {
        if *self.peek() != Token::Sign(sign) {
            return Err(self.expected(expected));
        }
        self.next += 1;
        Ok(())
    }

    fn grown(&self, tree: Expression, height: usize) -> Result<Grown, FormulaError> {
        if height > MOST_DEPTH {
            return Err(self.refuse(FormulaCause::TooDeep { most: MOST_DEPTH }));
        }
        Ok(Grown { tree, height })
    }

    /// An expression of operators that bind at least so strongly.
    fn expression(&mut self, weakest: u8) -> Result<Grown, FormulaError> {
        self.nesting += 1;
        if self.nesting > MOST_NESTING {
            let most = MOST_NESTING;
            return Err(self.refuse(FormulaCause::TooDeep { most }));
        }
        let mut left = self.operand()?;
        while let Some(operator) = self.operator()
            && operator.binds() >= weakest
        {
            self.next += 1;
            // Power alone groups to the right: a^b^c is a^(b^c), and its exponent may have a sign.
            let right = self.expression(match operator {
                Operator::Power => SIGN_BINDS,
                _ => operator.binds() + 1,
            })?;
            let height = left.height.max(right.height) + 1;
            let tree = Expression::Binary {
                operator,
                left: Box::new(left.tree),
                right: Box::new(right.tree),
            };
            left = self.grown(tree, height)?;
            if operator.is_comparison() && self.operator().is_some_and(Operator::is_comparison) {
                return Err(self.expected("one comparison"));
            }
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<Operator> {
        let Token::Sign(sign) = self.peek() else {
            return None;
        };
        Operator::ALL.into_iter().find(|one| one.text() == *sign)
    }

    fn operand(&mut self) -> Result<Grown, FormulaError> {
        let token = self.peek().clone();
        let tree = match token {
            Token::Number(number) => Expression::Number(number),
            Token::Text(text) => Expression::Text(text),
            Token::Name(name, is_quoted) => return self.named(name, is_quoted),
            Token::Sign("(") => {
                self.next += 1;
                let inner = self.expression(0)?;
                self.take(")", "`)` or an operator")?;
                let tree = Expression::Parenthesised(Box::new(inner.tree));
                return self.grown(tree, inner.height + 1);
            }
            Token::Sign(sign @ ("+" | "-")) => {
                self.next += 1;
                let operand = self.expression(SIGN_BINDS)?;
                let tree = Expression::Signed {
                    sign: if sign == "-" { Sign::Minus } else { Sign::Plus },
                    operand: Box::new(operand.tree),
                };
                return self.grown(tree, operand.height + 1);
            }
            Token::Sign(_) | Token::End => return Err(self.expected("a term")),
        };
        self.next += 1;
        self.grown(tree, 1)
    }

    fn named(&mut self, name: String, is_quoted: bool) -> Result<Grown, FormulaError> {
        if name == "." && !is_quoted {
            return Err(self.refuse(FormulaCause::Dot));
        }
        let is_call = matches!(self.tokens.get(self.next + 1), Some((_, Token::Sign("("))));
        if !is_call || is_quoted {
            self.next += 1;
            return self.grown(Expression::Name(name), 1);
        }
        let function = Function::find(&name).map_err(|cause| self.refuse(cause))?;
        let at_function = self.next;
        self.next += 2;
        let mut arguments = Vec::new();
        let mut height = 0;
        while *self.peek() != Token::Sign(")") {
            if !arguments.is_empty() {
                self.take(",", "`,` or `)`")?;
            }
            let argument = self.expression(0)?;
            if *self.peek() == Token::Sign("=") {
                return Err(self.expected("an argument without a name"));
            }
            height = height.max(argument.height);
            arguments.push(argument.tree);
        }
        if let Err(cause) = function.check(&arguments) {
            self.next = at_function;
            return Err(self.refuse(cause));
        }
        self.next += 1;
        let tree = Expression::Call {
            function,
            arguments,
        };
        self.grown(tree, height + 1)
    }
}
