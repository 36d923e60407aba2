#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the models of this folder, and what XGBoost, LightGBM and CatBoost themselves predict.

A folder has the model, cases.csv, expected.csv (the library's numbers, one column a number that the
reader gives), sometimes options (how many rounds count, the code of a gap) and train.csv. Run it in this folder with
xgboost 3.2, lightgbm 4.7, catboost 1.2, pandas and scikit-learn; names choose situations.
"""
import json
import pathlib
import sys
import warnings

import catboost as cb
import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

warnings.filterwarnings("ignore")
ROWS, CASES = 160, 24
SITUATIONS = {}


def situation(make):
    SITUATIONS[make.__name__.replace("_", "-")] = make
    return make


def table(seed=7, gaps=0.0, categories=False, code=None, former="früher, selten"):
    rng = np.random.default_rng(seed)
    n = ROWS + CASES
    d = pd.DataFrame({
        "age": rng.integers(30, 90, n).astype(float),
        "crp": np.exp(rng.normal(1, 1.2, n)).round(1),
        "potassium": rng.normal(4.2, 0.5, n).round(2),
        "flag": rng.integers(0, 2, n).astype(float),
    })
    risk = 0.06 * (d.age - 60) + 0.5 * np.log(d.crp) - (d.potassium - 4.2) + d.flag - 0.8
    if categories:
        d["smoking"] = pd.Categorical(rng.choice(["never", former, "current"], n))
        d["stage"] = pd.Categorical(rng.choice([1, 2, 4, 8, 9], n))
        risk += (d.smoking == "current") * 1.5 - d.stage.isin([2, 9]) * 1.5
    y = (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int)
    for column in ["age", "crp", "potassium"] + (["smoking"] if categories else []):
        hidden = rng.random(n) < gaps
        d[column] = d[column].where(~hidden, np.nan if code is None else code)
    grade = pd.cut(risk, [-99, -0.6, 0.7, 99], labels=False).to_numpy()
    time = np.exp(1.5 - 0.4 * risk + rng.normal(0, 0.3, n)).round(2).to_numpy()
    return d, y, grade, time


def write(name, save, cases, expected, train=None, options=None):
    """`save` writes the model file into the folder."""
    folder = pathlib.Path(name)
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    save(folder)
    cases.to_csv(folder / "cases.csv", index=False)
    expected = np.asarray(expected, float)
    expected = expected.reshape(len(cases), -1)
    columns = [f"v{k}" for k in range(expected.shape[1])]
    pd.DataFrame(expected, columns=columns).to_csv(folder / "expected.csv", index=False)
    if train is not None:
        train.to_csv(folder / "train.csv", index=False)
    if options:
        (folder / "options").write_text(f"{options}\n")


def parts(d):
    return d[:ROWS], d[ROWS:]


# XGBoost

def by_wrapper(name, model, d, y, file="model.json", take=lambda p: p[:, 1], fit={}, **more):
    train, cases = parts(d)
    model.fit(train, y[:ROWS], **fit)
    predicted = model.predict_proba(cases) if hasattr(model, "classes_") else model.predict(cases)
    predicted = take(predicted) if predicted.ndim > 1 else predicted
    write(name, lambda to: model.save_model(to / file), cases, predicted, **more)
    return model


def native(name, params, d, label, rounds=4, file="model.json", margin=False, kinds=None, **more):
    train, cases = parts(d)
    matrix = xgb.DMatrix(train, feature_types=kinds)
    if isinstance(label, tuple):
        matrix.set_float_info("label_lower_bound", label[0][:ROWS])
        matrix.set_float_info("label_upper_bound", label[1][:ROWS])
    else:
        matrix.set_label(label[:ROWS])
    booster = xgb.train({"max_depth": 3, "eta": 0.4, **params}, matrix, rounds)
    predicted = booster.predict(xgb.DMatrix(cases, feature_types=kinds), output_margin=margin)
    if margin:
        predicted = 1 / (1 + np.exp(-predicted.astype(float)))
    write(name, lambda to: booster.save_model(to / file), cases, predicted, **more)


SMALL = dict(n_estimators=4, max_depth=3, learning_rate=0.4)


@situation
def xgb_gaps(name):
    d, y, *_ = table(gaps=0.2)
    by_wrapper(name, xgb.XGBClassifier(**SMALL), d, y)


@situation
def xgb_array_binary_file(name):
    d, y, *_ = table(gaps=0.1)
    train, cases = parts(d)
    model = xgb.XGBClassifier(**SMALL).fit(train.to_numpy(), y[:ROWS])
    predicted = model.predict_proba(cases.to_numpy())[:, 1]
    write(name, lambda to: model.save_model(to / "model.ubj"), cases, predicted)


@situation
def xgb_categories(name):
    d, y, *_ = table(gaps=0.1, categories=True, former="former, rarely")
    by_wrapper(name, xgb.XGBClassifier(enable_categorical=True, max_cat_to_onehot=2, **SMALL), d, y)


@situation
def xgb_categories_binary_file(name):
    d, y, *_ = table(categories=True, former="former, rarely")
    model = xgb.XGBClassifier(enable_categorical=True, **SMALL)
    by_wrapper(name, model, d, y, file="model.ubj")


@situation
def xgb_categories_cut(name):
    # Versions before 3.3 count letters where bytes are meant, and so cut names off.
    d, y, *_ = table(categories=True)
    d["ward"] = pd.Categorical(np.resize(["Süd", "Ost", "Nord", "Übergang"], len(d)))
    by_wrapper(name, xgb.XGBClassifier(enable_categorical=True, **SMALL), d, y)


@situation
def xgb_category_codes(name):
    d, y, *_ = table(gaps=0.1, categories=True)
    d["smoking"] = d.smoking.cat.codes.astype(float).replace(-1, np.nan)
    d["stage"] = d.stage.astype(float)
    kinds = ["float", "float", "float", "i", "c", "c"]
    native(name, {"objective": "binary:logistic"}, d, y, kinds=kinds)


@situation
def xgb_dart(name):
    d, y, *_ = table()
    model = xgb.XGBClassifier(booster="dart", rate_drop=0.4, skip_drop=0.0, random_state=1, **SMALL)
    by_wrapper(name, model, d, y)


@situation
def xgb_dart_classes(name):
    d, _, grade, _ = table()
    model = xgb.XGBClassifier(booster="dart", rate_drop=0.4, random_state=1, **SMALL)
    by_wrapper(name, model, d, grade, take=lambda p: p)


@situation
def xgb_linear(name):
    d, y, *_ = table(gaps=0.1)
    by_wrapper(name, xgb.XGBClassifier(booster="gblinear", n_estimators=20), d, y)


@situation
def xgb_linear_classes(name):
    d, _, grade, _ = table()
    model = xgb.XGBClassifier(booster="gblinear", n_estimators=20)
    by_wrapper(name, model, d, grade, take=lambda p: p)


@situation
def xgb_forest(name):
    d, y, *_ = table()
    by_wrapper(name, xgb.XGBRFClassifier(n_estimators=5, max_depth=3), d, y)


@situation
def xgb_forest_rounds(name):
    d, _, grade, _ = table()
    train, cases = parts(d)
    model = xgb.XGBClassifier(n_estimators=3, num_parallel_tree=2, subsample=0.8, max_depth=2)
    model.fit(train, grade[:ROWS])
    predicted = model.predict_proba(cases, iteration_range=(0, 2))
    write(name, lambda to: model.save_model(to / "model.json"), cases, predicted, options="iterations 2")


def stopped():
    d, y, *_ = table()
    model = xgb.XGBClassifier(n_estimators=60, max_depth=3, learning_rate=0.5,
                              early_stopping_rounds=4)
    train, cases = parts(d)
    model.fit(train, y[:ROWS], eval_set=[(cases, y[ROWS:])], verbose=False)
    assert model.best_iteration + 1 < len(model.get_booster().get_dump())
    return model, cases


@situation
def xgb_stopped_early(name):
    model, cases = stopped()
    write(name, lambda to: model.save_model(to / "model.json"), cases,
          model.predict_proba(cases)[:, 1])


@situation
def xgb_stopped_early_all(name):
    model, cases = stopped()
    rounds = len(model.get_booster().get_dump())
    write(name, lambda to: model.save_model(to / "model.json"), cases,
          model.predict_proba(cases, iteration_range=(0, rounds))[:, 1], options=f"iterations {rounds}")


@situation
def xgb_classes_from_base_scores(name):
    d, _, grade, _ = table(gaps=0.1)
    by_wrapper(name, xgb.XGBClassifier(**SMALL), d, grade, take=lambda p: p)


@situation
def xgb_own_base_score(name):
    d, y, *_ = table()
    by_wrapper(name, xgb.XGBClassifier(base_score=0.2, **SMALL), d, y)


for objective in ["reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror",
                  "reg:absoluteerror", "reg:gamma", "reg:tweedie", "count:poisson"]:
    def number(name, objective=objective):
        d, _, _, time = table()
        native(name, {"objective": objective}, d, time)
    SITUATIONS["xgb-" + objective.replace(":", "-")] = number


@situation
def xgb_quantile(name):
    d, _, _, time = table()
    native(name, {"objective": "reg:quantileerror", "quantile_alpha": 0.8}, d, time)


@situation
def xgb_hinge(name):
    d, y, *_ = table()
    native(name, {"objective": "binary:hinge"}, d, y)


@situation
def xgb_logitraw(name):
    d, y, *_ = table()
    native(name, {"objective": "binary:logitraw", "base_score": 0.3}, d, y, margin=True)


@situation
def xgb_cox(name):
    d, y, _, time = table()
    native(name, {"objective": "survival:cox", "base_score": 0.5}, d, np.where(y == 1, time, -time))


@situation
def xgb_aft(name):
    d, y, _, time = table()
    native(name, {"objective": "survival:aft", "base_score": 0.7}, d,
           (time, np.where(y == 1, time, np.inf)))


@situation
def xgb_missing_code(name):
    d, y, *_ = table(gaps=0.15, code=-1.0)
    train, _ = parts(d)
    by_wrapper(name, xgb.XGBClassifier(missing=-1, **SMALL), d, y, train=train, options="missing -1")


@situation
def xgb_missing_code_classes(name):
    d, _, grade, _ = table(gaps=0.15, code=999.0)
    train, _ = parts(d)
    by_wrapper(name, xgb.XGBClassifier(missing=999, **SMALL), d, grade, take=lambda p: p,
               train=train, options="missing 999")


@situation
def xgb_missing_code_poisson(name):
    d, _, _, time = table(gaps=0.15, code=-99.0)
    train, _ = parts(d)
    model = xgb.XGBRegressor(objective="count:poisson", missing=-99, **SMALL)
    by_wrapper(name, model, d, time, train=train, options="missing -99")


@situation
def xgb_missing_code_share(name):
    d, y, *_ = table(gaps=0.15, code=-9.0)
    by_wrapper(name, xgb.XGBClassifier(missing=-9, subsample=0.8, **SMALL), d, y,
               train=parts(d)[0], options="missing -9")


@situation
def xgb_missing_code_weighted(name):
    d, y, *_ = table(gaps=0.15, code=-9.0)
    by_wrapper(name, xgb.XGBClassifier(missing=-9, scale_pos_weight=3, **SMALL), d, y,
               train=parts(d)[0].assign(died=y[:ROWS]), options="missing -9")


@situation
def xgb_missing_zero(name):
    d, y, *_ = table(gaps=0.15, code=0.0)
    by_wrapper(name, xgb.XGBClassifier(missing=0, **SMALL), d, y, train=parts(d)[0],
               options="missing 0")


@situation
def xgb_own_loss(name):
    def loss(predicted, data):
        p = 1 / (1 + np.exp(-predicted))
        return p - data.get_label(), p * (1 - p)
    d, y, *_ = table()
    train, cases = parts(d)
    booster = xgb.train({"max_depth": 3}, xgb.DMatrix(train, y[:ROWS]), 4, obj=loss)
    sums = booster.predict(xgb.DMatrix(cases)).astype(float)
    write(name, lambda to: booster.save_model(to / "model.json"), cases, 1 / (1 + np.exp(-sums)))


# LightGBM

LEAVES = dict(num_leaves=6, min_child_samples=8, verbose=-1, n_jobs=1)


def text(booster):
    return lambda to: booster.save_model(to / "model.txt")


def dump(booster):
    return lambda to: (to / "model.json").write_text(json.dumps(booster.dump_model()))


def light(name, params, d, label, rounds=4, save=text, raw=None, **more):
    train, cases = parts(d)
    data = lgb.Dataset(train, label[:ROWS], params={"verbose": -1},
                       categorical_feature=params.pop("codes", "auto"))
    params = {"num_leaves": 6, "min_data_in_leaf": 8, "learning_rate": 0.4, "verbose": -1,
              "num_threads": 1, "min_data_per_group": 5, "cat_smooth": 1, **params}
    booster = lgb.train(params, data, rounds)
    predicted = booster.predict(cases)
    write(name, save(booster), cases, predicted if raw is None else raw(predicted), **more)


for save in [text, dump]:
    kind = save.__name__

    def add(short, make, save=save, kind=kind):
        SITUATIONS[f"lgb-{short}-{kind}"] = lambda name: make(name, save)

    add("gaps", lambda name, save: light(name, {"objective": "binary"}, table(gaps=0.2)[0],
                                         table()[1], save=save))
    add("categories", lambda name, save: light(
        name, {"objective": "binary", "max_cat_to_onehot": 1},
        *table(gaps=0.1, categories=True)[:2], save=save))
    add("linear", lambda name, save: light(
        name, {"objective": "regression", "linear_tree": True}, table(gaps=0.1)[0], table()[3],
        save=save))
    add("forest", lambda name, save: light(
        name, {"objective": "binary", "boosting": "rf", "bagging_freq": 1,
               "bagging_fraction": 0.6}, *table()[:2], save=save))
    add("zero-missing", lambda name, save: light(
        name, {"objective": "binary", "zero_as_missing": True},
        table(gaps=0.2)[0].assign(change=table()[0].crp.round() - 2), table()[1], save=save))


@situation
def lgb_no_missing(name):
    light(name, {"objective": "binary", "use_missing": False}, table(gaps=0.2)[0], table()[1])


@situation
def lgb_category_codes(name):
    d, y, *_ = table(categories=True)
    d["smoking"] = d.smoking.cat.codes.astype(int)
    d["stage"] = d.stage.astype(int) * 20
    light(name, {"objective": "binary", "codes": ["smoking", "stage"]}, d, y)


@situation
def lgb_sigmoid(name):
    light(name, {"objective": "binary", "sigmoid": 0.7}, *table()[:2])


@situation
def lgb_roots(name):
    d, _, _, time = table()
    light(name, {"objective": "regression", "reg_sqrt": True}, d, time - 4)


@situation
def lgb_cross_entropy(name):
    light(name, {"objective": "cross_entropy"}, *table()[:2])


for objective in ["poisson", "gamma", "tweedie", "regression_l1", "huber", "fair", "quantile",
                  "mape"]:
    SITUATIONS["lgb-" + objective] = lambda name, objective=objective: light(
        name, {"objective": objective}, table()[0], table()[3], rounds=3)


@situation
def lgb_classes(name):
    light(name, {"objective": "multiclass", "num_class": 3}, table()[0], table()[2], rounds=3)


@situation
def lgb_classes_each(name):
    light(name, {"objective": "multiclassova", "num_class": 3, "sigmoid": 2.0}, table()[0],
          table()[2], rounds=3)


@situation
def lgb_dart(name):
    light(name, {"objective": "binary", "boosting": "dart", "drop_rate": 0.5}, *table()[:2], 6)


@situation
def lgb_own_loss(name):
    def loss(predicted, data):
        p = 1 / (1 + np.exp(-predicted))
        return p - data.get_label(), p * (1 - p)
    light(name, {"objective": loss}, *table()[:2], raw=lambda sums: 1 / (1 + np.exp(-sums)))


@situation
def lgb_one_class(name):
    light(name, {"objective": "binary"}, table()[0], np.ones(ROWS + CASES), rounds=2)


@situation
def lgb_rounds(name):
    d, y, *_ = table()
    train, cases = parts(d)
    params = {"objective": "binary", "num_leaves": 6, "verbose": -1, "min_data_in_leaf": 8}
    booster = lgb.train(params, lgb.Dataset(train, y[:ROWS]), 5)
    write(name, text(booster), cases, booster.predict(cases, num_iteration=2), options="iterations 2")


@situation
def lgb_names(name):
    d, y, *_ = table()
    d.columns = ["Alter in Jahren", "CRP mg/L", "kalium (mmol)", "größe"]
    light(name, {"objective": "binary"}, d, y)


@situation
def lgb_array(name):
    d, y, *_ = table()
    train, cases = parts(d)
    params = {"objective": "binary", "num_leaves": 6, "verbose": -1, "min_data_in_leaf": 8}
    booster = lgb.train(params, lgb.Dataset(train.to_numpy(), y[:ROWS]), 4)
    write(name, text(booster), cases, booster.predict(cases.to_numpy()))


@situation
def lgb_missing_code(name):
    d, y, *_ = table(gaps=0.15, code=-1.0)
    train, cases = parts(d)
    params = {"objective": "binary", "num_leaves": 6, "verbose": -1, "min_data_in_leaf": 8}
    read = lambda own: own.replace(-1.0, np.nan)
    booster = lgb.train(params, lgb.Dataset(read(train), y[:ROWS]), 4)
    write(name, text(booster), cases, booster.predict(read(cases)), train=train,
          options="missing -1")


# CatBoost

FEW = dict(iterations=4, depth=3, learning_rate=0.4, verbose=0, allow_writing_files=False,
           thread_count=1, random_seed=1)


def cat(name, model, d, label, predict, pool=False, array=False, options=None):
    train, cases = parts(d)
    categories = [c for c in d if d[c].dtype == object or str(d[c].dtype).startswith("str")]
    data = cb.Pool(train.to_numpy() if array else train, label[:ROWS],
                   cat_features=categories or None)
    model.fit(data)
    predicted = predict(model, cases.to_numpy() if array else cases)

    def save(to):
        path = to / "model.json"
        model.save_model(str(path), format="json", pool=data if pool else None)
        # Without its report on the training.
        file = json.loads(path.read_text())
        file["model_info"] = {key: file["model_info"][key] for key in
                              ["class_params", "params"] if key in file["model_info"]}
        path.write_text(json.dumps(file, ensure_ascii=False))
    write(name, save, cases, predicted, options=options)


second = lambda model, cases: model.predict_proba(cases)[:, 1]
every = lambda model, cases: model.predict_proba(cases)
numbers = lambda model, cases: model.predict(cases)


@situation
def cat_gaps(name):
    cat(name, cb.CatBoostClassifier(**FEW), table(gaps=0.2)[0], table()[1], second)


@situation
def cat_gaps_high(name):
    cat(name, cb.CatBoostClassifier(nan_mode="Max", **FEW), table(gaps=0.2)[0], table()[1], second,
        array=True)


@situation
def cat_classes(name):
    label = np.array(["low", "middle", "high"])[table()[2]]
    cat(name, cb.CatBoostClassifier(**FEW), table()[0], label, every)


@situation
def cat_classes_each(name):
    cat(name, cb.CatBoostClassifier(loss_function="MultiClassOneVsAll", **FEW), table()[0],
        table()[2], every)


@situation
def cat_depthwise_classes(name):
    cat(name, cb.CatBoostClassifier(grow_policy="Depthwise", nan_mode="Max", **FEW),
        table(gaps=0.1)[0], table()[2], every)


@situation
def cat_lossguide(name):
    cat(name, cb.CatBoostClassifier(grow_policy="Lossguide", max_leaves=5, **FEW), table()[0],
        table()[1] == 1, second)


@situation
def cat_one_hot(name):
    d, y, *_ = table(categories=True)
    d["smoking"], d["stage"] = d.smoking.astype(str), d.stage.astype(str)
    cat(name, cb.CatBoostClassifier(one_hot_max_size=10, **FEW), d, y, second, pool=True)


@situation
def cat_one_hot_hashes(name):
    d, y, *_ = table(categories=True, gaps=0.1)
    d["smoking"] = d.smoking.astype(object).fillna("nan").astype(str)
    d["stage"] = d.stage.astype(str)
    cat(name, cb.CatBoostClassifier(one_hot_max_size=10, **FEW), d, y, second)


@situation
def cat_number(name):
    cat(name, cb.CatBoostRegressor(**FEW), table()[0], table()[3], numbers)


@situation
def cat_quantile(name):
    cat(name, cb.CatBoostRegressor(loss_function="Quantile:alpha=0.8", **FEW), table()[0],
        table()[3], numbers)


@situation
def cat_poisson(name):
    cat(name, cb.CatBoostRegressor(loss_function="Poisson", **FEW), table()[0], table()[3], numbers)


@situation
def cat_rounds(name):
    cat(name, cb.CatBoostRegressor(**FEW), table()[0], table()[3],
        lambda model, cases: model.predict(cases, ntree_end=2), options="iterations 2")


@situation
def cat_cross_entropy(name):
    cat(name, cb.CatBoostClassifier(loss_function="CrossEntropy", **FEW), table()[0],
        np.clip(table()[3] / 10, 0, 1), second)


for name in sys.argv[1:] or SITUATIONS:
    SITUATIONS[name](name)
