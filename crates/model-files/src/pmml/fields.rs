// SPDX-License-Identifier: Apache-2.0
//! Fields: the data dictionary, and what a mining schema does to their values.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::xml::{finite, named, need, number, refuse, unsupported};
use crate::column::MAX_FEATURES;
use crate::{shorten, Cell, Column, ColumnKind, Function, ModelFileError, Outside, Sum, Variable};

/// A field as a model sees it.
#[derive(Clone, Debug)]
pub(super) enum Field {
    /// A function of one column.
    Variable(Typed),
    /// What an earlier model of a chain says.
    Sum(Sum),
}

/// A function of one column with what its values are.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub variable: Variable,
    /// Whether values are numbers rather than categories.
    pub numeric: bool,
    /// Whether values have single precision.
    pub single: bool,
}

impl Typed {
    /// A constant of the field's type.
    pub(super) fn cell(&self, text: &str) -> Result<Cell, ModelFileError> {
        if !self.numeric {
            return Ok(Cell::Text(text.into()));
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
}

/// The fields of a model: those of the model around it, and what it defines itself.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub outer: Option<Rc<Scope<'a>>>,
    pub fields: HashMap<&'a str, Field>,
}

impl Scope<'_> {
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
            Some(Field::Sum(_)) => Err(unsupported(
                format!("a question about `{}`, the result of another model,", shorten(name)),
                "use results of a chain only in its last RegressionModel",
            )),
            None => Err(refuse(format!("there is no field `{}`", shorten(name)))),
        }
    }
}

/// The columns of the data dictionary; those that no model reads are dropped in the end.
#[derive(Default)]
pub(super) struct Dictionary<'a> {
    pub columns: Vec<Column>,
    pub used: Vec<bool>,
    pub data: HashMap<&'a str, DataField>,
}

/// A field of the data dictionary.
pub(super) struct DataField {
    pub column: usize,
    /// Valid values, if they are listed.
    pub values: Vec<String>,
    pub numeric: bool,
    pub single: bool,
    pub ordinal: bool,
}

impl<'a> Dictionary<'a> {
    pub(super) fn read(element: Xml<'a, 'a>) -> Result<Self, ModelFileError> {
        let mut dictionary = Self::default();
        for field in named(element, "DataField") {
            let id = need(field, "name")?;
            let data_type = need(field, "dataType")?;
            let optype = need(field, "optype")?;
            let numeric_type = matches!(data_type, "integer" | "float" | "double");
            if !numeric_type && !matches!(data_type, "string" | "boolean") {
                return Err(unsupported(
                    format!("dataType `{}` of field `{}`", shorten(data_type), shorten(id)),
                    "use string, boolean, integer, float or double",
                ));
            }
            let numeric = numeric_type && optype == "continuous";
            let mut values = Vec::new();
            for value in named(field, "Value") {
                let text = need(value, "value")?;
                match value.attribute("property").unwrap_or("valid") {
                    "valid" => values.push(text.to_owned()),
                    // Empty cells and NaN are missing anyway.
                    "missing" if matches!(text, "" | "NaN" | "nan" | "NA") => {}
                    "invalid" => {}
                    _ => {
                        return Err(unsupported(
                            format!(
                                "the value `{}` of `{}` that stands for a missing one",
                                shorten(text),
                                shorten(id)
                            ),
                            "leave such cells of the data empty",
                        ))
                    }
                }
            }
            if numeric && !values.is_empty() {
                return Err(unsupported(
                    format!("a list of values for the continuous field `{}`", shorten(id)),
                    "give an Interval, or make it categorical",
                ));
            }
            if data_type == "boolean" && values.is_empty() {
                values = vec!["false".to_owned(), "true".to_owned()];
            }
            let kind = if numeric {
                ColumnKind::Number { range: interval(field)? }
            } else {
                ColumnKind::Category {
                    values: values.iter().map(|text| Cell::Text(text.as_str().into())).collect(),
                }
            };
            let data = DataField {
                column: dictionary.columns.len(),
                values,
                numeric,
                single: data_type == "float",
                ordinal: optype == "ordinal",
            };
            if dictionary.data.insert(id, data).is_some() {
                return Err(refuse(format!("field `{}` is defined twice", shorten(id))));
            }
            let place = dictionary.columns.len();
            dictionary.columns.push(Column::new(id.to_owned(), kind, place));
        }
        dictionary.used = vec![false; dictionary.columns.len()];
        Ok(dictionary)
    }

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
                (Some(Field::Sum(_)), _) => continue,
                (None, Some(data)) => {
                    self.used[data.column] = true;
                    Typed {
                        variable: Variable::input(data.column),
                        numeric: data.numeric,
                        single: data.single,
                    }
                }
                (None, None) => return Err(refuse(format!("there is no field `{}`", shorten(id)))),
            };
            let changed = self.treat(field, id, &mut typed)?;
            if changed || known.is_none() {
                fields.insert(id, Field::Variable(typed));
            }
        }
        if self.used.iter().filter(|used| **used).count() > MAX_FEATURES {
            return Err(refuse(format!("more than {MAX_FEATURES} fields")));
        }
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
        match field.attribute("invalidValueTreatment").unwrap_or("returnInvalid") {
            // Targets outside of a range or list can't be given.
            "returnInvalid" => {}
            "asIs" => {
                if let ColumnKind::Number { range } = &mut self.columns[column].kind {
                    *range = None;
                }
            }
            "asMissing" => {
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
        if field.attribute("missingValueTreatment") == Some("returnInvalid") {
            return Err(unsupported(
                format!("missingValueTreatment `returnInvalid` of `{}`", shorten(id)),
                "leave it out: answers may be missing only where the data has gaps",
            ));
        }
        Ok(changed)
    }
}

/// The range of valid numbers, if there is one with two ends.
fn interval(field: Xml<'_, '_>) -> Result<Option<[f64; 2]>, ModelFileError> {
    let mut ranges = field.children().filter(|node| node.tag_name().name() == "Interval");
    let Some(range) = ranges.next() else {
        return Ok(None);
    };
    if ranges.next().is_some() {
        return Err(unsupported(
            "a field of several intervals",
            "give one Interval from the least to the greatest value",
        ));
    }
    match (number(range, "leftMargin")?, number(range, "rightMargin")?) {
        (Some(low), Some(high)) if low < high => Ok(Some([low, high])),
        (Some(_), Some(_)) => Err(refuse("an Interval is empty")),
        _ => Ok(None),
    }
}
