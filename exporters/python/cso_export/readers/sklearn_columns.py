# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's encoders, bins and splines."""

import numpy as np

from ..errors import refuse
from ..signal import NAN, Lookup, Number
from ..table import key


def is_gap(value):
    """Whether a category of an encoder stands for missing."""
    return key(value) is None


def gap_number(categories, numbers, fill, unknown):
    """What a gap becomes: its own category, the category it is filled with, or unknown."""
    for category, number in zip(categories, numbers):
        if is_gap(category) if fill is None else key(category) == key(fill):
            return number
    return unknown


def looked_up(context, column, categories, numbers, unknown, missing):
    """The number beside a category, or beside the code of one."""
    if not isinstance(column, Lookup):
        return context.lookup(column, categories, numbers, unknown, missing)
    known = {key(category): number for category, number in zip(categories, numbers)}
    made = column.then(lambda codes: np.array([known.get(key(code), unknown) for code in codes]))
    made.missing = missing if np.isnan(column.missing) else made.missing
    return made


def one_hot(step, context, columns):
    """An indicator for each category that isn't dropped."""
    groups = getattr(step, "infrequent_categories_", None) or [None] * len(columns)
    found = []
    for index, ((column, fill), categories, rare) in enumerate(
        zip(columns, step.categories_, groups)
    ):
        rare = set() if rare is None else set(map(key, rare))
        kept = [c for c in categories if not rare or key(c) not in rare]
        sets = [[c] for c in kept] + ([[c for c in categories if key(c) in rare]] if rare else [])
        dropped = None if step.drop_idx_ is None else step.drop_idx_[index]
        rare_unknown = rare and step.handle_unknown == "infrequent_if_exist"
        for place, own in enumerate(sets):
            if dropped is not None and place == dropped:
                continue
            inside = set(map(key, own))
            numbers = [float(key(c) in inside) for c in categories]
            unknown = float(bool(rare_unknown) and place == len(kept))
            missing = gap_number(categories, numbers, fill, unknown)
            if step.handle_unknown == "error" and not any(map(is_gap, categories)) and fill is None:
                missing = NAN
            found.append(looked_up(context, column, categories, numbers, unknown, missing))
    return found


def ordinal(step, context, columns):
    """The number of each category."""
    if getattr(step, "min_frequency", None) or getattr(step, "max_categories", None):
        raise refuse("OrdinalEncoder with infrequent categories", "use OneHotEncoder for them")
    found = []
    for (column, fill), categories in zip(columns, step.categories_):
        numbers = [float(n) for n in range(len(categories))]
        if any(map(is_gap, categories)):
            gap = float(step.encoded_missing_value)
            numbers = [gap if is_gap(c) else n for c, n in zip(categories, numbers)]
        unknown = NAN
        if step.handle_unknown == "use_encoded_value":
            unknown = float(step.unknown_value)
        missing = gap_number(categories, numbers, fill, NAN)
        found.append(looked_up(context, column, categories, numbers, unknown, missing))
    return found


def bins(step, context, signals):
    """The bin's number, or an indicator for each bin."""
    found = []
    for signal, edges in zip(signals, step.bin_edges_):
        call, limits = inside(context.numeric(signal, "KBinsDiscretizer"), edges[1:-1])
        if step.encode == "ordinal":
            found.append(call(lambda place: place, limits))
        else:
            for bin_ in range(len(edges) - 1):
                found.append(call(lambda place, own=bin_: (place == own).astype(float), limits))
    return found


def inside(signal, edges):
    """Makes functions of the bin of a column, with the edges in the column's own terms."""
    if not isinstance(signal, Number) or signal.form[0] != "affine" or signal.form[1] <= 0:
        raise refuse("KBinsDiscretizer after other steps than scalers", "cut the column itself")
    _, a, b = signal.form
    limits = [(float(edge) - b) / a for edge in edges]
    if not limits:
        raise refuse("KBinsDiscretizer with one bin", "leave the column out")

    def make(of, limits):
        call = lambda x: of(np.searchsorted(limits, x, side="right").astype(float))  # noqa: E731
        missing = NAN
        if not np.isnan(signal.missing):
            missing = float(call(np.array([(signal.missing - b) / a]))[0])
        return Number(signal.column, call, ("steps", limits, "left"), missing)

    return make, limits


OUTSIDE = {"constant": "clamp", "error": "clamp", "linear": "extend"}


def splines(step, context, signals):
    """The basis functions of each column."""
    if step.extrapolation not in OUTSIDE:
        raise refuse(
            f"SplineTransformer(extrapolation={step.extrapolation!r})",
            "use 'constant', 'linear' or 'error'",
        )
    found = []
    for index, signal in enumerate(signals):
        context.numeric(signal, "SplineTransformer")
        if not isinstance(signal, Number) or signal.form[0] != "affine" or signal.form[1] <= 0:
            raise refuse("splines after other steps than scalers", "make splines of the column")
        spline = step.bsplines_[index]
        low, high = spline.t[spline.k], spline.t[-spline.k - 1]
        knots = [k for k in np.unique(spline.t) if low <= k <= high]
        count = spline.c.shape[1] - (0 if step.include_bias else 1)
        for place in range(count):
            found.append(basis(signal, spline, place, knots, OUTSIDE[step.extrapolation]))
    return found


def basis(signal, spline, place, knots, outside):
    """One basis function."""
    low, high = knots[0], knots[-1]
    slope = spline.derivative()
    _, a, b = signal.form

    def of(y):
        y = np.asarray(y, dtype=float)
        near = np.clip(y, low, high)
        value = spline(near)[:, place]
        return value + slope(near)[:, place] * (y - near) if outside == "extend" else value

    inner = signal.call
    missing = NAN if np.isnan(signal.missing) else float(of(np.array([signal.missing]))[0])
    own = [(knot - b) / a for knot in knots]
    return Number(signal.column, lambda x: of(inner(x)), ("smooth", own, outside), missing)
