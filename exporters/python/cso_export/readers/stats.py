# SPDX-License-Identifier: Apache-2.0
"""statsmodels: regressions with and without formulas, and Cox models."""

import numpy as np

from ..design import design
from ..errors import ExportError, refuse
from ..model import Model, Sum
from ..signal import Constant

LINKS = {
    "Logit": ["logistic"],
    "Log": ["exp"],
    "Identity": [],
    "Probit": ["probit"],
    "CLogLog": ["cloglog"],
}
DISCRETE = {"Logit": ["logistic"], "Probit": ["probit"], "Poisson": ["exp"]}
LEAST_SQUARES = ("OLS", "WLS", "GLS")
LABELS = ["0", "1"]


def model(fitted, context):
    """A fitted result."""
    inner = getattr(fitted, "model", None)
    name = type(inner).__name__
    known = [*DISCRETE, *LEAST_SQUARES, "GLM", "MNLogit", "PHReg"]
    if inner is None or name not in known or not hasattr(fitted, "params"):
        raise refuse(f"statsmodels' `{name}`", f"give the result of fitting {', '.join(known)}")
    for part in ("offset", "exposure"):
        given = getattr(inner, part, None)
        if given is not None and np.any(np.asarray(given, dtype=float)):
            raise refuse(f"a model with {part}", "give it as a column of the model")
    signals = columns(fitted, context)
    params = np.asarray(fitted.params, dtype=float)
    if name == "MNLogit":
        sums = [Sum()] + [Sum().add_all(signals, params[:, k]) for k in range(params.shape[1])]
        return Model.of_classes(sums, [str(k) for k in range(len(sums))], "softmax")
    total = Sum().add_all(signals, params)
    if name == "PHReg":
        return hazard(fitted, total, context)
    if name in LEAST_SQUARES:
        return Model.number(total)
    if name == "GLM":
        return generalized(inner, total)
    if name == "Poisson":
        return Model.number(total, "exp")
    return Model.probability(total, LABELS, *DISCRETE[name])


def generalized(inner, total):
    """A generalised linear model: the inverse of its link."""
    link = type(inner.family.link).__name__
    if link not in LINKS:
        raise refuse(f"the link `{link}`", f"use one of {', '.join(LINKS)}")
    if type(inner.family).__name__ == "Binomial":
        return Model.probability(total, LABELS, *LINKS[link])
    return Model.number(total, *LINKS[link])


def hazard(fitted, total, context):
    """A Cox model: the hazard against the baseline, or the risk until a time."""
    if context.horizon is None:
        return Model.number(total, "exp")
    if fitted.model.surv.nstrat > 1:
        raise refuse("a stratified Cox model", "export one model a stratum")
    baseline = fitted.model.baseline_cumulative_hazard_function(fitted.params)
    until = float(next(iter(baseline.values()))(context.horizon))
    if not until > 0.0:
        raise ExportError(f"horizon={context.horizon:g}: nobody had the event until then")
    total.constant += np.log(until)
    made = Model.probability(total, LABELS, "cloglog")
    made.horizon = context.horizon
    return made


def spec_of(fitted):
    """The formula's design, if the model has one."""
    data = fitted.model.data
    return getattr(data, "model_spec", None) or getattr(data, "design_info", None)


def columns(fitted, context):
    """The signals of the model's columns."""
    spec = spec_of(fitted)
    if spec is not None:
        return design(context, lambda frame: matrix(spec, frame), texts(spec))
    exog = np.asarray(fitted.model.exog)
    names = [str(name) for name in fitted.model.exog_names]
    ones = [bool(np.all(exog[:, j] == 1.0)) for j in range(exog.shape[1])]
    table = context.table
    rest = [name for name, one in zip(names, ones) if not one]
    if all(name in table.columns for name in rest):
        own = dict(zip(rest, context.signals(rest)))
    elif len(table.names) == len(rest):
        own = dict(zip(rest, context.signals()))
    elif len(table.names) == len(names):
        own = dict(zip(names, context.signals()))
    else:
        found = f"the data has {len(table.names)} columns, the model {len(rest)}"
        raise ExportError(f"{found} besides the constant: give the columns that it was fitted on")
    return [Constant(1.0) if one else own[name] for name, one in zip(names, ones)]


def texts(spec):
    """The factors of each column, of patsy's and of formulaic's designs."""
    if not hasattr(spec, "structure"):
        found = []
        for term, place in spec.term_slices.items():
            factors = [factor.name() for factor in term.factors]
            found += [factors] * (place.stop - place.start)
        return found
    found = []
    for part in spec.structure:
        factors = [str(factor) for factor in part.term.factors]
        factors = [] if factors == ["1"] else factors
        found += [factors] * len(part.columns)
    return found


def matrix(spec, frame):
    """The design matrix of a table."""
    if not hasattr(spec, "structure"):
        import patsy

        return np.asarray(patsy.dmatrix(spec, frame, NA_action="raise"))
    return np.asarray(spec.get_model_matrix(frame), dtype=float)


def answers(fitted, rows, context):
    """The library's own answers."""
    name = type(fitted.model).__name__
    options = {}
    if spec_of(fitted) is None:
        signals = columns(fitted, context)
        table = type(context.table)(rows, context.table.names)
        ones = [1.0] * len(table)
        parts = [ones if isinstance(s, Constant) else table.columns[s.column] for s in signals]
        rows = np.array(parts, dtype=float).T
        options["transform"] = False
    if name != "PHReg":
        return np.asarray(fitted.predict(rows, **options))
    if context.horizon is None:
        return fitted.predict(exog=rows, pred_type="hr", **options).predicted_values
    times = np.full(len(rows), float(context.horizon))
    survival = fitted.predict(exog=rows, endog=times, pred_type="surv", **options)
    return 1.0 - survival.predicted_values


def library():
    """Name and version."""
    import statsmodels

    return f"statsmodels {statsmodels.__version__}"
