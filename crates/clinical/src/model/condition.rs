// SPDX-License-Identifier: Apache-2.0
//! Conditions: `age >= 65 and (sex == female or not smoker)`.
//!
//! ```text
//! condition  = all { "or" all }
//! all        = single { "and" single }
//! single     = "not" single | "(" condition ")" | test
//! test       = flag | name compare value | name "is" "missing"
//! compare    = "==" | "!=" | "<" | "<=" | ">" | ">="
//! ```
//!
//! A name is a feature's id; ids with spaces or brackets stand in backticks. A choice compares
//! with `==` and `!=` to the id of an option, a quantity to a number in the feature's unit. Every
//! test of a missing feature but `is missing` is false, so `not (age >= 65)` holds for a missing
//! age.

use std::collections::BTreeSet;

use super::{term, Coded, ModelError};
use crate::intake::{Intake, Kind};
use crate::units::shorten;

/// A checked condition over features.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It doesn't hold.
    Not(Box<Condition>),
    /// The flag is set.
    Flag(usize),
    /// The choice has this option.
    Option(usize, u32),
    /// The quantity compares so.
    Compare(usize, Op, f64),
    /// The feature is missing.
    Missing(usize),
}

/// How a quantity is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `==`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Op {
    /// Compares; values closer than `slack` are equal.
    pub fn holds(self, value: f64, limit: f64, slack: f64) -> bool {
        let equal = (value - limit).abs() <= slack;
        match self {
            Self::Equal => equal,
            Self::Less => value < limit && !equal,
            Self::LessOrEqual => value < limit || equal,
            Self::Greater => value > limit && !equal,
            Self::GreaterOrEqual => value > limit || equal,
        }
    }
}

impl Condition {
    /// Whether it holds for these answers.
    pub fn holds(&self, coded: Coded<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(coded)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(coded)),
            Self::Not(part) => !part.holds(coded),
            Self::Flag(feature) => coded.code(*feature).is_some_and(|code| code != 0),
            Self::Option(feature, option) => coded.code(*feature) == Some(*option),
            Self::Compare(feature, op, limit) => term::quantity(coded, *feature)
                .is_some_and(|(value, slack)| op.holds(value, *limit, slack)),
            Self::Missing(feature) => coded.code(*feature).is_none(),
        }
    }

    pub(super) fn collect_features(&self, into: &mut BTreeSet<usize>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect_features(into))
            }
            Self::Not(part) => part.collect_features(into),
            Self::Flag(feature)
            | Self::Option(feature, _)
            | Self::Compare(feature, _, _)
            | Self::Missing(feature) => {
                into.insert(*feature);
            }
        }
    }

    /// Reads a condition and checks it against the intake.
    pub fn parse(text: &str, intake: &Intake) -> Result<Self, ModelError> {
        let refuse = |problem: String| ModelError::Condition { condition: shorten(text), problem };
        if text.len() > MAX_LENGTH {
            return Err(refuse(format!("{} bytes, at most {MAX_LENGTH} are read", text.len())));
        }
        let tokens = tokens(text).map_err(refuse)?;
        let mut parser = Parser { tokens: &tokens, intake, depth: 0 };
        let condition = parser.any().map_err(refuse)?;
        match parser.tokens.first() {
            None => Ok(condition),
            Some(token) => Err(refuse(format!("`{}` is not expected here", token.text()))),
        }
    }
}

/// Longest condition in bytes.
const MAX_LENGTH: usize = 8192;
/// Deepest nesting of brackets and `not`.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(&'static str),
}

