# SPDX-License-Identifier: Apache-2.0
"""XGBoost: the scikit-learn classes and plain boosters."""

import json
import math
import struct

import numpy as np

from ..errors import ExportError, refuse
from ..model import Model, Sum, weighted
from ..trees import Codes, Split, leaf, tree

# The library adds single-precision numbers: its own answers are no closer than this.
TOLERANCE = 5e-6

LINKS = {
    "binary:logistic": ("probability", ["logistic"]),
    "reg:logistic": ("number", ["logistic"]),
    "reg:squarederror": ("number", []),
    "reg:squaredlogerror": ("number", []),
    "reg:absoluteerror": ("number", []),
    "reg:pseudohubererror": ("number", []),
    "reg:quantileerror": ("number", []),
    "count:poisson": ("number", ["exp"]),
    "reg:gamma": ("number", ["exp"]),
    "reg:tweedie": ("number", ["exp"]),
    "survival:cox": ("number", ["exp"]),
    "multi:softprob": ("classes", []),
    "multi:softmax": ("classes", []),
}


def model(fitted, context, signals=None):
    """The trees that the library's own `predict` uses."""
    context.tolerance = max(context.tolerance, TOLERANCE)
    booster, last = booster_of(fitted)
    content = json.loads(bytes(booster.save_raw("json")))["learner"]
    objective = content["objective"]["name"]
    if objective not in LINKS:
        raise refuse(f"XGBoost's objective `{objective}`", f"use one of {', '.join(LINKS)}")
    kind, curves = LINKS[objective]
    grown = content["gradient_booster"]
    if grown["name"] == "gblinear":
        raise refuse("XGBoost's booster `gblinear`", "use scikit-learn's LogisticRegression")
    dropped = grown.get("weight_drop")
    grown = grown["gbtree"]["model"] if grown["name"] == "dart" else grown["model"]
    if int(content["learner_model_param"].get("num_target", 1)) > 1:
        raise refuse("a model of several outputs", "train one model an outcome")
    sums = constants(content["learner_model_param"], curves, kind)
    signals = signals or columns(fitted, booster, context)
    gaps(fitted, signals, context)
    categories = Categories(grown.get("cats"), signals, context)
    for index, own in enumerate(grown["trees"][: trees_until(last, grown, len(sums))]):
        term = tree_of(own, signals, categories)
        if dropped is not None:
            part = Sum()
            part.terms.append(term)
            term = weighted([part], [float(dropped[index])]).terms[0]
        sums[grown["tree_info"][index]].terms.append(term)
    if kind == "classes":
        return Model.of_classes(sums, labels(fitted, len(sums)), "softmax")
    if kind == "probability":
        return Model.probability(sums[0], labels(fitted, 2), *curves)
    return Model.number(sums[0], *curves)


def booster_of(fitted):
    """The booster, and after how many rounds `predict` stops."""
    name = type(fitted).__name__
    if name == "Booster":
        return fitted, None
    if not hasattr(fitted, "get_booster") or name == "XGBRanker":
        raise refuse(f"model class `xgboost.{name}`", "use XGBClassifier or XGBRegressor")
    if callable(getattr(fitted, "objective", None)):
        raise refuse(
            "an objective of one's own", "use one of the library's, such as binary:logistic"
        )
    booster = fitted.get_booster()
    best = booster.attr("best_iteration")
    return booster, None if best is None else int(best) + 1


def trees_until(last, grown, classes):
    """How many trees the first rounds have; older versions don't write it."""
    if last is None:
        return None
    if "iteration_indptr" in grown:
        return grown["iteration_indptr"][last]
    return last * classes * int(grown["gbtree_model_param"].get("num_parallel_tree") or 1)


def columns(fitted, booster, context):
    """Names as the booster knows them, else the data's order."""
    return context.by_order(booster.feature_names, booster.num_features())


def gaps(fitted, signals, context):
    """`missing=-1` and the like."""
    code = getattr(fitted, "missing", math.nan)
    if code is not None and not math.isnan(code):
        for signal in signals:
            context.add_missing(signal.column, code)


def labels(fitted, count):
    """The classes as texts."""
    return [str(label) for label in getattr(fitted, "classes_", range(count))]


def constants(param, curves, kind):
    """One sum a class with the base score, which is given on the scale of the answers."""
    count = max(int(param["num_class"]), 1)
    base = [float(one) for one in param["base_score"].strip("[]").split(",")]
    base = base * count if len(base) == 1 else base
    if kind == "classes" or not curves:
        return [Sum(one) for one in base]
    if curves == ["logistic"]:
        return [Sum(math.log(one / (1.0 - one))) for one in base]
    return [Sum(math.log(one)) for one in base]


class Categories:
    """The categories behind codes: as the model knows them, else the data's."""

    def __init__(self, known, signals, context):
        encodings = (known or {}).get("enc", [])
        self.listed = [decoded(one) for one in encodings] or [None] * len(signals)
        self.signals, self.context = signals, context

    def of(self, feature):
        column = self.signals[feature].column
        listed = self.listed[feature] if feature < len(self.listed) else None
        return listed or self.context.table.categories(column)


def decoded(encoding):
    """Categories as the model file holds them: bytes of texts, or numbers."""
    values = encoding.get("values") or []
    offsets = encoding.get("offsets")
    if not values:
        return None
    if offsets is None:
        return list(values)
    raw = struct.pack(f"{len(values)}b", *(v if v < 128 else v - 256 for v in values))
    return [raw[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:])]


def tree_of(own, signals, categories):
    """One tree. Numbers below the threshold and categories outside the set go left."""
    sets = {}
    for node, start, size in zip(
        own.get("categories_nodes", []), own["categories_segments"], own["categories_sizes"]
    ):
        sets[node] = own["categories"][start : start + size]

    def node(index):
        left, right = own["left_children"][index], own["right_children"][index]
        if left == -1:
            return leaf(own["split_conditions"][index])
        feature = own["split_indices"][index]
        missing = left if own["default_left"][index] else right
        if index not in sets:
            limit = own["split_conditions"][index]
            return Split(signals[feature], "less", limit, left, right, missing, single=True)
        listed = categories.of(feature)
        signal = signals[feature]
        if listed is not None and signal.plain():
            column = signal.column
            number = categories.context.lookup(column, listed, range(len(listed)), -1.0, math.nan)
            signal = number
        return Codes(signal, sets[index], right, left, missing)

    return tree(0, node)


def answers(fitted, rows, _context):
    """The library's own answers."""
    import xgboost

    if isinstance(fitted, xgboost.Booster):
        kinds = fitted.feature_types
        matrix = xgboost.DMatrix(rows, enable_categorical=True, feature_types=kinds)
        return np.asarray(fitted.predict(matrix), dtype=float)
    if hasattr(fitted, "predict_proba"):
        values = np.asarray(fitted.predict_proba(rows), dtype=float)
        return values[:, 1] if values.shape[1] == 2 else values
    if str(fitted.objective).startswith("multi:"):
        raise ExportError("XGBRegressor with several classes: use XGBClassifier")
    return np.asarray(fitted.predict(rows), dtype=float)


def library():
    """Name and version."""
    import xgboost

    return f"xgboost {xgboost.__version__}"
