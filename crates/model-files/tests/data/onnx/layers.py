# SPDX-License-Identifier: Apache-2.0
"""Models written as layers, decisions, and lists of trees."""

from common import *  # noqa: F403
from graphs import *  # noqa: F403


def layer(nodes, constants, outputs=ONE, of=("age", "crp"), **kwargs):
    return graph([n("Concat", list(of), ["x"], axis=1), *nodes], columns(*of), outputs, constants, **kwargs), D[list(of)]

W, B = np.array([[.04, .1]], F), np.array([-3.], F)

@model
def torch_logistic():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"])], [("w", W), ("b", B)])

@model
def torch_linear():
    return layer([n("Gemm", ["x", "w", "b"], ["y"], transB=1, alpha=2., beta=.5)], [("w", W), ("b", B)])

W3, B3 = np.array([[.04, .1], [-.02, .05], [.01, -.2]], F), np.array([-3., .5, 1.], F)

@model
def tensorflow_softmax():
    return layer([n("MatMul", ["x", "w"], ["m"]), n("Add", ["m", "b"], ["z"]), n("Softmax", ["z"], ["y"], axis=-1)], [("w", W3.T.copy()), ("b", B3)])

@model
def softmax_of_two():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Softmax", ["z"], ["y"])], [("w", W3[:2]), ("b", B3[:2])])

@model
def softmax_by_hand():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Exp", ["z"], ["e"]), constant_node("ax", [1]),
                  n("ReduceSum", ["e", "ax"], ["s"]), n("Div", ["e", "s"], ["y"])], [("w", W3), ("b", B3)])

@model
def scores_without_softmax():
    return layer([n("Gemm", ["x", "w", "b"], ["y"], transB=1)], [("w", W3), ("b", B3)])

@model
def complementary_log_log():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Exp", ["z"], ["e"]), n("Neg", ["e"], ["m"]), n("Exp", ["m"], ["s"]),
                  n("Sub", ["one", "s"], ["y"])], [("w", W), ("b", B), ("one", F(1))])

@model
def probit_by_erf():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Mul", ["z", "r"], ["zr"]), n("Erf", ["zr"], ["e"]), n("Add", ["e", "one"], ["e1"]),
                  n("Mul", ["e1", "half"], ["y"])], [("w", W), ("b", B), ("one", F(1)), ("half", F(.5)), ("r", F(.5**.5))])

@model
def value_not_below_zero():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Clip", ["z", "lo", "hi"], ["y"])], [("w", W), ("b", B), ("lo", F(0)), ("hi", F(3))])

@model
def hidden_layer():
    return layer([n("Gemm", ["x", "w", "b"], ["h"], transB=1), n("Sigmoid", ["h"], ["s"]), n("Gemm", ["s", "v"], ["y"], transB=1)],
                 [("w", W3), ("b", B3), ("v", np.array([[1, 2, 3]], F))])

@model
def hidden_layer_large():
    rng = np.random.default_rng(1)
    return layer([n("Gemm", ["x", "w", "b"], ["h"], transB=1), n("LeakyRelu", ["h"], ["s"]), n("Gemm", ["s", "v"], ["y"], transB=1)],
                 [("w", rng.normal(size=(40, 2)).astype(F)), ("b", np.zeros(40, F)), ("v", np.ones((1, 40), F))])

LABEL = [("label", T.INT64, None), ("probabilities", T.FLOAT, None)]

def decided(limit, op="Greater"):
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Sub", ["one", "p"], ["q"]),
                  n("Concat", ["q", "p"], ["probabilities"], axis=1), n(op, ["p", "t"], ["is"]), n("Cast", ["is"], ["label"], to=T.INT64)],
                 [("w", W), ("b", B), ("one", F(1)), ("t", F(limit))], LABEL)

@model
def threshold_half():
    return decided(.5)

@model
def threshold_third():
    return decided(.33)

@model
def threshold_of_scores():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Less", ["z", "t"], ["is"]), n("Not", ["is"], ["not"]),
                  n("Where", ["not", "yes", "no"], ["label"]), n("Sub", ["one", "p"], ["q"]), n("Concat", ["q", "p"], ["probabilities"], axis=1)],
                 [("w", W), ("b", B), ("one", F(1)), ("t", F(0)), ("yes", np.array([1])), ("no", np.array([0]))], LABEL)

@model
def recalibrated_power():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Pow", ["p", "t"], ["y"])], [("w", W), ("b", B), ("t", F(1.5))])

@model
def recalibrated_line():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Mul", ["p", "f"], ["q"]), n("Add", ["q", "a"], ["y"])],
                 [("w", W), ("b", B), ("f", F(.8)), ("a", F(.05))])

