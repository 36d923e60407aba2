# SPDX-License-Identifier: Apache-2.0
"""Steps and curves of one column: bins exactly, splines as lines close enough."""

import numpy as np

from .errors import refuse

# A line through two points of a curve is off by at most h²/8 times its second derivative.
TOLERANCE = 1e-6
MOST_POINTS = 20_000


def steps(column, parts, closed):
    """Functions that are constant between edges, added up."""
    edges = sorted({float(edge) for signal, _ in parts for edge in signal.form[1]})
    if closed == "left":
        inside = np.array([np.nextafter(edges[0], -np.inf), *edges])
    else:
        inside = np.array([*edges, np.nextafter(edges[-1], np.inf)])
    values = total(parts, inside)
    term = {"kind": "steps", "column": column, "edges": edges, "values": values.tolist()}
    term["closed"] = closed
    return with_missing(term, parts)


def curve(column, parts, outside):
    """Smooth functions added up, as lines between points."""
    knots = sorted({float(knot) for signal, _ in parts for knot in signal.form[1]})
    points = [knots[0]]
    for left, right in zip(knots, knots[1:]):
        points += list(between(parts, left, right)[1:])
    if len(points) > MOST_POINTS:
        raise refuse(f"a curve of `{column}` that takes {len(points)} points", "use fewer knots")
    values = total(parts, np.array(points))
    pairs = [[x, y] for x, y in zip(map(float, points), values.tolist())]
    if outside == "extend":
        pairs = extended(parts, pairs)
    term = {"kind": "curve", "column": column, "points": pairs, "outside": outside}
    return with_missing(term, parts)


def between(parts, left, right):
    """Points so close that lines between them keep the tolerance."""
    probe = np.linspace(left, right, 66)
    values = total(parts, probe)
    bend = np.max(np.abs(np.diff(values, 2))) / (probe[1] - probe[0]) ** 2
    scale = max(1.0, float(np.max(np.abs(values))))
    if bend * (right - left) ** 2 < TOLERANCE * scale:
        return np.array([left, right])
    count = (right - left) * np.sqrt(bend / (8 * TOLERANCE * scale))
    return np.linspace(left, right, int(min(count, 2 * MOST_POINTS)) + 2)


def extended(parts, pairs):
    """The outer lines go on with the slope outside, not that of the last two points."""
    span = pairs[-1][0] - pairs[0][0]
    low, high = pairs[0][0] - span, pairs[-1][0] + span
    ends = total(parts, np.array([low, high])).tolist()
    return [[low, ends[0]], *pairs, [high, ends[1]]]


def total(parts, x):
    """The weighted functions at points."""
    return sum(weight * np.asarray(signal.call(x), dtype=float) for signal, weight in parts)


def with_missing(term, parts):
    """The term with its points for a missing value, if it has some."""
    points = sum(weight * signal.missing for signal, weight in parts)
    return term if np.isnan(points) else {**term, "missing": float(points)}
