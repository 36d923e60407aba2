// SPDX-License-Identifier: Apache-2.0
//! What must hold of a sum before it is planned.

use crate::params::{MAX_OUTPUT_BITS, N};

use super::error::ProgramError;
use super::sum::{Step, Sum};

/// The steps read only bits that the program has.
pub(super) fn check_steps(bits: usize, sum: usize, of: &Sum) -> Result<(), ProgramError> {
    for (step, s) in of.steps.iter().enumerate() {
        match s {
            Step::Weighted { points } if points.len() != bits => {
                return Err(ProgramError::PointsLength {
                    sum,
                    step,
                    expected: bits,
                    actual: points.len(),
                });
            }
            Step::Diagram(diagram) => match diagram.max_bit() {
                Some(bit) if usize::from(bit) >= bits => {
                    return Err(ProgramError::BitOutOfRange { sum, step, bit, bits });
                }
                _ => {}
            },
            Step::Weighted { .. } => {}
        }
    }
    Ok(())
}

/// The tables are well formed, and the sum can't leave them.
pub(super) fn check_tables(sum: usize, of: &Sum) -> Result<(), ProgramError> {
    if of.tables.is_empty() {
        return Err(ProgramError::NoTable(sum));
    }
    let (low, high) = of.range();
    for (table, t) in of.tables.iter().enumerate() {
        let (bits, len) = (t.bits, t.values.len());
        if !(1..=MAX_OUTPUT_BITS).contains(&bits) {
            return Err(ProgramError::TableBits { sum, table, bits });
        }
        if !(1..=N).contains(&len) {
            return Err(ProgramError::TableLength { sum, table, len });
        }
        if let Some((index, value)) =
            t.values.iter().enumerate().find(|(_, v)| u32::from(**v) >> bits != 0)
        {
            return Err(ProgramError::TableValue { sum, table, index, value: *value, bits });
        }
        if low < 0 || high >= len as i64 {
            return Err(ProgramError::Range { sum, table, low, high, len });
        }
    }
    Ok(())
}