def forest_lists(**other):
    lists = dict(nodes_treeids=[0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2, 0, 1, 2], nodes_featureids=[0, 0, 0, 1, 0, 0],
                 nodes_modes=["BRANCH_LT", "LEAF", "LEAF", "BRANCH_GTE", "LEAF", "LEAF"], nodes_values=[60., 0, 0, 5., 0, 0],
                 nodes_truenodeids=[1, 0, 0, 1, 0, 0], nodes_falsenodeids=[2, 0, 0, 2, 0, 0], nodes_missing_value_tracks_true=[0, 0, 0, 1, 0, 0],
                 target_treeids=[0, 0, 1, 1], target_nodeids=[1, 2, 1, 2], target_ids=[0] * 4, target_weights=[1.5, -2., .25, 3.], n_targets=1)
    lists.update(other)
    return layer([ml("TreeEnsembleRegressor", ["x"], ["y"], **lists)], [])

@model
def trees_averaged():
    return forest_lists(aggregate_function="AVERAGE", base_values=[.5])

@model
def trees_greatest():
    return forest_lists(aggregate_function="MAX")

@model
def trees_logistic():
    return forest_lists(post_transform="LOGISTIC")

@model
def trees_probit():
    return forest_lists(post_transform="PROBIT")

@model
def trees_double():
    as_tensor = lambda name, values: h.make_tensor(name, T.DOUBLE, [len(values)], values)
    node = ml("TreeEnsembleRegressor", ["x"], ["y"], nodes_treeids=[0] * 3, nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
              nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values_as_tensor=as_tensor("v", [60.1, 0, 0]), nodes_truenodeids=[1, 0, 0],
              nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0],
              target_weights_as_tensor=as_tensor("w", [.1, .7]), n_targets=1)
    g = graph([node], [("x", T.DOUBLE, [None, 2])], ONE)
    rows = D[["age", "crp"]].copy(); rows.loc[::2, "age"] = 60.1
    return g, rows

@model
def trees_of_version_5():
    t = lambda name, kind, values: h.make_tensor(name, kind, [len(values)], values)
    node = ml("TreeEnsemble", ["x"], ["y"], n_targets=1, aggregate_function=1, post_transform=0, tree_roots=[0, 2],
              nodes_featureids=[0, 1, 1], nodes_splits=t("s", T.FLOAT, [60, 5, 0]), nodes_modes=t("m", T.UINT8, [0, 3, 0]),
              nodes_truenodeids=[1, 0, 3], nodes_trueleafs=[0, 1, 1], nodes_falsenodeids=[2, 1, 3], nodes_falseleafs=[1, 1, 1],
              leaf_targetids=[0, 0, 0, 0], leaf_weights=t("w", T.FLOAT, [.5, -.25, 1.5, .125]))
    return layer([node], [], ml=5)

@model
def two_targets():
    return layer([ml("LinearRegressor", ["x"], ["y"], coefficients=[1., 2, 3, 4], intercepts=[0., 1], targets=2)], [])

@model
def whole_number_inputs():
    g = graph([n("Concat", ["age", "stage"], ["w"], axis=1), n("Cast", ["w"], ["x"], to=T.FLOAT), n("Gemm", ["x", "k", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"])],
              [("age", T.INT64, [None, 1]), ("stage", T.INT64, [None, 1])], ONE, [("k", W), ("b", B)])
    return g, D[["age", "stage"]].astype(int)

@model
def one_list_a_column():
    g = graph([constant_node("ax", [1]), n("Unsqueeze", ["age", "ax"], ["a"]), n("Unsqueeze", ["crp", "ax"], ["c"]), n("Concat", ["a", "c"], ["x"], axis=1),
               n("Gemm", ["x", "k", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"])],
              [("age", T.FLOAT, [None]), ("crp", T.FLOAT, [None])], ONE, [("k", W), ("b", B)])
    return g, D[["age", "crp"]]

@model
def labels_of_whole_numbers():
    g, rows = layer([ml("LinearClassifier", ["x"], ["i", "probabilities"], coefficients=[-.04, -.1, .04, .1], intercepts=[3., -3.], classlabels_ints=[0, 1], post_transform="LOGISTIC"),
                     n("ArrayFeatureExtractor", ["names", "i"], ["picked"], domain="ai.onnx.ml"), n("Reshape", ["picked", "sh"], ["label"])],
                    [("names", np.array([1, 2], np.int32)), ("sh", np.array([-1]))], [("label", T.INT32, None), LABEL[1]])
    return g, rows

@model
def recurrent():
    return layer([n("BatchNormalization", ["x", "o", "z", "z", "o"], ["y"])], [("o", np.ones(2, F)), ("z", np.zeros(2, F))])

@model
def two_outputs():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"]), n("Exp", ["z"], ["hazard"])],
                 [("w", W), ("b", B)], [*ONE, ("hazard", T.FLOAT, None)])
