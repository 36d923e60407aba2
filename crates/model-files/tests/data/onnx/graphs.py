# SPDX-License-Identifier: Apache-2.0
"""Features computed by nodes before a model."""

from common import *  # noqa: F403
from pipelines import *  # noqa: F403

ONE = [("y", T.FLOAT, None)]


def behind(nodes, inputs, fitted, width):
    """A fitted model whose input `X` is computed by nodes before it."""
    onx = skl(fitted, names=["x"] * width, separate=False)
    g = onx.graph
    del g.input[:]
    g.input.extend(h.make_tensor_value_info(*one) for one in inputs)
    rest = list(g.node)
    del g.node[:]
    g.node.extend([*nodes, *rest])
    for one in onx.opset_import:
        one.version = 3 if one.domain else 19
    return onx


def constant_node(name, value):
    return n("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))


BMI = D.weight / D.height**2


@model
def bmi_trees():
    fitted = GradientBoostingClassifier(**SMALL).fit(np.stack([D.age, BMI], 1).astype(F), Y)
    nodes = [n("Mul", ["height", "height"], ["square"]), n("Div", ["weight", "square"], ["bmi"]),
             n("Concat", ["age", "bmi"], ["X"], axis=1)]
    return behind(nodes, columns("age", "weight", "height"), fitted, 2), D[["age", "weight", "height"]]

@model
def log_ratio_linear():
    x = np.log(D.crp / D.age)
    fitted = LogisticRegression().fit(np.stack([D.age, x], 1).astype(F), Y)
    nodes = [n("Div", ["crp", "age"], ["ratio"]), n("Log", ["ratio"], ["log"]),
             n("Concat", ["age", "log"], ["X"], axis=1)]
    return behind(nodes, columns("age", "crp"), fitted, 2), D[["age", "crp"]]

@model
def powers_of_two_columns():
    x = D.crp**-1.2 * .993**D.age
    fitted = LinearRegression().fit(np.stack([D.age, x], 1).astype(F), VALUE)
    nodes = [constant_node("p", F(-1.2)), constant_node("b", F(.993)), n("Pow", ["crp", "p"], ["c"]),
             n("Pow", ["b", "age"], ["a"]), n("Mul", ["c", "a"], ["gfr"]), n("Concat", ["age", "gfr"], ["X"], axis=1)]
    return behind(nodes, columns("age", "crp"), fitted, 2), D[["age", "crp"]]

@model
def powers_of_two_columns_trees():
    x = np.minimum(D.crp, 5)**-1.2 * .993**D.age
    fitted = RandomForestRegressor(**SMALL).fit(np.stack([D.age, x], 1).astype(F), VALUE)
    nodes = [constant_node("p", F(-1.2)), constant_node("b", F(.993)), constant_node("m", F(5)), n("Min", ["crp", "m"], ["low"]),
             n("Pow", ["low", "p"], ["c"]), n("Pow", ["b", "age"], ["a"]), n("Mul", ["c", "a"], ["gfr"]),
             n("Concat", ["age", "gfr"], ["X"], axis=1)]
    return behind(nodes, columns("age", "crp"), fitted, 2), D[["age", "crp"]]

@model
def gaps_filled_before_ratio():
    fitted = RandomForestClassifier(**SMALL).fit(np.stack([D.age, BMI], 1).astype(F), Y)
    nodes = [constant_node("w", F(80)), n("IsNaN", ["weight"], ["gap"]), n("Where", ["gap", "w", "weight"], ["filled"]),
             n("Mul", ["height", "height"], ["square"]), n("Div", ["filled", "square"], ["bmi"]),
             n("Concat", ["age", "bmi"], ["X"], axis=1)]
    return behind(nodes, columns("age", "weight", "height"), fitted, 2), D[["age", "weight", "height"]]

def front(nodes, of=("age", "crp")):
    """A linear model over `age` and what the nodes make of a column."""
    fitted = LogisticRegression().fit(np.stack([D.age, D.crp], 1).astype(F), Y)
    return behind([*nodes, n("Concat", ["age", "x"], ["X"], axis=1)], columns(*of), fitted, 2), D[list(of)]

def front_gaps(nodes):
    onx, _ = front(nodes)
    return onx, GAPS[["age", "crp"]].fillna({"age": 60})

@model
def where_gap():
    return front_gaps([constant_node("m", F(4)), n("IsNaN", ["crp"], ["gap"]), n("Where", ["gap", "m", "crp"], ["x"])])

@model
def where_code():
    onx, rows = front([constant_node("code", F(-1)), constant_node("m", F(4)), n("Equal", ["crp", "code"], ["is"]),
                       n("Where", ["is", "m", "crp"], ["x"])])
    rows = rows.copy(); rows.loc[::3, "crp"] = -1
    return onx, rows

@model
def imputer_code():
    onx, rows = front([ml("Imputer", ["crp"], ["x"], imputed_value_floats=[4.], replaced_value_float=-9.)])
    rows = rows.copy(); rows.loc[::3, "crp"] = -9
    return onx, rows

@model
def where_gap_flag():
    return front_gaps([constant_node("m", F(4)), constant_node("z", F(3)), n("IsNaN", ["crp"], ["gap"]),
                       n("Cast", ["gap"], ["flag"], to=T.FLOAT), n("Mul", ["flag", "z"], ["up"]),
                       n("Where", ["gap", "m", "crp"], ["filled"]), n("Add", ["filled", "up"], ["x"])])

@model
def log_of_one_more():
    return front([constant_node("one", F(1)), n("Add", ["crp", "one"], ["more"]), n("Log", ["more"], ["x"])])

@model
def clipped_root():
    return front([constant_node("lo", F(1)), constant_node("hi", F(9)), n("Clip", ["crp", "lo", "hi"], ["c"]), n("Sqrt", ["c"], ["x"])])

@model
def clipped_below():
    return front([constant_node("lo", F(3)), n("Clip", ["crp", "lo"], ["c"]), n("Relu", ["c"], ["r"]), n("Neg", ["r"], ["m"]), n("Abs", ["m"], ["x"])])

@model
def squashed():
    return front([constant_node("h", F(.2)), n("Mul", ["crp", "h"], ["c"]), n("Tanh", ["c"], ["t"]), n("Sigmoid", ["t"], ["s"]), n("Exp", ["s"], ["x"])])

@model
def truncated_to_whole():
    return front([n("Cast", ["crp"], ["whole"], to=T.INT64), n("Cast", ["whole"], ["x"], to=T.FLOAT)])

@model
def floors_and_signs():
    return front([constant_node("f", F(5)), n("Sub", ["crp", "f"], ["d"]), n("Sign", ["d"], ["s"]), n("Floor", ["crp"], ["fl"]),
                  n("Ceil", ["crp"], ["ce"]), n("Add", ["fl", "ce"], ["fc"]), n("Mul", ["fc", "s"], ["x"])])

@model
def limits_by_steps():
    return front([constant_node("a", F(3)), constant_node("b", F(10)), n("Less", ["crp", "a"], ["l"]), n("GreaterOrEqual", ["crp", "b"], ["g"]),
                  n("Or", ["l", "g"], ["either"]), n("Not", ["either"], ["neither"]), n("Cast", ["neither"], ["x"], to=T.FLOAT)])

@model
def flags_of_two_columns():
    nodes = [constant_node("a", F(60)), constant_node("b", F(5)), n("Greater", ["age", "a"], ["old"]), n("LessOrEqual", ["crp", "b"], ["low"]),
             n("And", ["old", "low"], ["both"]), n("Xor", ["old", "low"], ["one"]), n("Cast", ["both"], ["bf"], to=T.FLOAT),
             n("Cast", ["one"], ["of"], to=T.FLOAT), n("Add", ["bf", "of"], ["x"])]
    return front(nodes)

@model
def where_of_two_columns():
    nodes = [constant_node("a", F(60)), constant_node("b", F(0)), n("Greater", ["age", "a"], ["old"]), n("Where", ["old", "crp", "b"], ["x"])]
    return front(nodes)

@model
def digits_onehot():
    fitted = LogisticRegression().fit(np.stack([D.age, *[D.stage == s for s in (1, 2, 3, 4)]], 1).astype(F), Y)
    nodes = [n("Cast", ["stage"], ["whole"], to=T.INT64), n("Cast", ["whole"], ["text"], to=T.STRING),
             ml("OneHotEncoder", ["text"], ["hot"], cats_strings=["1", "2", "3", "4"], zeros=1), constant_node("shape", [-1, 4]),
             n("Reshape", ["hot", "shape"], ["flat"]), n("Concat", ["age", "flat"], ["X"], axis=1)]
    return behind(nodes, columns("age", "stage"), fitted, 5), D[["age", "stage"]]

@model
def label_encoder_floats():
    return front_gaps([ml("LabelEncoder", ["crp"], ["x"], keys_floats=[np.nan, 4.4, 7.3], values_floats=[9., 1., 2.], default_float=5.)])

@model
def label_encoder_texts():
    nodes = [ml("LabelEncoder", ["smoking"], ["group"], keys_strings=["never", "former"], values_strings=["no", "no"], default_string="yes"),
             ml("LabelEncoder", ["group"], ["x"], keys_strings=["no", "yes"], values_floats=[0., 7.], default_float=0.)]
    return front(nodes, ("age", "smoking"))

@model
def category_mapper():
    nodes = [ml("CategoryMapper", ["smoking"], ["whole"], cats_strings=["never", "former", "current"], cats_int64s=[0, 1, 5], default_int64=-1),
             n("Cast", ["whole"], ["x"], to=T.FLOAT)]
    return front(nodes, ("age", "smoking"))

@model
def equal_text():
    nodes = [constant_node("c", np.array(["current"], dtype=object)), n("Equal", ["smoking", "c"], ["is"]), n("Cast", ["is"], ["x"], to=T.FLOAT)]
    return front(nodes, ("age", "smoking"))

@model
def spelling_normalised():
    nodes = [n("StringNormalizer", ["smoking"], ["lower"], case_change_action="LOWER"),
             ml("LabelEncoder", ["lower"], ["x"], keys_strings=["never"], values_floats=[0.], default_float=1.)]
    return front(nodes, ("age", "smoking"))

@model
def columns_moved_about():
    nodes = [n("Concat", ["age", "crp", "stage"], ["all"], axis=1), constant_node("i", [2, 0, 1]), n("Gather", ["all", "i"], ["g"], axis=1),
             n("Split", ["g"], ["s", "a", "c"], axis=1, num_outputs=3), constant_node("one", [1]), n("Squeeze", ["a", "one"], ["flat"]),
             n("Unsqueeze", ["flat", "one"], ["back"]), n("Transpose", ["c"], ["t"], perm=[1, 0]), constant_node("sh", [-1, 1]),
             n("Reshape", ["t", "sh"], ["r"]), n("Concat", ["back", "r"], ["two"], axis=1), constant_node("st", [1]), constant_node("en", [9]),
             n("Slice", ["two", "st", "en", "one"], ["sl"]), n("Flatten", ["sl"], ["f"]), n("Mul", ["f", "s"], ["x"])]
    return front(nodes, ("age", "crp", "stage"))

@model
def bmi_of_array():
    fitted = GradientBoostingClassifier(**SMALL).fit(np.stack([D.age, BMI], 1).astype(F), Y)
    nodes = [n("Split", ["all"], ["age", "weight", "height"], axis=1, num_outputs=3), n("Mul", ["height", "height"], ["square"]),
             n("Div", ["weight", "square"], ["bmi"]), n("Concat", ["age", "bmi"], ["X"], axis=1)]
    return behind(nodes, [("all", T.FLOAT, [None, 3])], fitted, 2), D[["age", "weight", "height"]]
