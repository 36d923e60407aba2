# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's trees, forests and boosting."""

import numpy as np

from ..errors import refuse
from ..model import Model, Sum
from ..trees import Codes, Split, floor_single, leaf, tree
from .sklearn_linear import labels


def tree_of(fitted, signals, points):
    """A tree; `points` gives a leaf's points from its row of values."""
    own = fitted.tree_
    gaps = getattr(own, "missing_go_to_left", None)

    def node(index):
        left, right = own.children_left[index], own.children_right[index]
        if left == right:
            return leaf(points(own.value[index, 0]))
        # Inputs are rounded to single precision, thresholds are not.
        limit = floor_single(own.threshold[index])
        missing = left if gaps is not None and gaps[index] else right
        signal = signals[own.feature[index]]
        return Split(signal, "at_most", limit, left, right, missing, single=True)

    return tree(0, node)


def averaged(trees, signals, points, factor):
    """The mean of trees as one sum."""
    total = Sum()
    total.terms = [tree_of(one, signals, lambda v: factor * points(v)) for one in trees]
    return total


def classes(trees, fitted, signals):
    """The share of each class among a leaf's cases."""
    share = lambda k: lambda value: value[k] / value.sum()  # noqa: E731
    factor = 1.0 / len(trees)
    if len(fitted.classes_) == 2:
        return Model.probability(averaged(trees, signals, share(1), factor), labels(fitted))
    count = range(len(fitted.classes_))
    sums = [averaged(trees, signals, share(k), factor) for k in count]
    return Model.of_classes(sums, labels(fitted), "proportion")


def one_tree(fitted, signals, _context):
    """DecisionTree*, ExtraTree*."""
    if hasattr(fitted, "classes_"):
        return classes([fitted], fitted, signals)
    return Model.number(averaged([fitted], signals, lambda value: value[0], 1.0))


def forest(fitted, signals, _context):
    """RandomForest*, ExtraTrees*."""
    trees = fitted.estimators_
    if hasattr(fitted, "classes_"):
        return classes(trees, fitted, signals)
    return Model.number(averaged(trees, signals, lambda value: value[0], 1.0 / len(trees)))


def boosting(fitted, signals, _context):
    """GradientBoosting*."""
    if fitted.init_ != "zero" and not type(fitted.init_).__name__.startswith("Dummy"):
        raise refuse("GradientBoosting with an `init` of its own", "leave `init` at its default")
    start = fitted._raw_predict_init(np.zeros((1, fitted.n_features_in_), dtype=np.float32))[0]
    rate = fitted.learning_rate
    sums = []
    for k in range(fitted.estimators_.shape[1]):
        total = averaged(fitted.estimators_[:, k], signals, lambda value: value[0], rate)
        total.constant = float(np.ravel(start)[k])
        sums.append(total)
    if not hasattr(fitted, "classes_"):
        return Model.number(sums[0])
    if len(sums) == 1:
        twice = [{"times": 2.0, "plus": 0.0}] if fitted.loss == "exponential" else []
        return Model.probability(sums[0], labels(fitted), *twice, "logistic", decision=[])
    return Model.of_classes(sums, labels(fitted), "softmax")


def histogram(fitted, signals, context):
    """HistGradientBoosting*."""
    before = getattr(fitted, "_preprocessor", None)
    if before is not None:
        from .sklearn_steps import transform

        signals = transform(before, context, signals)
    start = np.ravel(fitted._baseline_prediction)
    sums = []
    for k in range(fitted.n_trees_per_iteration_):
        total = Sum(start[k])
        total.terms = [of_bins(row[k], signals) for row in fitted._predictors]
        sums.append(total)
    if hasattr(fitted, "classes_"):
        if len(sums) == 1:
            return Model.probability(sums[0], labels(fitted), "logistic", decision=[])
        return Model.of_classes(sums, labels(fitted), "softmax")
    logged = fitted.loss in ("poisson", "gamma")
    return Model.number(sums[0], *(["exp"] if logged else []))


def of_bins(predictor, signals):
    """A tree of HistGradientBoosting."""
    nodes = predictor.nodes

    def node(index):
        own = nodes[index]
        if own["is_leaf"]:
            return leaf(own["value"])
        left, right = int(own["left"]), int(own["right"])
        missing = left if own["missing_go_to_left"] else right
        signal = signals[own["feature_idx"]]
        if own["is_categorical"]:
            bits = predictor.raw_left_cat_bitsets[own["bitset_idx"]]
            codes = [c for c in range(256) if bits[c // 32] >> np.uint32(c % 32) & 1]
            return Codes(signal, codes, left, right, missing)
        # A threshold beyond all numbers parts them from missing ones.
        limit = float(min(own["num_threshold"], np.finfo(float).max))
        return Split(signal, "at_most", limit, left, right, missing)

    return tree(0, node)


TREES = {
    **{
        f"{kind}{of}": one_tree
        for kind in ("DecisionTree", "ExtraTree")
        for of in ("Classifier", "Regressor")
    },
    **{
        f"{kind}{of}": forest
        for kind in ("RandomForest", "ExtraTrees")
        for of in ("Classifier", "Regressor")
    },
    "GradientBoostingClassifier": boosting,
    "GradientBoostingRegressor": boosting,
    "HistGradientBoostingClassifier": histogram,
    "HistGradientBoostingRegressor": histogram,
}
