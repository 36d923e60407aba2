# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's preprocessing: what each step makes of signals."""

import numpy as np

from ..design import replaced
from ..errors import class_name, refuse
from ..signal import NAN, Constant, Lookup, Number, Product, affine
from .sklearn_columns import bins, one_hot, ordinal, splines


def features_before(pipeline, context, signals):
    """The inputs of a pipeline's last step. XGBoost takes zeros of sparse ones for missing."""
    found = features_after(pipeline.steps[:-1], context, signals)
    last = type(pipeline.steps[-1][1]).__module__.split(".")[0]
    if last == "xgboost" and signals is None and len(pipeline.steps) > 1:
        if hasattr(pipeline[:-1].transform(context.table.rows([0])), "toarray"):
            return [without_zero(signal, context) for signal in found]
    return found


def without_zero(signal, context):
    """The signal with missing for 0."""
    gap = lambda number: NAN if number == 0.0 else number  # noqa: E731
    if isinstance(signal, Lookup):
        numbers = [gap(number) for number in signal.numbers]
        return Lookup(
            signal.column, signal.categories, numbers, gap(signal.otherwise), gap(signal.missing)
        )
    if isinstance(signal, Number) and signal.form[0] == "affine":
        if context.table.is_flag(signal.column):
            numbers = [gap(float(n)) for n in signal.call(np.array([0.0, 1.0]))]
            return Lookup(signal.column, [0, 1], numbers, NAN, gap(signal.missing))
        if signal.plain() and 0 in context.table.columns[signal.column]:
            context.add_missing(signal.column, 0)
        return Number(signal.column, signal.call, signal.form, gap(signal.missing))
    return signal


def features_after(steps, context, signals):
    """The signals after a pipeline's steps."""
    for _, step in steps:
        signals = transform(step, context, signals)
    return signals


def transform(step, context, signals):
    """The signals after one step; without signals the step reads the data's columns."""
    if step is None or isinstance(step, str):
        if step in (None, "passthrough"):
            return signals
        raise refuse(f"the step `{step}`", "use 'passthrough' or 'drop'")
    name = type(step).__name__
    root = type(step).__module__.split(".")[0]
    if root != "sklearn" or name not in STEPS:
        raise refuse(f"the step `{class_name(step)}`", f"use {', '.join(sorted(STEPS))}")
    if signals is None and name != "ColumnTransformer":
        names = getattr(step, "feature_names_in_", None)
        names = None if names is None else [str(one) for one in names]
        count = getattr(step, "n_features_in_", len(context.table.names))
        signals = context.by_order(names, count)
    return STEPS[name](step, context, signals)


def standard(step, context, signals):
    mean = step.mean_ if step.with_mean else np.zeros(len(signals))
    scale = step.scale_ if step.with_std else np.ones(len(signals))
    return scaled(signals, mean, scale, context)


def robust(step, context, signals):
    center = step.center_ if step.with_centering else np.zeros(len(signals))
    scale = step.scale_ if step.with_scaling else np.ones(len(signals))
    return scaled(signals, center, scale, context)


def scaled(signals, center, scale, context):
    """`(x - center) / scale`, rounded as the library rounds."""
    return [
        affine(context.numeric(s, "a scaler"), 1 / d, -c / d, lambda x, c=c, d=d: (x - c) / d)
        for s, c, d in zip(signals, center, scale)
    ]


def min_max(step, context, signals):
    if step.clip:
        raise refuse("MinMaxScaler(clip=True)", "use clip=False")
    return [
        affine(context.numeric(s, "a scaler"), a, b)
        for s, a, b in zip(signals, step.scale_, step.min_)
    ]


def max_abs(step, context, signals):
    return scaled(signals, np.zeros(len(signals)), step.scale_, context)


def imputer(step, context, signals):
    if step.add_indicator:
        raise refuse("SimpleImputer(add_indicator=True)", "use add_indicator=False")
    if len(step.statistics_) != len(signals):
        raise refuse("SimpleImputer on an empty column", "leave the column out")
    found = []
    code = step.missing_values
    for signal, fill in zip(signals, step.statistics_):
        if isinstance(fill, str):
            found.append(filled_text(context, signal, fill))
            continue
        if isinstance(fill, (float, np.floating)) and np.isnan(fill):
            raise refuse("SimpleImputer on an empty column", "leave the column out")
        if isinstance(code, (int, float, str)) and not (isinstance(code, float) and np.isnan(code)):
            if not (isinstance(signal, Number) and signal.plain()):
                raise refuse(f"SimpleImputer(missing_values={code!r})", "make it the first step")
            context.add_missing(signal.column, code)
        found.append(context.numeric(signal, "an imputer of numbers").filled(float(fill)))
    return found


class Text:
    """A column of categories with one for missing, before it is encoded."""

    def __init__(self, column, fill):
        self.column, self.fill = column, fill


