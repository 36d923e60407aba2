# SPDX-License-Identifier: Apache-2.0
"""A model in the common form while it is put together: sums of terms, and what becomes of them."""

from dataclasses import dataclass, field

import numpy as np

from .errors import refuse


class Sum:
    """A constant, weighted signals, and finished terms."""

    def __init__(self, constant=0.0):
        self.constant = float(constant)
        self.weighted = []
        self.terms = []

    def add(self, signal, weight):
        """Adds `weight * signal`."""
        if weight:
            self.weighted.append((signal, float(weight)))
        return self

    def add_all(self, signals, weights):
        """Adds weighted signals; a model knows as many weights as it has inputs."""
        weights = np.ravel(np.asarray(weights, dtype=float))
        if len(signals) != len(weights):
            raise refuse(
                f"{len(weights)} weights for {len(signals)} inputs", "give the training columns"
            )
        for signal, weight in zip(signals, weights):
            self.add(signal, weight)
        return self


@dataclass
class Model:
    """`kind` is "probability", "number" or "classes".

    The first two have curves for each sum and the value is the sum of their values; the last has a
    share. `decision` holds the curves of the value that calibration reads.
    """

    kind: str
    sums: list
    curves: list = field(default_factory=list)
    share: str = ""
    classes: list = field(default_factory=list)
    decision: list = None
    horizon: float = None

    @staticmethod
    def number(total, *curves):
        """A number from one sum."""
        return Model("number", [total], [list(curves)])

    @staticmethod
    def probability(total, classes, *curves, decision=None):
        """The probability of the second class from one sum."""
        return Model("probability", [total], [list(curves)], "", classes, decision)

    @staticmethod
    def of_classes(sums, classes, share):
        """One sum a class."""
        return Model("classes", sums, [], share, list(classes))


def mixed(models, weights, name):
    """The weighted mean of models' values."""
    first = models[0]
    if any(m.kind != first.kind or m.classes != first.classes for m in models):
        raise refuse(f"{name} over models of several kinds", "mix models of one outcome")
    if first.kind != "classes":
        sums = [one for model in models for one in model.sums]
        curves = [
            [*own, {"times": weight, "plus": 0.0}]
            for model, weight in zip(models, weights)
            for own in model.curves
        ]
        return Model(first.kind, sums, curves, "", first.classes)
    if any(model.share != "proportion" for model in models):
        raise refuse(
            f"{name} over more than two classes", "mix forests, or export one model a class"
        )
    sums = [
        weighted([model.sums[k] for model in models], weights) for k in range(len(first.classes))
    ]
    return Model.of_classes(sums, first.classes, "proportion")


def weighted(sums, weights):
    """The weighted sum of sums."""
    total = Sum()
    for one, weight in zip(sums, weights):
        total.constant += weight * one.constant
        total.weighted += [(signal, weight * own) for signal, own in one.weighted]
        total.terms += [scaled(term, weight) for term in one.terms]
    return total


def scaled(term, times):
    """A finished term with other points; only trees are made before the end."""
    nodes = []
    for node in term["nodes"]:
        if "leaf" in node:
            node = {"leaf": node["leaf"] * times}
        elif "linear" in node:
            line = node["linear"]
            weights = [[column, weight * times] for column, weight in line["weights"]]
            own = {"constant": line["constant"] * times, "weights": weights}
            own["missing"] = line["missing"] * times
            node = {"linear": own}
        nodes.append(node)
    return {"kind": "tree", "nodes": nodes}
