# SPDX-License-Identifier: Apache-2.0
"""Columns of a design matrix, as formulas make them, as signals.

What a factor's text says in arithmetic becomes an expression. Other factors (categories, splines)
must read one column, and are read off the matrix itself: by category, or as a curve over the range
of the data.
"""

import ast
import re

import numpy as np

from .context import Context
from .errors import refuse
from .signal import Constant, Number, Product
from .table import key

CALLS = {
    "log": ["ln", "x"],
    "log1p": ["ln", ["+", "x", 1]],
    "log10": ["/", ["ln", "x"], float(np.log(10.0))],
    "log2": ["/", ["ln", "x"], float(np.log(2.0))],
    "exp": ["exp", "x"],
    "sqrt": ["sqrt", "x"],
    "I": "x",
    "Q": "x",
}
OPERATIONS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
KNOTS = 33
# Splines, polynomials and what only moves or stretches a column.
SMOOTH = re.compile(r"(bs|cr|cc|cs|ns|te|poly|center|standardize|scale|lag)\(")


def design(context, matrix, columns):
    """Signals of design columns. `matrix(frame)` computes them, `columns` are lists of the texts of
    their factors."""
    read = [text for texts in columns for text in texts]
    return [Column(context, matrix, j, texts, read).signal() for j, texts in enumerate(columns)]


class Column:
    """One column of the matrix."""

    def __init__(self, context: Context, matrix, place, texts, read):
        self.context, self.matrix, self.place, self.texts = context, matrix, place, texts
        table = context.table
        complete = [
            row
            for row in range(len(table))
            if all(table.columns[n][row] is not None for n in table.names if self.reads(read, n))
        ]
        self.rows = np.array(complete[:: max(1, len(complete) // 500)], dtype=int)
        if not len(self.rows):
            raise refuse("data without a complete row", "give rows as they were given to `fit`")

    def signal(self):
        """The column as a product of its factors."""
        if not self.texts:
            return Constant(1.0)
        exact = [(text, self.expression(text)) for text in self.texts]
        known = [expression for _, expression in exact if expression is not None]
        other = [text for text, expression in exact if expression is None]
        factors = [Number(e if isinstance(e, str) else self.context.derive(e)) for e in known]
        if not other:
            return factors[0] if len(factors) == 1 else Product(factors)
        values = self.values(self.frame(self.rows))
        base = int(self.rows[np.argmax(np.abs(values))])
        top = float(np.max(np.abs(values)))
        if top == 0.0:
            return Constant(0.0)
        top = float(self.values(self.frame([base]))[0])
        scale = top
        for expression in known:
            scale /= float(evaluated(expression, self.context.table, base))
        found = [self.read_off(text, base, top) for text in other]
        found[0] = found[0].then(lambda y: y * scale, scale, 0.0)
        factors = found + factors
        return factors[0] if len(factors) == 1 else Product(factors)

    @staticmethod
    def reads(texts, name):
        """Whether a factor's text names a column."""
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for text in texts)

    def frame(self, rows):
        return self.context.table.rows(rows)

    def values(self, frame):
        return np.asarray(self.matrix(frame), dtype=float)[:, self.place]

    def expression(self, text):
        """The factor in arithmetic of numeric columns, or None."""
        table = self.context.table
        if text in table.columns:
            # A column of true and false is a factor of two categories to a formula.
            texts = table.categories(text) is not None or str(table.dtypes.get(text)) == "bool"
            return None if texts else text
        try:
            return arithmetic(ast.parse(text, mode="eval").body, table)
        except (SyntaxError, ValueError):
            return None

    def read_off(self, text, base, top):
        """A factor of one column; the others are as in the base row, whose product is `top`."""
        names = [n for n in self.context.table.names if self.reads([text], n)]
        if len(names) != 1:
            raise refuse(
                f"the formula's part `{text}`", "compute it as a column before the formula"
            )
        name = names[0]
        table = self.context.table
        listed = table.categories(name)
        if listed is None and (re.match(r"C\(", text) or str(table.dtypes.get(name)) == "bool"):
            found = {key(v): v for v in table.columns[name] if v is not None}
            listed = sorted(found.values())
        if listed is not None:
            listed = self.known(name, listed, base)
            numbers = self.along(name, listed, base) / top
            return self.context.lookup(name, listed, numbers, np.nan, np.nan)
        if not SMOOTH.match(text):
            raise refuse(
                f"the formula's part `{text}`", "compute it as a column before the formula"
            )
        numbers = [v for v in table.columns[name] if v is not None]
        low, high = float(min(numbers)), float(max(numbers))
        knots = np.linspace(low, high, KNOTS)

        def call(x):
            near = np.clip(np.asarray(x, dtype=float), low, high)
            return self.along(name, near, base) / top

        return Number(name, call, ("smooth", knots, "clamp"))

    def known(self, name, listed, base):
        """The categories that the formula knows: those seen in training."""
        found = []
        for category in listed:
            try:
                self.along(name, [category], base)
                found.append(category)
            except Exception:  # The libraries have no common error for it.
                continue
        return found

    def along(self, name, values, base):
        """The matrix' column where one of the data's columns takes values."""
        frame = self.frame(np.full(len(values), base)).copy()
        old = frame[name].dtype
        frame[name] = np.asarray(values, dtype=object)
        frame[name] = frame[name].astype(old if old.kind not in "iu" else float)
        return self.values(frame)


def arithmetic(node, table):
    """An expression from a formula's text; raises ValueError where it isn't one."""
    if isinstance(node, ast.Name) and node.id in table.columns:
        if table.categories(node.id) is not None:
            raise ValueError(node.id)
        return node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return ["-", 0, arithmetic(node.operand, table)]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        sides = [arithmetic(side, table) for side in (node.left, node.right)]
        return [OPERATIONS[type(node.op)], *sides]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.power", "power"):
        return ["^", *(arithmetic(side, table) for side in node.args)]
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        argument = node.args[0]
        if name == "Q" and isinstance(argument, ast.Constant) and argument.value in table.columns:
            return argument.value
        if name in CALLS and name != "Q":
            return replaced(CALLS[name], arithmetic(argument, table))
    raise ValueError(ast.dump(node))


def replaced(expression, inner):
    """The expression of another argument."""
    if isinstance(expression, list):
        return [expression[0], *(replaced(one, inner) for one in expression[1:])]
    return inner if expression == "x" else expression


def evaluated(expression, table, row):
    """An expression's value in one row."""
    from .evaluate import OPERATORS

    if isinstance(expression, list):
        return OPERATORS[expression[0]](*(evaluated(one, table, row) for one in expression[1:]))
    return table.columns[expression][row] if isinstance(expression, str) else expression
