// SPDX-License-Identifier: Apache-2.0
//! TreeModel: nodes with predicates, of which the first that holds is entered.

use roxmltree::Node as Xml;

use super::fields::Scope;
use super::mixture::Mixture;
use super::xml::{child, children, finite, name, named, need, number, refuse, unsupported};
use super::{classifies, predicate, Predictor};
use crate::target::MAX_CLASSES;
use crate::{shorten, ModelFileError, Node, Split, Sum, Test, Tree};

/// What a predicate that a missing value leaves unknown means.
#[derive(Clone, Copy, PartialEq)]
enum Missing {
    /// It doesn't hold.
    No,
    /// The prediction is that of the node where the question was asked.
    Last,
    /// There is no prediction.
    Nothing,
    /// The default child is entered.
    Default,
}

/// What a node says: the class or number, and the shares of the classes.
struct Score {
    value: f64,
    shares: Option<Vec<f64>>,
}

/// Builds a tree from below: nodes point to those before them, and the list is turned round in the
/// end.
struct Builder<'s, 'a> {
    scope: &'s Scope<'a>,
    /// The classes; empty for numbers.
    labels: Option<Vec<String>>,
    missing: Missing,
    /// Whether a node none of whose children holds gives its own prediction.
    last: bool,
    nodes: Vec<Node>,
    /// What the leaves say: a leaf's points are its index here.
    scores: Vec<Score>,
}

/// Most classes whose shares are read: each takes a copy of the tree, and who compares more of them
/// is told the class alone.
const MAX_SHARES: usize = 8;
/// Most nodes of one tree.
const MAX_NODES: usize = 50_000;

pub(super) fn read(
    model: Xml<'_, '_>,
    scope: &Scope<'_>,
    labels: &[String],
) -> Result<Predictor, ModelFileError> {
    let missing = match model.attribute("missingValueStrategy").unwrap_or("none") {
        "none" => Missing::No,
        "lastPrediction" => Missing::Last,
        "nullPrediction" => Missing::Nothing,
        "defaultChild" => Missing::Default,
        other => {
            return Err(unsupported(
                format!("missingValueStrategy `{}`", shorten(other)),
                "use defaultChild, lastPrediction, nullPrediction or none",
            ))
        }
    };
    let last = match model.attribute("noTrueChildStrategy").unwrap_or("returnNullPrediction") {
        "returnNullPrediction" => false,
        "returnLastPrediction" => true,
        other => return Err(refuse(format!("noTrueChildStrategy is `{}`", shorten(other)))),
    };
    let root = child(model, "Node").ok_or_else(|| refuse("a TreeModel has no Node"))?;
    let mut builder = Builder {
        scope,
        labels: classifies(model)?.then(|| labels.to_vec()),
        missing,
        last,
        nodes: Vec::new(),
        scores: Vec::new(),
    };
    let top = builder.node(root)?;
    let top = match predicate::of(root, scope)? {
        Test::Constant(true) => top,
        test => {
            let no = builder.push(Node::Nothing)?;
            builder.push(Node::Split(Split { test, yes: top, no, unknown: no }))?
        }
    };
    let tree = builder.tree(top)?;
    let scores = builder.scores;
    let of = |leaf: f64| &scores[leaf as usize];
    let Some(labels) = builder.labels else {
        let sum = Sum::of_tree(tree.map(|leaf| of(leaf).value));
        return Ok(Predictor::Number { value: Mixture::of(sum), codes: None });
    };
    if !(2..=MAX_CLASSES).contains(&labels.len()) {
        return Err(refuse(format!(
            "a TreeModel tells {} classes apart, 2 to {MAX_CLASSES} are read",
            labels.len()
        )));
    }
    let class = tree.map(|leaf| of(leaf).value);
    // Shares are of use only if every leaf has them.
    let used = labels.len() <= MAX_SHARES && tree.leaves().all(|leaf| of(leaf).shares.is_some());
    let shares = used.then(|| {
        let share = |leaf: f64, class: usize| {
            of(leaf).shares.as_ref().and_then(|shares| shares.get(class)).copied().unwrap_or(0.0)
        };
        (0..labels.len()).map(|class| tree.map(|leaf| share(leaf, class))).collect()
    });
    Ok(Predictor::Tree { labels, class, shares })
}

