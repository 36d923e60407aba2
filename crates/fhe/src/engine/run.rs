// SPDX-License-Identifier: Apache-2.0
//! Runs a plan on accumulators, for any arithmetic that can do an external product.

use core::marker::PhantomData;

use pulp::{Simd, WithSimd};

use crate::params::{GLWE_LEN, N};
use crate::program::{Choice, Cmux, Extract, Pass, Plan, PlanNode, Schedule, Sum};
use crate::ring::{rotate, rotate_sub_from, Modulus};

use super::arithmetic::Arithmetic;

/// The accumulators of an evaluation, kept from one to the next.
#[derive(Default)]
pub(crate) struct RunScratch {
    difference: Vec<u64>,
    registers: Vec<u64>,
    accumulators: Vec<u64>,
}

impl RunScratch {
    /// Grows to what `plan` needs, so that nothing is allocated while it runs.
    fn reserve(&mut self, plan: &Plan) {
        self.difference.resize(GLWE_LEN, 0);
        let registers = plan.max_registers() * GLWE_LEN;
        if self.registers.len() < registers {
            self.registers.resize(registers, 0);
        }
        let accumulators =
            plan.passes.iter().map(|p| needed(&p.node)).max().unwrap_or(0) * GLWE_LEN;
        if self.accumulators.len() < accumulators {
            self.accumulators.resize(accumulators, 0);
        }
    }

    /// Bytes held.
    pub(crate) fn resident_bytes(&self) -> usize {
        8 * (self.difference.len() + self.registers.len() + self.accumulators.len())
    }
}

/// Accumulators that a node needs: its own, and one at a time for its children.
fn needed(node: &PlanNode) -> usize {
    1 + node.children.iter().map(needed).max().unwrap_or(0)
}

/// Runs `plan` and hands each part of an output, an accumulator and where in it to look, to `emit`.
pub(crate) fn run<A: Arithmetic>(
    arithmetic: &mut A,
    scratch: &mut RunScratch,
    plan: &Plan,
    sums: &[Sum],
    mut emit: impl FnMut(&[u64], Extract),
) {
    scratch.reserve(plan);
    let RunScratch { difference, registers, accumulators } = scratch;
    for pass in &plan.passes {
        fill::<A>(&mut accumulators[..GLWE_LEN], pass, sums);
        let mut runner = Runner {
            arch: pulp::Arch::new(),
            arithmetic: &mut *arithmetic,
            schedules: &plan.schedules,
            difference,
            registers,
        };
        runner.node(&pass.node, accumulators, &mut emit);
    }
}

/// The trivial encryption of a pass's tables.
fn fill<A: Arithmetic>(accumulator: &mut [u64], pass: &Pass, sums: &[Sum]) {
    accumulator.fill(0);
    for slot in &pass.slots {
        for table in slot.tables.iter().map(|table| &sums[slot.sum].tables[*table]) {
            let values = table.values.iter().skip(slot.low).take(slot.len);
            for (x, v) in accumulator[N + slot.start..].iter_mut().zip(values) {
                *x = A::Modulus::add(*x, A::Modulus::encode(*v, table.bits));
            }
        }
    }
}

struct Runner<'a, A> {
    arch: pulp::Arch,
    arithmetic: &'a mut A,
    schedules: &'a [Schedule],
    difference: &'a mut [u64],
    registers: &'a mut [u64],
}

impl<A: Arithmetic> Runner<'_, A> {
    fn node(
        &mut self,
        node: &PlanNode,
        accumulators: &mut [u64],
        emit: &mut impl FnMut(&[u64], Extract),
    ) {
        let (accumulator, rest) = accumulators.split_at_mut(GLWE_LEN);
        let schedules = self.schedules;
        let first_bit =
            |diagram: usize| schedules[diagram].steps.first().map(|step| usize::from(step.bit));
        for (i, (bit, exponent)) in node.weights.iter().enumerate() {
            let next = match node.weights.get(i + 1) {
                Some((bit, _)) => Some(*bit),
                None => node.diagrams.first().and_then(|d| first_bit(*d)),
            };
            self.arithmetic.turn(accumulator, *bit, *exponent, next);
        }
        for (i, diagram) in node.diagrams.iter().enumerate() {
            let next = node.diagrams.get(i + 1).and_then(|d| first_bit(*d));
            self.diagram(*diagram, accumulator, next);
        }
        for result in &node.results {
            emit(accumulator, *result);
        }
        for child in &node.children {
            rest[..GLWE_LEN].copy_from_slice(accumulator);
            self.node(child, rest, emit);
        }
    }

    fn diagram(&mut self, diagram: usize, accumulator: &mut [u64], after: Option<usize>) {
        let schedule = &self.schedules[diagram];
        let mut result = None;
        for (i, step) in schedule.steps.iter().enumerate() {
            let next = schedule.steps.get(i + 1).map_or(after, |step| Some(usize::from(step.bit)));
            self.arch.dispatch(Choose::<A::Modulus> {
                step,
                difference: self.difference,
                registers: self.registers,
                accumulator,
                modulus: PhantomData,
            });
            let to = &mut self.registers[register(step.to)];
            self.arithmetic.add_external_product(to, usize::from(step.bit), self.difference, next);
            result = Some(step.to);
        }
        if let Some(result) = result {
            accumulator.copy_from_slice(&self.registers[register(result)]);
        }
    }
}

fn register(r: u16) -> core::ops::Range<usize> {
    let start = usize::from(r) * GLWE_LEN;
    start..start + GLWE_LEN
}

/// Makes `difference = high - low`, and leaves `low` in the register of the result.
///
/// An operation rather than a function, so that all of it is compiled for the processor it runs on.
struct Choose<'a, M> {
    step: &'a Cmux,
    difference: &'a mut [u64],
    registers: &'a mut [u64],
    accumulator: &'a [u64],
    modulus: PhantomData<M>,
}

impl<M: Modulus> WithSimd for Choose<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { step, difference, registers, accumulator, .. } = self;
        match step.low {
            Choice::Turned(e) => rotate::<M>(difference, accumulator, usize::from(e)),
            Choice::Register(r) => difference.copy_from_slice(&registers[register(r)]),
        }
        if step.low != Choice::Register(step.to) && step.high != Choice::Register(step.to) {
            registers[register(step.to)].copy_from_slice(difference);
        }
        match step.high {
            Choice::Turned(e) => rotate_sub_from::<M>(difference, accumulator, usize::from(e)),
            Choice::Register(r) => {
                let high = &mut registers[register(r)];
                if r == step.to {
                    // The result takes the place of `high`: it begins as `low`.
                    for (d, h) in difference.iter_mut().zip(high) {
                        let low = *d;
                        *d = M::sub(*h, low);
                        *h = low;
                    }
                } else {
                    for (d, h) in difference.iter_mut().zip(high) {
                        *d = M::sub(*h, *d);
                    }
                }
            }
        }
    }
}
