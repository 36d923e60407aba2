# SPDX-License-Identifier: Apache-2.0
"""Scores by programs that we did not write.

Reads one JSON object a line, {"protocol": ..., "answers": {...}}, and prints one a line,
{"clincalc": number or null, "medcalc": number or null, "classes": {output: [names]}}: the score by the
PyPI packages clincalc and medcalc-bench, null where a package doesn't have the score, and the names
of our meanings that fit what clincalc calls the result. Runs in the virtual environment that
run.sh makes. clincalc is AGPL/LGPL: it is only ever run as this separate process, in tests.
"""

import contextlib
import io
import json
import sys

import clincalc
from medcalc.cha2ds2_vasc_score import generate_cha2ds2_vasc_explanation
from medcalc.cardiac_risk_index import compute_cardiac_index_explanation
from medcalc.child_pugh_score import compute_child_pugh_score_explanation
from medcalc.curb_65 import curb_65_explanation
from medcalc.has_bled_score import compute_has_bled_score_explanation
from medcalc.heart_score import compute_heart_score_explanation
from medcalc.wells_criteria_dvt import compute_wells_criteria_dvt_explanation
from medcalc.wells_criteria_pe import calculate_pe_wells_explanation


def whole(number):
    """A whole number as int: clincalc wants integers where charts carry them."""
    return int(number) if number == int(number) else number


def adult(age):
    """An age that clincalc takes: our lowest is 18, which stands for those below as well."""
    return max(18, whole(age))


