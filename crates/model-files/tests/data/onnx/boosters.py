# SPDX-License-Identifier: Apache-2.0
"""XGBoost, LightGBM and CatBoost."""

from common import *  # noqa: F403
from pipelines import *  # noqa: F403


def boosted(fitted, convert, width=5):
    from onnxmltools.convert.common.data_types import FloatTensorType
    return convert(fitted, initial_types=[("X", FloatTensorType([None, width]))])

def frame(table):
    return table.to_numpy().astype(np.float32)

@model
def xgboost_binary():
    from xgboost import XGBClassifier
    from onnxmltools import convert_xgboost
    g = GAPS[NUMBERS]
    return boosted(XGBClassifier(n_estimators=4, max_depth=2).fit(frame(g), Y), convert_xgboost), g

@model
def xgboost_three():
    from xgboost import XGBClassifier
    from onnxmltools import convert_xgboost
    return boosted(XGBClassifier(n_estimators=3, max_depth=2).fit(frame(X), Y3), convert_xgboost)

@model
def xgboost_regressor():
    from xgboost import XGBRegressor
    from onnxmltools import convert_xgboost
    return boosted(XGBRegressor(n_estimators=3, max_depth=2).fit(frame(X), VALUE), convert_xgboost)

@model
def xgboost_poisson():
    from xgboost import XGBRegressor
    from onnxmltools import convert_xgboost
    return boosted(XGBRegressor(n_estimators=3, max_depth=2, objective="count:poisson").fit(frame(X), np.abs(VALUE)), convert_xgboost)

@model
def xgboost_forest():
    from xgboost import XGBRFClassifier
    from onnxmltools import convert_xgboost
    return boosted(XGBRFClassifier(n_estimators=4, max_depth=2).fit(frame(X), Y), convert_xgboost)

@model
def lightgbm_binary():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    g = GAPS[NUMBERS]
    return boosted(LGBMClassifier(n_estimators=4, num_leaves=4, verbose=-1).fit(frame(g), Y), convert_lightgbm), g

@model
def lightgbm_three():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    return boosted(LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), Y3), convert_lightgbm)

@model
def lightgbm_regressor():
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    return boosted(LGBMRegressor(n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), VALUE), convert_lightgbm)

@model
def lightgbm_forest():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    return boosted(LGBMClassifier(boosting_type="rf", bagging_freq=1, bagging_fraction=.7, n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), Y), convert_lightgbm)

@model
def lightgbm_gamma():
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    return boosted(LGBMRegressor(objective="gamma", n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), np.abs(VALUE) + .1), convert_lightgbm)

def cat(fitted):
    import tempfile
    with tempfile.NamedTemporaryFile(suffix=".onnx") as f:
        fitted.save_model(f.name, format="onnx")
        return onnx.load(f.name)

@model
def catboost_binary():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=4, depth=2, verbose=0).fit(frame(X), Y))

@model
def catboost_three():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=3, depth=2, verbose=0).fit(frame(X), Y3))

@model
def catboost_regressor():
    from catboost import CatBoostRegressor
    return cat(CatBoostRegressor(iterations=3, depth=2, verbose=0).fit(frame(X), VALUE))

@model
def pipeline_lightgbm():
    from lightgbm import LGBMClassifier
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes as shapes
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    update_registered_converter(LGBMClassifier, "LgbmC", shapes, convert_lightgbm, options={"nocl": [True, False], "zipmap": [True, False]})
    return skl(make_pipeline(StandardScaler(), LGBMClassifier(n_estimators=4, num_leaves=4, verbose=-1)).fit(X, Y), target_opset={"": 15, "ai.onnx.ml": 3})

def xgb_objective(objective, y):
    from xgboost import XGBRegressor
    from onnxmltools import convert_xgboost
    return boosted(XGBRegressor(n_estimators=3, max_depth=2, objective=objective).fit(frame(X), y), convert_xgboost)

@model
def xgboost_gamma():
    return xgb_objective("reg:gamma", np.abs(VALUE) + .1)

@model
def xgboost_tweedie():
    return xgb_objective("reg:tweedie", np.abs(VALUE) + .1)

