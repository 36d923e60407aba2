// SPDX-License-Identifier: Apache-2.0
//! Boosters as XGBoost and LightGBM write them, and cases for them.
#![allow(dead_code)] // Each test binary uses its own part.

use cso_model_files::Cell;

/// Two trees on three features, as XGBoost writes them: a missing age goes left, a missing weight
/// right.
pub(crate) const XGBOOST: &str = r#"{"learner":{"feature_names":["age","weight","smoker"],"objective":{"name":"binary:logistic"},
"learner_model_param":{"base_score":"[2.5E-1]","num_class":"0","num_feature":"3","num_target":"1"},
"gradient_booster":{"name":"gbtree","model":{"trees":[
{"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],"split_indices":[0,1,0,0,0],
 "split_conditions":[60.0,81.5,0.75,-0.5,0.25],"default_left":[1,0,0,0,0],"split_type":[0,0,0,0,0]},
{"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[2,0,0],
 "split_conditions":[1.0,-0.125,0.5],"default_left":[0,0,0],"split_type":[0,0,0]}]}}}}"#;

/// The first of those trees as LightGBM's text, whose comparisons include the threshold.
pub(crate) const LIGHTGBM: &str = "tree\nversion=v4\nnum_class=1\nobjective=regression\nfeature_names=age weight smoker\n\n\
Tree=0\nnum_leaves=3\nsplit_feature=0 1\nthreshold=60 81.5\ndecision_type=10 8\nleft_child=1 -1\nright_child=-2 -3\n\
leaf_value=-0.5 0.75 0.25\nis_linear=0\n\n\nend of trees\n\nparameters:\nend of parameters\n";

pub(crate) const DATA: &str = "age,weight,smoker\n41,70.5,0\n80,99.25,1\n,55.5,0\n63,,1\n";

/// One case.
pub(crate) fn row(
    age: impl Into<Option<f64>>,
    weight: impl Into<Option<f64>>,
    smoker: f64,
) -> Vec<Cell> {
    let cell = |number: Option<f64>| number.map_or(Cell::Missing, Cell::Number);
    vec![cell(age.into()), cell(weight.into()), Cell::Number(smoker)]
}

/// Three classes: each tree of the binary model stands for one, and a leaf for the third.
pub(crate) fn three_classes() -> String {
    XGBOOST
        .replace("binary:logistic", "multi:softprob")
        .replace("\"num_class\":\"0\"", "\"num_class\":\"3\"")
        .replace("[2.5E-1]", "[5E-1,2.5E-1,0]")
        .replace("]}}}}", r#",{"left_children":[-1],"right_children":[-1],"split_indices":[0],"split_conditions":[0.125],"default_left":[0]},
            {"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[1,0,0],"split_conditions":[80,1,-1],"default_left":[1,0,0]}],
            "tree_info":[0,1,2,2]}}}}"#)
}
