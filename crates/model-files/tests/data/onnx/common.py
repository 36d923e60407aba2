# SPDX-License-Identifier: Apache-2.0
"""Data, and what all models are made with."""

import pathlib, sys, warnings
import numpy as np, pandas as pd, onnx, onnxruntime
from onnx import TensorProto as T, helper as h, numpy_helper

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(7)
N = 400
D = pd.DataFrame({
    "age": RNG.integers(30, 90, N).astype(float),
    "weight": np.round(RNG.normal(80, 15, N).clip(45, 140), 1),
    "height": np.round(RNG.normal(1.7, .1, N).clip(1.45, 2.0), 2),
    "crp": np.round(np.exp(RNG.normal(1.5, 1.2, N)), 1) + .1,
    "stage": RNG.integers(1, 5, N).astype(float),
})
D["smoking"] = RNG.choice(["never", "former", "current"], N)
D["sex"] = RNG.choice(["female", "male"], N)
NUMBERS = ["age", "weight", "height", "crp", "stage"]
LOGIT = (.05 * (D.age - 60) + .08 * (D.weight / D.height**2 - 27) + .5 * np.log(D.crp) - .8
         + .4 * (D.stage - 2) + .7 * (D.smoking == "current") + .3 * (D.sex == "male"))
Y = (RNG.random(N) < 1 / (1 + np.exp(-LOGIT))).astype(int)
Y3 = np.digitize(LOGIT + RNG.normal(0, 1, N), [-.7, .9])
VALUE = 10 * LOGIT + RNG.normal(0, 2, N)
X = D[NUMBERS].astype(np.float32)
GAPS = D.copy()
for column in NUMBERS:
    GAPS.loc[RNG.random(N) < .15, column] = np.nan
F = np.float32
MODELS = {}


def whole(of=h.make_attribute):
    """skl2onnx passes numpy's unsigned numbers, which onnx no longer takes."""
    def make(name, value, *args, **kwargs):
        if isinstance(value, list) and value and isinstance(value[0], np.integer):
            value = [int(one) for one in value]
        return of(name, value, *args, **kwargs)
    return make


h.make_attribute = whole()


def model(made):
    MODELS[made.__name__] = made
    return made


def skl(fitted, names=None, separate=True, frame=None, options=None, **kwargs):
    """skl2onnx with one input a column, or one of all."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    names = names or NUMBERS
    if separate:
        kind = lambda c: StringTensorType([None, 1]) if D[c].dtype.kind not in "fi" else FloatTensorType([None, 1])
        types = [(c, kind(c)) for c in names]
    else:
        types = [("X", FloatTensorType([None, len(names)]))]
    if options is None and hasattr(fitted, "predict_proba"):
        options = {id(fitted): {"zipmap": False}}
    return to_onnx(fitted, initial_types=types, options=options or None, **kwargs)


def graph(nodes, inputs, outputs, constants=(), opset=18, ml=3):
    """A graph by hand: inputs and outputs are (name, type, shape)."""
    info = lambda all: [h.make_tensor_value_info(*one) for one in all]
    g = h.make_graph(nodes, "g", info(inputs), info(outputs),
                     [numpy_helper.from_array(np.asarray(v), k) for k, v in constants])
    m = h.make_model(g, opset_imports=[h.make_opsetid("", opset), h.make_opsetid("ai.onnx.ml", ml)])
    m.ir_version = 8
    return m


def columns(*names):
    return [(n, T.STRING if D[n].dtype.kind not in "fi" else T.FLOAT, [None, 1]) for n in names]


def ml(op, inputs, outputs, **attributes):
    return h.make_node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)


def n(op, inputs, outputs, **attributes):
    return h.make_node(op, inputs, outputs, **attributes)


def answers(onx, rows):
    session = onnxruntime.InferenceSession(onx.SerializeToString(), providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64,
             "tensor(bool)": np.bool_, "tensor(int32)": np.int32}
    feed = {}
    inputs = session.get_inputs()
    for one in inputs:
        if len(inputs) == 1 and one.name not in rows:
            feed[one.name] = rows.astype(kinds[one.type]).to_numpy()
        elif one.type == "tensor(string)":
            feed[one.name] = rows[one.name].fillna("").astype(str).to_numpy(dtype=object)
        else:
            feed[one.name] = rows[one.name].to_numpy().astype(kinds[one.type])
        if len(one.shape) == 2 and feed[one.name].ndim == 1:
            feed[one.name] = feed[one.name].reshape(-1, 1)
    found, numbers = {}, []
    for output, value in zip(session.get_outputs(), session.run(None, feed)):
        if isinstance(value, list):
            for key in value[0]:
                found[f"={list(value[0]).index(key)}"] = [row[key] for row in value]
            continue
        value = np.asarray(value)
        if value.ndim == 2 and value.shape[1] > 1:
            for i in range(value.shape[1]):
                found[f"={i}"] = value[:, i]
        elif value.dtype.kind in "iOUSb":
            found["=class"] = value.ravel().astype(int) if value.dtype.kind == "b" else value.ravel()
        else:
            numbers.append(value.ravel())
    names = ["=value"] if len(numbers) == 1 else [f"={i}" for i in range(len(numbers))]
    return {**found, **dict(zip(names, numbers))}
