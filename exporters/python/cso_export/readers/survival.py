# SPDX-License-Identifier: Apache-2.0
"""lifelines: Cox models."""

import numpy as np

from ..design import design
from ..errors import ExportError, class_name, refuse
from ..model import Model, Sum
from .stats import LABELS, matrix, texts


def model(fitted, context):
    """The risk until `horizon`, or without it the hazard against the mean patient's."""
    if type(fitted).__name__ != "CoxPHFitter":
        raise refuse(f"model class `{class_name(fitted)}`", "use CoxPHFitter")
    if fitted.strata:
        raise refuse("a stratified Cox model", "export one model a stratum")
    if fitted.baseline_estimation_method != "breslow":
        method = fitted.baseline_estimation_method
        raise refuse(f"CoxPHFitter's {method} baseline", 'use baseline_estimation_method="breslow"')
    names = [str(name) for name in fitted.params_.index]
    if fitted.formula:
        signals = of_formula(fitted, context, names)
    else:
        signals = context.by_order(names, len(names))
    weights = fitted.params_.to_numpy(dtype=float)
    total = Sum(-float(weights @ fitted._norm_mean.to_numpy(dtype=float)))
    total.add_all(signals, weights)
    if context.horizon is None:
        return Model.number(total, "exp")
    total.constant += np.log(baseline(fitted, context))
    made = Model.probability(total, LABELS, "cloglog")
    made.horizon = context.horizon
    return made


def of_formula(fitted, context, names):
    """The signals of a formula's columns; a Cox model has no constant."""
    spec = next(iter(fitted.regressors.mappings.values()))
    columns = [column for part in spec.structure for column in part.columns]
    signals = design(context, lambda frame: matrix(spec, frame), texts(spec))
    own = dict(zip(columns, signals))
    return [own[name] for name in names]


def baseline(fitted, context):
    """The mean patient's cumulative hazard, which any patient's answers give."""
    table = context.table
    for row in range(len(table)):
        if all(value is not None for value in (table.columns[n][row] for n in table.names)):
            rows = table.rows([row])
            until = fitted.predict_cumulative_hazard(rows, times=[context.horizon])
            until = float(until.iloc[0, 0]) / float(fitted.predict_partial_hazard(rows).iloc[0])
            if until > 0.0:
                return until
            raise ExportError(f"horizon={context.horizon:g}: nobody had the event until then")
    raise ExportError("the data has no complete row: give some as `predict` takes them")


def answers(fitted, rows, context):
    """The library's own answers."""
    if context.horizon is None:
        return fitted.predict_partial_hazard(rows).to_numpy()
    survival = fitted.predict_survival_function(rows, times=[context.horizon])
    return 1.0 - survival.to_numpy()[0]


def library():
    """Name and version."""
    import lifelines

    return f"lifelines {lifelines.__version__}"
