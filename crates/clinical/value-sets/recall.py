# SPDX-License-Identifier: Apache-2.0
#!/usr/bin/env python3
"""How many codes of lists that were held out a set finds.

    python3 recall.py                # measures crates/clinical/tests/data/recall/*.csv against the sets
    python3 recall.py --make SOURCES # writes these lists anew from clones (see generate.py)

A held-out list is none of the sources of the sets. Codes that mean something else than the feature are left out by the patterns
below, each with its reason; `--make` prints how many.
"""

import argparse
import csv
import io
import json
import re
import subprocess
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
LISTS = HERE.parent / "tests/data/recall"
HDR = ("spiros/hdr-caliber-phenotype-library", "338b457d571945b274eebcfe8c29f115ab1bfd15", "_data/codelists/")
SYNTHEA = ("softwareartistry/synthea", "2e587beadce991c325425fa0f785d8fbdbb05b4e", "src/main/resources/modules")
CCU = "covid_impact_ccu00202_"
# What no list of conditions keeps: services, checks, screening, what isn't so, and the negative.
OTHER = (r"monitor|review|referral|screen|clinic|care plan|self.?manag|education|follow.?up|annual|exempt|excepted|declin|resolved|leaflet|admission|score|risk|"
         r"without (?:congestive|heart)|excluded|treatment|control\b|regime|procedure|service|invit|letter|seen|suspected|family|counsel|administration|did not attend|check|pathway|no evidence|default|\?|diet\b|indicator|assessment|education|stop|high cost|advice")
