# SPDX-License-Identifier: Apache-2.0
"""LightGBM: the scikit-learn classes and plain boosters."""

import numpy as np

from ..errors import refuse
from ..model import Model, Sum
from ..signal import Number
from ..trees import Codes, Split, leaf, tree

IDENTITY = (
    "regression regression_l1 huber fair quantile mape l2 l1 mean_squared_error "
    "mean_absolute_error"
).split()
INSTEAD = "use binary, multiclass or regression"


def model(fitted, context, signals=None):
    """The trees that the library's own `predict` uses."""
    booster = booster_of(fitted)
    best = booster.best_iteration
    content = booster.dump_model(num_iteration=best if best and best > 0 else None)
    objective = (content.get("objective") or "").split()
    if not objective or objective[0] == "custom":
        raise refuse("a LightGBM model without objective, as custom ones are", INSTEAD)
    signals = signals or by_name(booster, context)
    listed = booster.pandas_categorical or []
    classes = content["num_tree_per_iteration"]
    trees = content["tree_info"]
    factor = classes / len(trees) if content.get("average_output") and trees else 1.0
    coded = categorical(signals, listed, context)
    sums = [Sum() for _ in range(classes)]
    for index, own in enumerate(trees):
        term = tree_of(own["tree_structure"], signals, coded, factor)
        sums[index % classes].terms.append(term)
    return made(fitted, sums, objective)


def booster_of(fitted):
    """The booster of a fitted model."""
    name = type(fitted).__name__
    if name == "Booster":
        return fitted
    if not hasattr(fitted, "booster_") or name == "LGBMRanker":
        raise refuse(f"model class `lightgbm.{name}`", "use LGBMClassifier or LGBMRegressor")
    if callable(getattr(fitted, "objective", None)):
        raise refuse("a LightGBM objective of one's own", INSTEAD)
    return fitted.booster_


def by_name(booster, context):
    """The columns; LightGBM writes blanks in names as underscores."""
    names = booster.feature_name()
    known = {name.replace(" ", "_"): name for name in context.table.names}
    return context.by_order([known.get(name, name) for name in names], len(names))


def categorical(signals, listed, context):
    """The signals of pandas' categories, in their order in the table."""
    columns = [
        signal
        for signal in signals
        if isinstance(signal, Number)
        and signal.plain()
        and hasattr(context.table.dtypes.get(signal.column), "categories")
    ]
    if len(columns) != len(listed):
        return {}
    nan = float("nan")
    return {
        signal.column: context.lookup(signal.column, own, range(len(own)), -1.0, nan)
        for signal, own in zip(columns, listed)
    }


def tree_of(root, signals, coded, factor):
    """One tree: LightGBM compares doubles, and asks "at most"."""
    nodes = {id(root): root}

    def node(index):
        own = nodes[index]
        if "leaf_value" in own:
            return end(own, signals, factor)
        left, right = id(own["left_child"]), id(own["right_child"])
        nodes[left], nodes[right] = own["left_child"], own["right_child"]
        signal = signals[own["split_feature"]]
        if own["decision_type"] == "==":
            codes = [int(code) for code in str(own["threshold"]).split("||")]
            return Codes(coded.get(signal_column(signal), signal), codes, left, right, right)
        limit = float(own["threshold"])
        if own["missing_type"] == "Zero":
            raise refuse("LightGBM's zero_as_missing", "code gaps as missing, and train again")
        # Without a side of its own a missing value is read as 0.
        goes_left = own["default_left"] if own["missing_type"] == "NaN" else 0.0 <= limit
        return Split(signal, "at_most", limit, left, right, left if goes_left else right)

    return tree(id(root), node)


def signal_column(signal):
    """The column of a signal that is one, else None."""
    return getattr(signal, "column", None)


def end(own, signals, factor):
    """A leaf, which may have a line."""
    value = float(own["leaf_value"]) * factor
    if not own.get("leaf_features"):
        constant = own.get("leaf_const", own["leaf_value"])
        return leaf(float(constant) * factor)
    constant, weights = float(own["leaf_const"]), []
    for feature, weight in zip(own["leaf_features"], own["leaf_coeff"]):
        signal = signals[feature]
        if (
            not isinstance(signal, Number)
            or signal.form[0] != "affine"
            or (not np.isnan(signal.missing))
        ):
            raise refuse("linear leaves behind an imputer or encoder", "use linear_tree=False")
        _, a, b = signal.form
        constant += weight * b
        weights.append([signal.column, weight * a * factor])
    return {"linear": {"constant": constant * factor, "weights": weights, "missing": value}}


def made(fitted, sums, objective):
    """What the objective makes of the sums."""
    name, *options = objective
    options = dict(option.partition(":")[::2] for option in options)
    slope = float(options.get("sigmoid", 1.0))
    steep = [] if slope == 1.0 else [{"times": slope, "plus": 0.0}]
    labels = [str(label) for label in getattr(fitted, "classes_", range(max(2, len(sums))))]
    if name == "binary":
        decision = [] if hasattr(fitted, "decision_function") else None
        return Model.probability(sums[0], labels, *steep, "logistic", decision=decision)
    if name in ("cross_entropy", "xentropy"):
        return Model.number(sums[0], "logistic")
    if name in ("multiclass", "softmax"):
        return Model.of_classes(sums, labels, "softmax")
    if name in ("multiclassova", "multiclass_ova", "ova", "ovr") and slope == 1.0:
        return Model.of_classes(sums, labels, "logistic")
    if name in ("poisson", "gamma", "tweedie"):
        return Model.number(sums[0], "exp")
    if name in IDENTITY:
        return Model.number(sums[0], *(["signed_square"] if "sqrt" in options else []))
    raise refuse(f"LightGBM's objective `{name}`", INSTEAD)


def answers(fitted, rows, _context):
    """The library's own answers."""
    if not hasattr(fitted, "predict_proba"):
        return fitted.predict(rows)
    values = fitted.predict_proba(rows)
    return values[:, 1] if values.shape[1] == 2 else values


def library():
    """Name and version."""
    import lightgbm

    return f"lightgbm {lightgbm.__version__}"
