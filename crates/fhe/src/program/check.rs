// SPDX-License-Identifier: Apache-2.0
//! What must hold of a sum before it is planned.

use crate::params::{MAX_OUTPUTS, MAX_OUTPUT_BITS, N};

use super::error::ProgramError;
use super::sum::{Step, Sum, Table};

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

/// The tables are well formed, and the sum can't leave them unless it wraps.
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
        if !of.wraps && (low < 0 || high >= len as i64) {
            return Err(ProgramError::Range { sum, table, low, high, len });
        }
    }
    Ok(())
}

/// The widths of the outputs, once each has tables of one width and room for their greatest total.
pub(super) fn check_outputs(sums: &[Sum]) -> Result<Vec<u32>, ProgramError> {
    let tables = || sums.iter().flat_map(|sum| &sum.tables);
    let outputs = tables().map(|t| t.output.saturating_add(1)).max().unwrap_or(0);
    if !(1..=MAX_OUTPUTS).contains(&outputs) {
        return Err(ProgramError::Outputs(outputs));
    }
    (0..outputs)
        .map(|output| {
            let of = |t: &&Table| t.output == output;
            let bits = tables().find(of).ok_or(ProgramError::NoOutput(output))?.bits;
            for (sum, s) in sums.iter().enumerate() {
                if let Some(table) = s.tables.iter().position(|t| of(&t) && t.bits != bits) {
                    let expected = bits;
                    let bits = s.tables[table].bits;
                    return Err(ProgramError::OutputBits { sum, table, output, bits, expected });
                }
            }
            match greatest(sums, output) {
                Some(total) if total >> bits != 0 => {
                    Err(ProgramError::Total { output, total, bits })
                }
                _ => Ok(bits),
            }
        })
        .collect()
}

/// The greatest total of an output, if no sum that adds to it wraps.
fn greatest(sums: &[Sum], output: usize) -> Option<u64> {
    let mut total = 0;
    for sum in sums {
        let tables: Vec<&Table> = sum.tables.iter().filter(|t| t.output == output).collect();
        if tables.is_empty() {
            continue;
        }
        if sum.wraps {
            return None;
        }
        let (low, len) = sum.window();
        let at = |i| tables.iter().map(|t| u64::from(t.at(i))).sum();
        total += (low..low + len).map(at).max().unwrap_or(0u64);
    }
    Some(total)
}
