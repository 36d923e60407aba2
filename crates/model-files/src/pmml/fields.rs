// SPDX-License-Identifier: Apache-2.0
//! Fields: the data dictionary, and what a mining schema does to their values.

use std::cell::Cell as Counter;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::dictionary::Dictionary;
use super::mixture::Mixture;
use super::xml::{finite, named, need, number, refuse, unsupported};
use crate::{shorten, Cell, ColumnKind, Function, ModelFileError, Outside, Variable};

/// Most elements of expressions, and parts of results that are taken over into others.
const MAX_WORK: usize = 4_000_000;

/// A field as a model sees it.
#[derive(Clone, Debug)]
pub(super) enum Field {
    /// A function of one column.
    Variable(Typed),
    /// What an earlier model of a chain says.
    Result(Rc<Mixture>),
    /// Products of which one isn't 0: one for each category of a text.
    Cases(Cases),
    /// An output of an earlier model that can't be passed on.
    Unread(String),
}

/// Products, each of factors and a weight.
pub(super) type Cases = Rc<[(Vec<Variable>, f64)]>;

/// A function of one column with what its values are.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub variable: Variable,
    /// Whether values are numbers rather than categories.
    pub numeric: bool,
    /// Whether values have single precision.
    pub single: bool,
    /// Numbers that the values of a category stand for.
    pub numbers: Rc<[(Cell, Cell)]>,
    /// Whether constants of a category are numbers.
    pub codes: bool,
}

impl Typed {
    /// A constant of the field's type.
    pub(super) fn cell(&self, text: &str) -> Result<Cell, ModelFileError> {
        if !self.numeric {
            let number = finite(text).filter(|_| self.codes).map(Cell::Number);
            return Ok(number.unwrap_or_else(|| Cell::Text(text.into())));
        }
        finite(text).map(Cell::Number).ok_or_else(|| {
            refuse(format!("`{}` is compared with a number but is none", shorten(text)))
        })
    }

    /// The field as a factor, in the precision that it has.
    pub(super) fn factor(&self) -> Variable {
        match self.single {
            true => Variable {
                column: self.variable.column,
                function: Arc::new(Function::Single(self.variable.function.clone())),
            },
            false => self.variable.clone(),
        }
    }

    /// The field as a number, if its categories are some.
    pub(super) fn number(&self) -> Variable {
        if self.numbers.is_empty() {
            return self.factor();
        }
        let Variable { column, function } = self.variable.clone();
        let function = Function::Table(function, self.numbers.to_vec(), Cell::Missing);
        Variable { column, function: Arc::new(function) }
    }
}

/// The fields of a model: those of the model around it, and what it defines itself.
pub(super) struct Scope<'a> {
    pub outer: Option<Rc<Scope<'a>>>,
    pub fields: HashMap<&'a str, Field>,
    shared: Rc<Shared<'a>>,
}

/// What all scopes of a file share.
#[derive(Default)]
pub(super) struct Shared<'a> {
    /// Functions that the file defines.
    pub functions: HashMap<&'a str, Xml<'a, 'a>>,
    /// Columns that hold no numbers.
    pub texts: BTreeSet<usize>,
    pub work: Counter<usize>,
}

impl<'a> Scope<'a> {
    pub(super) fn outermost(shared: Shared<'a>) -> Self {
        Self { outer: None, fields: HashMap::new(), shared: Rc::new(shared) }
    }

    pub(super) fn inside(outer: &Rc<Self>) -> Self {
        Self { outer: Some(outer.clone()), fields: HashMap::new(), shared: outer.shared.clone() }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Field> {
        match (self.fields.get(name), &self.outer) {
            (Some(field), _) => Some(field),
            (None, Some(outer)) => outer.find(name),
            (None, None) => None,
        }
    }

    /// A field that must be a function of one column.
    pub(super) fn variable(&self, name: &str) -> Result<&Typed, ModelFileError> {
        match self.find(name) {
            Some(Field::Variable(typed)) => Ok(typed),
            Some(Field::Result(_)) => Err(unsupported(
                format!("a question about `{}`, the result of another model,", shorten(name)),
                "use results of a chain as numbers, in RegressionModels and Outputs",
            )),
            Some(Field::Cases(_)) => Err(unsupported(
                format!("`{}`, of a text and other fields, in a question", shorten(name)),
                "code categories as numbers before training",
            )),
            Some(Field::Unread(feature)) => Err(unsupported(
                format!("the output `{}` inside of a chain", shorten(feature)),
                "pass on predictedValue of a number, probability or transformedValue",
            )),
            None => Err(refuse(format!("there is no field `{}`", shorten(name)))),
        }
    }

    /// A copy of what an earlier model says, if the field is that.
    pub(super) fn result(&self, name: &str) -> Result<Mixture, ModelFileError> {
        let Some(Field::Result(result)) = self.find(name) else {
            return Err(refuse(format!("`{}` is no result of a model", shorten(name))));
        };
        self.spend(result.size())?;
        Ok((**result).clone())
    }

    /// The definition of a function.
    pub(super) fn function(&self, name: &str) -> Option<Xml<'a, 'a>> {
        self.shared.functions.get(name).copied()
    }

    /// Whether a column holds numbers.
    pub(super) fn is_number(&self, column: usize) -> bool {
        !self.shared.texts.contains(&column)
    }

    /// Counts work, so that what a file repeats in itself stays bounded.
    pub(super) fn spend(&self, work: usize) -> Result<(), ModelFileError> {
        let sum = self.shared.work.get().saturating_add(work);
        self.shared.work.set(sum);
        match sum > MAX_WORK {
            true => Err(refuse(format!("expressions and chains have more than {MAX_WORK} parts"))),
            false => Ok(()),
        }
    }
}

impl<'a> Dictionary<'a> {
    /// The fields that a mining schema brings in or changes.
    pub(super) fn schema(
        &mut self,
        schema: Xml<'a, 'a>,
        outer: &Scope<'_>,
    ) -> Result<HashMap<&'a str, Field>, ModelFileError> {
        let mut fields = HashMap::new();
        for field in named(schema, "MiningField") {
            let id = need(field, "name")?;
            if field.attribute("usageType").unwrap_or("active") != "active" {
                continue;
            }
            let known = outer.find(id);
            let mut typed = match (known, self.data.get(id)) {
                (Some(Field::Variable(typed)), _) => typed.clone(),
                (Some(Field::Result(_) | Field::Cases(_) | Field::Unread(_)), _) => {
                    let treats = ["missingValueReplacement", "outliers"];
                    if let Some(treats) = treats.iter().find(|name| field.has_attribute(**name)) {
                        return Err(unsupported(
                            format!("{treats} of the model's result `{}`", shorten(id)),
                            "leave it out",
                        ));
                    }
                    continue;
                }
                (None, Some(data)) => {
                    self.used[data.column] = true;
                    if let Some(problem) = &data.problem {
                        return Err(problem.clone());
                    }
                    Typed {
                        variable: Variable::input(data.column),
                        numeric: data.numeric,
                        single: data.single,
                        numbers: data.numbers.clone(),
                        codes: data.codes,
                    }
                }
                (None, None) => return Err(refuse(format!("there is no field `{}`", shorten(id)))),
            };
            let changed = self.treat(field, id, &mut typed)?;
            if changed || known.is_none() {
                fields.insert(id, Field::Variable(typed));
            }
        }
        self.check_count()?;
        Ok(fields)
    }