impl Builder<'_, '_> {
    fn push(&mut self, node: Node) -> Result<usize, ModelFileError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(refuse(format!("a tree has more than {MAX_NODES} nodes")));
        }
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    /// The tree below a node whose own predicate holds.
    fn node(&mut self, node: Xml<'_, '_>) -> Result<usize, ModelFileError> {
        if let Some(other) = children(node)
            .find(|node| matches!(name(*node), "Regression" | "DecisionTree" | "Partition"))
        {
            return Err(unsupported(
                format!("{} inside of a Node", name(other)),
                "give each leaf a score",
            ));
        }
        let below: Vec<Xml<'_, '_>> = named(node, "Node").collect();
        if below.is_empty() {
            return self.leaf(node);
        }
        let mut targets = Vec::with_capacity(below.len());
        for child in &below {
            targets.push(self.node(*child)?);
        }
        let unknown = match self.missing {
            Missing::No => None,
            Missing::Last => Some(self.leaf(node)?),
            Missing::Nothing => Some(self.push(Node::Nothing)?),
            Missing::Default => {
                let id = need(node, "defaultChild")?;
                let default = below.iter().position(|child| child.attribute("id") == Some(id));
                let default = default.ok_or_else(|| {
                    refuse(format!("there is no default child `{}`", shorten(id)))
                })?;
                Some(targets[default])
            }
        };
        let mut next = None;
        for (child, yes) in below.iter().zip(targets).rev() {
            let test = predicate::of(*child, self.scope)?;
            if test == Test::Constant(true) {
                next = Some(yes);
                continue;
            }
            let no = match next {
                Some(next) => next,
                None if self.last => self.leaf(node)?,
                None => self.push(Node::Nothing)?,
            };
            let unknown = unknown.unwrap_or(no);
            next = Some(self.push(Node::Split(Split { test, yes, no, unknown }))?);
        }
        next.ok_or_else(|| refuse("a Node has no child that can be entered"))
    }

    fn leaf(&mut self, node: Xml<'_, '_>) -> Result<usize, ModelFileError> {
        let score = self.score(node)?;
        self.scores.push(score);
        let leaf = (self.scores.len() - 1) as f64;
        self.push(Node::Leaf(leaf))
    }

    fn score(&mut self, node: Xml<'_, '_>) -> Result<Score, ModelFileError> {
        let text = node.attribute("score");
        let Some(labels) = &mut self.labels else {
            let value = text.and_then(finite).ok_or_else(|| {
                refuse(format!(
                    "a leaf has the score `{}`: it must be a number",
                    shorten(text.unwrap_or(""))
                ))
            })?;
            return Ok(Score { value, shares: None });
        };
        let class = |labels: &mut Vec<String>, label: &str| match labels
            .iter()
            .position(|known| known == label)
        {
            Some(class) => class,
            None => {
                labels.push(label.to_owned());
                labels.len() - 1
            }
        };
        let mut shares: Vec<f64> = Vec::new();
        for entry in named(node, "ScoreDistribution") {
            let count = match number(entry, "probability")? {
                Some(probability) => probability,
                None => number(entry, "recordCount")?
                    .ok_or_else(|| refuse("a ScoreDistribution has no recordCount"))?,
            };
            let class = class(labels, need(entry, "value")?);
            if shares.len() <= class {
                shares.resize(class + 1, 0.0);
            }
            shares[class] = count.max(0.0);
        }
        let total: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= total);
        let value = match text {
            Some(label) => class(labels, label),
            // Without a score the class with most cases is meant.
            None if total > 0.0 => {
                let most = shares.iter().copied().fold(0.0, f64::max);
                shares.iter().position(|share| *share == most).unwrap_or(0)
            }
            None => return Err(refuse("a leaf has neither score nor ScoreDistribution")),
        };
        Ok(Score { value: value as f64, shares: (total > 0.0).then_some(shares) })
    }

    /// The nodes with the root first.
    fn tree(&mut self, top: usize) -> Result<Tree, ModelFileError> {
        let turn = |index: usize| top - index;
        let nodes = self.nodes[..=top].iter().rev().map(|node| match node {
            Node::Split(split) => Node::Split(Split {
                test: split.test.clone(),
                yes: turn(split.yes),
                no: turn(split.no),
                unknown: turn(split.unknown),
            }),
            other => other.clone(),
        });
        Tree::new(nodes.collect()).map_err(refuse)
    }
}