# Fields of clincalc by protocol: its name, and how each field is taken from the answers.
CLINCALC = {
    "cha2ds2-vasc": ("cha2ds2vasc", lambda a: {
        "age": adult(a["age"]), "sex": a["sex"], "congestive_heart_failure": a["heart-failure"],
        "hypertension": a["hypertension"], "diabetes": a["diabetes"],
        "stroke_tia_thromboembolism": a["stroke"], "vascular_disease": a["vascular-disease"]}),
    "cha2ds2-va": ("cha2ds2_va", lambda a: {
        "age": adult(a["age"]), "congestive_heart_failure": a["heart-failure"], "hypertension": a["hypertension"],
        "diabetes": a["diabetes"], "stroke_tia_thromboembolism": a["stroke"], "vascular_disease": a["vascular-disease"]}),
    "has-bled": ("hasbled", lambda a: {
        "hypertension_uncontrolled": a["hypertension"], "abnormal_renal_function": a["renal"],
        "abnormal_liver_function": a["liver"], "stroke": a["stroke"], "bleeding_history": a["bleeding"],
        "labile_inr": a["labile-inr"], "elderly_over_65": a["age"] > 65,
        "drugs_antiplatelet_nsaid": a["drugs"], "alcohol_excess": a["alcohol"]}),
    "news2": ("news2", lambda a: {
        "respiratory_rate": whole(a["respiration"]), "spo2": whole(a["spo2"]), "spo2_scale": a["scale"],
        "on_oxygen": a["oxygen"], "systolic_bp": whole(a["systolic"]), "pulse": whole(a["pulse"]),
        "consciousness": "alert" if a["conscious"] == "alert" else "confusion-or-vpu",
        "temperature": a["temperature"]}),
    "qsofa": ("qsofa", lambda a: {
        "respiratory_rate": a["respiration"], "systolic_bp": a["systolic"], "altered_mentation": a["gcs"] < 15}),
    "curb-65": ("curb65", lambda a: {
        "confusion": a["confusion"], "urea_mmol_l": a["urea"], "respiratory_rate": a["respiration"],
        "systolic_bp": a["systolic"], "diastolic_bp": a["diastolic"], "age": adult(a["age"])}),
    "wells-pe": ("wells_pe", lambda a: {
        "clinical_signs_of_dvt": a["dvt-signs"], "pe_most_likely_diagnosis": a["pe-likely"],
        "heart_rate_over_100": a["tachycardia"], "immobilisation_or_surgery": a["immobile"],
        "previous_dvt_or_pe": a["previous"], "haemoptysis": a["haemoptysis"], "malignancy": a["cancer"]}),
    "wells-dvt": ("wells_dvt", lambda a: {
        "active_cancer": a["cancer"], "paralysis_paresis_immobilisation": a["paralysis"],
        "bedridden_or_major_surgery": a["bedridden"], "localised_tenderness": a["tenderness"],
        "entire_leg_swollen": a["leg-swollen"], "calf_swelling_over_3cm": a["calf-swollen"],
        "pitting_oedema": a["oedema"], "collateral_superficial_veins": a["collaterals"],
        "previously_documented_dvt": a["previous"], "alternative_diagnosis_as_likely": a["alternative"]}),
    "heart": ("heart", lambda a: {
        "history": {
            "slight": "slightly_suspicious", "moderate": "moderately_suspicious", "high": "highly_suspicious"}[a["history"]],
        "ecg": {"normal": "normal", "repolarisation": "non_specific_repolarisation", "st-deviation": "significant_st_deviation"}[a["ecg"]],
        "age": adult(a["age"]),
        "risk_factors": {"none": "none", "some": "one_or_two", "many": "three_or_more_or_atherosclerosis"}[a["risk-factors"]],
        "troponin": {"normal": "normal", "raised": "one_to_three_times", "high": "over_three_times"}[a["troponin"]]}),
    "findrisc": ("findrisc", lambda a: {
        "age": adult(a["age"]), "sex": a["sex"], "bmi": a["bmi"], "waist_cm": a["waist"], "physically_active": a["active"],
        "daily_vegetables_fruit": a["vegetables"], "antihypertensive_medication": a["antihypertensives"],
        "high_blood_glucose_history": a["high-glucose"], "family_history": a["family"].replace("-", "_")}),
    "child-pugh": ("child_pugh", lambda a: {
        "bilirubin": a["bilirubin"], "bilirubin_unit": "mg/dL", "albumin": a["albumin"], "albumin_unit": "g/dL", "inr": a["inr"],
        "ascites": {"none": "none", "mild": "mild", "severe": "moderate-severe"}[a["ascites"]],
        # The engine wants these words, though its schema says `grade1-2` and `grade3-4`.
        "encephalopathy": {"none": "none", "mild": "grade1-to2", "severe": "grade3-to4"}[a["encephalopathy"]]}),
    "grace": ("grace", lambda a: {
        "age": adult(a["age"]), "heart_rate": whole(a["pulse"]), "systolic_bp": whole(a["systolic"]), "creatinine": a["creatinine"],
        "creatinine_unit": "mg/dL", "killip_class": int(a["killip"]), "cardiac_arrest_at_admission": a["arrest"],
        "st_segment_deviation": a["st-deviation"], "elevated_cardiac_enzymes": a["enzymes"]}),
    "meld-3": ("meld_3", lambda a: {
        "female_for_adult_meld": a["sex"] == "female", "bilirubin": a["bilirubin"], "bilirubin_unit": "mg/dL", "sodium_mmol_l": a["sodium"],
        "inr": a["inr"], "creatinine": a["creatinine"], "creatinine_unit": "mg/dL", "albumin": a["albumin"], "albumin_unit": "g/dL",
        "registration_age_years": 50, "qualifying_dialysis_in_prior_7_days": a["dialysis"]}),
    "bode": ("bode", lambda a: {
        "bmi": a["bmi"], "fev1_percent_predicted": a["fev1"], "six_minute_walk_distance_m": a["walk"],
        "mmrc_dyspnoea": int(a["breathlessness"].removeprefix("grade-"))}),
    "khorana": ("khorana", lambda a: {
        "assessment_context": "adult_ambulatory_before_new_chemotherapy_regimen",
        "cancer_site": {"very-high": "pancreas", "high": "lymphoma", "other": "other"}[a["site"]],
        "platelet_count_10_9_l": a["platelets"], "haemoglobin_g_dl": a["haemoglobin"], "uses_erythropoiesis_stimulating_agent": a["epo"],
        "leukocyte_count_10_9_l": a["leukocytes"], "bmi_kg_m2": a["bmi"]}),
    "rcri": ("rcri", lambda a: {
        "adult_noncardiac_surgery_candidate": True, "original_validation_population_matches": False,
        "high_risk_surgery": a["high-risk-surgery"], "ischemic_heart_disease": a["ischaemic-heart-disease"],
        "congestive_heart_failure": a["heart-failure"], "cerebrovascular_disease": a["stroke"],
        "preoperative_insulin_treatment": a["insulin"],
        # Its factor; rounded, because 2.0 mg/dL must be its limit and not a bit above.
        "creatinine_umol_l": round(a["creatinine"] * 88.4, 6)}),
    "kdigo-ckd": ("ckd_risk", lambda a: {
        # It takes no zero. Albumin in mg/mmol.
        "egfr": max(a["egfr"], 1), "acr": {"a1": 2, "a2": 10, "a3": 40}[a["albumin"]]}),
}

