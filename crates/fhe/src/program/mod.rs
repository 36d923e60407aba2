// SPDX-License-Identifier: Apache-2.0
//! What is computed, in clear: programs and what they are made of, the order of their work, and the
//! noise they cost. Nothing here touches a ciphertext, a key or a record.

mod bits;
mod budget;
mod builder;
mod check;
mod checked;
mod diagram;
mod error;
mod noise;
mod plan;
mod schedule;
mod sum;
mod work;

pub use bits::BitSet;
pub use budget::{Budget, BudgetError, OutputBudget};
pub use builder::{DiagramBuilder, DiagramError};
pub use checked::Program;
pub use diagram::{Diagram, Target};
pub use error::ProgramError;
pub use sum::{Step, Sum, Table};

pub(crate) use plan::{Extract, Pass, Plan, PlanNode};
pub(crate) use schedule::{Choice, Cmux, Schedule};

#[cfg(test)]
pub(crate) use noise::{cmux_variance, switch_variance, transform_variance, zero_variance};
