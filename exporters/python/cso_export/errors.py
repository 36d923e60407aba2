# SPDX-License-Identifier: Apache-2.0
"""Models that are refused."""


class ExportError(ValueError):
    """Why a model isn't exported: what was found, and the nearest way that is."""


def refuse(found, instead):
    """The error for something that isn't exported."""
    return ExportError(f"{found} is not supported: {instead}")


def class_name(thing):
    """The class as its library names it, without inner modules."""
    kind = type(thing)
    return f"{kind.__module__.split('.')[0]}.{kind.__name__}"
