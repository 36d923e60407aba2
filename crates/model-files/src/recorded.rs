// SPDX-License-Identifier: Apache-2.0
//! What boosters record of their training: how much data came to each node. With the training data
//! it shows whether a number such as -1 was read as a gap, which the files don't say.

use crate::{Cases, Cell, ColumnKind, ModelFile, Node, Term, Tree};

/// Numbers that are written for a gap, beside the least and the greatest of a column.
const USUAL: [f64; 15] = [
    0.0, -1.0, -9.0, -99.0, -999.0, -9999.0, 9.0, 88.0, 99.0, 777.0, 888.0, 999.0, 9999.0, 99999.0,
    -99999.0,
];
/// Most numbers that are tried.
const MAX_CANDIDATES: usize = 64;
/// Most columns that are tried as the outcome.
const MAX_OUTCOMES: usize = 4;
/// Most walks through trees for one reading of the data: some seconds.
const MAX_WALKS: usize = 20_000_000;
/// Weights are sums of numbers in single precision: how far they may be off, as a part of the
/// node's and of the whole.
const TOLERANCE: [f64; 2] = [1e-4, 1e-6];

/// The weight of one case in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// 1: nodes count cases.
    One,
    /// `p * (1 - p)` with the logistic of the sum so far.
    Logistic,
    /// `2 * p * (1 - p)` with the softmax of the sums so far.
    Softmax,
    /// The same for all cases in the first round, and not known after it.
    Even,
    /// Not known.
    Never,
}

/// The weights of the training data at the nodes of trees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recorded {
    weight: Weight,
    /// What a case of the second class counts.
    positive: f64,
    trees: Vec<RecordedTree>,
    complete: bool,
}

/// The weights at a tree's nodes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedTree {
    /// The sum that has the tree as a term.
    pub(crate) sum: usize,
    /// The term.
    pub(crate) term: usize,
    /// The round in which it was trained.
    pub(crate) round: usize,
    /// One a node.
    pub(crate) weights: Vec<f64>,
}

/// How cases must come to a node.
#[derive(Clone, Copy, PartialEq)]
enum Fit {
    /// As recorded.
    Exact,
    /// At least what is recorded, where each tree was trained on some of the cases.
    Enough,
}

impl Recorded {
    pub(crate) fn new(weight: Weight) -> Self {
        let complete = weight != Weight::Never;
        Self { weight, positive: 1.0, trees: Vec::new(), complete }
    }

    /// With another weight of cases of the second class.
    pub(crate) fn with_positive(self, positive: f64) -> Self {
        Self { positive, ..self }
    }

    /// Adds a tree of so many nodes.
    pub(crate) fn push(&mut self, tree: RecordedTree, nodes: usize) {
        self.complete &= tree.weights.len() == nodes && tree.weights.iter().all(|w| w.is_finite());
        if self.complete && (self.weight != Weight::Even || tree.round == 0) {
            self.trees.push(tree);
        }
    }

    /// The record, if every tree has weights.
    pub(crate) fn some(self) -> Option<Self> {
        (self.complete && !self.trees.is_empty()).then_some(self)
    }

    /// What each case counts, in the ways that are possible: the file doesn't say which column is
    /// the outcome, so any that it doesn't read and that holds 0 and 1 may be it.
    fn times(&self, model: &ModelFile, data: &Cases) -> Vec<Vec<f64>> {
        if self.positive == 1.0 {
            return vec![vec![1.0; data.len()]];
        }
        let read = |name: &&String| model.columns.iter().any(|column| column.name == **name);
        let others = data.columns().iter().filter(|name| !read(name));
        let outcome = |name: &String| -> Option<Vec<f64>> {
            let cases = data.numbers(name).ok()?.into_iter();
            let times = cases.map(|cell| match cell {
                Some(0.0) => Some(1.0),
                Some(1.0) => Some(self.positive),
                _ => None,
            });
            times.collect()
        };
        others.filter_map(outcome).take(MAX_OUTCOMES).collect()
    }