@model
def xgboost_reg_logistic():
    return xgb_objective("reg:logistic", Y)

@model
def xgboost_squared_log():
    return xgb_objective("reg:squaredlogerror", np.abs(VALUE))

@model
def xgboost_imbalanced():
    from xgboost import XGBClassifier
    from onnxmltools import convert_xgboost
    return boosted(XGBClassifier(n_estimators=3, max_depth=2, base_score=.1, scale_pos_weight=5).fit(frame(X), Y), convert_xgboost)

@model
def lightgbm_categories():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    x = np.stack([D.age, D.stage], 1).astype(F)
    return boosted(LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1, min_data_per_group=1, cat_smooth=0).fit(x, Y, categorical_feature=[1]), convert_lightgbm, 2), D[["age", "stage"]]

@model
def lightgbm_poisson():
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    return boosted(LGBMRegressor(objective="poisson", n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), np.abs(VALUE)), convert_lightgbm)

@model
def lightgbm_one_vs_all():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    return boosted(LGBMClassifier(objective="multiclassova", n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), Y3), convert_lightgbm)

@model
def catboost_text_labels():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=4, depth=2, verbose=0).fit(frame(X), np.array(["no", "yes"])[Y]))

@model
def catboost_gaps():
    from catboost import CatBoostClassifier
    g = GAPS[NUMBERS]
    return cat(CatBoostClassifier(iterations=4, depth=2, verbose=0, nan_mode="Max").fit(frame(g), Y)), g

@model
def catboost_poisson():
    from catboost import CatBoostRegressor
    return cat(CatBoostRegressor(iterations=3, depth=2, verbose=0, loss_function="Poisson").fit(frame(X), np.abs(VALUE)))

@model
def catboost_cross_entropy():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=3, depth=2, verbose=0, loss_function="CrossEntropy").fit(frame(X), Y))

@model
def pipeline_xgboost():
    from xgboost import XGBClassifier
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes as shapes
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    update_registered_converter(XGBClassifier, "XgbC", shapes, convert_xgboost, options={"nocl": [True, False], "zipmap": [True, False, "columns"]})
    prepare = ColumnTransformer([("t", OneHotEncoder(), ["smoking", "sex"]), ("n", SimpleImputer(), NUMBERS)])
    fitted = make_pipeline(prepare, XGBClassifier(n_estimators=4, max_depth=2)).fit(GAPS, Y)
    return skl(fitted, names=[*NUMBERS, "smoking", "sex"], target_opset={"": 15, "ai.onnx.ml": 3}), GAPS

@model
def calibrated_xgboost():
    from xgboost import XGBClassifier
    pipeline_xgboost()
    return skl(CalibratedClassifierCV(XGBClassifier(n_estimators=4, max_depth=2), cv=2).fit(frame(X), Y), separate=False, target_opset={"": 15, "ai.onnx.ml": 3})


@model
def calibrated_boosting_isotonic_raw():
    from xgboost import XGBClassifier
    pipeline_xgboost()
    return skl(CalibratedClassifierCV(XGBClassifier(n_estimators=4, max_depth=2), cv=2, method="isotonic").fit(frame(X), Y), separate=False, target_opset={"": 15, "ai.onnx.ml": 3})

@model
def voting_of_boosters():
    from xgboost import XGBClassifier
    pipeline_xgboost()
    fitted = VotingClassifier([("a", XGBClassifier(n_estimators=4, max_depth=2)), ("b", LogisticRegression()), ("c", RandomForestClassifier(**SMALL))], voting="soft", flatten_transform=False).fit(frame(X), Y)
    return skl(fitted, separate=False, target_opset={"": 15, "ai.onnx.ml": 3})

@model
def stacking_of_boosters():
    from xgboost import XGBClassifier
    pipeline_xgboost()
    fitted = StackingClassifier([("a", XGBClassifier(n_estimators=4, max_depth=2)), ("b", RandomForestClassifier(**SMALL))]).fit(frame(X), Y)
    return skl(fitted, separate=False, target_opset={"": 15, "ai.onnx.ml": 3})