HEART_RISKS = ["hypertension", "hypercholesterolemia", "diabetes_mellitus", "obesity", "smoking", "family_with_cvd", "atherosclerotic_disease"]


def heart(a):
    """medcalc counts the risk factors itself."""
    count = {"none": 0, "some": 2, "many": 3}[a["risk-factors"]]
    return {
        "age": (a["age"], "years"),
        "history": {"slight": "Slightly suspicious", "moderate": "Moderately suspicious", "high": "Highly suspicious"}[a["history"]],
        "electrocardiogram": {"normal": "Normal", "repolarisation": "Non-specific repolarization disturbance",
                              "st-deviation": "Significant ST deviation"}[a["ecg"]],
        "initial_troponin": {"normal": "less than or equal to normal limit",
                             "raised": "between the normal limit or up to three times the normal limit",
                             "high": "greater than three times normal limit"}[a["troponin"]],
        **{risk: index < count for index, risk in enumerate(HEART_RISKS)},
        "risk_factors": {risk: True for risk in HEART_RISKS[:count]},
    }


MEDCALC = {
    "cha2ds2-vasc": (generate_cha2ds2_vasc_explanation, lambda a: {
        "age": (a["age"], "years"), "sex": a["sex"].capitalize(), "chf": a["heart-failure"], "hypertension": a["hypertension"],
        "stroke": a["stroke"], "tia": False, "thromboembolism": False, "vascular_disease": a["vascular-disease"], "diabetes": a["diabetes"]}),
    "has-bled": (compute_has_bled_score_explanation, lambda a: {
        "age": (a["age"], "years"), "hypertension": a["hypertension"], "liver_disease_has_bled": a["liver"], "renal_disease_has_bled": a["renal"],
        "stroke": a["stroke"], "prior_bleeding": a["bleeding"], "labile_inr": a["labile-inr"], "medications_for_bleeding": a["drugs"],
        "alcoholic_drinks": 8 if a["alcohol"] else 7}),
    "curb-65": (curb_65_explanation, lambda a: {
        "age": (a["age"], "years"), "sys_bp": (a["systolic"], "mm hg"), "dia_bp": (a["diastolic"], "mm hg"),
        "respiratory_rate": (a["respiration"], "breaths per minute"), "confusion": a["confusion"],
        # Urea nitrogen in mg/dL: two nitrogen atoms, 28.014 g/mol.
        "bun": (a["urea"] * 2.8014, "mg/dL")}),
    "heart": (compute_heart_score_explanation, heart),
    "child-pugh": (compute_child_pugh_score_explanation, lambda a: {
        "inr": a["inr"], "albumin": (a["albumin"], "g/dL"), "bilirubin": (a["bilirubin"], "mg/dL"),
        "ascites": {"none": "Absent", "mild": "Slight", "severe": "Moderate"}[a["ascites"]],
        "encephalopathy": {"none": "No Encephalopathy", "mild": "Grade 1-2", "severe": "Grade 3-4"}[a["encephalopathy"]]}),
    "wells-pe": (calculate_pe_wells_explanation, lambda a: {
        "clinical_dvt": a["dvt-signs"], "pe_number_one": a["pe-likely"], "heart_rate": (101 if a["tachycardia"] else 100, "beats per minute"),
        "immobilization_for_3days": a["immobile"], "surgery_in_past4weeks": False, "previous_pe": a["previous"], "previous_dvt": False,
        "hemoptysis": a["haemoptysis"], "malignancy_with_treatment": a["cancer"]}),
    "wells-dvt": (compute_wells_criteria_dvt_explanation, lambda a: {
        "active_cancer": a["cancer"], "bedridden_for_atleast_3_days": a["bedridden"], "major_surgery_in_last_12_weeks": False,
        "calf_swelling_3cm": a["calf-swollen"], "collateral_superficial_veins": a["collaterals"], "leg_swollen": a["leg-swollen"],
        "localized_tenderness_on_deep_venuous_system": a["tenderness"], "pitting_edema_on_symptomatic_leg": a["oedema"],
        "paralysis_paresis_immobilization_in_lower_extreme": a["paralysis"], "previous_dvt": a["previous"],
        "alternative_to_dvt_diagnosis": a["alternative"]}),
    "rcri": (compute_cardiac_index_explanation, lambda a: {
        "elevated_risk_surgery": a["high-risk-surgery"], "ischemetic_heart_disease": a["ischaemic-heart-disease"],
        "congestive_heart_failure": a["heart-failure"], "cerebrovascular_disease": a["stroke"],
        "pre_operative_insulin_treatment": a["insulin"], "pre_operative_creatinine": (a["creatinine"], "mg/dL")}),
}

