# SPDX-License-Identifier: Apache-2.0
"""What a written model says about cases, from the file alone: the reference of the format."""

import math

import numpy as np

from .errors import ExportError
from .table import Table, key


def evaluate(document, frame):
    """The values for each row of a table: an array, with a column a class if there are classes.

    A row to which the model gives no value is nan.
    """
    columns = Columns(document, frame)
    with np.errstate(all="ignore"):
        sums = [value_of_sum(one, columns) for one in document["sums"]]
        output = document["output"]
        if "share" in output:
            return shares(output["share"], np.column_stack(sums))
        return sum(through(part["curves"], s) for part, s in zip(output["parts"], sums))


class Columns:
    """Numbers and categories of features and derived columns."""

    def __init__(self, document, frame):
        features = document["features"]
        names = [feature["name"] for feature in features]
        table = frame if isinstance(frame, Table) else Table(frame, names)
        self.length = len(table)
        self.keys = {}
        self.numbers = {}
        for feature in features:
            name = feature["name"]
            if name not in table.columns:
                raise ExportError(f"the table has no column `{name}`")
            gaps = set(map(key, feature.get("missing", [])))
            keys = [key(value) for value in table.columns[name]]
            self.keys[name] = np.array([None if k in gaps else k for k in keys], dtype=object)
            self.numbers[name] = np.array(
                [number(k, v, gaps) for k, v in zip(keys, table.columns[name])], dtype=float
            )
        for derived in document.get("derived", []):
            value = np.broadcast_to(self.expression(derived["expression"]), self.length)
            self.numbers[derived["name"]] = np.where(np.isfinite(value), value, np.nan)

    def expression(self, expression):
        """The value of an expression for each row."""
        if isinstance(expression, str):
            return self.numbers[expression]
        if not isinstance(expression, list):
            return float(expression)
        operator, *rest = expression
        with np.errstate(all="ignore"):
            return OPERATORS[operator](*map(self.expression, rest))


def number(text, value, gaps):
    """A cell as a number."""
    if text is None or text in gaps or isinstance(value, str):
        return np.nan
    return float(value)


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: np.power(a, b),
    "ln": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "min": np.minimum,
    "max": np.maximum,
    "or": lambda a, b: np.where(np.isnan(a), b, a),
}


def value_of_sum(one, columns):
    total = np.full(columns.length, float(one["constant"]))
    for term in one["terms"]:
        total = total + TERMS[term["kind"]](term, columns)
    return total


def given(points):
    """A number of the file; null is nan."""
    return np.nan if points is None else float(points)


def linear(term, columns):
    x = columns.numbers[term["column"]]
    return np.where(np.isnan(x), given(term.get("missing")), term["weight"] * x)


def curve(term, columns):
    x = columns.numbers[term["column"]]
    points = np.array(term["points"], dtype=float)
    value = lines(points, x, term["outside"] == "extend")
    return np.where(np.isnan(x), given(term.get("missing")), value)


def lines(points, x, extend):
    """Straight lines between points."""
    first, second = points[:, 0], points[:, 1]
    value = np.interp(x, first, second)
    if extend and len(points) > 1:
        for a, b, outside in ((0, 1, x < first[0]), (-2, -1, x > first[-1])):
            slope = (second[b] - second[a]) / (first[b] - first[a])
            value = np.where(outside, second[a] + slope * (x - first[a]), value)
    return np.where(np.isnan(x), np.nan, value)


def bins(edges, closed, x):
    """The index of each number's bin; "left" puts an edge into the bin above it."""
    return np.searchsorted(edges, x, side="right" if closed == "left" else "left")


def steps(term, columns):
    x = columns.numbers[term["column"]]
    value = np.array(term["values"], dtype=float)[
        bins(term["edges"], term["closed"], x).clip(max=len(term["edges"]))
    ]
    return np.where(np.isnan(x), given(term.get("missing")), value)


