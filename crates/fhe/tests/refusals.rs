// SPDX-License-Identifier: Apache-2.0
//! What is malformed, tampered with or meant for another key is refused, each with its own error.

mod common;

use cso_fhe::{
    Answer, AnswerError, BitSet, BudgetError, Diagram, DiagramBuilder, EvaluateError, Evaluator,
    LoadedRecord, Loader, Profile, Program, ProgramError, Record, RecordError, RecordKey, Step,
    Sum, Table,
};

fn table(bits: u32, len: usize) -> Table {
    Table { output: 0, bits, values: vec![0; len] }
}

fn weights(points: &[i16], bias: i32, table: Table) -> Sum {
    Sum {
        steps: vec![Step::Weighted { points: points.to_vec() }],
        bias,
        wraps: false,
        tables: vec![table],
    }
}

fn small() -> (RecordKey, Record) {
    let key = RecordKey::from_seed([1; 32]);
    let record = key.encrypt(&[true, false], Profile::Fast).unwrap();
    (key, record)
}

fn answer() -> (RecordKey, Answer) {
    let (key, record) = small();
    let program = Program::new(2, vec![weights(&[1, 2], 0, table(3, 4))]).unwrap();
    let answer = Evaluator::new().evaluate(&LoadedRecord::load(&record), &program).unwrap();
    (key, answer)
}

/// The error of a record whose bytes were changed by `change`.
fn record_error(change: impl Fn(&mut Vec<u8>)) -> RecordError {
    let mut bytes = small().1.to_bytes();
    change(&mut bytes);
    let error = Record::from_bytes(&bytes).unwrap_err();
    // The streaming parser refuses the same bytes, with the same error unless the end of the stream
    // is what is wrong.
    let mut loader = Loader::new(BitSet::all());
    let streamed = match bytes.chunks(50_000).try_for_each(|c| loader.push(c)) {
        Err(e) => e,
        Ok(()) => loader.finish().expect_err("the loader refuses what the parser refuses"),
    };
    assert_eq!(core::mem::discriminant(&streamed), core::mem::discriminant(&error));
    error
}

#[test]
fn refuses_malformed_records() {
    let len = small().1.to_bytes().len();
    assert_eq!(
        record_error(|b| b.truncate(63)),
        RecordError::Truncated { expected: 64, actual: 63 }
    );
    assert_eq!(
        record_error(|b| b.truncate(len - 1)),
        RecordError::Truncated { expected: len, actual: len - 1 }
    );
    assert_eq!(
        record_error(|b| b.push(0)),
        RecordError::Oversized { expected: len, actual: len + 1 }
    );
    assert_eq!(record_error(|b| b[0] = b'X'), RecordError::Magic);
    assert_eq!(record_error(|b| b[4] = 2), RecordError::Version(2));
    assert_eq!(record_error(|b| b[5] = 2), RecordError::Form(2));
    assert_eq!(record_error(|b| b[6] = 0), RecordError::Profile(0));
    assert_eq!(record_error(|b| b[8] = 17), RecordError::Bits(17));
    assert_eq!(record_error(|b| b[7] = 1), RecordError::Reserved);
    assert_eq!(record_error(|b| b[15] = 1), RecordError::Reserved);
}

#[test]
fn refuses_records_with_a_changed_byte_in_any_part() {
    let len = small().1.to_bytes().len();
    for position in [16, 32, len - 1, len - 300_000, 64 + 12_288] {
        assert_eq!(record_error(|b| b[position] ^= 1), RecordError::Block(0), "byte {position}");
    }
}

#[test]
fn refuses_a_record_of_no_bits_or_too_many() {
    let key = RecordKey::generate().unwrap();
    assert_eq!(key.encrypt(&[], Profile::Fast).unwrap_err(), RecordError::NoBits);
    let error = key.encrypt(&[false; 2049], Profile::Fast).unwrap_err();
    assert_eq!(error, RecordError::TooManyBits { bits: 2049, max: 2048 });
}

