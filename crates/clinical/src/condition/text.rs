// SPDX-License-Identifier: Apache-2.0
//! Conditions as protocol files write them: `age >= 65 and (sex == female or not smoker)`.
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
//! with `==` and `!=` to the id of an option, a quantity to a number in the feature's unit.

use cso_model_files::shorten;

use super::{Condition, ConditionError, Op};
use crate::intake::{Intake, Kind};

/// Longest condition in bytes.
const MAX_LENGTH: usize = 8192;
/// Deepest nesting of brackets and `not`.
const MAX_DEPTH: usize = 64;

impl Condition {
    /// Reads a condition and checks it against the intake.
    pub(crate) fn parse(text: &str, intake: &Intake) -> Result<Self, ConditionError> {
        let refuse = |problem: String| ConditionError { condition: shorten(text), problem };
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

    /// The condition as a protocol file writes it; [`Self::parse`] reads the same from it.
    pub(crate) fn text(&self, intake: &Intake) -> String {
        let mut text = String::new();
        self.write(intake, &mut text);
        text
    }

    /// Whether [`Self::parse`] would read it: not too long, not nested too deep.
    pub(crate) fn check(&self, intake: &Intake) -> Result<(), ConditionError> {
        let text = self.text(intake);
        let refuse = |problem: String| ConditionError { condition: shorten(&text), problem };
        if text.len() > MAX_LENGTH {
            return Err(refuse(format!("{} bytes, at most {MAX_LENGTH} are read", text.len())));
        }
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::depth).max(),
            single => Some(single.depth()),
        }
        .filter(|depth| *depth > MAX_DEPTH)
        .map_or(Ok(()), |_| Err(refuse(format!("it nests deeper than {MAX_DEPTH}"))))
    }

    /// How deep it nests as a part of another condition.
    fn depth(&self) -> usize {
        1 + match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(part) if part.unlike().is_none() => part.depth(),
            _ => 0,
        }
    }

    fn write(&self, intake: &Intake, text: &mut String) {
        let feature = |feature: &usize| &intake.features()[*feature];
        let mut list = |parts: &[Self], word: &str| {
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    *text += word;
                }
                part.write_part(intake, text);
            }
        };
        match self {
            Self::All(parts) => list(parts, " and "),
            Self::Any(parts) => list(parts, " or "),
            Self::Not(part) => match part.unlike() {
                Some(equal) => equal.write_test(intake, "!=", text),
                None => {
                    *text += "not ";
                    part.write_part(intake, text);
                }
            },
            Self::Flag(flag) => *text += &format!("`{}`", feature(flag).id),
            Self::Missing(missing) => *text += &format!("`{}` is missing", feature(missing).id),
            Self::Option(..) => self.write_test(intake, "==", text),
            Self::Compare(_, op, _) => self.write_test(intake, op.sign(), text),
        }
    }

    /// The test itself if its negation is written with `!=`.
    fn unlike(&self) -> Option<&Self> {
        matches!(self, Self::Option(..) | Self::Compare(_, Op::Equal, _)).then_some(self)
    }

    /// As a part of a longer condition.
    fn write_part(&self, intake: &Intake, text: &mut String) {
        if matches!(self, Self::All(_) | Self::Any(_)) {
            *text += "(";
            self.write(intake, text);
            *text += ")";
        } else {
            self.write(intake, text);
        }
    }

    pub(super) fn write_test(&self, intake: &Intake, sign: &str, text: &mut String) {
        match self {
            Self::Option(feature, option) => {
                let feature = &intake.features()[*feature];
                if let Kind::Choice { options } = &feature.kind {
                    let option = &options[*option as usize].id;
                    *text += &format!("`{}` {sign} `{option}`", feature.id);
                }
            }
            Self::Compare(feature, _, limit) => {
                *text += &format!("`{}` {sign} {limit:?}", intake.features()[*feature].id);
            }
            _ => {}
        }
    }
}

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
