// SPDX-License-Identifier: Apache-2.0
//! Whatever a program is made of: refused, or an output for every input.

#![no_main]

use cso_fhe::{DiagramBuilder, Profile, Program, Step, Sum, Table};
use libfuzzer_sys::fuzz_target;

/// Reads small numbers from the input; zeros when it is used up.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn small(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let bits = input.small(40);
    let mut sums: Vec<Sum> = (0..input.small(4))
        .map(|_| {
            let steps = (0..input.small(4))
                .map(|_| match input.small(3) {
                    0 => Step::Weighted {
                        points: (0..bits + usize::from(input.byte() == 255))
                            .map(|_| i16::from(input.byte() as i8) << input.small(9))
                            .collect(),
                    },
                    _ => {
                        let mut builder = DiagramBuilder::new();
                        let mut targets = vec![builder.leaf(0)];
                        for _ in 0..input.small(24) {
                            let low = targets[input.small(targets.len())];
                            let high = targets[input.small(targets.len())];
                            let leaf =
                                builder.leaf(i32::from(input.byte() as i8) << input.small(25));
                            let bit = input.small(44) as u16;
                            targets.push(builder.node(bit, low, high));
                            targets.push(leaf);
                        }
                        let root = targets[input.small(targets.len())];
                        Step::Diagram(builder.finish(root))
                    }
                })
                .collect();
            let tables = (0..input.small(4))
                .map(|_| {
                    let width = input.small(18) as u32;
                    let value = u16::from(input.byte()) & ((1u32 << width.min(16)) - 1) as u16;
                    Table { output: 0, bits: width, values: vec![value; input.small(256) * 9] }
                })
                .collect();
            let bias = i32::from(input.byte() as i8) << input.small(25);
            Sum { steps, bias, wraps: false, tables }
        })
        .collect();
    // An output a table, unless the input says otherwise.
    let mut outputs = 0;
    for sum in &mut sums {
        sum.wraps = input.byte() & 1 == 1;
        for table in &mut sum.tables {
            table.output = match input.byte() {
                0 => outputs,
                other => usize::from(other) % 4,
            };
            outputs = outputs.max(table.output + 1);
        }
    }
    if let Ok(program) = Program::new(bits, sums) {
        for profile in Profile::ALL {
            let _ = program.budget(profile);
        }
        let record: Vec<bool> = (0..bits).map(|_| input.byte() & 1 == 1).collect();
        let outputs =
            program.evaluate(&record).expect("a checked program has an output for every input");
        assert_eq!(outputs.len(), program.outputs());
        assert!(program.reads().iter().all(|bit| bit < bits));
    }
});