impl Token {
    fn whole(self) -> String {
        match self {
            Self::Word(word) | Self::Quoted(word) => word,
            Self::Sign(sign) => sign.to_owned(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Word(word) | Self::Quoted(word) => shorten(word),
            Self::Sign(sign) => (*sign).to_owned(),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    const SIGNS: [&str; 8] = ["==", "!=", "<=", ">=", "<", ">", "(", ")"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if let Some(tail) = rest.strip_prefix('`') {
            let end = tail.find('`').ok_or("a backtick has no partner")?;
            tokens.push(Token::Quoted(tail[..end].to_owned()));
            rest = &tail[end + 1..];
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || "()<>=!`".contains(c))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(format!(
                    "`{}` is not expected here: compare with ==, !=, <, <=, > or >=",
                    shorten(rest)
                ));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token],
    intake: &'a Intake,
    depth: usize,
}

impl Parser<'_> {
    fn take_word(&mut self, word: &str) -> bool {
        self.take(&Token::Word(word.to_owned()))
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.tokens.first() == Some(wanted);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn next(&mut self, wanted: &str) -> Result<Token, String> {
        let (token, rest) = self
            .tokens
            .split_first()
            .ok_or_else(|| format!("it ends where {wanted} is expected"))?;
        self.tokens = rest;
        Ok(token.clone())
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.all()?];
        while self.take_word("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.single()?];
        while self.take_word("and") {
            parts.push(self.single()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn single(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        let condition = if self.take_word("not") {
            Condition::Not(Box::new(self.single()?))
        } else if self.take(&Token::Sign("(")) {
            let inner = self.any()?;
            if !self.take(&Token::Sign(")")) {
                return Err("a bracket is not closed".to_owned());
            }
            inner
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn test(&mut self) -> Result<Condition, String> {
        let name = match self.next("a feature")? {
            Token::Word(name) | Token::Quoted(name) => name,
            Token::Sign(sign) => {
                return Err(format!("`{sign}` stands where a feature is expected"))
            }
        };
        let (index, feature) = self
            .intake
            .feature(&name)
            .ok_or_else(|| format!("there is no feature `{}`", shorten(&name)))?;
        if self.take_word("is") {
            return match self.next("`missing`")? {
                Token::Word(word) if word == "missing" && feature.missing => {
                    Ok(Condition::Missing(index))
                }
                Token::Word(word) if word == "missing" => {
                    Err(format!("`{name}` can't be missing: give the feature `missing = true`"))
                }
                other => Err(format!("`{}` stands where `missing` is expected", other.text())),
            };
        }
        let sign = match self.tokens.first() {
            Some(Token::Sign(sign)) if !matches!(*sign, "(" | ")") => {
                self.tokens = &self.tokens[1..];
                Some(*sign)
            }
            _ => None,
        };
        match (&feature.kind, sign) {
            (Kind::Flag, None) => Ok(Condition::Flag(index)),
            (Kind::Flag, Some(_)) => {
                Err(format!("`{name}` is a flag: write `{name}` or `not {name}`"))
            }
            (Kind::Choice { options }, Some(sign @ ("==" | "!="))) => {
                let option = self.next("an option")?.whole();
                let code = options
                    .iter()
                    .position(|o| o.id == option)
                    .ok_or_else(|| format!("`{name}` has no option `{}`", shorten(&option)))?;
                let is = Condition::Option(index, code as u32);
                Ok(if sign == "==" { is } else { Condition::Not(Box::new(is)) })
            }
            (Kind::Choice { .. }, _) => {
                Err(format!("`{name}` is a choice: compare it with == or != to an option"))
            }
            (Kind::Quantity(_), None) => {
                Err(format!("`{name}` is a quantity: compare it with a number"))
            }
            (Kind::Quantity(_), Some(sign)) => {
                let number = self.next("a number")?.text();
                let limit: f64 =
                    number.parse().map_err(|_| format!("`{number}` is not a number"))?;
                if !limit.is_finite() {
                    return Err(format!("`{number}` is not a finite number"));
                }
                Ok(match sign {
                    "==" => Condition::Compare(index, Op::Equal, limit),
                    "!=" => Condition::Not(Box::new(Condition::Compare(index, Op::Equal, limit))),
                    "<" => Condition::Compare(index, Op::Less, limit),
                    "<=" => Condition::Compare(index, Op::LessOrEqual, limit),
                    ">" => Condition::Compare(index, Op::Greater, limit),
                    _ => Condition::Compare(index, Op::GreaterOrEqual, limit),
                })
            }
        }
    }
}