#[test]
fn refuses_malformed_answers() {
    let (_, answer) = answer();
    let bytes = answer.to_bytes();
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = bytes.clone();
        change(&mut changed);
        Answer::from_bytes(&changed).unwrap_err()
    };
    let len = bytes.len();
    assert_eq!(error(&|b| b.truncate(5)), AnswerError::Truncated { expected: 24, actual: 5 });
    assert_eq!(
        error(&|b| b.truncate(len - 1)),
        AnswerError::Truncated { expected: len, actual: len - 1 }
    );
    assert_eq!(error(&|b| b.push(0)), AnswerError::Oversized { expected: len, actual: len + 1 });
    assert_eq!(error(&|b| b[0] = 0), AnswerError::Magic);
    assert_eq!(error(&|b| b[4] = 9), AnswerError::Version(9));
    assert_eq!(error(&|b| b[5] = 9), AnswerError::Profile(9));
    assert_eq!(error(&|b| b[6] = 0), AnswerError::Outputs(0));
    assert_eq!(error(&|b| b[6] = 9), AnswerError::Outputs(9));
    assert_eq!(error(&|b| b[7] = 9), AnswerError::Reserved);
    assert_eq!(error(&|b| b[24] = 17), AnswerError::OutputBits { output: 0, bits: 17 });
    assert_eq!(error(&|b| b[24] = 0), AnswerError::OutputBits { output: 0, bits: 0 });
    assert_eq!(error(&|b| b[len - 1] |= 0x80), AnswerError::Reserved);
}

#[test]
fn another_key_cannot_decrypt() {
    let (key, answer) = answer();
    assert_eq!(key.decrypt(&answer).unwrap(), [0]);
    let other = RecordKey::from_seed([2; 32]);
    assert_eq!(other.decrypt(&answer).unwrap_err(), AnswerError::OtherKey);
}

#[test]
fn refuses_a_program_that_reads_more_bits_than_the_record_has() {
    let (_, record) = small();
    let program = Program::new(17, vec![weights(&[1; 17], 0, table(1, 18))]).unwrap();
    let error = Evaluator::new().evaluate(&LoadedRecord::load(&record), &program).unwrap_err();
    assert_eq!(error, EvaluateError::MissingBits { program: 17, record: 16 });
}

#[test]
fn refuses_programs_whose_noise_is_too_much_and_names_the_step() {
    let many = Sum {
        steps: vec![
            Step::Weighted { points: vec![0; 600] },
            Step::Weighted { points: vec![1; 600] },
            Step::Diagram(Diagram::constant(0)),
        ],
        bias: 0,
        wraps: false,
        tables: vec![table(10, 601)],
    };
    let program = Program::new(600, vec![many]).unwrap();
    match program.budget(Profile::Fast).unwrap_err() {
        BudgetError::Failure { sum: 0, step: 1, output: 0, failure_log2, .. } => {
            assert!(failure_log2 > -128.0)
        }
        other => panic!("{other:?}"),
    }
    let budget = program.budget(Profile::Private).unwrap();
    assert!(budget.failure_log2 < -128.0);
    assert!(budget.require_margin(-10.0).is_ok());
    assert!(matches!(budget.require_margin(-40.0), Err(BudgetError::Margin { output: 0, .. })));
}

