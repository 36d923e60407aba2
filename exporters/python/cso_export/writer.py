# SPDX-License-Identifier: Apache-2.0
"""The one function of the package: from a trained model to a checked file."""

import json
import math

import numpy as np

from .context import Context
from .errors import ExportError, class_name
from .evaluate import evaluate
from .readers import reader
from .table import Table
from .terms import finish

MOST_CHECKED = 2000
FEATURE_KEYS = {"kind", "label", "unit", "codes", "range", "missing"}


def export(model, data, outcome, features=None, sample=200, path=None, horizon=None):
    """Writes a trained model as the JSON that `cso model import` reads, and returns it.

    `data` holds rows as the model's `predict` takes them. `outcome` is the outcome's name, or a
    mapping with `name` and perhaps `unit`. `features` says more about columns: by name a mapping
    of `label`, `unit`, `codes` (FHIR: `system` and `code`), `range`, `kind`, `missing` (codes that
    stand for missing); for an array without names, a list of names also will do. `horizon` is the
    time to which a Cox model's risk is asked.

    Raises `ExportError` for what isn't supported, and for a file that wouldn't answer as the
    library does on every row that was tried: to 1e-6.
    """
    names = None
    if features is not None and not isinstance(features, dict):
        names, features = [str(name) for name in features], None
    elif features is not None and not hasattr(data, "iloc"):
        names = list(map(str, features))
    table = Table(data, names)
    if not len(table):
        raise ExportError("the data has no rows: give some as `predict` takes them")
    context = Context(table, horizon)
    read = reader(model)
    made = read.model(model, context)
    document = head(model, read, made, outcome)
    document.update(body(made, context, features or {}))
    document["sample"] = checked(document, table, read, model, context, sample)
    document = plain(document)
    if path is not None:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    return document


def head(model, read, made, outcome):
    """Where the model comes from and what it predicts."""
    from . import __version__

    own = dict(outcome) if isinstance(outcome, dict) else {"name": outcome}
    unknown = set(own) - {"name", "unit"}
    if unknown or not isinstance(own.get("name"), str) or not own["name"]:
        raise ExportError("outcome: give its name, or a mapping of `name` and `unit`")
    own["kind"] = made.kind
    if made.classes:
        own["classes"] = [str(label) for label in made.classes]
    if made.horizon is not None:
        own["horizon"] = float(made.horizon)
    by = {
        "package": f"cso-export {__version__}",
        "library": read.library(),
        "model": class_name(model),
    }
    return {"format": "cso-model", "version": 1, "made_by": by, "outcome": own}


def body(made, context, described):
    """Features, derived columns, sums and output."""
    sums = [finish(total, context) for total in made.sums]
    used = used_columns(sums)
    derived = [{"name": n, "expression": e} for n, e in context.derived.items() if n in used]
    for one in derived:
        used |= leaves(one["expression"])
    unknown = set(described) - set(context.table.names)
    if unknown:
        raise ExportError(f"features: the data has no column `{sorted(unknown)[0]}`")
    names = [name for name in context.table.names if name in used]
    features = [feature(name, context, described.get(name, {})) for name in names]
    if made.kind == "classes":
        output = {"share": made.share}
    else:
        output = {"parts": [{"curves": curves} for curves in made.curves]}
    return {"features": features, "derived": derived, "sums": sums, "output": output}


def feature(name, context, described):
    """What the file says about a column."""
    unknown = set(described) - FEATURE_KEYS
    if unknown:
        known = ", ".join(sorted(FEATURE_KEYS))
        raise ExportError(f"features: `{name}` has `{sorted(unknown)[0]}`, known are {known}")
    table = context.table
    categories = context.categories.get(name) or table.categories(name)
    if categories:
        own = {"name": name, "kind": "category", "categories": categories}
    else:
        own = {"name": name, "kind": "flag" if table.is_flag(name) else "number"}
    for code in described.get("missing", []):
        context.add_missing(name, code)
    own.update({k: v for k, v in described.items() if k != "missing"})
    if context.missing.get(name):
        own["missing"] = context.missing[name]
    return own


def used_columns(sums):
    """The columns that terms read."""
    used = set()
    for term in (term for one in sums for term in one["terms"]):
        used |= {term["column"]} if "column" in term else set()
        used |= set(term.get("columns", []))
        used |= {axis["column"] for axis in term.get("axes", [])}
        for node in term.get("nodes", []):
            used |= {node["column"]} if "column" in node else set()
            used |= {column for column, _ in node.get("linear", {}).get("weights", [])}
    return used


def leaves(expression):
    """The columns that an expression reads."""
    if isinstance(expression, list):
        return set().union(*map(leaves, expression[1:]))
    return {expression} if isinstance(expression, str) else set()


def checked(document, table, read, model, context, sample):
    """Rows with the library's answers, after the file gave the same."""
    rows = np.unique(np.linspace(0, len(table) - 1, min(len(table), MOST_CHECKED)).astype(int))
    names = [feature["name"] for feature in document["features"]]
    complete = np.array([all(table.columns[n][r] is not None for n in names) for r in rows])
    try:
        values = np.asarray(read.answers(model, table.rows(rows), context), dtype=float)
    except (ValueError, TypeError, KeyError):
        # Many libraries refuse gaps.
        if complete.all() or not complete.any():
            raise
        rows = rows[complete]
        values = np.asarray(read.answers(model, table.rows(rows), context), dtype=float)
    own = np.asarray(evaluate(document, Table(table.rows(rows), table.names)), dtype=float)
    if own.shape != values.shape:
        raise ExportError(f"the library gives {values.shape} values, the file {own.shape}")
    is_number = document["outcome"]["kind"] == "number"
    compare(own, values, rows, is_number, context.tolerance)
    known = np.flatnonzero(np.isfinite(values).reshape(len(rows), -1).all(axis=1))
    if not len(known):
        raise ExportError("the model answers none of the rows: give complete rows")
    take = known[np.unique(np.linspace(0, len(known) - 1, min(sample, len(known))).astype(int))]
    cells = [[table.columns[name][rows[row]] for name in names] for row in take]
    return {"columns": names, "rows": cells, "values": values[take].tolist()}


def compare(own, values, rows, is_number, tolerance):
    """Refuses a file that answers otherwise."""
    scale = np.maximum(1.0, np.abs(values)) if is_number else 1.0
    gap = np.isnan(own) != np.isnan(values)
    away = np.where(gap, np.inf, np.nan_to_num(np.abs(own - values) / scale))
    if away.size and away.max() > tolerance:
        worst = int(np.argmax(away.reshape(len(rows), -1).max(axis=1)))
        raise ExportError(
            f"the file would not answer as the model does: row {rows[worst]} of the data gives "
            f"{own[worst]} instead of {values[worst]}; nothing was written"
        )


def plain(value):
    """A document of Python's own types, which JSON takes."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ExportError(f"the model holds {value}: it has no finite answers")
    return value