    /// What the schema does to values; gives whether it does anything.
    fn treat(
        &mut self,
        field: Xml<'a, 'a>,
        id: &str,
        typed: &mut Typed,
    ) -> Result<bool, ModelFileError> {
        let wrap = |typed: &mut Typed, make: &dyn Fn(Arc<Function>) -> Function| {
            typed.variable.function = Arc::new(make(typed.variable.function.clone()));
        };
        let mut changed = false;
        let column = typed.variable.column;
        let invalid = self.data.get(id).filter(|data| data.column == column);
        let invalid: Vec<f64> = match invalid.map(|data| data.invalid.as_slice()) {
            None | Some([]) => Vec::new(),
            Some(texts) if field.attribute("invalidValueTreatment") == Some("asMissing") => {
                texts.iter().filter_map(|text| finite(text)).collect()
            }
            Some(_) if field.attribute("invalidValueTreatment") == Some("asIs") => Vec::new(),
            Some(_) => {
                return Err(unsupported(
                    format!("a value of `{}` that is invalid", shorten(id)),
                    "give it the property missing, or invalidValueTreatment asMissing",
                ))
            }
        };
        self.columns[column].missing_codes.extend(invalid);
        match field.attribute("invalidValueTreatment").unwrap_or("returnInvalid") {
            // Targets outside of a range or list can't be given.
            "returnInvalid" => {}
            "asIs" => {
                if let ColumnKind::Number { range } = &mut self.columns[column].kind {
                    *range = None;
                }
            }
            "asMissing" => {
                if let ColumnKind::Category { values } = &self.columns[column].kind {
                    let valid: Vec<_> =
                        values.iter().map(|value| (value.clone(), value.clone())).collect();
                    if !valid.is_empty() {
                        wrap(typed, &|of| Function::Table(of, valid.clone(), Cell::Missing));
                        changed = true;
                    }
                }
                if let ColumnKind::Number { range: range @ Some(_) } =
                    &mut self.columns[column].kind
                {
                    let [low, high] = range.take().unwrap_or_default();
                    wrap(typed, &|of| Function::Clip { of, low, high, outside: Outside::Missing });
                    changed = true;
                }
            }
            other => {
                return Err(unsupported(
                    format!("invalidValueTreatment `{}` of `{}`", shorten(other), shorten(id)),
                    "use returnInvalid, asIs or asMissing",
                ))
            }
        }
        let outside = match field.attribute("outliers").unwrap_or("asIs") {
            "asIs" => None,
            "asMissingValues" => Some(Outside::Missing),
            "asExtremeValues" => Some(Outside::Clamp),
            other => return Err(refuse(format!("outliers is `{}`", shorten(other)))),
        };
        if let Some(outside) = outside {
            let low = number(field, "lowValue")?.unwrap_or(f64::MIN);
            let high = number(field, "highValue")?.unwrap_or(f64::MAX);
            if low > high || !typed.numeric {
                return Err(refuse(format!("the outliers of `{}` have no range", shorten(id))));
            }
            wrap(typed, &|of| Function::Clip { of, low, high, outside });
            changed = true;
        }
        if let Some(text) = field.attribute("missingValueReplacement") {
            let default = typed.cell(text)?;
            wrap(typed, &|of| Function::Default(of, default.clone()));
            changed = true;
        }
        let optype = field.attribute("optype");
        if optype.is_some_and(|optype| (optype == "continuous") != typed.numeric) {
            return Err(unsupported(
                format!("another optype of `{}` in a MiningSchema", shorten(id)),
                "give the optype in the DataDictionary alone",
            ));
        }
        if field.attribute("missingValueTreatment") == Some("returnInvalid") {
            return Err(unsupported(
                format!("missingValueTreatment `returnInvalid` of `{}`", shorten(id)),
                "leave it out: answers may be missing only where the data has gaps",
            ));
        }
        Ok(changed)
    }
}