FEATURES = {
    ("cha2ds2-vasc", "heart-failure"): (["heart-failure"], [(HDR, CCU + "HF_England_SNOMEDCT"), (HDR, "carr_heartfailure")], r"heart failure|cardiac failure", r"pulmonary heart|right ventric|cor pulmonale|cardiomyopath(?!y.*failure)|NYHA|New York|echo|device|ejection fraction (?:range|normal$)|fetal|neonat|transplant"),
    ("cha2ds2-vasc", "hypertension"): (["hypertension"], [(HDR, CCU + "hypertension_England_SNOMEDCT"), (HDR, "carr_hypertension")], r"^hypertension$|essential hypertension", r"antihypertensive therapy|pregnan|eclamp|gestation|puerper|obstet|pulmonary|white coat|borderline|retinopathy$|labile|without|elevated|intracran|childbirth|postpartum|h/o|history"),
    ("cha2ds2-vasc", "diabetes"): (["diabetes"], [(HDR, CCU + "diabetes_England_SNOMEDCT"), (HDR, "carr_diabetes"), (HDR, "sapey_diabetes")], r"type 2 diabetes|diabetes mellitus|diabetes from", r"warning|hyperproinsulin|hypogonadism|insulin resistance|postpancreat|O/E|not indicated|fibrocalculous|insipidus|gestation|pregnan|pre-?diabetes|borderline|latent|lipo?id|necrobiosis|steroid|nondiabetic|history|h/o|impaired|maternal|neonatal|remission|foetal|fetal|infant|stress|bronze|refer|insulin (?:dose|regime)|photo|foot at|stable|prevention|at risk|glycosuria|renal diabetes|puerper|childbirth|obstet|diabetic on|hyperinsulin|dwarf|syndrome|ha?emochrom|attend|mellitus arising|ever"),
    ("cha2ds2-vasc", "stroke"): (["stroke-tia-embolism"], [(HDR, CCU + "stroke_IS_England_SNOMEDCT"), (HDR, CCU + "stroke_NOS_England_SNOMEDCT"), (HDR, CCU + "stroke_TIA_England_SNOMEDCT")], r"^cerebrovascular accident", r"impending|leukoenceph|haemorrh|hemorrh|venous|vein|sinus|subarach|bleed|haematoma|stenosis$|migraine(?! with)|subclavian steal|occlusion(?!.*infarct)|insufficiency|vertebral artery syndrome$|basilar artery syndrome|carotid artery syndrome|stenosis|transient global|arteritis|syndrome|hereditary|dissect|CADASIL|moya|puerper|pregnan|thrombophleb|heat|birth|hemiplegi|bypass"),
    ("cha2ds2-vasc", "vascular-disease"): (["vascular-disease"], [(HDR, CCU + "AMI_England_SNOMEDCT"), (HDR, CCU + "pad_England_SNOMEDCT")], r"myocardial infarction|STEMI", r"post infarct angina|insulin-glucose|amput|revascular|bypass|stent|angioplast|raynaud|aneurysm|chilblain|erythro|thrombosis(?! .*infarct)|embol|frost|acrocyan|vaso|graft|endarter|operation|venous|upper|hand|finger|cold|coronary(?!.*infarct)|aborted|acute coronary|impending|renal|mesenteric|carotid"),
    ("cha2ds2-vasc", "atrial-fibrillation"): (["atrial-fibrillation"], [(HDR, CCU + "AF_England_SNOMEDCT")], r"^atrial fibrillation", r"ECG|ablation|h/o|history|EHRA|device|ventricular fib|cardioversion|maze"),
    ("has-bled", "renal"): (["dialysis", "kidney-transplant"], [], r"^(?:hemodialysis|renal dialysis|transplant of kidney|history of renal transplant)|kidney transplant failure", r"machine"),
    ("has-bled", "stroke"): (["ischaemic-or-haemorrhagic-stroke"], [(HDR, CCU + "stroke_HS_England_SNOMEDCT"), (HDR, CCU + "stroke_NOS_England_SNOMEDCT"), (HDR, CCU + "stroke_IS_England_SNOMEDCT")], r"^cerebrovascular accident", r"leukoenceph|stenosis|occlusion(?!.*infarct)|venous|vein|sinus|subdural|extradural|traumatic|TIA|transient|steal|puerper|insufficiency|syndrome|hereditary|dissect|CADASIL|pregnan|injur|birth|heat|thrombophleb|migraine|hemiplegi|epidural|bypass"),
    ("has-bled", "liver"): (["liver-disease-abnormal"], [(HDR, CCU + "liver_disease_England_SNOMEDCT")], None, r"(?i)^(?!.*(?:cirrho|varic|portal hypert|hepatorenal|hepatic enceph|hepatic coma|hepatic sclerosis|end stage liver|chronic (?:liver|hepatic) failure)).*$|pre-?hepatic|bypass|inject|ligat|transect|pulm|banding|operation|without|neuronal|chron liver"),
    ("has-bled", "bleeding"): (["major-bleeding"], [(HDR, CCU + "stroke_HS_England_SNOMEDCT"), (HDR, CCU + "stroke_HS_England_ICD10"), (HDR, CCU + "stroke_SAH_England_ICD10")], r"iron deficiency an|intracerebral h|subarachnoid h|bleeding from anus", r"pregnan|neonat|anus"),
    ("has-bled", "drugs"): (["antiplatelets", "nsaids"], [], r"(?i)aspirin|ibuprofen|naproxen|clopidogrel|diclofenac|meloxicam|celecoxib|prasugrel|ticagrelor|ketorolac|indomethacin", r"(?i)topical|ophth|gel|allergy"),
    ("prevent", "antihypertensives"): (["antihypertensives"], [], r"(?i)lisinopril|amlodipine|hydrochlorothiazide|losartan|metoprolol|atenolol|carvedilol|furosemide|captopril|enalapril|valsartan|verapamil|nitroprusside|clonidine|labetalol|spironolactone", r"(?i)allerg|nitropruss"),
    ("meld-3", "creatinine"): (["creatinine"], [], r"^Creatinine", r"Urine|clearance"),
    ("meld-3", "bilirubin"): (["bilirubin-total"], [], r"(?i)^(?:Total )?bilirubin", r"(?i)urine|direct|conjug"),
    ("meld-3", "sodium"): (["sodium"], [], r"^Sodium", r"Urine"),
    ("meld-3", "inr"): (["inr"], [], r"\bINR\b", None),
    ("meld-3", "albumin"): (["albumin-serum"], [], r"^Albumin", r"(?i)urine|ratio|creat"),
    ("curb-65", "systolic"): (["blood-pressure-systolic"], [], r"^Systolic", None),
    ("curb-65", "diastolic"): (["blood-pressure-diastolic"], [], r"^Diastolic", None),
}

