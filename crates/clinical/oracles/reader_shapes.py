# SPDX-License-Identifier: Apache-2.0
"""Lists and objects as records write them, for reader.py."""


def listed(value):
    """What stands in a list, also if it is one thing instead of a list, or a list in a list."""
    if isinstance(value, list):
        return [inner for item in value for inner in listed(item)]
    return [] if value is None else [value]


def objects(value):
    return [item for item in listed(value) if isinstance(item, dict)]
