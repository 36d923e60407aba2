# SPDX-License-Identifier: Apache-2.0
"""statsmodels, lifelines and interpret."""

import unittest

import numpy as np
import statsmodels.api as sm
import statsmodels.formula.api as smf
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from lifelines import CoxPHFitter
from patients import NUMBERS, Exports, patients

from cso_export import ExportError, export

FRAME, OUTCOME, NUMBER, STAGE = patients()
GAPS, GAP_OUTCOME, GAP_NUMBER, _ = patients(gaps=True)
ALL = FRAME.assign(
    event=OUTCOME, number=NUMBER, weight=60 + FRAME.sbp / 5, height=1.5 + FRAME.age / 300
)
TIME = np.round(
    30 * np.exp(-0.04 * (NUMBER - 20)) * np.random.default_rng(3).random(len(FRAME)) + 1, 1
)


class Statsmodels(Exports):
    def test_arrays_with_a_constant(self):
        exog = sm.add_constant(FRAME[NUMBERS])
        for made in (
            sm.Logit(OUTCOME, exog),
            sm.Probit(OUTCOME, exog),
            sm.GLM(OUTCOME, exog, family=sm.families.Binomial()),
        ):
            fitted = made.fit(disp=0)
            document = self.export(fitted, FRAME[NUMBERS], fitted.predict(exog))
            self.assertEqual([one["name"] for one in document["features"]], NUMBERS)
        fitted = sm.Logit(OUTCOME, exog.to_numpy()).fit(disp=0)
        self.export(fitted, FRAME[NUMBERS].to_numpy(), fitted.predict())

    def test_numbers_and_classes(self):
        exog = sm.add_constant(FRAME[NUMBERS])
        for fitted in (
            sm.OLS(NUMBER, exog).fit(),
            sm.GLM(NUMBER.clip(0), exog, family=sm.families.Poisson()).fit(),
            sm.GLM(NUMBER, exog, family=sm.families.Gaussian()).fit(),
            sm.MNLogit(STAGE, exog).fit(disp=0),
        ):
            self.export(fitted, FRAME[NUMBERS], fitted.predict(exog))

    def test_formulas(self):
        for formula in (
            "event ~ age + C(sex) + smoker",
            "event ~ age * sex + np.log(crp) + I(sbp / 10)",
            "event ~ bs(age, df=5) + C(site):sbp",
            "event ~ I(weight / height**2) + C(smoker) + site:sex",
            "event ~ cr(sbp, df=4) + standardize(age)",
        ):
            fitted = smf.logit(formula, ALL).fit(disp=0)
            self.export(fitted, ALL, fitted.predict(ALL))

    def test_formulas_over_gaps(self):
        data = GAPS.assign(event=GAP_OUTCOME)
        fitted = smf.logit("event ~ age + np.power(crp, 2) + sex", data).fit(disp=0)
        export(fitted, data, outcome="event")

    def test_ratios_are_derived_columns(self):
        fitted = smf.ols("number ~ I(weight / height**2)", ALL).fit()
        document = self.export(fitted, ALL, fitted.predict(ALL))
        wanted = ["/", "weight", ["^", "height", 2]]
        self.assertEqual(document["derived"][0]["expression"], wanted)

    def test_cox_models(self):
        fitted = sm.PHReg(TIME, FRAME[NUMBERS], status=OUTCOME).fit()
        self.export(fitted, FRAME[NUMBERS], fitted.predict(pred_type="hr").predicted_values)
        times = np.full(len(FRAME), 10.0)
        truth = fitted.predict(times, FRAME[NUMBERS], pred_type="surv", transform=False)
        document = self.export(fitted, FRAME[NUMBERS], 1 - truth.predicted_values, horizon=10)
        self.assertEqual(document["outcome"]["horizon"], 10)
        self.assertEqual(document["output"]["parts"], [{"curves": ["cloglog"]}])

    def test_refused(self):
        fitted = smf.logit("event ~ I(age > 60)", ALL).fit(disp=0)
        with self.assertRaisesRegex(ExportError, "compute it as a column"):
            export(fitted, ALL, outcome="event")
        fitted = sm.RLM(NUMBER, sm.add_constant(FRAME[NUMBERS])).fit()
        with self.assertRaisesRegex(ExportError, "RLM"):
            export(fitted, FRAME[NUMBERS], outcome="event")


class Lifelines(Exports):
    def test_risk_until_a_time(self):
        data = ALL[NUMBERS].assign(time=TIME, event=OUTCOME)
        for options in ({}, {"penalizer": 0.1}):
            fitted = CoxPHFitter(**options).fit(data, "time", "event")
            truth = 1 - fitted.predict_survival_function(FRAME, times=[12.5]).to_numpy()[0]
            self.export(fitted, FRAME, truth, horizon=12.5)
        self.export(fitted, FRAME, fitted.predict_partial_hazard(FRAME), 1e-5)

    def test_formulas(self):
        data = FRAME.assign(time=TIME, event=OUTCOME)
        fitted = CoxPHFitter().fit(
            data, "time", "event", formula="age * sex + site + bs(sbp, df=4)"
        )
        truth = 1 - fitted.predict_survival_function(FRAME, times=[12.5]).to_numpy()[0]
        self.export(fitted, FRAME, truth, horizon=12.5)

    def test_refuses_strata(self):
        data = ALL[NUMBERS].assign(time=TIME, event=OUTCOME)
        fitted = CoxPHFitter().fit(data, "time", "event", strata=["smoker"])
        with self.assertRaisesRegex(ExportError, "one model a stratum"):
            export(fitted, FRAME, outcome="event", horizon=3)


class Explainable(Exports):
    def test_pairs_categories_and_gaps(self):
        model = ExplainableBoostingClassifier(interactions=6, outer_bags=2, max_rounds=100)
        document = self.export(model.fit(GAPS, GAP_OUTCOME), GAPS)
        kinds = [term["kind"] for term in document["sums"][0]["terms"]]
        self.assertEqual(kinds.count("grid"), 6)

    def test_classes_and_numbers(self):
        model = ExplainableBoostingClassifier(interactions=0, outer_bags=2, max_rounds=50)
        self.export(model.fit(FRAME, STAGE), FRAME)
        model = ExplainableBoostingRegressor(interactions=2, outer_bags=2, max_rounds=50)
        self.export(model.fit(FRAME, NUMBER), FRAME, model.predict(FRAME))


if __name__ == "__main__":
    unittest.main()
