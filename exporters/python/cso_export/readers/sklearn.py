# SPDX-License-Identifier: Apache-2.0
"""scikit-learn: which reader takes which class, and what a model answers."""

import importlib

from ..errors import ExportError, class_name, refuse
from . import inputs
from .sklearn_linear import LINEAR
from .sklearn_mixed import MIXED
from .sklearn_steps import features_before
from .sklearn_trees import TREES

INSTEAD = {
    "LinearSVC": "wrap it in CalibratedClassifierCV, which gives probabilities",
    "SVC": "use LinearSVC in CalibratedClassifierCV, or boosted trees",
    "RidgeClassifier": "use LogisticRegression, or wrap it in CalibratedClassifierCV",
    "MLPClassifier": "use boosted trees or a logistic regression",
    "KNeighborsClassifier": "use a forest: neighbours would publish the training cases",
    "TunedThresholdClassifierCV": "export its `estimator_`: the threshold is set in the protocol",
    "FixedThresholdClassifier": "export its `estimator_`: the threshold is set in the protocol",
    "StackingClassifier": "use VotingClassifier(voting='soft')",
}
OTHER = (
    "use logistic or linear regression, trees, forests, boosting, CalibratedClassifierCV or "
    "VotingClassifier(voting='soft')"
)


def model(fitted, context, signals=None):
    """Any model of scikit-learn that is read."""
    name = type(fitted).__name__
    if name == "Pipeline":
        signals = features_before(fitted, context, signals)
        return nested(fitted.steps[-1][1], context, signals)
    if name in ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV"):
        if not hasattr(fitted, "best_estimator_"):
            raise ExportError(f"{name} has no best_estimator_: fit it with refit=True")
        return nested(fitted.best_estimator_, context, signals)
    if name == "FrozenEstimator":
        return nested(fitted.estimator, context, signals)
    if name in MIXED:
        return MIXED[name](fitted, context, signals, nested)
    for read in (LINEAR, TREES):
        if name in read:
            several(fitted)
            return read[name](fitted, inputs(fitted, context, signals), context)
    raise refuse(f"model class `{class_name(fitted)}`", INSTEAD.get(name, OTHER))


def nested(fitted, context, signals):
    """A model within a model, of scikit-learn or with its interface."""
    root = type(fitted).__module__.split(".")[0]
    places = {"sklearn": "sklearn", "xgboost": "xgb", "lightgbm": "lgb", "catboost": "cat"}
    if root not in places:
        raise refuse(f"`{class_name(fitted)}` within a pipeline", OTHER)
    reader = importlib.import_module(f".{places[root]}", __package__)
    return reader.model(fitted, context, signals)


def several(fitted):
    """Refuses models of several outcomes."""
    if getattr(fitted, "n_outputs_", 1) != 1:
        raise refuse("a model of several outputs", "train one model an outcome")


def answers(fitted, rows, _context):
    """The library's own answers: probabilities, of two classes the second's, or numbers."""
    if hasattr(fitted, "predict_proba"):
        values = fitted.predict_proba(rows)
        return values[:, 1] if values.shape[1] == 2 else values
    return fitted.predict(rows).reshape(len(rows))


def library():
    """Name and version."""
    import sklearn

    return f"scikit-learn {sklearn.__version__}"
