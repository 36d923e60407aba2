# SPDX-License-Identifier: Apache-2.0
"""interpret: explainable boosting machines, with pairs."""

import numpy as np

from ..errors import class_name, refuse
from ..model import Model, Sum
from ..signal import Number

KINDS = ("ExplainableBoostingClassifier", "ExplainableBoostingRegressor")


def model(fitted, context):
    """Steps for each feature, a grid for each pair."""
    if type(fitted).__name__ not in KINDS:
        raise refuse(f"model class `{class_name(fitted)}`", f"use {' or '.join(KINDS)}")
    names = [str(name) for name in fitted.feature_names_in_]
    columns = [signal.column for signal in context.by_order(names, len(names))]
    count = 1 if fitted.link_ != "mlogit" else len(fitted.classes_)
    sums = [Sum(np.ravel(fitted.intercept_)[k]) for k in range(count)]
    for features, scores in zip(fitted.term_features_, fitted.term_scores_):
        for k, total in enumerate(sums):
            own = scores[..., k] if count > 1 else scores
            if len(features) == 1:
                bins = fitted.bins_[features[0]][0]
                total.add(single(columns[features[0]], bins, own, context), 1.0)
            elif len(features) == 2:
                axes = [fitted.bins_[f][min(len(fitted.bins_[f]), 2) - 1] for f in features]
                total.terms.append(pair([columns[f] for f in features], axes, own))
            else:
                raise refuse("an interaction of more than two features", "use pairs")
    return made(fitted, sums)


def made(fitted, sums):
    """What the link makes of the sums."""
    labels = [str(label) for label in getattr(fitted, "classes_", [])]
    if fitted.link_ == "logit":
        return Model.probability(sums[0], labels, "logistic")
    if fitted.link_ == "mlogit":
        return Model.of_classes(sums, labels, "softmax")
    if fitted.link_ in ("identity", "log"):
        return Model.number(sums[0], *(["exp"] if fitted.link_ == "log" else []))
    raise refuse(f"the link `{fitted.link_}`", "use logit, identity or log")


def single(column, bins, scores, context):
    """One feature. The first score is for missing values, the last for unknown categories."""
    if isinstance(bins, dict):
        numbers = [scores[place] for place in bins.values()]
        return context.lookup(column, bins, numbers, float(scores[-1]), float(scores[0]))
    inside = scores[1:-1]
    cuts = [float(cut) for cut in bins] or [0.0]
    inside = inside if len(bins) else np.repeat(inside, 2)
    call = lambda x: inside[np.searchsorted(cuts, x, side="right")]  # noqa: E731
    return Number(column, call, ("steps", cuts, "left"), float(scores[0]))


def pair(columns, bins, scores):
    """Two features: rows and columns of the scores with the one for missing values last."""
    axes, places = [], []
    for column, own in zip(columns, bins):
        axis = {"column": column, "missing": True}
        if isinstance(own, dict):
            axis["categories"] = list(own)
            places.append([*own.values(), -1, 0])
        else:
            axis["edges"], axis["closed"] = [float(cut) for cut in own], "left"
            places.append([*range(1, len(own) + 2), 0])
        axes.append(axis)
    values = np.asarray(scores, dtype=float)[np.ix_(*places)]
    return {"kind": "grid", "axes": axes, "values": values.tolist()}


def answers(fitted, rows, _context):
    """The library's own answers."""
    if not hasattr(fitted, "predict_proba"):
        return fitted.predict(rows)
    values = fitted.predict_proba(rows)
    return values[:, 1] if values.shape[1] == 2 else values


def library():
    """Name and version."""
    import importlib.metadata

    return f"interpret-core {importlib.metadata.version('interpret-core')}"