# Our names by output, field of clincalc's `working` and its value there.
CLASSES = {
    "has-bled": {"score": ("risk", {"low": ["low", "moderate"], "high": ["high", "very high"]})},
    "news2": {
        # Both are one band of the chart, whose `routine` is a total of 0.
        "score": ("band", {"routine": ["low"], "low": ["low"], "low-medium": ["low-medium"], "medium": ["medium"], "high": ["high"]}),
        "single": ("single_parameter_3", {False: ["no"], True: ["yes"]})},
    "qsofa": {"score": ("level", {"low-risk": ["not high"], "high-risk": ["high"]})},
    "curb-65": {"score": ("risk_band", {"low": ["low"], "intermediate": ["moderate"], "high": ["high"]})},
    "wells-pe": {"score": ("three_tier", {"low": ["low"], "moderate": ["moderate"], "high": ["high"]})},
    "wells-dvt": {"score": ("probability", {"unlikely": ["unlikely"], "likely": ["likely"]})},
    "heart": {"score": ("risk_band", {
        # What we call low depends on a second troponin and on single items, which clincalc's doesn't.
        "low": ["low, second troponin normal", "low, second troponin missing", "not low"],
        "moderate": ["moderate", "moderate by points, heart muscle in danger"], "high": ["high"]})},
    "findrisc": {"score": ("risk_band", {
        "Low": ["low"], "Slightly elevated": ["slightly raised"], "Moderate": ["moderate"], "High": ["high"], "Very high": ["very high"]})},
    "child-pugh": {"score": ("class", {"A": ["class A"], "B": ["class B"], "C": ["class C"]})},
    "grace": {"score": ("risk_category", {"low": ["low"], "intermediate": ["intermediate"], "high": ["high"]})},
    "bode": {"score": ("survival_quartile", {"0-2": ["0 to 2"], "3-4": ["3 to 4"], "5-6": ["5 to 6"], "7-10": ["7 to 10"]})},
    "khorana": {"score": ("original_risk_band", {
        "low": ["lower risk"], "intermediate": ["medium risk", "medium risk, prevention is considered"], "high": ["high risk"]})},
    "rcri": {"score": ("original_risk_class", {"I": ["class I"], "II": ["class II"], "III": ["class III"], "IV": ["class IV"]})},
    "kdigo-ckd": {"risk": ("risk_category", {
        "Low risk (green)": ["low risk"], "Moderately increased risk (yellow)": ["moderately increased risk"],
        "High risk (orange)": ["high risk"], "Very high risk (red)": ["very high risk"]})},
}

# Answers for which clincalc has no classes: its table of GRACE is that of NSTE-ACS alone.
OTHER_TABLE = {"grace": lambda a: a["acs"] == "ste"}
# Where its result is a word: the number that we give it.
NUMBERS = {"kdigo-ckd": {
    "Low risk (green)": 1, "Moderately increased risk (yellow)": 2, "High risk (orange)": 3, "Very high risk (red)": 4}}


def by_clincalc(protocol, answers):
    """The score and the classes."""
    if protocol not in CLINCALC:
        return None, {}
    name, fields = CLINCALC[protocol]
    answer = clincalc.calculate(name, fields(answers))
    has_classes = not OTHER_TABLE.get(protocol, lambda _: False)(answers)
    known = CLASSES.get(protocol, {}) if has_classes else {}
    classes = {output: names[answer["working"][field]] for output, (field, names) in known.items()}
    return NUMBERS.get(protocol, {}).get(answer["result"], answer["result"]), classes


def by_medcalc(protocol, answers):
    if protocol not in MEDCALC:
        return None
    compute, fields = MEDCALC[protocol]
    # Some of its functions print.
    with contextlib.redirect_stdout(io.StringIO()):
        return compute(fields(answers))["Answer"]


def main():
    for line in sys.stdin:
        case = json.loads(line)
        protocol, answers = case["protocol"], case["answers"]
        score, classes = by_clincalc(protocol, answers)
        print(json.dumps({"clincalc": score, "medcalc": by_medcalc(protocol, answers), "classes": classes}))


if __name__ == "__main__":
    main()
