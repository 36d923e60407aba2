# SPDX-License-Identifier: Apache-2.0
"""Trees on signals: thresholds are moved from a model's inputs to the columns they come from."""

import numpy as np

from .errors import refuse
from .signal import Constant, Lookup, Number
from .table import key


class Split:
    """A question of a library's tree: which input, what holds, and where each answer leads.

    `holds` is a function of an array of inputs; `op` and `threshold` say the same where it is one
    comparison, `single` that both sides are rounded to single precision.
    """

    def __init__(self, signal, op, threshold, yes, no, missing, single=False):
        threshold = float(np.float32(threshold)) if single else float(threshold)
        self.signal, self.op, self.threshold = signal, op, threshold
        self.yes, self.no, self.missing, self.single = yes, no, missing, single

    def holds(self, value):
        """Whether the comparison holds for numbers."""
        with np.errstate(all="ignore"):
            value = np.asarray(value, dtype=float)
            limit = self.threshold
            if self.single:
                value = value.astype(np.float32).astype(float)
            return value < limit if self.op == "less" else value <= limit


class Among:
    """Whether a category is one of some."""

    def __init__(self, column, categories, yes, no, missing):
        self.column, self.categories = column, list(categories)
        self.yes, self.no, self.missing = yes, no, missing


class Codes:
    """Whether the number of a category is one of some."""

    def __init__(self, signal, codes, yes, no, missing):
        self.signal, self.codes = signal, {float(code) for code in codes}
        self.yes, self.no, self.missing = yes, no, missing

    def holds(self, number):
        """Whether it is."""
        return float(np.ravel(number)[0]) in self.codes


def floor_single(threshold):
    """The greatest single-precision number that isn't above: the same comparison of such numbers.

    A threshold beyond all numbers parts them from missing values.
    """
    most = float(np.finfo(np.float32).max)
    threshold = min(max(float(threshold), -most), most)
    single = np.float32(threshold)
    if float(single) > threshold:
        single = np.nextafter(single, np.float32(-np.inf))
    return float(single)


def tree(root, node):
    """A tree term. `node` gives for a library's index a `Split`, an `Among`, or a finished leaf."""
    nodes = []

    def place(index):
        own = node(index)
        if isinstance(own, dict):
            nodes.append(own)
            return len(nodes) - 1
        return question(nodes, own, place)

    place(root)
    return {"kind": "tree", "nodes": nodes}


def leaf(points):
    """A leaf."""
    return {"leaf": float(points)}


def question(nodes, own, place):
    """Appends a question and what is below it, parents first; gives its index."""
    if isinstance(own, Among):
        test = {"column": own.column, "in": own.categories}
        return branch(nodes, [test], [own.yes, own.no], own.missing, place)
    signal = own.signal
    if isinstance(own, Codes) and isinstance(signal, Number):
        return coded(nodes, own, place)
    if isinstance(signal, Constant):
        return place(own.yes if own.holds(signal.number) else own.no)
    missing = own.missing
    if not np.isnan(getattr(signal, "missing", np.nan)):
        missing = own.yes if own.holds(signal.missing) else own.no
    if isinstance(signal, Lookup):
        return among(nodes, own, missing, place)
    if not isinstance(signal, Number):
        raise refuse("a tree on products", "give trees the features themselves")
    if signal.form == ("affine", 1.0, 0.0):
        test = {"column": signal.column, own.op: float(own.threshold)}
        if own.single:
            test["single"] = True
        return branch(nodes, [test], [own.yes, own.no], missing, place)
    if signal.form[0] == "steps":
        return stepwise(nodes, own, missing, place)
    if signal.form[0] == "affine" and signal.form[1]:
        return moved(nodes, own, missing, place)
    raise refuse("a tree on splines", "give trees the features themselves")


def branch(nodes, tests, ends, missing, place):
    """A chain of questions about one column: the first that holds leads to its end, else the last.

    Ends are library's nodes; equal ones are placed once.
    """
    start = len(nodes)
    nodes.extend([None] * len(tests))
    placed = {}
    for end in [*ends, missing]:
        if end not in placed:
            placed[end] = place(end)
    for offset, test in enumerate(tests):
        last = offset + 1 == len(tests)
        no = placed[ends[-1]] if last else start + offset + 1
        yes = placed[ends[offset]]
        nodes[start + offset] = {**test, "yes": yes, "no": no, "missing": placed[missing]}
    return start


def among(nodes, own, missing, place):
    """A comparison of the number beside a category."""
    signal = own.signal

    def holds(number):
        return own.missing == own.yes if np.isnan(number) else bool(own.holds(number))

    inside = [c for c, n in zip(signal.categories, signal.numbers) if holds(n)]
    outside = [c for c in signal.categories if key(c) not in map(key, inside)]
    if holds(signal.otherwise):
        test, ends = {"column": signal.column, "in": outside}, [own.no, own.yes]
    else:
        test, ends = {"column": signal.column, "in": inside}, [own.yes, own.no]
    return branch(nodes, [test], ends, missing, place)


def coded(nodes, own, place):
    """Whether a column of codes is one of some: of 0 and 1 a comparison of a flag."""
    signal = own.signal
    if signal.form[0] != "affine" or not np.isnan(signal.missing):
        raise refuse("a split by categories after other steps", "let the model encode categories")
    if signal.plain():
        test = {"column": signal.column, "in": sorted(own.codes)}
        return branch(nodes, [test], [own.yes, own.no], own.missing, place)
    ends = [own.yes if own.holds(signal.call(np.array([x]))) else own.no for x in (0.0, 1.0)]
    test = {"column": signal.column, "at_most": 0.5}
    return branch(nodes, [test], ends, own.missing, place)


def stepwise(nodes, own, missing, place):
    """A comparison of a function with steps: where its answer changes."""
    _, edges, closed = own.signal.form
    op = "less" if closed == "left" else "at_most"
    edges = sorted(edges)
    step = np.inf if closed == "right" else -np.inf
    first = np.nextafter(edges[0], -np.inf) if closed == "left" else edges[0]
    points = [first, *(edges if closed == "left" else np.nextafter(edges, step))]
    answers = [bool(own.holds(own.signal.call(np.array([x]))[0])) for x in sorted(set(points))]
    tests, ends = [], []
    for edge, before, after in zip(edges, answers, answers[1:]):
        if before != after:
            tests.append({"column": own.signal.column, op: edge})
            ends.append(own.yes if before else own.no)
    last = own.yes if answers[-1] else own.no
    if not tests:
        if missing == last:
            return place(last)
        tests, ends = [{"column": own.signal.column, op: edges[0]}], [last]
    return branch(nodes, tests, [*ends, last], missing, place)


def moved(nodes, own, missing, place):
    """A comparison of a scaled column: the column's own threshold, to the last bit."""
    rising = own.signal.form[1] > 0
    # Of a rising function the numbers that hold come first, of a falling one those that don't.
    holds = lambda x: bool(own.holds(own.signal.call(np.array([x]))[0])) == rising  # noqa: E731
    low, high = order(-np.finfo(float).max), order(np.finfo(float).max)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(number(middle)) else (low, middle)
    test = {"column": own.signal.column, "at_most": number(low)}
    ends = [own.yes, own.no] if rising else [own.no, own.yes]
    return branch(nodes, [test], ends, missing, place)


def order(number_):
    """The place of a double among all doubles."""
    bits = int(np.array(number_, dtype=np.float64).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def number(place):
    """The double at a place."""
    bits = place if place >= 0 else -place | -0x8000_0000_0000_0000
    return float(np.array(bits, dtype=np.int64).view(np.float64))
