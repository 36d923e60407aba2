# SPDX-License-Identifier: Apache-2.0
"""One reader a kind of model: from a fitted object to sums, and the library's own answers.

A reader is a module or object with `model(fitted, context)`, `answers(fitted, rows, context)` and
`library()`. Only classes that are named here are read: a subclass may compute something else.
"""

import importlib

from ..errors import class_name, refuse

# Module of the class, and where its reader lives.
PLACES = {
    "sklearn": "sklearn",
    "xgboost": "xgb",
    "lightgbm": "lgb",
    "catboost": "cat",
    "statsmodels": "stats",
    "lifelines": "survival",
    "interpret": "ebm",
    "concrete": "concrete",
}


def reader(fitted):
    """The reader of a fitted model."""
    root = type(fitted).__module__.split(".")[0]
    if root not in PLACES:
        raise refuse(
            f"model class `{class_name(fitted)}`",
            "give a fitted model of scikit-learn, XGBoost, LightGBM, CatBoost, statsmodels, "
            "lifelines, interpret or concrete-ml itself, not one that wraps it",
        )
    return importlib.import_module(f".{PLACES[root]}", __name__)


def inputs(fitted, context, signals):
    """The model's inputs: what a pipeline made, else the data's columns by name or by place."""
    count = getattr(fitted, "n_features_in_", None)
    if signals is None:
        names = getattr(fitted, "feature_names_in_", None)
        names = None if names is None else [str(name) for name in names]
        count = count if count is not None else len(context.table.names)
        signals = context.by_order(names, count)
    if count is not None and len(signals) != count:
        raise refuse(f"a model of {count} inputs on {len(signals)}", "give the training columns")
    return signals
