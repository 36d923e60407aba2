# SPDX-License-Identifier: Apache-2.0
"""Models of models in scikit-learn: calibration, voting, transformed outcomes."""

import numpy as np

from ..errors import refuse
from ..model import Model, mixed, weighted
from . import inputs
from .sklearn_linear import MARGINS, labels, margin


def calibrated(fitted, context, signals, nested):
    """CalibratedClassifierCV: the mean over folds of calibrated models."""
    if len(fitted.classes_) != 2:
        raise refuse(
            "CalibratedClassifierCV of several classes",
            "export the classifier itself, or calibrate one class against the others",
        )
    folds = fitted.calibrated_classifiers_
    models = [fold(one, context, signals, nested, labels(fitted)) for one in folds]
    return mixed(models, [1.0 / len(models)] * len(models), "CalibratedClassifierCV")


def fold(one, context, signals, nested, classes):
    """One calibrated classifier."""
    base = one.estimator
    made = decision(base, context, signals, nested)
    read_decision = hasattr(base, "decision_function") and made.decision is not None
    before = made.decision if read_decision else made.curves[0]
    calibrator = one.calibrators[0]
    if len(made.sums) != 1:
        if any(isinstance(c, str) or "lines" in c for part in made.curves for c in part):
            raise refuse("calibration of mixed models", "calibrate each, then mix")
        factors = [np.prod([c["times"] for c in part]) for part in made.curves]
        made = Model.probability(weighted(made.sums, factors), classes)
        before = []
    if one.method == "sigmoid":
        line = {"times": -float(calibrator.a_), "plus": -float(calibrator.b_)}
        after = [line, "logistic"]
    elif one.method == "isotonic":
        points = zip(calibrator.X_thresholds_.tolist(), calibrator.y_thresholds_.tolist())
        points = [[x, y] for x, y in points]
        points = points if len(points) > 1 else [*points, [points[0][0] + 1.0, points[0][1]]]
        after = [{"lines": points}]
    elif one.method == "temperature" and read_decision:
        # The two classes' logits are -x and x.
        after = [{"times": 2.0 * float(np.ravel(calibrator.beta_)[0]), "plus": 0.0}, "logistic"]
    else:
        raise refuse(f"calibration by {one.method}", "use method='sigmoid' or 'isotonic'")
    return Model.probability(made.sums[0], classes, *before, *after)


def decision(base, context, signals, nested):
    """A classifier before calibration, which may have no probabilities of its own."""
    name = type(base).__name__
    if name == "FrozenEstimator":
        return decision(base.estimator, context, signals, nested)
    if name == "Pipeline":
        from .sklearn_steps import features_before

        signals = features_before(base, context, signals)
        return decision(base.steps[-1][1], context, signals, nested)
    if name in MARGINS:
        return margin(base, inputs(base, context, signals))
    return nested(base, context, signals)


def vote(fitted, context, signals, nested):
    """VotingClassifier and VotingRegressor: the weighted mean."""
    if getattr(fitted, "voting", "soft") != "soft":
        raise refuse("VotingClassifier(voting='hard')", "use voting='soft'")
    weights = fitted._weights_not_none
    weights = (
        np.ones(len(fitted.estimators_)) if weights is None else np.array(weights, dtype=float)
    )
    made = [nested(one, context, signals) for one in fitted.estimators_]
    if hasattr(fitted, "classes_"):
        # The parts were trained on the classes' numbers.
        for one in made:
            one.classes = labels(fitted)
    return mixed(made, weights / weights.sum(), type(fitted).__name__)


def bagging(fitted, context, signals, nested):
    """Bagging*: the mean, each part on its own columns."""
    base = inputs(fitted, context, signals)
    made = []
    for one, places in zip(fitted.estimators_, fitted.estimators_features_):
        made.append(nested(one, context, [base[i] for i in places]))
        if hasattr(fitted, "classes_"):
            if len(one.classes_) != len(fitted.classes_):
                raise refuse("bagging of parts that know fewer classes", "use a forest")
            made[-1].classes = labels(fitted)
    return mixed(made, [1.0 / len(made)] * len(made), type(fitted).__name__)


def one_against_rest(fitted, context, signals, nested):
    """OneVsRestClassifier: the shares of the classes' own probabilities."""
    made = [nested(one, context, signals) for one in fitted.estimators_]
    if len(made) == 1:
        made[0].classes = labels(fitted)
        return made[0]
    if any(one.kind != "probability" or one.curves != [["logistic"]] for one in made):
        raise refuse("OneVsRestClassifier of other than logistic models", "use LogisticRegression")
    return Model.of_classes([one.sums[0] for one in made], labels(fitted), "logistic-proportion")


INVERSES = {
    np.exp: ["exp"],
    np.expm1: ["exp", {"times": 1.0, "plus": -1.0}],
}


def transformed(fitted, context, signals, nested):
    """TransformedTargetRegressor."""
    made = nested(fitted.regressor_, context, signals)
    if fitted.transformer is not None or fitted.inverse_func not in INVERSES:
        raise refuse(
            "TransformedTargetRegressor with this inverse", "use inverse_func=np.exp or np.expm1"
        )
    if len(made.sums) != 1:
        raise refuse("a transformed outcome of mixed models", "transform each, then mix")
    return Model.number(made.sums[0], *made.curves[0], *INVERSES[fitted.inverse_func])


MIXED = {
    "CalibratedClassifierCV": calibrated,
    "VotingClassifier": vote,
    "VotingRegressor": vote,
    "BaggingClassifier": bagging,
    "BaggingRegressor": bagging,
    "OneVsRestClassifier": one_against_rest,
    "TransformedTargetRegressor": transformed,
}
