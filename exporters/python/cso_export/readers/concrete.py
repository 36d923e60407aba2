# SPDX-License-Identifier: Apache-2.0
"""concrete-ml: the float twin of a trained model.

Trees are trained on inputs that were rounded to a few bits: that rounding is part of the file.
"""

import numpy as np

from ..errors import ExportError, class_name, refuse
from ..signal import Number
from . import sklearn


def model(fitted, context):
    """The twin, behind the rounding of its inputs if it has one."""
    twin = twin_of(fitted)
    if not rounds(fitted):
        return sklearn.nested(twin, context, None)
    signals = context.by_order(None, len(fitted.input_quantizers))
    rounded = [quantized(s.column, q) for s, q in zip(signals, fitted.input_quantizers)]
    return sklearn.nested(twin, context, rounded)


def twin_of(fitted):
    """The library's own model within."""
    twin = getattr(fitted, "sklearn_model", None)
    if twin is None:
        raise refuse(
            f"model class `{class_name(fitted)}` without a float twin",
            "fit a linear or tree model of concrete.ml.sklearn",
        )
    return twin


def rounds(fitted):
    """Whether the twin reads rounded inputs: trees do."""
    return getattr(fitted, "_is_a_tree_model", None) or hasattr(fitted, "framework")


def quantized(column, quantizer):
    """The rounded column: steps, at the numbers where the rounding changes."""

    def call(x):
        return np.asarray(quantizer.quant(np.asarray(x, dtype=float)), dtype=float)

    least, most = (float(call(np.array([x]))[0]) for x in (-1e30, 1e30))
    if most - least > 65536:
        raise ExportError(f"column `{column}` is rounded to more than 16 bits")
    edges = [first_above(call, level) for level in np.arange(least, most)]
    return Number(column, call, ("steps", edges, "left"))


def first_above(call, level):
    """The least number that is rounded above a level, to the last bit."""
    from ..trees import number, order

    low, high = order(-1e30), order(1e30)
    while high - low > 1:
        middle = (low + high) // 2
        above = call(np.array([number(middle)]))[0] > level
        low, high = (low, middle) if above else (middle, high)
    return number(high)


def answers(fitted, rows, context):
    """The twin's own answers."""
    twin = twin_of(fitted)
    rows = np.asarray(rows)
    return sklearn.answers(twin, fitted.quantize_input(rows) if rounds(fitted) else rows, context)


def library():
    """Name and version."""
    import importlib.metadata

    return f"concrete-ml {importlib.metadata.version('concrete-ml')}"
