# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's linear models."""

import numpy as np

from ..errors import refuse
from ..model import Model, Sum


def regression(*curves):
    """A number from one line."""

    def read(fitted, signals, _context):
        return Model.number(line(fitted, signals, 0), *curves)

    return read


def line(fitted, signals, row):
    """Intercept and weights of one line."""
    weights = np.atleast_2d(fitted.coef_)
    constant = np.ravel(fitted.intercept_)
    if len(weights) > 1 and row == 0 and not hasattr(fitted, "classes_"):
        raise refuse("a regression of several outputs", "train one model an outcome")
    return Sum(constant[row if len(constant) > 1 else 0]).add_all(signals, weights[row])


def logistic(fitted, signals, _context):
    """LogisticRegression and its like."""
    if len(fitted.classes_) < 2:
        raise refuse("a classifier of one class", "train it on cases of both classes")
    if len(fitted.classes_) == 2:
        total = line(fitted, signals, 0)
        return Model.probability(total, labels(fitted), "logistic", decision=[])
    sums = [line(fitted, signals, k) for k in range(len(fitted.classes_))]
    one_a_class = (
        getattr(fitted, "multi_class", "auto") == "ovr"
        or fitted.__dict__.get("solver") == "liblinear"
    )
    return Model.of_classes(
        sums, labels(fitted), "logistic-proportion" if one_a_class else "softmax"
    )


def descent(fitted, signals, _context):
    """SGDClassifier."""
    if fitted.loss not in ("log_loss", "log"):
        raise refuse(
            f"SGDClassifier(loss={fitted.loss!r})",
            "use loss='log_loss', or wrap it in CalibratedClassifierCV",
        )
    if len(fitted.classes_) == 2:
        return Model.probability(line(fitted, signals, 0), labels(fitted), "logistic", decision=[])
    sums = [line(fitted, signals, k) for k in range(len(fitted.classes_))]
    return Model.of_classes(sums, labels(fitted), "logistic-proportion")


def margin(fitted, signals):
    """The decision function of a linear classifier that has no probabilities."""
    if len(fitted.classes_) != 2:
        raise refuse(f"{type(fitted).__name__} of several classes", "use LogisticRegression")
    return Model.probability(line(fitted, signals, 0), labels(fitted), decision=[])


def labels(fitted):
    """The classes as texts."""
    return [str(label) for label in fitted.classes_]


def tweedie(fitted, signals, context):
    """TweedieRegressor: the link follows the power unless it is given."""
    link = fitted.link if fitted.link != "auto" else ("identity" if fitted.power <= 0 else "log")
    return regression(*(["exp"] if link == "log" else []))(fitted, signals, context)


NUMBERS = (
    "LinearRegression Ridge RidgeCV Lasso LassoCV ElasticNet ElasticNetCV Lars LassoLars "
    "LassoLarsIC BayesianRidge ARDRegression HuberRegressor TheilSenRegressor QuantileRegressor "
    "SGDRegressor LinearSVR"
).split()

LINEAR = {
    **{name: regression() for name in NUMBERS},
    "PoissonRegressor": regression("exp"),
    "GammaRegressor": regression("exp"),
    "TweedieRegressor": tweedie,
    "LogisticRegression": logistic,
    "LogisticRegressionCV": logistic,
    "LinearDiscriminantAnalysis": logistic,
    "SGDClassifier": descent,
}

# Read within CalibratedClassifierCV alone.
MARGINS = ("LinearSVC", "RidgeClassifier", "SGDClassifier", "Perceptron")
