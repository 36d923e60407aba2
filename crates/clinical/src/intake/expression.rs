// SPDX-License-Identifier: Apache-2.0
//! Arithmetic over other answers: how a protocol that was made of a model computes what the model
//! was trained on, such as a ratio of two laboratory values.

use std::collections::BTreeSet;
use std::fmt;

use cso_model_files::{self as files, shorten, Operation};

/// Most parts of an expression.
const MAX_PARTS: usize = 256;
/// Deepest nesting.
const MAX_DEPTH: usize = 128;

/// Arithmetic over named inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// An input, by name.
    Input(String),
    /// A number.
    Number(f64),
    /// An operation on one or two expressions.
    Apply(Operation, Vec<Expression>),
}

/// Functions by name.
const FUNCTIONS: [(&str, Operation); 9] = [
    ("ln", Operation::Ln),
    ("log10", Operation::Log10),
    ("exp", Operation::Exp),
    ("sqrt", Operation::Sqrt),
    ("abs", Operation::Absolute),
    ("floor", Operation::Floor),
    ("ceiling", Operation::Ceiling),
    ("min", Operation::Least),
    ("max", Operation::Greatest),
];

impl Expression {
    /// That of a model file, whose columns have these names. Derived columns stand for what they
    /// are computed from.
    pub(crate) fn of(
        expression: &files::Expression,
        columns: &[files::Column],
        name: &impl Fn(usize) -> String,
    ) -> Self {
        match expression {
            files::Expression::Column(column) => match &columns[*column].kind {
                files::ColumnKind::Derived(inner) => Self::of(inner, columns, name),
                _ => Self::Input(name(*column)),
            },
            files::Expression::Number(number) => Self::Number(*number),
            files::Expression::Apply(operation, arguments) => {
                let arguments = arguments.iter().map(|one| Self::of(one, columns, name));
                Self::Apply(*operation, arguments.collect())
            }
        }
    }

    /// The value, if there is one.
    pub(crate) fn value(&self, input: &impl Fn(&str) -> f64) -> Option<f64> {
        let value = match self {
            Self::Input(name) => input(name),
            Self::Number(number) => *number,
            Self::Apply(operation, arguments) => {
                let mut values = arguments.iter().map(|one| one.value(input));
                let first = values.next()??;
                let second = match values.next() {
                    Some(second) => Some(second?),
                    None => None,
                };
                operation.of(first, second)?
            }
        };
        value.is_finite().then_some(value)
    }

    /// The inputs that it names.
    pub(crate) fn inputs(&self) -> BTreeSet<&str> {
        match self {
            Self::Input(name) => BTreeSet::from([name.as_str()]),
            Self::Number(_) => BTreeSet::new(),
            Self::Apply(_, arguments) => arguments.iter().flat_map(Self::inputs).collect(),
        }
    }

    fn parts(&self) -> usize {
        match self {
            Self::Input(_) | Self::Number(_) => 1,
            Self::Apply(_, arguments) => 1 + arguments.iter().map(Self::parts).sum::<usize>(),
        }
    }

    /// Reads an expression as it is written.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim() };
        let expression = reader.sum(0)?;
        if !reader.rest.is_empty() {
            return Err(format!("`{}` is left over", shorten(reader.rest)));
        }
        expression.bounded()
    }

    /// The expression, unless it has too many parts to be read again.
    pub(crate) fn bounded(self) -> Result<Self, String> {
        match self.parts() > MAX_PARTS {
            true => Err(format!("it has {} parts, at most {MAX_PARTS} are read", self.parts())),
            false => Ok(self),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(name) => f.write_str(name),
            Self::Number(number) if *number < 0.0 => write!(f, "({number})"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Apply(operation, arguments) => {
                let sign = SIGNS.iter().find(|(_, own, _)| own == operation);
                match (sign, &arguments[..]) {
                    (Some((sign, ..)), [a, b]) => {
                        write!(f, "{} {sign} {}", Inner(a), Inner(b))
                    }
                    _ => {
                        let name = FUNCTIONS.iter().find(|(_, own)| own == operation);
                        let list: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                        write!(f, "{}({})", name.map_or("?", |(name, _)| name), list.join(", "))
                    }
                }
            }
        }
    }
}

/// An argument, in brackets where it has a sign of its own.
struct Inner<'a>(&'a Expression);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Apply(operation, _) if SIGNS.iter().any(|(_, own, _)| own == operation) => {
                write!(f, "({})", self.0)
            }
            other => write!(f, "{other}"),
        }
    }
}

