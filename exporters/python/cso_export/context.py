# SPDX-License-Identifier: Apache-2.0
"""What a file says about columns while it is made: derived ones, categories, codes for missing."""

from .errors import ExportError, refuse
from .signal import Constant, Lookup, Number
from .table import cell, key


class Context:
    """The table, and what readers learn about its columns."""

    def __init__(self, table, horizon=None):
        self.table = table
        self.horizon = horizon
        self.derived = {}
        self.categories = {}
        self.missing = {}
        # How far the file's answers may be from the library's own.
        self.tolerance = 1e-6

    def signals(self, names=None):
        """Columns as they stand, all or in the model's order."""
        found = []
        for name in names if names is not None else self.table.names:
            if name not in self.table.columns:
                known = ", ".join(self.table.names)
                raise ExportError(f"the data has no column `{name}`: it has {known}")
            found.append(Number(name))
        return found

    def by_order(self, names, count):
        """The model's columns: by name where the data has them, else by place."""
        if names is not None and all(name in self.table.columns for name in names):
            return self.signals(names)
        if len(self.table.names) != count:
            found = f"the data has {len(self.table.names)} columns, the model {count}"
            raise ExportError(f"{found}: give the data as it was given to `fit`")
        return self.signals()

    def derive(self, expression):
        """The name of a computed column."""
        for name, known in self.derived.items():
            if known == expression:
                return name
        name = text_of(expression)
        while name in self.table.columns or name in self.derived:
            name += "'"
        self.derived[name] = expression
        return name

    def add_missing(self, column, code):
        """A code that stands for missing."""
        codes = self.missing.setdefault(column, [])
        if key(code) not in map(key, codes):
            codes.append(cell(code))

    def lookup(self, column, categories, numbers, otherwise, missing):
        """A table of categories; of 0 and 1 alone it is a line."""
        categories = [cell(category) for category in categories]
        pairs = {key(c): n for c, n in zip(categories, numbers) if c is not None}
        gap = [n for c, n in zip(categories, numbers) if c is None]
        missing = gap[0] if gap else missing
        if set(pairs) <= {"0", "1"} and self.table.is_flag(column):
            low, high = pairs.get("0", otherwise), pairs.get("1", otherwise)
            if low == high:
                return Constant(low)
            slope = float(high - low)
            form = ("affine", slope, float(low))
            return Number(column, lambda x: slope * x + float(low), form, missing)
        kept = [(c, n) for c, n in zip(categories, numbers) if c is not None]
        known = self.categories.setdefault(column, [])
        known += [c for c, _ in kept if key(c) not in map(key, known)]
        return Lookup(column, [c for c, _ in kept], [n for _, n in kept], otherwise, missing)

    def numeric(self, signal, what):
        """Refuses texts where numbers are read."""
        if isinstance(signal, Number) and signal.column in self.table.columns:
            if self.table.categories(signal.column) is not None and signal.plain():
                texts = [v for v in self.table.columns[signal.column] if isinstance(v, str)]
                if texts:
                    raise refuse(
                        f"column `{signal.column}` of texts in {what}",
                        "encode it with OneHotEncoder or OrdinalEncoder within the pipeline",
                    )
        return signal


def text_of(expression):
    """A readable name of an expression."""
    if not isinstance(expression, list):
        return expression if isinstance(expression, str) else f"{expression:g}"
    head, *rest = (expression[0], *map(text_of, expression[1:]))
    if head in "+-*/^":
        return f"({f' {head} '.join(rest)})"
    return f"{head}({', '.join(rest)})"
