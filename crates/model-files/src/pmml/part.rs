// SPDX-License-Identifier: Apache-2.0
//! Parts: what an expression is once it was read, and where it stands.

use std::collections::HashMap;
use std::sync::Arc;

use super::fields::Scope;
use super::mixture::Mixture;
use super::xml::{refuse, unsupported};
use crate::function::MAX_PARTS;
use crate::{shorten, Cell, Expression, Function, ModelFileError, Sum, Term, Variable};

/// An expression as it was read.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Reads nothing.
    Constant(Cell),
    /// A function of one column.
    One(Variable),
    /// Arithmetic on several columns.
    Several(Expression),
    /// A function of what models predict.
    Result(Mixture),
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'e, 'a> {
    /// The fields that it may read.
    pub scope: &'e Scope<'a>,
    /// The field that it defines.
    pub id: &'e str,
    /// The arguments of the function whose body it is.
    pub arguments: Option<&'e HashMap<&'a str, Part>>,
    /// A column whose value is known, if there is one.
    pub known: Option<(usize, &'e Cell)>,
    /// How many functions stand around it.
    pub depth: usize,
}

/// 1 where a value is missing, else 0.
pub(super) fn missing(of: Arc<Function>) -> Function {
    let zero = Function::Table(of, Vec::new(), Cell::Number(0.0));
    Function::Default(Arc::new(zero), Cell::Number(1.0))
}

impl Part {
    /// A function of the part, which must read one column or none.
    pub(super) fn then(
        self,
        id: &str,
        make: impl FnOnce(Arc<Function>) -> Function,
    ) -> Result<Self, ModelFileError> {
        match self {
            Self::Constant(cell) => {
                let function = make(Arc::new(Function::Constant(cell)));
                Ok(Self::Constant(function.value(&Cell::Missing)))
            }
            Self::One(Variable { column, function }) => {
                let function = Arc::new(make(function));
                if function.parts() > MAX_PARTS {
                    let id = shorten(id);
                    return Err(refuse(format!("field `{id}` has more than {MAX_PARTS} parts")));
                }
                Ok(Self::One(Variable { column, function }))
            }
            Self::Several(_) => Err(unsupported(
                format!("the function of an expression of several fields in `{}`", shorten(id)),
                "give the expression a DerivedField of its own",
            )),
            Self::Result(_) => Err(unsupported(
                format!("the function of a model's result in `{}`", shorten(id)),
                "use + - * /, exp, pow(x, 2), min, max, abs, NormContinuous",
            )),
        }
    }

    /// As a result: a sum of one product, if it is a function of a column.
    pub(super) fn result(self, id: &str) -> Result<Mixture, ModelFileError> {
        match self {
            Self::Constant(cell) => {
                let number = cell.number();
                Ok(Mixture::constant(number.ok_or_else(|| {
                    refuse(format!("`{}` calculates with a constant that is none", shorten(id)))
                })?))
            }
            Self::One(variable) => Ok(Mixture::of(Sum {
                constant: 0.0,
                terms: vec![Term::Product { factors: vec![variable], weight: 1.0 }],
            })),
            Self::Result(result) => Ok(result),
            Self::Several(_) => Err(unsupported(
                format!("`{}` of a result and several fields", shorten(id)),
                "give the fields' expression a DerivedField of its own",
            )),
        }
    }

    /// How large a copy is.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Constant(_) | Self::One(_) => 1,
            Self::Several(expression) => expression.parts(),
            Self::Result(result) => result.size(),
        }
    }
}