#[test]
fn refuses_programs_that_cannot_be() {
    let error = |bits, sums| Program::new(bits, sums).unwrap_err();
    let one = |t| vec![weights(&[1, -1], 1, t)];
    assert_eq!(error(0, vec![]), ProgramError::Bits { bits: 0, max: 2048 });
    assert_eq!(error(2049, vec![]), ProgramError::Bits { bits: 2049, max: 2048 });
    assert_eq!(error(2, vec![]), ProgramError::Outputs(0));
    let mut nine = weights(&[1, 1], 0, table(1, 3));
    nine.tables = (0..9).map(|output| Table { output, ..table(1, 3) }).collect();
    assert_eq!(error(2, vec![nine]), ProgramError::Outputs(9));
    let bare = Sum { steps: vec![], bias: 0, wraps: false, tables: vec![] };
    assert_eq!(error(2, vec![weights(&[1, 1], 0, table(1, 3)), bare]), ProgramError::NoTable(1));
    let short = vec![weights(&[1], 0, table(1, 3))];
    assert_eq!(
        error(2, short),
        ProgramError::PointsLength { sum: 0, step: 0, expected: 2, actual: 1 }
    );
    assert_eq!(error(2, one(table(0, 3))), ProgramError::TableBits { sum: 0, table: 0, bits: 0 });
    assert_eq!(error(2, one(table(17, 3))), ProgramError::TableBits { sum: 0, table: 0, bits: 17 });
    assert_eq!(error(2, one(table(1, 0))), ProgramError::TableLength { sum: 0, table: 0, len: 0 });
    assert_eq!(
        error(2, one(table(1, 2049))),
        ProgramError::TableLength { sum: 0, table: 0, len: 2049 }
    );
    let value = Table { output: 0, bits: 2, values: vec![0, 4, 0] };
    assert_eq!(
        error(2, one(value)),
        ProgramError::TableValue { sum: 0, table: 0, index: 1, value: 4, bits: 2 }
    );
    assert_eq!(
        error(2, one(table(1, 2))),
        ProgramError::Range { sum: 0, table: 0, low: 0, high: 2, len: 2 }
    );
    assert_eq!(
        error(2, vec![weights(&[1, -1], 0, table(1, 3))]),
        ProgramError::Range { sum: 0, table: 0, low: -1, high: 1, len: 3 }
    );
    let mut builder = DiagramBuilder::new();
    let (no, yes) = (builder.leaf(0), builder.leaf(1));
    let root = builder.node(5, no, yes);
    let diagram = Sum {
        steps: vec![Step::Diagram(builder.finish(root))],
        bias: 0,
        wraps: false,
        tables: vec![table(1, 2)],
    };
    assert_eq!(
        error(2, vec![diagram]),
        ProgramError::BitOutOfRange { sum: 0, step: 0, bit: 5, bits: 2 }
    );
}

#[test]
fn takes_a_million_products_and_no_more() {
    // A single way a million nodes deep.
    let chain = |nodes: u32| {
        let mut builder = DiagramBuilder::new();
        let mut at = builder.leaf(1);
        for i in 0..nodes {
            let other = builder.leaf(0);
            at = builder.node((i % 2000) as u16, other, at);
        }
        let steps = vec![Step::Diagram(builder.finish(at))];
        Program::new(2000, vec![Sum { steps, bias: 0, wraps: false, tables: vec![table(1, 2)] }])
    };
    assert_eq!(chain(1_000_000).unwrap().cmuxes(), 1_000_000);
    let error = chain(1_000_001).unwrap_err();
    assert_eq!(error, ProgramError::TooManyCmuxes(1_000_001));
    assert_eq!(
        error.to_string(),
        "the program takes 1000001 CMUXes, and at most 1000000 are allowed: use fewer or shallower \
         trees, or quantities of fewer bits"
    );
}

#[test]
fn refuses_clear_bits_of_another_length() {
    let program = Program::new(2, vec![weights(&[1, 1], 0, table(1, 3))]).unwrap();
    assert_eq!(
        program.evaluate(&[true]).unwrap_err(),
        ProgramError::WrongBits { expected: 2, actual: 1 }
    );
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let key = RecordKey::from_seed([0xAB; 32]);
    assert_eq!(format!("{key:?}"), "RecordKey(redacted)");
    assert_eq!(format!("{:?}", cso_fhe::Coins::from_seed([0xAB; 32])), "Coins(redacted)");
    let program = Program::new(2, vec![weights(&[77, 0], 0, table(3, 78))]).unwrap();
    assert_eq!(format!("{program:?}"), "Program { bits: 2, sums: 1, outputs: 1, cmuxes: 1 }");
}