# Of the codes of `sets.csv`, how many each set found before it was extended by what they showed (2026-11-28).
FIRST = {
    "alcohol-excess": 6,
    "alt": 0,
    "anaemia|bleeding|bleeding-disorder": 61,
    "antihypertensives": 776,
    "antiplatelets": 111,
    "atrial-fibrillation": 35,
    "blood-pressure-diastolic": 3,
    "blood-pressure-systolic": 3,
    "body-temperature": 1,
    "body-weight": 1,
    "cardiac-amyloidosis": 1,
    "cholesterol-hdl": 1,
    "cholesterol-total": 1,
    "chronic-kidney-disease": 6,
    "cirrhosis": 6,
    "copd": 94,
    "coronary-artery-disease": 16,
    "creatinine": 2,
    "diabetes": 200,
    "egfr": 1,
    "heart-failure": 87,
    "heart-rate": 2,
    "hypertension": 122,
    "hypertrophic-cardiomyopathy": 5,
    "inr": 2,
    "left-ventricular-wall-thickness": 2,
    "liver-disease-abnormal": 19,
    "mitral-stenosis-moderate-severe-or-mechanical-valve": 0,
    "myocardial-infarction": 115,
    "nsaids": 1286,
    "oxygen-saturation": 3,
    "respiratory-rate": 1,
    "sodium": 2,
    "statins": 0,
    "urea-nitrogen": 1,
}


def text(folder, repository, path):
    where = Path(folder) / repository[0].replace("/", "+")
    return subprocess.run(["git", "-C", str(where), "show", f"{repository[1]}:{path}"], capture_output=True, check=True).stdout.decode("utf-8", "replace").lstrip("\ufeff")


def paths(folder, repository):
    where = Path(folder) / repository[0].replace("/", "+")
    return subprocess.run(["git", "-C", str(where), "ls-tree", "-r", "--name-only", repository[1], repository[2]], capture_output=True, check=True, text=True).stdout.splitlines()


def listed(folder, repository, name):
    """(system, code, term) of a CSV list."""
    [path] = [p for p in paths(folder, repository) if p.removeprefix(repository[2]).startswith(name)][:1]
    for row in csv.DictReader(io.StringIO(text(folder, repository, path))):
        code = next((row[c] for c in ("conceptId", "SNOMED_ConceptId", "SNOMED-CT code", "code", "Code") if row.get(c)), "").strip()
        term = next((row[c] for c in ("term", "SNOMED_Term", "SNOMED-CT term", "Description") if row.get(c)), "")
        system = "icd10" if "ICD10" in path else "snomed"
        if system == "icd10" and len(code) > 3 and "." not in code:
            code = f"{code[:3]}.{code[3:]}"
        if code:
            yield system, code, term, f"{repository[0]}@{repository[1][:7]} {path.rsplit('/', 1)[-1]}"


def modules(folder):
    """(system, code, term, module) of all codes that Synthea's modules give conditions, procedures, medicines and observations."""
    systems = {"SNOMED-CT": "snomed", "RxNorm": "rxnorm", "LOINC": "loinc"}
    found = {}

    def walk(value, path):
        if isinstance(value, dict):
            if value.get("system") in systems and "code" in value:
                found.setdefault((systems[value["system"]], str(value["code"])), (value.get("display", ""), path))
            for inner in value.values():
                walk(inner, path)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, path)

    for path in paths(folder, SYNTHEA):
        if path.endswith(".json"):
            walk(json.loads(text(folder, SYNTHEA, path)), path)
    return [(*key, term, f"synthetichealth/synthea modules, {path.rsplit('/', 1)[-1]}") for key, (term, path) in found.items()]