    /// Whether these cases, one cell a column, came to each node as recorded. `times` is what each
    /// case counts.
    fn fits(&self, model: &ModelFile, table: &[Vec<Cell>], times: &[f64], fit: Fit) -> bool {
        let start: Vec<f64> = model.sums.iter().map(|sum| sum.constant).collect();
        let mut sums = vec![start; table.len()];
        let mut before = sums.clone();
        let mut round = 0;
        for own in self.trees.iter().take(MAX_WALKS / table.len().max(1)) {
            let Term::Tree(tree) = &model.sums[own.sum].terms[own.term] else {
                return false;
            };
            if own.round != round {
                round = own.round;
                before.clone_from(&sums);
            }
            let mut weights = vec![0.0; own.weights.len()];
            let cases = table.iter().zip(times).zip(&mut sums).zip(&before);
            for (((case, times), sums), before) in cases {
                let weight = times
                    * match self.weight {
                        Weight::Even => own.weights[0] / table.len() as f64,
                        other => other.of(before, own.sum),
                    };
                sums[own.sum] += walk(tree, case, |node| weights[node] += weight);
            }
            let near = |(own_weight, found): (&f64, &f64)| {
                let most = TOLERANCE[0] * own_weight.abs() + TOLERANCE[1] * own.weights[0].abs();
                match fit {
                    Fit::Exact => (own_weight - found).abs() <= most,
                    Fit::Enough => *found >= own_weight - most,
                }
            };
            // Nodes that pruning cut off are never reached, whatever is recorded for them.
            let reached = reachable(tree);
            let mut pairs = own.weights.iter().zip(&weights).zip(reached);
            if !pairs.all(|(pair, reached)| !reached || near(pair)) {
                return false;
            }
        }
        true
    }
}

impl Weight {
    fn of(self, sums: &[f64], class: usize) -> f64 {
        let of = |p: f64| p * (1.0 - p);
        match self {
            Self::One | Self::Even | Self::Never => 1.0,
            Self::Logistic => of(1.0 / (1.0 + (-sums[class]).exp())),
            Self::Softmax => {
                let whole: f64 = sums.iter().map(|sum| (sum - sums[class]).exp()).sum();
                2.0 * of(1.0 / whole)
            }
        }
    }
}

/// The points of the leaf that a case comes to; every node on the way is told.
fn walk(tree: &Tree, case: &[Cell], mut visit: impl FnMut(usize)) -> f64 {
    let mut at = 0;
    loop {
        visit(at);
        match &tree.nodes()[at] {
            Node::Leaf(points) => return *points,
            Node::Lines(lines) => return lines.value(case),
            Node::Nothing => return 0.0,
            Node::Split(split) => {
                at = match split.test.holds(case) {
                    Some(true) => split.yes,
                    Some(false) => split.no,
                    None => split.unknown,
                }
            }
        }
    }
}

fn reachable(tree: &Tree) -> Vec<bool> {
    let mut reached = vec![false; tree.nodes().len()];
    reached[0] = true;
    for (index, node) in tree.nodes().iter().enumerate() {
        if let (Node::Split(split), true) = (node, reached[index]) {
            (reached[split.yes], reached[split.no]) = (true, true);
        }
    }
    reached
}

impl ModelFile {
    /// The number that stands for a gap in the training data, if only that reading gives the
    /// weights of training data that the file records at its trees' nodes.
    ///
    /// `None` if the numbers as they stand give them, if no reading or several do, or if the file
    /// records none. The data must be those of the training, with the outcome if its classes had
    /// weights.
    pub fn missing_code(&self, data: &Cases) -> Option<f64> {
        let recorded = self.recorded.as_ref()?;
        let model = self.named_by(data).ok()?;
        let table = model.table(data).ok().filter(|table| !table.is_empty())?;
        let ways = recorded.times(&model, data);
        let fits = |table: &[Vec<Cell>], fit| {
            ways.iter().any(|times| recorded.fits(&model, table, times, fit))
        };
        let codes = candidates(&model, &table);
        // Where the trees were trained on all cases the weights must be equal. Where they were
        // trained on some, a reading is wrong that brings too few to a node.
        for fit in [Fit::Exact, Fit::Enough] {
            if fits(&table, fit) {
                return None;
            }
            let mut fitting =
                codes.iter().filter(|code| fits(&self.read_as_gap(&table, **code), fit));
            if let Some(code) = fitting.next() {
                return fitting.next().is_none().then_some(*code);
            }
            // Weights of a share aren't known without the weights of all.
            if recorded.weight == Weight::Even {
                return None;
            }
        }
        None
    }

    fn read_as_gap(&self, table: &[Vec<Cell>], code: f64) -> Vec<Vec<Cell>> {
        let read = |(column, cell): (usize, &Cell)| match (&self.columns[column].kind, cell) {
            (ColumnKind::Number { .. }, Cell::Number(number)) if *number == code => Cell::Missing,
            _ => cell.clone(),
        };
        table.iter().map(|case| case.iter().enumerate().map(read).collect()).collect()
    }
}

/// The least and the greatest number of each column where they occur twice, and usual codes.
fn candidates(model: &ModelFile, table: &[Vec<Cell>]) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    for (column, _) in model.columns.iter().enumerate() {
        let numbers = || table.iter().filter_map(|case| case[column].number());
        let ends = [numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::MIN, f64::max)];
        let twice = ends.into_iter().filter(|end| numbers().filter(|own| own == end).count() > 1);
        let usual = USUAL.into_iter().filter(|code| numbers().any(|own| own == *code));
        for code in twice.chain(usual) {
            if !found.contains(&code) {
                found.push(code);
            }
        }
    }
    found.truncate(MAX_CANDIDATES);
    found
}
