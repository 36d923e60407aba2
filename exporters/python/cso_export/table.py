# SPDX-License-Identifier: Apache-2.0
"""The data of a model: columns with names and kinds, whatever holds them."""

import math

import numpy as np

from .errors import ExportError


def cell(value):
    """A value as JSON has it: a number, a text, or None where it is missing."""
    if value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(value)
    if isinstance(value, str):
        return value
    # pandas.NA and pandas.NaT are missing, and aren't equal to themselves.
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return str(value)


def key(value):
    """What two cells share that are one category: a code may be a number here and a text there."""
    value = cell(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else str(value)


class Table:
    """Columns by name; `rows` gives some of them as the library takes them."""

    def __init__(self, data, names=None):
        self.data = data
        if hasattr(data, "iloc"):
            self.names = [str(name) for name in data.columns]
            series = [data.iloc[:, index] for index in range(len(self.names))]
            self.dtypes = dict(zip(self.names, (one.dtype for one in series)))
            values = [one.astype(object).to_numpy() for one in series]
        elif isinstance(data, dict):
            self.names, values, self.dtypes = list(data), list(data.values()), {}
        else:
            if hasattr(data, "toarray"):
                raise ExportError("the data is a sparse matrix: give an array or a data frame")
            array = np.asarray(data, dtype=object)
            if array.ndim != 2:
                raise ExportError("the data is no table: give an array of two dimensions")
            self.data = np.asarray(data)
            self.names = list(names or (f"x{index}" for index in range(array.shape[1])))
            self.dtypes = {}
            values = list(array.T)
        if len(self.names) != len(values):
            raise ExportError(f"{len(self.names)} names for {len(values)} columns")
        if len(set(self.names)) != len(self.names):
            raise ExportError("a name stands twice among the columns")
        self.columns = {n: [cell(one) for one in column] for n, column in zip(self.names, values)}

    def __len__(self):
        return len(next(iter(self.columns.values()), []))

    def rows(self, indices):
        """The rows as the library takes them."""
        return self.data.iloc[indices] if hasattr(self.data, "iloc") else self.data[indices]

    def categories(self, name):
        """The categories of a column of texts or of pandas' categories, else None."""
        listed = getattr(self.dtypes.get(name), "categories", None)
        if listed is not None:
            return [cell(value) for value in listed]
        found = {value for value in self.columns[name] if value is not None}
        return sorted(found, key=str) if any(isinstance(value, str) for value in found) else None

    def is_flag(self, name):
        """Whether a column holds nothing but 0 and 1."""
        found = {value for value in self.columns[name] if value is not None}
        return bool(found) and found <= {0, 1} and not any(isinstance(v, str) for v in found)
