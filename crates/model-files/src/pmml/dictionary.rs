// SPDX-License-Identifier: Apache-2.0
//! The data dictionary: columns, their valid values, and the codes that stand for gaps.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use roxmltree::Node as Xml;

use super::xml::{finite, named, need, number, refuse, unsupported};
use crate::column::MAX_FEATURES;
use crate::{shorten, Cell, Column, ColumnKind, Expression, ModelFileError};

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
    /// Numbers that the values of a category stand for.
    pub numbers: Rc<[(Cell, Cell)]>,
    /// Whether constants of a category are numbers.
    pub codes: bool,
    /// Values that are declared invalid.
    pub invalid: Vec<String>,
    /// Why the field can't be read, if something reads it.
    pub problem: Option<ModelFileError>,
}

impl<'a> Dictionary<'a> {
    pub(super) fn read(element: Xml<'a, 'a>) -> Result<Self, ModelFileError> {
        let mut dictionary = Self::default();
        for field in named(element, "DataField") {
            let id = need(field, "name")?;
            let data_type = need(field, "dataType")?;
            let optype = need(field, "optype")?;
            let numeric_type = matches!(data_type, "integer" | "float" | "double");
            let mut problem = None;
            if !numeric_type && !matches!(data_type, "string" | "boolean") {
                problem = Some(unsupported(
                    format!("dataType `{}` of field `{}`", shorten(data_type), shorten(id)),
                    "use string, boolean, integer, float or double",
                ));
            }
            let numeric = numeric_type && optype == "continuous";
            let (mut values, mut invalid, mut codes) = (Vec::new(), Vec::new(), Vec::new());
            if field.attribute("isCyclic").is_some_and(|cyclic| cyclic != "0") {
                problem = Some(unsupported(
                    format!("the cyclic field `{}`", shorten(id)),
                    "leave isCyclic out",
                ));
            }
            for value in named(field, "Value") {
                let text = need(value, "value")?;
                match value.attribute("property").unwrap_or("valid") {
                    "valid" => values.push(text.to_owned()),
                    // Empty cells and NaN are missing anyway.
                    "missing" if matches!(text, "" | "NaN" | "nan" | "NA") => {}
                    "missing" => match finite(text) {
                        Some(code) => codes.push(code),
                        // A column of numbers has no texts.
                        None if numeric => {}
                        None => {
                            problem = Some(unsupported(
                                format!(
                                    "the text `{}` for a gap in `{}`",
                                    shorten(text),
                                    shorten(id)
                                ),
                                "leave such cells of the data empty",
                            ));
                        }
                    },
                    "invalid" => invalid.push(text.to_owned()),
                    other => {
                        let (other, id) = (shorten(other), shorten(id));
                        return Err(refuse(format!(
                            "a value of `{id}` has the property `{other}`"
                        )));
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
            let stands_for = |text: &String| {
                let number = match text.as_str() {
                    "true" => 1.0,
                    "false" => 0.0,
                    text => finite(text)?,
                };
                Some((Cell::Text(text.as_str().into()), Cell::Number(number)))
            };
            let numbers: Option<Vec<_>> =
                values.iter().filter(|_| data_type != "string").map(stands_for).collect();
            let data = DataField {
                column: dictionary.columns.len(),
                numbers: numbers.filter(|_| !numeric).unwrap_or_default().into(),
                codes: numeric_type && values.is_empty(),
                invalid,
                problem,
                values,
                numeric,
                single: data_type == "float",
                ordinal: optype == "ordinal",
            };
            if dictionary.data.insert(id, data).is_some() {
                return Err(refuse(format!("field `{}` is defined twice", shorten(id))));
            }
            let place = dictionary.columns.len();
            let column = Column::new(id.to_owned(), kind, place);
            dictionary.columns.push(Column { missing_codes: codes, ..column });
        }
        dictionary.used = vec![false; dictionary.columns.len()];
        Ok(dictionary)
    }

    /// The columns that hold no numbers.
    pub(super) fn texts(&self) -> BTreeSet<usize> {
        let texts = self.columns.iter().enumerate();
        let texts = texts.filter(|(_, column)| !matches!(column.kind, ColumnKind::Number { .. }));
        texts.map(|(index, _)| index).collect()
    }

    /// The column that holds the value of an expression.
    pub(super) fn derive(
        &mut self,
        id: &str,
        expression: Expression,
    ) -> Result<usize, ModelFileError> {
        let kind = ColumnKind::Derived(expression);
        if let Some(place) = self.columns.iter().position(|column| column.kind == kind) {
            return Ok(place);
        }
        let place = self.columns.len();
        let taken = |name: &str| self.columns.iter().any(|column| column.name == name);
        let mut name = id.to_owned();
        while taken(&name) {
            name.push('\'');
        }
        self.columns.push(Column::new(name, kind, place));
        self.used.push(true);
        self.check_count()?;
        Ok(place)
    }

    pub(super) fn check_count(&self) -> Result<(), ModelFileError> {
        match self.used.iter().filter(|used| **used).count() > MAX_FEATURES {
            true => Err(refuse(format!("more than {MAX_FEATURES} fields"))),
            false => Ok(()),
        }
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
