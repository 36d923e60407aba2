# SPDX-License-Identifier: Apache-2.0
"""Turns weighted signals into terms, those of one column into one term."""

import numpy as np

from .curves import curve, steps
from .errors import refuse
from .signal import Constant, Lookup, Number, Product
from .table import key


def finish(total, context):
    """A sum as the file has it."""
    return Finish(context).sum(total)


class Finish:
    """Collects what belongs together."""

    def __init__(self, context):
        self.context = context
        self.monomials = {}
        self.linear = {}
        self.groups = {}
        self.terms = []

    def sum(self, total):
        """Constant and terms."""
        self.monomials[()] = total.constant
        for signal, weight in total.weighted:
            self.add(signal, weight)
        for (column, has_missing), (weight, points) in self.linear.items():
            term = {"kind": "linear", "column": column, "weight": weight}
            if weight or has_missing:
                self.terms.append({**term, **({"missing": points} if has_missing else {})})
        for (kind, column, _, side), parts in self.groups.items():
            make = {"table": table, "steps": steps, "smooth": curve}[kind]
            self.terms.append(make(column, parts, side))
        for columns, weight in self.monomials.items():
            if columns and weight:
                self.terms.append({"kind": "product", "columns": list(columns), "weight": weight})
        return {"constant": self.monomials[()], "terms": self.terms + total.terms}

    def add(self, signal, weight):
        """Adds one weighted signal."""
        if isinstance(signal, Constant):
            self.monomials[()] += weight * signal.number
        elif isinstance(signal, Lookup):
            self.group("table", signal, weight, None)
        elif isinstance(signal, Product):
            self.product(signal, weight)
        elif signal.form[0] == "affine":
            _, a, b = signal.form
            self.monomials[()] += weight * b
            known = not np.isnan(signal.missing)
            old = self.linear.get((signal.column, known), (0.0, 0.0))
            points = weight * (signal.missing - b) if known else 0.0
            self.linear[signal.column, known] = (old[0] + weight * a, old[1] + points)
        else:
            self.group(signal.form[0], signal, weight, signal.form[2])

    def group(self, kind, signal, weight, side):
        at = (kind, signal.column, bool(np.isnan(signal.missing)), side)
        self.groups.setdefault(at, []).append((signal, weight))

    def product(self, signal, weight):
        self.monomials[()] += weight * signal.plus
        flat = [one for factor in signal.factors for one in flatten(factor)]
        lookups = [one for one in flat if isinstance(one, Lookup)]
        lines = [self.line(one) for one in flat if isinstance(one, Number)]
        for one in flat:
            weight *= one.number if isinstance(one, Constant) else 1.0
        polynomial = multiply(lines, weight)
        if not lookups:
            for columns, part in polynomial.items():
                if len(columns) == 1:
                    self.add(Number(columns[0]), part)
                else:
                    self.monomials[columns] = self.monomials.get(columns, 0.0) + part
        elif len(lookups) == 1 and all(len(columns) <= 1 for columns in polynomial):
            self.terms.append(by_category(lookups[0], polynomial))
        elif len(lookups) == 2 and not lines:
            self.terms.append(grid_of(*lookups, weight))
        else:
            raise refuse("a product of more than two features with categories", "use degree 2")

    def line(self, signal):
        """Column, slope and shift; a filled column is a derived one."""
        if signal.form[0] != "affine":
            raise refuse("a product with bins or splines", "multiply plain or scaled features")
        _, a, b = signal.form
        column = signal.column
        if not np.isnan(signal.missing):
            column = self.context.derive(["or", column, (signal.missing - b) / a])
        return column, a, b


def flatten(signal):
    """The factors of a product of products."""
    if not isinstance(signal, Product):
        return [signal]
    if signal.plus:
        raise refuse("a product of scaled products", "scale before PolynomialFeatures")
    return [one for factor in signal.factors for one in flatten(factor)]


def multiply(lines, weight):
    """Lines multiplied out: weights by columns."""
    polynomial = {(): weight}
    for column, a, b in lines:
        longer = {}
        for columns, part in polynomial.items():
            more = tuple(sorted((*columns, column)))
            longer[more] = longer.get(more, 0.0) + part * a
            if b:
                longer[columns] = longer.get(columns, 0.0) + part * b
        polynomial = longer
    return polynomial


def none_if_nan(number):
    """JSON's null for what isn't there."""
    return None if np.isnan(number) else float(number)


def table(column, parts, _side):
    """Tables of one column added up."""
    categories = {}
    for signal, _ in parts:
        for category in signal.categories:
            categories.setdefault(key(category), category)
    add = lambda of: sum(weight * of(signal) for signal, weight in parts)  # noqa: E731
    values = [[own, none_if_nan(add(lambda s, c=own: s.number(c)))] for own in categories.values()]
    term = {"kind": "table", "column": column, "values": values}
    term["otherwise"] = none_if_nan(add(lambda s: s.otherwise))
    missing = none_if_nan(add(lambda s: s.missing))
    return term if missing is None else {**term, "missing": missing}


def by_category(lookup, polynomial):
    """A category times a line: a tree with a line at each leaf."""
    shift = polynomial.get((), 0.0)
    slopes = [[columns[0], part] for columns, part in polynomial.items() if columns]

    def leaf(number):
        if np.isnan(number):
            return {"leaf": None}
        weights = [[column, number * slope] for column, slope in slopes]
        return {"linear": {"constant": number * shift, "weights": weights, "missing": None}}

    nodes = []
    count = len(lookup.categories)
    for index, category in enumerate(lookup.categories):
        own = {"column": lookup.column, "in": [category], "yes": count + index}
        no = index + 1 if index + 1 < count else 2 * count
        nodes.append({**own, "no": no, "missing": 2 * count + 1})
    nodes += [leaf(number) for number in lookup.numbers]
    return {"kind": "tree", "nodes": [*nodes, leaf(lookup.otherwise), leaf(lookup.missing)]}


def grid_of(first, second, weight):
    """Two categories multiplied."""

    def axis(one):
        numbers = [*one.numbers, one.otherwise]
        has = not np.isnan(one.missing)
        own = {"column": one.column, "categories": one.categories}
        return (numbers + [one.missing], {**own, "missing": True}) if has else (numbers, own)

    (rows, a), (columns, b) = axis(first), axis(second)
    values = [[none_if_nan(weight * x * y) for y in columns] for x in rows]
    return {"kind": "grid", "axes": [a, b], "values": values}