/// Signs between two expressions, with how strongly they bind.
const SIGNS: [(char, Operation, u8); 5] = [
    ('+', Operation::Add, 1),
    ('-', Operation::Subtract, 1),
    ('*', Operation::Multiply, 2),
    ('/', Operation::Divide, 2),
    ('^', Operation::Power, 3),
];

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self, count: usize) {
        self.rest = self.rest[count..].trim_start();
    }

    /// Sums, products and powers, the weakest first.
    fn sum(&mut self, depth: usize) -> Result<Expression, String> {
        self.signed(1, depth)
    }

    fn signed(&mut self, level: u8, depth: usize) -> Result<Expression, String> {
        if level > 3 {
            return self.one(depth);
        }
        let mut left = self.signed(level + 1, depth)?;
        loop {
            let found =
                SIGNS.iter().find(|(sign, _, own)| *own == level && self.rest.starts_with(*sign));
            let Some((_, operation, _)) = found else { return Ok(left) };
            self.skip(1);
            let right = self.signed(level + 1, depth)?;
            left = Expression::Apply(*operation, vec![left, right]);
        }
    }

    fn one(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} times"));
        }
        if self.rest.starts_with('(') {
            self.skip(1);
            let inner = self.sum(depth + 1)?;
            self.close()?;
            return Ok(inner);
        }
        if self.rest.starts_with('-') {
            self.skip(1);
            let Expression::Number(number) = self.one(depth + 1)? else {
                return Err("a minus stands before a number or between two expressions".to_owned());
            };
            return Ok(Expression::Number(-number));
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let mut end = self.rest.find(|c: char| !is_word(c)).unwrap_or(self.rest.len());
        let starts_with_digit = self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        // 1e-5
        if starts_with_digit && self.rest[..end].ends_with(['e', 'E']) {
            let tail = &self.rest[end..];
            let digits = tail
                .strip_prefix(['-', '+'])
                .map_or(0, |tail| tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len()));
            if digits > 0 {
                end += 1 + digits;
            }
        }
        let word = self.rest[..end].to_owned();
        if word.is_empty() {
            return Err(match self.rest.is_empty() {
                true => "it ends too early".to_owned(),
                false => format!("`{}` is no input, number or function", shorten(self.rest)),
            });
        }
        self.skip(end);
        if starts_with_digit {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| format!("`{}` is no number", shorten(&word)))?;
            return Ok(Expression::Number(number));
        }
        if !self.rest.starts_with('(') {
            return Ok(Expression::Input(word));
        }
        let known = FUNCTIONS.iter().find(|(name, _)| *name == word);
        let (_, operation) = known.ok_or_else(|| {
            let names = FUNCTIONS.map(|(name, _)| name).join(", ");
            format!("function `{}` is unknown: use {names}", shorten(&word))
        })?;
        self.skip(1);
        let mut arguments = vec![self.sum(depth + 1)?];
        while self.rest.starts_with(',') {
            self.skip(1);
            arguments.push(self.sum(depth + 1)?);
        }
        self.close()?;
        let wanted = operation.arguments();
        if arguments.len() != wanted {
            return Err(format!("{word} takes {wanted} arguments, not {}", arguments.len()));
        }
        Ok(Expression::Apply(*operation, arguments))
    }

    fn close(&mut self) -> Result<(), String> {
        if !self.rest.starts_with(')') {
            return Err("a bracket is not closed".to_owned());
        }
        self.skip(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        let input = |name: &str| if name == "weight" { 80.0 } else { 1.6 };
        Expression::parse(text).unwrap().value(&input).unwrap()
    }

    #[test]
    fn reads_what_it_writes() {
        for (text, expected) in [
            ("weight / height ^ 2", 31.25),
            ("2 - 3 - 4", -5.0),
            ("2 ^ 3 ^ 2", 64.0),
            ("max(weight, 100) * (height + 0.4)", 200.0),
            ("ln(exp(-2.5))", -2.5),
            ("1e-2 * weight", 0.8),
            ("12 / (4 / 2)", 6.0),
        ] {
            let read = Expression::parse(text).unwrap();
            assert!((value(text) - expected).abs() < 1e-12, "{text}");
            assert_eq!(Expression::parse(&read.to_string()).unwrap(), read, "{text}: {read}");
        }
    }

    #[test]
    fn refuses_what_is_no_arithmetic() {
        for (text, problem) in [
            ("weight /", "it ends too early"),
            ("(weight", "a bracket is not closed"),
            ("tan(weight)", "function `tan` is unknown: use ln, log10, exp, sqrt, abs, floor, ceiling, min, max"),
            ("min(weight)", "min takes 2 arguments, not 1"),
            ("weight height", "`height` is left over"),
        ] {
            assert_eq!(Expression::parse(text).unwrap_err(), problem);
        }
        assert!(Expression::parse(&"(".repeat(10_000)).is_err());
        assert!(Expression::parse(&"1+".repeat(300)).is_err());
    }
}