def valid(system, code):
    import checks

    return checks.problem(system, code) is None


def make(folder):
    LISTS.mkdir(parents=True, exist_ok=True)
    synthea = modules(folder)
    by_protocol = {}
    for (protocol, feature), (sets, sources, pattern, other) in FEATURES.items():
        rows, left = {}, 0
        medicine = feature in ("drugs", "antihypertensives")
        analyte = protocol in ("meld-3", "curb-65")
        entries = [(*entry, True) for repository, name in sources for entry in listed(folder, repository, name)]
        if pattern:
            kind = "rxnorm" if medicine else "loinc" if analyte else "snomed"
            entries += [(*entry, False) for entry in synthea if entry[0] == kind and re.search(pattern, entry[2], re.IGNORECASE)]
        for system, code, term, source, _ in entries:
            strange = other and re.search(other, term, re.IGNORECASE) or not (medicine or analyte) and re.search(OTHER, term, re.IGNORECASE) and feature != "renal"
            if strange or not valid(system, code):
                left += 1
            else:
                rows.setdefault((system, code), (source, term))
        by_protocol.setdefault(protocol, []).extend((protocol, feature, system, code, source) for (system, code), (source, _) in sorted(rows.items()))
        have = [(key, source, term) for key, (source, term) in sorted(rows.items()) if not holds(codes(sets), *key)]
        print(f"{protocol} {feature}: {len(rows)} kept, {left} left out, {len(have)} not found", *[f"\n    {k} {t} [{s}]" for k, s, t in have])
    make_sets(folder)
    for protocol, rows in by_protocol.items():
        with open(LISTS / f"{protocol}.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["protocol", "feature", "system", "code", "source"])
            writer.writerows(rows)


def make_sets(folder):
    """Writes `sets.csv`. Codes of which a person is asked are none that a set should find: its own `asked`, and categories above its codes."""
    import held_out

    rows = []
    for sets, kept, left in held_out.lists(folder):
        near = codes(sets.split("|"), "asked")
        own = codes(sets.split("|"))
        asked = [(system, code) for system, code in kept if holds(near, system, code) or system in ("icd10", "icd9") and not holds(own, system, code)
                 and any(value.startswith(code) for value in own.get(system, ()))]
        rows += sorted((sets, *key, source) for key, source in kept.items() if key not in asked)
        print(f"{sets}: {len(kept) - len(asked)} kept, {left} left out, {len(asked)} asked")
    with open(LISTS / "sets.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("sets", "system", "code", "source"), *rows])


def codes(sets, table="codes", folder=HERE):
    found = {}
    for name in sets:
        for system, values in tomllib.loads((folder / f"{name}.toml").read_text()).get(table, {}).items():
            found.setdefault(system, set()).update(values)
    return found


def holds(found, system, code):
    own = found.get(system, set())
    if system == "dmd" and code in found.get("snomed", set()):
        return True
    return code in own or system in ("icd10", "icd9", "atc") and any(code.startswith(value) for value in own)


def measure():
    for path in sorted(set(LISTS.glob("*.csv")) - {LISTS / "sets.csv", LISTS / "seed.csv"}):
        rows = list(csv.DictReader(path.open()))
        for feature in dict.fromkeys(row["feature"] for row in rows):
            own = [row for row in rows if row["feature"] == feature]
            sets = FEATURES[path.stem, feature][0]
            found = codes(sets)
            hits = sum(holds(found, row["system"], row["code"]) for row in own)
            print(f"{path.stem} {feature} ({', '.join(sets)}): {hits} of {len(own)}, {hits / len(own):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make", metavar="SOURCES")
    options = parser.parse_args()
    if options.make:
        make(options.make)
    measure()
