# SPDX-License-Identifier: Apache-2.0
"""Inputs of a model as functions of one column: what preprocessing makes of a feature.

A `Number` is a function of a number, a `Lookup` of a category, a `Product` multiplies others.
"""

import numpy as np

from .errors import refuse
from .table import key

NAN = float("nan")


class Number:
    """`call` of a column. `form` says what is known about it:

    ("affine", a, b)            a * x + b
    ("steps", edges, closed)    constant between edges
    ("smooth", knots, outside)  a smooth curve between knots
    """

    def __init__(self, column, call=None, form=("affine", 1.0, 0.0), missing=NAN):
        self.column = column
        self.call = call or (lambda x: x)
        self.form = form
        self.missing = missing

    def plain(self):
        """Whether it is the column itself, missing values included."""
        return self.form == ("affine", 1.0, 0.0) and np.isnan(self.missing)

    def then(self, call, a=None, b=None):
        """The function after this one: `a * y + b`, or any where this one has steps."""
        inner = self.call
        kind = self.form[0]
        if kind == "affine" and a is not None:
            form = ("affine", self.form[1] * a, self.form[2] * a + b)
        elif kind == "steps" or a is not None:
            form = self.form
        else:
            raise refuse("a function of a spline", "let the model read the spline as it is")
        missing = self.missing if np.isnan(self.missing) else float(apply(call, self.missing))
        return Number(self.column, lambda x: call(inner(x)), form, missing)

    def filled(self, value):
        """The function with a value where it has none."""
        if not np.isnan(self.missing):
            return self
        return Number(self.column, self.call, self.form, float(value))


class Lookup:
    """The number beside a category, keyed by `key`; `values` keeps the categories as they are."""

    def __init__(self, column, categories, numbers, otherwise=NAN, missing=NAN):
        self.column = column
        self.categories = list(categories)
        self.numbers = [float(number) for number in numbers]
        self.otherwise = otherwise
        self.missing = missing

    def then(self, call, a=None, b=None):
        """The function after this one."""
        values = [apply(call, n) for n in [*self.numbers, self.otherwise, self.missing]]
        return Lookup(self.column, self.categories, values[:-2], values[-2], values[-1])

    def filled(self, value):
        """The table with a number where it has none."""
        fill = [value if np.isnan(n) else n for n in [*self.numbers, self.otherwise, self.missing]]
        return Lookup(self.column, self.categories, fill[:-2], fill[-2], fill[-1])

    def number(self, category):
        """The number beside a category."""
        for own, number in zip(self.categories, self.numbers):
            if key(own) == key(category):
                return number
        return self.otherwise


class Product:
    """Signals multiplied, and a number added."""

    def __init__(self, factors, plus=0.0):
        self.factors = list(factors)
        self.plus = plus

    def then(self, call, a=None, b=None):
        """Products are scaled and moved only."""
        if a is None:
            raise refuse("a function of a product", "apply it to the features first")
        first = self.factors[0].then(lambda y: a * y, a, 0.0)
        return Product([first, *self.factors[1:]], a * self.plus + b)

    def filled(self, value):
        """Products have no filling of their own."""
        raise refuse("an imputer after products", "impute before PolynomialFeatures")


class Constant:
    """Always the same number."""

    def __init__(self, number):
        self.number = float(number)

    def then(self, call, a=None, b=None):
        """The function after this one."""
        return Constant(apply(call, self.number))

    def filled(self, value):
        """It is never missing."""
        return self


def apply(call, number):
    """A vectorised function of one number; what isn't finite is missing."""
    if np.isnan(number):
        return NAN
    with np.errstate(all="ignore"):
        value = np.asarray(call(np.array([float(number)])), dtype=float)[0]
    return float(value) if np.isfinite(value) else NAN


def affine(signal, a, b, call=None):
    """`a * signal + b`; `call` computes it as the library does, rounding included."""
    return signal.then(call or (lambda x: a * x + b), float(a), float(b))