def table(term, columns):
    values = {key(category): given(points) for category, points in term["values"]}
    missing, otherwise = given(term.get("missing")), given(term.get("otherwise"))
    keys = columns.keys[term["column"]]
    return np.array([missing if k is None else values.get(k, otherwise) for k in keys])


def grid(term, columns):
    values = np.array([[given(v) for v in row] for row in term["values"]])
    places = [place(axis, columns) for axis in term["axes"]]
    known = (places[0] >= 0) & (places[1] >= 0)
    return np.where(known, values[places[0], places[1]], np.nan)


def place(axis, columns):
    """Each row's place on an axis; below 0 if it has none."""
    if "edges" in axis:
        x = columns.numbers[axis["column"]]
        found, last = bins(axis["edges"], axis["closed"], x), len(axis["edges"]) + 1
        missing = np.isnan(x)
    else:
        known = {key(category): index for index, category in enumerate(axis["categories"])}
        keys = columns.keys[axis["column"]]
        missing = np.array([k is None for k in keys])
        found, last = np.array([known.get(k, len(known)) for k in keys]), len(known) + 1
    return np.where(missing, last if axis.get("missing") else -1, found)


def product(term, columns):
    return term["weight"] * np.prod([columns.numbers[one] for one in term["columns"]], axis=0)


def tree(term, columns):
    at = np.zeros(columns.length, dtype=int)
    value = np.full(columns.length, np.nan)
    for index, node in enumerate(term["nodes"]):
        rows = np.flatnonzero(at == index)
        if not len(rows):
            continue
        if "leaf" in node:
            value[rows] = given(node["leaf"])
        elif "linear" in node:
            own = node["linear"]
            line = np.full(len(rows), float(own["constant"]))
            for column, weight in own["weights"]:
                line = line + weight * columns.numbers[column][rows]
            value[rows] = np.where(np.isnan(line), given(own.get("missing")), line)
        else:
            holds, missing = answer(node, columns, rows)
            at[rows] = np.where(missing, node["missing"], np.where(holds, node["yes"], node["no"]))
    return value


def answer(node, columns, rows):
    """Whether a node's question holds, and where the value is missing."""
    if "in" in node:
        known = set(map(key, node["in"]))
        keys = columns.keys[node["column"]][rows]
        return np.array([k in known for k in keys]), np.array([k is None for k in keys])
    x = columns.numbers[node["column"]][rows]
    limit = node["less"] if "less" in node else node["at_most"]
    value = x
    if node.get("single"):
        value, limit = x.astype(np.float32).astype(float), float(np.float32(limit))
    return (value < limit if "less" in node else value <= limit), np.isnan(x)


TERMS = {
    "linear": linear,
    "curve": curve,
    "steps": steps,
    "table": table,
    "grid": grid,
    "product": product,
    "tree": tree,
}


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


CURVES = {
    "logistic": logistic,
    "exp": np.exp,
    "cloglog": lambda x: -np.expm1(-np.exp(x)),
    "probit": lambda x: np.array([0.5 * math.erfc(-one / math.sqrt(2.0)) for one in x]),
    "signed_square": lambda x: np.sign(x) * x * x,
}


def through(curves, value):
    """Curves applied in turn."""
    for one in curves:
        if isinstance(one, str):
            value = CURVES[one](value)
        elif "lines" in one:
            value = lines(np.array(one["lines"], dtype=float), value, False)
        else:
            value = one["times"] * value + one["plus"]
    return value


def shares(share, sums):
    """The sums of classes as probabilities."""
    if share == "softmax":
        power = np.exp(sums - np.max(sums, axis=1, keepdims=True))
        return power / power.sum(axis=1, keepdims=True)
    if share == "logistic":
        return logistic(sums)
    if share == "logistic-proportion":
        return proportion(logistic(sums))
    return proportion(sums) if share == "proportion" else sums


def proportion(parts):
    """Shares of the whole; equal ones if there is nothing to share."""
    parts = np.maximum(parts, 0.0)
    whole = parts.sum(axis=1, keepdims=True)
    return np.where(whole > 0.0, parts / whole, 1.0 / parts.shape[1])
