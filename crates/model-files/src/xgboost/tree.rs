// SPDX-License-Identifier: Apache-2.0
//! XGBoost's trees, with splits by numbers and by categories.

use super::file::TreeText;
use super::{refuse, unsupported};
use crate::boosting::Codes;
use crate::{Cell, Compare, ModelFileError, Node, Split, Test, Tree, Variable};

pub(super) fn tree(text: &TreeText, features: &[Codes]) -> Result<Tree, ModelFileError> {
    let count = text.left_children.len();
    let lengths = [
        text.right_children.len(),
        text.split_indices.len(),
        text.split_conditions.len(),
        text.default_left.len(),
    ];
    if lengths.iter().any(|length| *length != count) {
        return Err(refuse("the lists of a tree have different lengths".to_owned()));
    }
    let vector = text.tree_param.as_ref().and_then(|param| param.size_leaf_vector.as_deref());
    if vector.is_some_and(|size| !matches!(size, "0" | "1")) {
        return Err(unsupported(
            "a tree with a list of points at each leaf (`multi_output_tree`)".to_owned(),
            "train with `multi_strategy=\"one_output_per_tree\"`",
        ));
    }
    let child = |index: i64| {
        usize::try_from(index).map_err(|_| refuse("a node has only one child".to_owned()))
    };
    let mut nodes = Vec::with_capacity(count);
    for index in 0..count {
        let value = text.split_conditions[index];
        if text.left_children[index] == -1 {
            nodes.push(Node::Leaf(value));
            continue;
        }
        let feature = usize::try_from(text.split_indices[index]).unwrap_or(usize::MAX);
        let (Some(codes), true) = (features.get(feature), value.is_finite()) else {
            return Err(refuse(format!("node {index} has no such feature or no finite threshold")));
        };
        let (left, right) = (child(text.left_children[index])?, child(text.right_children[index])?);
        let unknown = if text.default_left[index].holds() { left } else { right };
        let variable = Variable::input(feature);
        nodes.push(Node::Split(match text.split_type.get(index) {
            None | Some(0) => Split {
                test: Test::Compare {
                    variable,
                    op: Compare::Less,
                    limit: Cell::Number(value),
                    single: true,
                },
                yes: left,
                no: right,
                unknown,
            },
            // What is in the set goes right.
            Some(1) => Split {
                test: Test::OneOf { variable, set: codes.cells(categories(text, index)?) },
                yes: right,
                no: left,
                unknown,
            },
            Some(other) => {
                return Err(unsupported(
                    format!("split type {other}"),
                    "save the model with XGBoost 1.6 to 3",
                ))
            }
        }));
    }
    Tree::new(nodes).map_err(refuse)
}

/// The categories that a node sends to the right.
fn categories(text: &TreeText, node: usize) -> Result<&[usize], ModelFileError> {
    let find = || {
        let place = text.categories_nodes.iter().position(|own| *own == node)?;
        let (start, size) =
            (*text.categories_segments.get(place)?, *text.categories_sizes.get(place)?);
        text.categories.get(start..start.checked_add(size)?)
    };
    find().ok_or_else(|| refuse(format!("node {node} has no list of categories")))
}
