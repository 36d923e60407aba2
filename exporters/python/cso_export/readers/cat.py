# SPDX-License-Identifier: Apache-2.0
"""CatBoost: models of numeric features."""

import json
import pathlib
import tempfile

import numpy as np

from ..errors import class_name, refuse
from ..model import Model, Sum
from ..trees import Split, floor_single, leaf, tree

LINKS = {
    "Logloss": "binary",
    "CrossEntropy": "binary",
    "MultiClass": "softmax",
    "MultiClassOneVsAll": "logistic",
    "RMSE": "number",
    "MAE": "number",
    "Quantile": "number",
    "MAPE": "number",
    "Huber": "number",
    "LogLinQuantile": "exp",
    "Poisson": "exp",
    "Tweedie": "exp",
}


def model(fitted, context, signals=None):
    """The trees as the JSON has them."""
    if type(fitted).__name__ not in ("CatBoost", "CatBoostClassifier", "CatBoostRegressor"):
        raise refuse(f"model class `{class_name(fitted)}`", "use CatBoostClassifier or -Regressor")
    if fitted.get_cat_feature_indices():
        raise refuse(
            "CatBoost's categorical features (they are replaced by statistics of the outcome)",
            "one-hot encode them before training, or use LightGBM's or XGBoost's categories",
        )
    if fitted.get_text_feature_indices() or fitted.get_embedding_feature_indices():
        raise refuse("CatBoost's text and embedding features", "train on numbers")
    content = saved(fitted)
    loss = loss_of(fitted)
    scale, bias = content["scale_and_bias"]
    signals = signals or context.by_order(fitted.feature_names_, len(fitted.feature_names_))
    features = {
        one["feature_index"]: (signals[one["flat_feature_index"]], one["nan_value_treatment"])
        for one in content["features_info"]["float_features"]
    }
    sums = [Sum(one) for one in np.ravel(bias)]
    for own in content.get("oblivious_trees", []):
        for k, total in enumerate(sums):
            total.terms.append(oblivious(own, features, k, len(sums), scale))
    for own in content.get("trees", []):
        for k, total in enumerate(sums):
            total.terms.append(plain(own, features, k, scale))
    labels = [str(label) for label in fitted.classes_]
    if loss == "binary":
        return Model.probability(sums[0], labels or ["0", "1"], "logistic")
    if loss in ("softmax", "logistic"):
        return Model.of_classes(sums, labels, loss)
    return Model.number(sums[0], *(["exp"] if loss == "exp" else []))


def saved(fitted):
    """The model's JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.json"
        fitted.save_model(str(path), format="json")
        return json.loads(path.read_text(encoding="utf-8"))


def loss_of(fitted):
    """What the loss makes of the sums."""
    name = fitted.get_all_params().get("loss_function", "")
    name = name.split(":")[0] if isinstance(name, str) else "custom"
    if name not in LINKS:
        raise refuse(f"CatBoost's loss `{name}`", f"use one of {', '.join(LINKS)}")
    return LINKS[name]


def question(split, features, yes, no):
    """A split: above the border or not."""
    if split["split_type"] != "FloatFeature":
        raise refuse(f"CatBoost's split `{split['split_type']}`", "train on numbers alone")
    signal, treatment = features[split["float_feature_index"]]
    missing = yes if treatment == "AsTrue" or treatment == "AsMax" else no
    # Above the border is the yes of the library, at most is the yes of the file.
    border = floor_single(split["border"])
    return Split(signal, "at_most", border, no, yes, missing, single=True)


def oblivious(own, features, output, outputs, scale):
    """A tree that asks one question a level."""
    splits = own.get("splits") or []

    def node(index):
        depth, place = index
        if depth == 0:
            return leaf(scale * own["leaf_values"][place * outputs + output])
        yes, no = (depth - 1, place | 1 << (depth - 1)), (depth - 1, place)
        return question(splits[depth - 1], features, yes, no)

    return tree((len(splits), 0), node)


def plain(own, features, output, scale):
    """A tree of another shape (grow_policy)."""
    nodes = {id(own): own}

    def node(index):
        this = nodes[index]
        if "split" not in this:
            return leaf(scale * np.ravel(this["value"])[output])
        left, right = this["left"], this["right"]
        nodes[id(left)], nodes[id(right)] = left, right
        return question(this["split"], features, id(right), id(left))

    return tree(id(own), node)


def answers(fitted, rows, _context):
    """The library's own answers."""
    loss = loss_of(fitted)
    if loss in ("binary", "softmax", "logistic"):
        values = fitted.predict(rows, prediction_type="Probability")
        return values[:, 1] if values.shape[1] == 2 else values
    if loss == "exp":
        return fitted.predict(rows, prediction_type="Exponent")
    return fitted.predict(rows)


def library():
    """Name and version."""
    import catboost

    return f"catboost {catboost.__version__}"