def filled_text(_context, signal, fill):
    if not isinstance(signal, Number) or not signal.plain():
        raise refuse("an imputer of texts after other steps", "make it the first step")
    return Text(signal.column, fill)


def raw(signal, what):
    """A column as it stands or the codes of its categories, and what fills its gaps."""
    if isinstance(signal, Lookup):
        return signal, None
    if isinstance(signal, Text):
        return signal.column, signal.fill
    if isinstance(signal, Number) and signal.form == ("affine", 1.0, 0.0):
        return signal.column, None if np.isnan(signal.missing) else signal.missing
    raise refuse(f"{what} after other steps", "encode the column itself")


def encoder(make):
    """A step that reads raw columns."""

    def read(step, context, signals):
        columns = [raw(signal, type(step).__name__) for signal in signals]
        return make(step, context, columns)

    return read


def polynomial(step, context, signals):
    for signal in signals:
        context.numeric(signal, "PolynomialFeatures")
    if step.powers_.sum(axis=1).max() > 2:
        raise refuse("PolynomialFeatures of degree above 2", "use degree=2")
    found = []
    for powers in step.powers_:
        factors = [signals[i] for i, power in enumerate(powers) for _ in range(power)]
        single = {0: lambda: Constant(1.0), 1: lambda: factors[0], 2: lambda: Product(factors)}
        found.append(single[len(factors)]())
    return found


FUNCTIONS = {
    np.log1p: ["ln", ["+", "x", 1]],
    np.log: ["ln", "x"],
    np.log2: ["/", ["ln", "x"], float(np.log(2))],
    np.log10: ["/", ["ln", "x"], float(np.log(10))],
    np.sqrt: ["sqrt", "x"],
    np.exp: ["exp", "x"],
    np.square: ["*", "x", "x"],
}


def function(step, context, signals):
    if (
        step.func is None
        or getattr(step.func, "func", None).__class__.__name__ == "function"
        and (step.func.func.__name__ == "check_array")
    ):
        return signals
    if step.func not in FUNCTIONS or step.kw_args:
        name = getattr(step.func, "__name__", "?")
        known = ", ".join(f"np.{known.__name__}" for known in FUNCTIONS)
        raise refuse(f"FunctionTransformer({name})", f"use {known}")
    return [of_function(context, signal, step.func) for signal in signals]


def of_function(context, signal, func):
    """A numpy function of a signal: of a number a derived column."""
    if isinstance(signal, (Lookup, Constant)) or signal.form[0] == "steps":
        return signal.then(func)
    context.numeric(signal, "FunctionTransformer")
    if not isinstance(signal, Number) or signal.form[0] != "affine":
        raise refuse("a function of products or splines", "apply it first")
    _, a, b = signal.form
    inner = signal.column if a == 1 else ["*", signal.column, a]
    inner = inner if b == 0 else ["+", inner, b]
    missing = signal.then(func, 1.0, 0.0).missing
    return Number(context.derive(replaced(FUNCTIONS[func], inner)), missing=missing)


def columns(step, context, signals):
    """ColumnTransformer: each part of the columns through its own steps."""
    base = signals
    if base is None:
        names = getattr(step, "feature_names_in_", None)
        names = None if names is None else [str(one) for one in names]
        base = context.by_order(names, step.n_features_in_)
    places = {}
    for name, part, _ in step.transformers_:
        if isinstance(part, str) and part == "drop":
            continue
        own = [base[i] for i in step._transformer_to_input_indices[name]]
        if own:
            places[name] = transform(part, context, own)
    found = [None] * max((s.stop for s in step.output_indices_.values()), default=0)
    for name, made in places.items():
        where = step.output_indices_[name]
        if where.stop - where.start != len(made):
            raise refuse(
                f"the part `{name}` of ColumnTransformer", "use the steps listed in the docs"
            )
        found[where] = made
    return found


def pipeline(step, context, signals):
    return features_after(step.steps, context, signals)


def union(step, context, signals):
    if step.transformer_weights:
        raise refuse("FeatureUnion with weights", "scale the columns instead")
    base = signals if signals is not None else context.signals()
    return [one for _, part in step.transformer_list for one in transform(part, context, base)]


def selected(step, context, signals):
    return [signal for signal, kept in zip(signals, step.get_support()) if kept]


STEPS = {
    "StandardScaler": standard,
    "RobustScaler": robust,
    "MinMaxScaler": min_max,
    "MaxAbsScaler": max_abs,
    "SimpleImputer": imputer,
    "OneHotEncoder": encoder(one_hot),
    "OrdinalEncoder": encoder(ordinal),
    "KBinsDiscretizer": bins,
    "SplineTransformer": splines,
    "PolynomialFeatures": polynomial,
    "FunctionTransformer": function,
    "ColumnTransformer": columns,
    "Pipeline": pipeline,
    "FeatureUnion": union,
    "SelectKBest": selected,
    "SelectFromModel": selected,
    "VarianceThreshold": selected,
    "SelectPercentile": selected,
    "RFE": selected,
    "RFECV": selected,
}
