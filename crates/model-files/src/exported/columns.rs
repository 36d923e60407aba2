// SPDX-License-Identifier: Apache-2.0
//! Features of an exporter's file, and columns that are computed from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::{refuse, unsupported, CellText};
use crate::column::{MAX_EXPRESSION, MAX_FEATURES};
use crate::function::MAX_PARTS;
use crate::{
    shorten, Cell, Column, ColumnKind, Expression, Function, ModelFileError, Operation, Said,
    Variable,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeatureText {
    name: String,
    kind: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    codes: Vec<CodeText>,
    #[serde(default)]
    categories: Vec<CellText>,
    #[serde(default)]
    missing: Vec<CellText>,
    #[serde(default)]
    range: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeText {
    system: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DerivedText {
    name: String,
    expression: ExpressionText,
}

#[derive(Deserialize)]
#[serde(try_from = "serde_json::Value")]
enum ExpressionText {
    Number(f64),
    Column(String),
    Apply(Vec<ExpressionText>),
}

impl TryFrom<serde_json::Value> for ExpressionText {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        use serde_json::Value;
        match value {
            Value::String(column) => Ok(Self::Column(column)),
            // A text of JSON is nested 128 times at most, as serde_json reads it.
            Value::Array(parts) => {
                parts.into_iter().map(Self::try_from).collect::<Result<_, _>>().map(Self::Apply)
            }
            other => {
                let number = other.as_f64().map(Self::Number);
                number.ok_or("an expression is a number, a column or a list")
            }
        }
    }
}

/// An expression of features alone.
#[derive(Clone)]
enum Formula {
    Number(f64),
    Feature(usize),
    Apply(Operation, Vec<Formula>),
    /// The second where the first is missing.
    Or(Box<Formula>, f64),
}

/// The columns of a file, and what their names stand for.
pub(super) struct Columns {
    columns: Vec<Column>,
    known: Vec<(String, Variable)>,
}

impl Columns {
    /// Reads features and derived columns.
    pub(super) fn read(
        features: &[FeatureText],
        derived: &[DerivedText],
    ) -> Result<Self, ModelFileError> {
        let count = features.len().saturating_add(derived.len());
        if count > MAX_FEATURES {
            return Err(refuse(format!("{count} columns, at most {MAX_FEATURES} are read")));
        }
        let mut own = Self { columns: Vec::new(), known: Vec::new() };
        let mut names = BTreeSet::new();
        for (index, text) in features.iter().enumerate() {
            let mut column = feature(text, index)?;
            column.said = Said {
                label: text.label.clone(),
                unit: text.unit.clone(),
                codes: text
                    .codes
                    .iter()
                    .map(|one| (one.system.clone(), one.code.clone()))
                    .collect(),
            };
            own.columns.push(column);
            own.known.push((text.name.clone(), Variable::input(index)));
        }
        let mut formulas: Vec<(String, Formula)> = features
            .iter()
            .enumerate()
            .map(|(index, text)| (text.name.clone(), Formula::Feature(index)))
            .collect();
        for text in derived {
            let formula = formula(&text.expression, &formulas)
                .map_err(|problem| refuse(format!("`{}`: {problem}", shorten(&text.name))))?;
            own.derive(&text.name, &formula)?;
            formulas.push((text.name.clone(), formula));
        }
        if let Some((name, _)) = own.known.iter().find(|(name, _)| !names.insert(name.clone())) {
            return Err(refuse(format!("the column `{}` stands twice", shorten(name))));
        }
        Ok(own)
    }

    /// What a name stands for.
    pub(super) fn variable(&self, name: &str) -> Result<Variable, ModelFileError> {
        let known = self.known.iter().find(|(own, _)| own == name);
        let known = known.ok_or_else(|| refuse(format!("there is no column `{}`", shorten(name))));
        Ok(known?.1.clone())
    }

    /// The columns, without what only names functions of them.
    pub(super) fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    /// Of one feature it is a function of that, of several a column of its own.
    fn derive(&mut self, name: &str, formula: &Formula) -> Result<(), ModelFileError> {
        let mut read = BTreeSet::new();
        formula.features(&mut read);
        let variable = match (read.first(), read.len()) {
            (Some(feature), 1) => {
                Variable { column: *feature, function: Arc::new(formula.function()) }
            }
            (None, _) => return Err(refuse(format!("`{}` reads no column", shorten(name)))),
            _ => {
                let expression = formula.expression().ok_or_else(|| {
                    unsupported(
                        format!("`or` among several columns in `{}`", shorten(name)),
                        "fill each column before it is computed with",
                    )
                })?;
                let place = self.columns.len();
                let kind = ColumnKind::Derived(expression);
                self.columns.push(Column::new(name.to_owned(), kind, place));
                Variable::input(place)
            }
        };
        self.known.push((name.to_owned(), variable));
        Ok(())
    }
}

fn feature(text: &FeatureText, place: usize) -> Result<Column, ModelFileError> {
    let name = || shorten(&text.name);
    let kind = match text.kind.as_str() {
        "number" | "flag" if !text.categories.is_empty() => {
            return Err(refuse(format!("`{}` is no category but has some", name())))
        }
        "number" => match text.range {
            Some([low, high]) if !(low.is_finite() && high.is_finite() && low < high) => {
                return Err(refuse(format!("the range of `{}` is empty", name())))
            }
            range => ColumnKind::Number { range },
        },
        "flag" => ColumnKind::Number { range: Some([0.0, 1.0]) },
        "category" => {
            let values: Vec<Cell> = text.categories.iter().map(CellText::cell).collect();
            if values.is_empty() || values.contains(&Cell::Missing) {
                return Err(refuse(format!("`{}` lacks its categories", name())));
            }
            ColumnKind::Category { values }
        }
        other => {
            return Err(unsupported(
                format!("kind `{}` of `{}`", shorten(other), name()),
                "it is `number`, `flag` or `category`",
            ))
        }
    };
    let code = |cell: &CellText| match cell {
        CellText::Number(number) => Ok(*number),
        _ => Err(unsupported(
            format!("the code for missing of `{}`", name()),
            "it is a number; give missing texts as empty cells",
        )),
    };
    let mut column = Column::new(text.name.clone(), kind, place);
    column.missing_codes = text.missing.iter().map(code).collect::<Result<_, _>>()?;
    Ok(column)
}

/// The expression with derived columns written out; the bound holds for the whole.
fn formula(text: &ExpressionText, known: &[(String, Formula)]) -> Result<Formula, String> {
    let found = read_formula(text, known)?;
    match found.parts() {
        parts if parts > MAX_EXPRESSION.min(MAX_PARTS) => {
            Err(format!("{parts} parts, at most {MAX_EXPRESSION} are read"))
        }
        _ => Ok(found),
    }
}

fn read_formula(text: &ExpressionText, known: &[(String, Formula)]) -> Result<Formula, String> {
    let arguments = match text {
        ExpressionText::Number(number) if number.is_finite() => {
            return Ok(Formula::Number(*number))
        }
        ExpressionText::Number(_) => return Err("a number is not finite".to_owned()),
        ExpressionText::Column(name) => {
            let own = known.iter().find(|(own, _)| own == name);
            let own =
                own.ok_or_else(|| format!("there is no column `{}` before it", shorten(name)));
            return Ok(own?.1.clone());
        }
        ExpressionText::Apply(parts) => parts,
    };
    let Some((ExpressionText::Column(operator), rest)) = arguments.split_first() else {
        return Err("an expression begins with its operator".to_owned());
    };
    let rest = rest.iter().map(|part| read_formula(part, known)).collect::<Result<Vec<_>, _>>()?;
    let wrong = || format!("operator `{}` with {} parts", shorten(operator), rest.len());
    if operator == "or" {
        return match rest.as_slice() {
            [of, Formula::Number(number)] => Ok(Formula::Or(Box::new(of.clone()), *number)),
            _ => Err(wrong()),
        };
    }
    let operation = operation(operator).ok_or_else(|| {
        let known = "+ - * / ^ ln exp sqrt min max or";
        format!("operator `{}`, it is one of {known}", shorten(operator))
    })?;
    // Shared columns are counted each time, so that nothing grows beyond the bound.
    let parts: usize = rest.iter().map(Formula::parts).fold(1, usize::saturating_add);
    match rest.len() == operation.arguments() && parts <= MAX_EXPRESSION {
        true => Ok(Formula::Apply(operation, rest)),
        false if parts > MAX_EXPRESSION => {
            Err(format!("{parts} parts, at most {MAX_EXPRESSION} are read"))
        }
        false => Err(wrong()),
    }
}

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "+" => Operation::Add,
        "-" => Operation::Subtract,
        "*" => Operation::Multiply,
        "/" => Operation::Divide,
        "^" => Operation::Power,
        "ln" => Operation::Ln,
        "exp" => Operation::Exp,
        "sqrt" => Operation::Sqrt,
        "min" => Operation::Least,
        "max" => Operation::Greatest,
        _ => return None,
    })
}

