# SPDX-License-Identifier: Apache-2.0
"""PREVENT, base model, ten years, written from the Stata module PREVENT by Ariel Linden (SSC, 2024), prevent10i.ado:
https://github.com/labordynamicsinstitute/ssc-mirror/blob/033abd30773205883c93ebcb0e57c38a7765fa21/fmwww.bc.edu/repec/bocode/p/prevent10i.ado

The protocol's own numbers come from the R package preventr, which took them from the paper's supplement.
"""

import math

# Predictors in the order of the module; one column for each outcome and sex, None where the outcome has no such predictor.
TOTAL = {
    "female": {"age": 0.7939329, "non-hdl": 0.0305239, "hdl": -0.1606857, "low pressure": -0.2394003, "pressure": 0.3600781,
               "diabetes": 0.8667604, "smoking": 0.5360739, "low egfr": 0.6045917, "egfr": 0.0433769, "treated": 0.3151672,
               "statin": -0.1477655, "treated pressure": -0.0663612, "treated non-hdl": 0.1197879, "age non-hdl": -0.0819715,
               "age hdl": 0.0306769, "age pressure": -0.0946348, "age diabetes": -0.27057, "age smoking": -0.078715,
               "age low egfr": -0.1637806, "constant": -3.307728},
    "male": {"age": 0.7688528, "non-hdl": 0.0736174, "hdl": -0.0954431, "low pressure": -0.4347345, "pressure": 0.3362658,
             "diabetes": 0.7692857, "smoking": 0.4386871, "low egfr": 0.5378979, "egfr": 0.0164827, "treated": 0.288879,
             "statin": -0.1337349, "treated pressure": -0.0475924, "treated non-hdl": 0.150273, "age non-hdl": -0.0517874,
             "age hdl": 0.0191169, "age pressure": -0.1049477, "age diabetes": -0.2251948, "age smoking": -0.0895067,
             "age low egfr": -0.1543702, "constant": -3.031168},
}
ASCVD = {
    "female": {"age": 0.719883, "non-hdl": 0.1176967, "hdl": -0.151185, "low pressure": -0.0835358, "pressure": 0.3592852,
               "diabetes": 0.8348585, "smoking": 0.4831078, "low egfr": 0.4864619, "egfr": 0.0397779, "treated": 0.2265309,
               "statin": -0.0592374, "treated pressure": -0.0395762, "treated non-hdl": 0.0844423, "age non-hdl": -0.0567839,
               "age hdl": 0.0325692, "age pressure": -0.1035985, "age diabetes": -0.2417542, "age smoking": -0.0791142,
               "age low egfr": -0.1671492, "constant": -3.819975},
    "male": {"age": 0.7099847, "non-hdl": 0.1658663, "hdl": -0.1144285, "low pressure": -0.2837212, "pressure": 0.3239977,
             "diabetes": 0.7189597, "smoking": 0.3956973, "low egfr": 0.3690075, "egfr": 0.0203619, "treated": 0.2036522,
             "statin": -0.0865581, "treated pressure": -0.0322916, "treated non-hdl": 0.114563, "age non-hdl": -0.0300005,
             "age hdl": 0.0232747, "age pressure": -0.0927024, "age diabetes": -0.2018525, "age smoking": -0.0970527,
             "age low egfr": -0.1217081, "constant": -3.500655},
}
HEART_FAILURE = {
    "female": {"age": 0.8998235, "low pressure": -0.4559771, "pressure": 0.3576505, "diabetes": 1.038346, "smoking": 0.583916,
               "bmi": -0.0072294, "high bmi": 0.2997706, "low egfr": 0.7451638, "egfr": 0.0557087, "treated": 0.3534442,
               "treated pressure": -0.0981511, "age pressure": -0.0946663, "age diabetes": -0.3581041, "age smoking": -0.1159453,
               "age high bmi": -0.003878, "age low egfr": -0.1884289, "constant": -4.310409},
    "male": {"age": 0.8972642, "low pressure": -0.6811466, "pressure": 0.3634461, "diabetes": 0.923776, "smoking": 0.5023736,
             "bmi": -0.0485841, "high bmi": 0.3726929, "low egfr": 0.6926917, "egfr": 0.0251827, "treated": 0.2980922,
             "treated pressure": -0.0497731, "age pressure": -0.1289201, "age diabetes": -0.3040924, "age smoking": -0.1401688,
             "age high bmi": 0.0068126, "age low egfr": -0.1797778, "constant": -3.946391},
}


def predictors(answers: dict) -> dict:
    """The transformed predictors; the products of `age` and `treated` with others are named by both."""
    mmol = 0.02586
    age = (answers["age"] - 55) / 10
    non_hdl = (answers["cholesterol"] - answers["hdl"]) * mmol - 3.5
    x = {
        "non-hdl": non_hdl,
        "hdl": (answers["hdl"] * mmol - 1.3) / 0.3,
        "low pressure": (min(answers["systolic"], 110) - 110) / 20,
        "pressure": (max(answers["systolic"], 110) - 130) / 20,
        "diabetes": float(answers["diabetes"]),
        "smoking": float(answers["smoking"] == "yes"),
        "bmi": (min(answers["bmi"], 30) - 25) / 5,
        "high bmi": (max(answers["bmi"], 30) - 30) / 5,
        "low egfr": (min(answers["egfr"], 60) - 60) / -15,
        "egfr": (max(answers["egfr"], 60) - 90) / -15,
    }
    treated, statin = float(answers["antihypertensives"]), float(answers["statin"])
    x.update({"age " + name: age * value for name, value in list(x.items())})
    x.update({"treated": treated, "statin": statin, "treated pressure": treated * x["pressure"], "treated non-hdl": statin * non_hdl})
    x.update({"age": age, "constant": 1.0})
    return x


# The protocol has its weights written out to some digits.
WITHIN = 1e-4
# The protocol rounds down.
DOWN = {"total": 0.5, "ascvd": 0.5, "heart-failure": 0.5}


def outputs(answers: dict) -> dict:
    """Total cardiovascular disease, atherosclerotic disease and heart failure within ten years, in percent; for a body mass index
    from 18.5 to below 40."""
    if not 18.5 <= answers["bmi"] < 40:
        return None
    x = predictors(answers)

    def risk(table: dict) -> float:
        total = sum(b * x[name] for name, b in table[answers["sex"]].items())
        return 100 / (1 + math.exp(-total))

    return {"total": risk(TOTAL), "ascvd": risk(ASCVD), "heart-failure": risk(HEART_FAILURE)}
