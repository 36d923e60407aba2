// SPDX-License-Identifier: Apache-2.0
//! Features and constants: what scalers do, in single precision as onnxruntime.

use std::sync::Arc;

use super::refuse;
use crate::function::MAX_PARTS;
use crate::{shorten, Cell, Function, ModelFileError, Operation, Variable};

pub(super) fn doubles(floats: &[f32]) -> Vec<f64> {
    floats.iter().copied().map(f64::from).collect()
}

/// One number for each feature: as many, or one for all.
pub(super) fn spread(
    numbers: &[f64],
    features: usize,
    operator: &str,
) -> Result<Vec<f64>, ModelFileError> {
    match numbers.len() {
        1 => Ok(vec![numbers[0]; features]),
        length if length == features => Ok(numbers.to_vec()),
        length => Err(refuse(format!(
            "a {} has {length} numbers for {features} features",
            shorten(operator)
        ))),
    }
}

/// An operation with a constant on each feature, in single precision.
pub(super) fn arithmetic(
    features: Vec<Variable>,
    constant: &[f64],
    operation: Operation,
    operator: &str,
) -> Result<Vec<Variable>, ModelFileError> {
    let constants = spread(constant, features.len(), operator)?;
    let apply = |(feature, constant): (Variable, f64)| {
        let arguments = vec![
            Arc::new(Function::Single(feature.function)),
            Arc::new(Function::Constant(Cell::Number(f64::from(constant as f32)))),
        ];
        let result = Arc::new(Function::Apply(operation, arguments));
        let function = Arc::new(Function::Single(result));
        if function.parts() > MAX_PARTS {
            return Err(refuse("features are scaled too often"));
        }
        Ok(Variable { column: feature.column, function })
    };
    features.into_iter().zip(constants).map(apply).collect()
}