impl Formula {
    fn parts(&self) -> usize {
        match self {
            Self::Number(_) | Self::Feature(_) => 1,
            Self::Apply(_, rest) => rest.iter().map(Self::parts).fold(1, usize::saturating_add),
            Self::Or(of, _) => of.parts().saturating_add(1),
        }
    }

    fn features(&self, into: &mut BTreeSet<usize>) {
        match self {
            Self::Number(_) => {}
            Self::Feature(feature) => {
                into.insert(*feature);
            }
            Self::Apply(_, rest) => rest.iter().for_each(|one| one.features(into)),
            Self::Or(of, _) => of.features(into),
        }
    }

    /// As a function of its only feature.
    fn function(&self) -> Function {
        match self {
            Self::Number(number) => Function::Constant(Cell::Number(*number)),
            Self::Feature(_) => Function::Input,
            Self::Apply(operation, rest) => {
                let rest = rest.iter().map(|one| Arc::new(one.function())).collect();
                Function::Apply(*operation, rest)
            }
            Self::Or(of, number) => {
                Function::Default(Arc::new(of.function()), Cell::Number(*number))
            }
        }
    }

    /// As an expression of columns, which knows no `or`.
    fn expression(&self) -> Option<Expression> {
        Some(match self {
            Self::Number(number) => Expression::Number(*number),
            Self::Feature(feature) => Expression::Column(*feature),
            Self::Apply(operation, rest) => {
                let rest = rest.iter().map(Self::expression).collect::<Option<_>>()?;
                Expression::Apply(*operation, rest)
            }
            Self::Or(..) => return None,
        })
    }
}
