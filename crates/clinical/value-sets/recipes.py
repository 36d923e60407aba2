# SPDX-License-Identifier: Apache-2.0
from sources import Repository
import re
VS = "VSAC; see docs/clinical/code-systems.md"
REPOSITORIES = {
    "q25": Repository("cqframework/ecqm-content-qicore-2025", "db5a7e143304b19b70cbf6a89e5ebeab9e40df61", "2025-08-20", "CC0-1.0 (repository); VSAC expansions under the terms of their code systems"),
    "q24": Repository("cqframework/ecqm-content-qicore-2024", "9ebd48ffebf2ed2489f3904cc8393ebf8979bfc9", "2025-01-15", "CC0-1.0 (repository); VSAC expansions under the terms of their code systems"),
    "r21": Repository("cqframework/ecqm-content-r4-2021", "0be9c6864640478209add3b5c99178291986a0e0", "2024-04-19", "CC0-1.0 (repository); VSAC expansions under the terms of their code systems"),
    "hdr": Repository("spiros/hdr-caliber-phenotype-library", "338b457d571945b274eebcfe8c29f115ab1bfd15", "2022-07-22", "CC-BY-4.0"),
    "pcv": Repository("opensafely/post-covid-vaccinated", "145aa57cd9b098fc325fff1c5d6a64078eaf07ac", "2024-02-28", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "cvd": Repository("opensafely/post-covid-cvd-methods", "9e900eeeaf1d4b85b91ac7c167004e6a052ece23", "2026-08-21", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "pco": Repository("opensafely/post-covid-outcomes-research", "f3b58c7167659873c74fbc4694bbb542682711e2", "2022-04-21", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "rfr": Repository("opensafely/risk-factors-research", "38e2723fd2da19d8605d6ff7f48bf7a6ccd98957", "2023-11-13", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "ren": Repository("opensafely/renal-short-data-report", "acefdadf580c3179e0446a1c51b38a712bcd78ad", "2024-01-19", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "dah": Repository("opensafely/deaths-at-home-covid19", "b0cf90c1b75d5ae0f933c02f5b4e464767f02d35", "2023-07-19", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "r20": Repository("cqframework/ecqm-content-r4", "04f5c4919ee8a56e24484c3269f74d47b03e3d75", "2022-05-05", "CC0-1.0 (repository); VSAC expansions under the terms of their code systems"),
    "pddi": Repository("HL7/PDDI-CDS", "018be88010175fa37e818c27c2925a6767273870", "2026-06-11", "CC0-1.0; RxNorm codes are in the public domain"),
    "mimic": Repository("MIT-LCP/mimic-code", "8bcbd190ca75670cd5281f9ead3611ae1cefb73e", "2026-08-10", "MIT; LOINC codes under the LOINC licence"),
    "dicom": Repository("pydicom/pydicom", "fb1f24e4f0418008757766d8e79ec92dc2ab9855", "2026-06-13", "MIT; LOINC codes under the LOINC licence"),
    "gecco": Repository("BIH-CEI/napkon-geccoplus", "2f075a03c18da42dd94df635e00a922f097d634a", "2022-12-09", "CC0-1.0; LOINC codes under the LOINC licence"),
    "isik": Repository("gematik/spec-ISiK-Vitalparameter-und-Koerpermasze", "ac1d97beaf53662bc7713b8c5bbc0d8dfb1dc5c8", "2024-09-30", "Apache-2.0; LOINC codes under the LOINC licence"),
    "usco": Repository("HL7/US-Core", "85bf4af6eec4beed9f2bb0ac317964fc029e1970", "2026-04-23", "CC0-1.0; LOINC codes under the LOINC licence"),
    "aufh": Repository("hl7au/au-fhir-test-data", "7da337862ffc43953c12bc880dec474194365ba9", "2026-08-21", "CC0-1.0; LOINC codes under the LOINC licence"),
    "miii": Repository("medizininformatik-initiative/kerndatensatzmodul-intensivmedizin", "f94ca2c5d5495c04d17c82cb8eb8f201bfc9daee", "2026-08-07", "licence of the MII core data set (CC-BY-4.0); LOINC codes under the LOINC licence"),
    "ohdsi": Repository("OHDSI/PhenotypeLibrary", "40106e4e2892d883c208b9df10ad56711da3e21d", "2026-04-08", "Apache-2.0"),
    "mltc": Repository("rprigge-uoe/mltc-codelists", "9b53dee4a42f53747eea77297e58dc961a6cb482", "2024-06-06", "MIT"),
    "ali": Repository("Ali-Alshahrani/code_lists", "7518403733a107e5d27656ef34fb62020f90821d", "2026-01-20", "CC-BY-4.0"),
    "path": Repository("opensafely/open-pathology", "172fd9ed906b87d0d6030ad6205e20e5df5d00ac", "2026-07-22", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "oac": Repository("opensafely/oral-anticoagulant-covid", "f44a4134efe1176c25f1f8ac8d806a94a7881134", "2023-03-21", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "flu": Repository("opensafely/FLUCATS", "b4499eae1b0a2139469bae970d9ed83c8550b627", "2024-07-08", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "ckh": Repository("opensafely/ckd-healthcare-use", "3f49d610b1077997caefdeb5d252153beb39cb31", "2024-11-28", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "wait": Repository("opensafely/waiting-list", "c0b16e129b2149551d9fa92248df86699d31ebc9", "2026-01-22", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
    "short": Repository("smart-on-fhir/sample-patients-stu3", "d3fa76f8771a375885db5057aa8eee3cc4678d68", "2018-04-02", "Apache-2.0 (repository); LOINC table with short names under the LOINC licence"),
    "gou": Repository("markdrussell/gout", "89bc725ebdc88909187a07ad8565db98dc5eaef6", "2024-07-31", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
}
TABLES = {
    "hdr": ("csv", r"_data/codelists/.*csv$"),
    **{key: ("csv", r"codelists/.*csv$") for key in ("pcv", "cvd", "pco", "rfr", "ren", "dah", "gou")},
    "ali": ("cprd", r"primarycare_codes/medical_codes/CPRD_Aurum/(?:cvd/(?:af|cmp|dm|historyof|pvd|vhd)|cv_riskfactors/htn)_aurum.txt$"),
    "path": ("csv", r"codelists/opensafely-(?:alanine-aminotransferase-alt-tests-numerical-value|cholesterol-tests|glycated-haemoglobin-hba1c-tests-numerical-value|psa-numeric-value|sodium-tests-numerical-value|systolic-blood-pressure-qof).csv$"),
    "oac": ("csv", r"codelists/opensafely-(?:antiplatelets|aspirin|gastrointestinal-bleeding-icd-10|hazardous-alcohol-drinking|nsaids-oral|peripheral-arterial-disease|transient-ischaemic-attack).csv$"),
    "flu": ("csv", r"codelists/(?:opensafely-(?:ace-inhibitor|statin)-medications?|user-Louis-flucats-(?:increased-respiratory-rate|oxygen-saturation)-observable).csv$"),
    "ckh": ("csv", r"codelists/(?:user-bangzheng-creatinine-value|nhsd-primary-care-domain-refsets-bp_cod).csv$"),
    "wait": ("csv", r"codelists/user-speed-vm-nsaids-dmd.csv$"),
    "short": ("short_names", r"maps/short_loinc.txt$"),
    "ohdsi": ("cohort", r"inst/cohorts/\d+\.json$"),
    "mltc": ("csv", r"CTV3/ctv3_.*csv$"),
    "pddi": ("xml", r"input/vocabulary/valueset-.*xml$"),
    "mimic": ("codings", r"mimic-iv/mapping/d_labitems_to_loinc.csv$"),
    "dicom": ("codings", r"src/pydicom/sr/_concepts_dict.py$"),
    "gecco": ("codings", r"input/fsh/.*vs-laboratory.*fsh$"),
    "isik": ("codings", r"(?:.*)(?:ValueSet|VitalSign|Vital|Observation|Koerper)[^/]*\.(?:json|fsh)$"),
    "usco": ("codings", r"input/(?:examples|resources|vocabulary)/.*json$"),
    "aufh": ("codings", r"au-fhir-test-data-set/au-core/Observation.*json$"),
    "miii": ("codings", r"(?:.*)(?:ValueSet|Observation|observation|Obs)[^/]*\.json$"),
}
HELD_OUT = re.compile(r"_CPRD|_OPCS4|opcs-4|covid_impact_ccu00202|COVID19|covid-identif|carr_|sapey_|opioid|self-harm|UKBIOBANK|ICD11")

# What no condition set takes, whatever its words: what isn't the patient's, isn't so, is feared, or is a service about it.
UNLESS = (
    r"family history|\bFH\b|fh:|relative|father|\bmother|maternal|fetal|foetal|fetus|neonat|newborn|perinatal|congenital rubella"
    r"|\bno (?:h/o|history|evidence|known|sign)|\bnot (?:present|found|indicated|suspected)|absence of|absent|without (?:congestive|heart|evidence)|exclud|excepted|exempt|informed dissent|ruled out|suspected"
    r"|screen|monitoring|review|referral|refer(?:red)? (?:for|to)|clinic\b|declined|refus|offered|education|counsel|leaflet|advice|action plan|self.?management|invit|letter|questionnaire"
    r"|at risk|(?<!high )(?<!high-)(?<!higher )(?<!increasing )\brisk\b|predisposition|susceptib|carrier|prophyla|fear of|worried|care plan|quality indicator|\bQOF\b|register|shared care|immuni[sz]|vaccin"
    r"|resolved|in remission|poisoning|overdose|adverse reaction|allerg|(?<!cerebrovascular )accident due|non-?drug|programme|annual|administration|template|pathway|score\b|assessment|\[X\]fear|discharge|seen (?:in|by)|service|management plan|high cost|nomogram"
    r"|\((?:procedure|regime/therapy|record artifact|qualifier value|physical object|product|substance|observable entity|organism|body structure|morphologic abnormality|event|physical force|medicinal product.*|occupation|assessment scale)\)"
)
HISTORY = r"history|h/o|\bHO\b|\bpast\b|previous|old\b|personal|status post|\bPMH\b"


def condition(id, title, find, *, systems=("snomed", "readv2", "ctv3"), **rest):
    return {"id": id, "title": title, "find": {s: find for s in systems}, **rest}



def analyte(id, title, find, snomed=None, **rest):
    """Codes of a measurement: LOINC by its name, SNOMED CT by its name or by whole lists, Read codes by whole lists."""
    found = {"loinc": find, **({"snomed": snomed} if snomed else {})}
    return {"id": id, "title": title, "find": found, "common": False, "systems": ["loinc", "snomed", "readv2", "ctv3"], **rest}


TOPICAL = r"topical|ophthalm|\beye|\bear\b|otic|\bgel\b|cream|ointment|patch|medicated pad|lotion|mouthwash|throat|lozenge|shampoo|transdermal|allerg|adverse|intoleran|contraindic|declin|plaster|soap|paste"
ATC_SOURCE = ("ATC groups, each looked up in a copy of the WHO Collaborating Centre's index (fabkury/atcd)",
              "https://github.com/fabkury/atcd/tree/1e92aec7c52c7e324080416294bb8e68cf686685", "WHOCC; the copy is CC-BY-NC-SA-4.0 and only looked at", ["atc"])

IPS = ("Current Smoking Status of the International Patient Summary: single answers of LOINC, each looked up",
       "https://hl7.org/fhir/uv/ips/STU1.1/ValueSet-current-smoking-status-uv-ips.html", "CC0-1.0; LOINC codes under the LOINC licence", ["loinc"])

SYNTHEA = ("Synthea, modules of conditions (copy softwareartistry/synthea): single codes that no other list has",
           "https://github.com/softwareartistry/synthea/tree/2e587beadce991c325425fa0f785d8fbdbb05b4e/src/main/resources/modules", "Apache-2.0", ["snomed", "rxnorm"])

CCU = ("spiros/hdr-caliber-phenotype-library, covid_impact_ccu00202 lists: single codes that the recall on these lists missed",
       "https://github.com/spiros/hdr-caliber-phenotype-library/tree/338b457d571945b274eebcfe8c29f115ab1bfd15/_data/codelists", "CC-BY-4.0", ["snomed"])


ALI = ("Ali-Alshahrani/code_lists and ucl-dop-mhds/ucl-dop-phenotype-codelists-site: single codes that the recall on these lists missed",
       "https://github.com/Ali-Alshahrani/code_lists/tree/7518403733a107e5d27656ef34fb62020f90821d", "CC-BY-4.0 and MIT", ["snomed", "readv2"])


LHC = ("Flow sheet of the Lister Hill Center (LHNCBC/flowsheet-lhc): single codes that the recall on it missed",
       "https://github.com/LHNCBC/flowsheet-lhc/blob/53b8283941322229af050582d9ed947951b8e483/src/stores/c17.js", "NLM terms of use; LOINC codes under the LOINC licence", ["loinc"])


PLACES = r"(?:Ser|SerPl|Plas|Bld|BldA|BldC|BldV|BldMV|BldCV|SerPlBld)"


def short(name, long):
    """The pattern of a LOINC name, and of the short name of the same measurement as a concentration in blood, serum or plasma."""
    end = "" if " SerPl" in name or " Bld" in name else f" {PLACES}"
    return rf"{long}|^short name (?:{name}){end}(?: {PLACES})?-(?:m|s|ms|c)Cnc$"


def drugs(id, title, find, **rest):
    return {"id": id, "title": title, "find": {"rxnorm": find}, "common": False, "systems": ["rxnorm", "dmd", "readv2", "ctv3"], "sources": [ATC_SOURCE, *([SYNTHEA] if "adds" in rest else [])], **rest}


SETS = [
    condition("heart-failure", "Heart failure",
        r"heart failure|cardiac failure|ventricular failure|cardiac insufficiency|left ventricular (?:systolic|diastolic) dysfunction|\bLVF\b|\bCCF\b|\bCHF\b|cardiac asthma|failing heart|\bLVSD\b"
        r"|ejection fraction co-?occurrent|cardiomyopathy co-?occurrent and due to.*failure|acute pulmonary oedema due|pulmonary o?edema due to left|impaired left ventricular function|systolic dysfunction of left ventric|left ventricular (?:cardiac )?dysfunction|cardiac pulmonary o?edema",
        unless=r"abortion|miscarriage|termination|obstetric|intellectual disability|no heart failure|transplant|hypertensive.*without|NYHA|New York Heart|saddle embol|cardiorespiratory|device|preload|pleural|\bNOS without",
        lists=["nhsd-primary-care-domain-refsets-hf_cod", "2.16.840.1.113883.3.526.3.376"],
        adds={"snomed": ["395704004", "429589006", "90727007", "759821000000103", "759831000000101"], "readv2": ["G5yyD", "SP111", "G5y4z"]}, sources=[ALI], icd10=["I50", "I11.0", "I13.0", "I13.2", "I97.13"],
        icd9=["428", "402.01", "402.11", "402.91", "404.01", "404.03", "404.11", "404.13", "404.91", "404.93", "398.91"]),
    condition("atrial-fibrillation", "Atrial fibrillation",
        r"atrial fibrillation|\bAF\b|fibrillation and flutter|atrial flutter|auricular fibrillation",
        unless=r"ventricular fibrillation|oxygen|cylinder|ablation|implant|occlu|defibrillat|familial|not elsewhere|cardioversion|EHRA|symptom|A/F on|antic",
        lists=["2.16.840.1.113883.3.117.1.7.1.202"], icd10=["I48"], icd9=["427.3"]),
    condition("hypertension", "Hypertension",
        r"hypertension|hypertensive|high blood pressure|raised blood pressure disorder|\bBP\b.*hypertens",
        unless=r"pulmonary|portal|ocular|intracranial|white coat|pregnan|gestation|puerper|pre-?eclam|eclampsia|obstetric|labou?r|postpartum|post-partum|intra-?abdominal|venous|neuroleptic|renin (?:level|activity|test)|antihypertensive|bladder|history|h/o"
        r"|normotens|intraocular|glaucoma|borderline|delivery|childbirth|pre-?hypertens|elevated|trauma|hypertensive agent|dehydrat|hypertensive drug|vein|lymph|hepatic|cranial|sphincter|on treatment for hypo|stage of labor|donor|transient|labile|pulmon|drug-?induced hypo|idiopathic intra|gastropathy|blind|\bdiet|drugs|follow-?up default",
        whole=["2.16.840.1.113883.3.464.1003.104.12.1011", "2.16.840.1.113883.3.464.1003.104.11.1029"], allow=["|without (?:congestive|heart|evidence)"], icd10=["I10", "I11", "I12", "I13", "I15", "I1A"], icd9=["401", "402", "403", "404", "405"]),
    condition("diabetes", "Diabetes mellitus",
        r"diabet|\bT[12]DM\b|\bIDDM\b|\bNIDDM\b|\bMODY\b",
        unless=r"insipidus|gestational|pregnan|pre-?diabet|non-?diabetic|borderline|predict|bronze|foot (?:check|exam|care)|retinal screening|eye (?:check|exam|screen)|history|h/o|puerper|obstetric|childbirth|latent|stress|chemical diabetes|diet(?:ary)?\b|injection"
        r"|lipo?id|diabetic on|on (?:diet|oral|insulin|metf)|nurse|retinopathy screening|not diabetic|digital|photo|pump|ophthalm(?:ic|ology) (?:exam|monit)|neuropath(?:ic|y) (?:check|exam)|mellitus (?:screen|clinic)|\bever\b|driver|shoe|infant|insulin dose|antidiabet|monitor|maternal|phosphate|fibrocalculous.*fam|mother|syndrome of|prevention|compliance|treatment|under care|attends|foot at|check|(?<!on )examination|regime|procedure|transplant|nephrogenic|renal diabetes|thesaur|record|\bcard\b|held|contact|consent|did not|DNA|structured|visit|follow-?up|glycaemic control|diabet\w* control|hyperproinsulin",
        lists=["2.16.840.1.113883.3.464.1003.103.12.1001", "nhsd-primary-care-domain-refsets-dm_cod", "user-hjforbes-type-1-diabetes", "user-hjforbes-type-2-diabetes"],
        adds={"snomed": ["443694000", "444073006", "735200002", "39710007", "867891000000101", "944141000000108", "195302000"], "readv2": ["N0300", "N0301", "Kyu03", "1M8..", "66AJ1", "C10L."]}, sources=[CCU, ALI],
        snomed=["237599002"], icd10=["E08", "E09", "E10", "E11", "E12", "E13", "E14"], icd9=["250", "249"]),
    condition("stroke-tia-embolism", "Ischaemic stroke, transient ischaemic attack or arterial thromboembolism, also former",
        r"stroke|cerebral infarct|cerebellar infarct|brain ?stem infarct|lacunar infarct|cerebrovascular accident|\bCVA\b|transient (?:cerebral )?isch|\bTIA\b|cerebral (?:embol|thrombo)|infarction of (?:basal|brain|cerebr|thalam|visual|pons|medulla|midbrain|internal capsule|corona radiata)"
        r"|embol(?:ism|us|ic)? .*(?:arter|aort|limb)|arter(?:y|ial|ies) (?:embol|thrombo)|thrombosis of .*arter|aort(?:a|ic).*(?:embol|thrombo)|vertebrobasilar (?:insuff|isch)|amaurosis fugax|(?:carotid|basilar|vertebral|cerebral|cerebellar|precerebral) arter(?:y|ies).*(?:infarct|occlusion with|embol|thromb|stroke)|infarct.*(?:carotid|vertebral|cerebral|basilar)|reversible ischaemic neuro|saddle embol|cerebral circulation infarct|multi-?infarct state|lacunar ataxic|embolus of circle|cerebrovascular accident|transient cerebral|intermittent cerebral isch",
        unless=r"haemorrh|hemorrh|heat ?stroke|heart stroke|sun ?stroke|stroke volume|venous|vein|sinus|pulmonary|coronary|fat embol|air embol|amniotic|without infarct|not resulting|no infarct|septic|thrombophleb|birth|pregnan|puerper|bleed|bypass|repair|endarter|subarach|intracerebral|hereditary|CADASIL|MELAS|mitochond|myocard|cholesterol embol|paradoxical|umbilical|delivery|eclamp|obstetric|stroke unit|rehab|phyto|two ?stroke|strokes/min|backstroke|silent|asymptomatic|alternating|sports|rupture|aneurysm.*no|arteritis|unruptured|abortion|miscarriage|transplant|injection|angioplasty|rowing|arteriovenous|shunt|graft|traumatic|portal|legal|failed attempted|ectopic|dialys|catheter|structure|procedure|device|retin(?:a|al) (?:vein|branch vein)|mesenteric ven|shock|tumor|tumour",
        icd10=["I63", "I64", "I69.3", "I69.4", "I74", "G45.0", "G45.1", "G45.2", "G45.3", "G45.8", "G45.9", "Z86.73"],
        adds={"snomed": ["16002031000119102", "16002111000119106", "329641000119104"]}, sources=[CCU],
        drop=["19830001000004106", "239203003", "266995000"],
        icd9=["433.01", "433.11", "433.21", "433.31", "433.81", "433.91", "434", "435", "436", "444", "V12.54"]),
    condition("ischaemic-or-haemorrhagic-stroke", "Stroke of any kind, also former",
        r"stroke|cerebral infarct|cerebellar infarct|brain ?stem infarct|lacunar infarct|cerebrovascular accident|\bCVA\b|infarction of (?:basal|brain|cerebr|thalam|visual|pons|medulla|midbrain|internal capsule|corona radiata)"
        r"|(?:intracerebral|intracranial|subarachnoid|cerebellar|brain ?stem|pontine|intraventricular|cerebral|thalamic|basal ganglia|intrapontine|bulbar|lobar|cortical) (?:and .* )?(?:haemorrhage|hemorrhage|haematoma|hematoma|bleed)"
        r"|cerebral (?:embol|thrombo)|(?:carotid|basilar|vertebral|cerebral|cerebellar|precerebral) arter(?:y|ies).*(?:infarct|embol|thromb|stroke|rupture)|haemorrhagic infarct|hemorrhagic infarct|cerebral circulation infarct|multi-?infarct state|lacunar (?:ataxic|h)|embolus of circle|capsule h(?:a)?emorrhage|infarction - (?:precerebral|cerebral)|h(?:a)?emorrhage of medulla|parenchymal haemorrhage|thrombosis of .*cerebral artery|subarachnoid.*rupture|rupture.*(?:berry|cerebral|intracranial) aneurysm",
        unless=r"(?<!non)(?<!non-)trauma|injur|fracture|open wound|concuss|heat ?stroke|heart stroke|sun ?stroke|stroke volume|pulmonary|coronary|air embol|amniotic|without infarct|not resulting|birth|pregnan|puerper|bypass|repair|endarter|hereditary|CADASIL|MELAS|mitochond|myocard|umbilical|delivery|eclamp|obstetric|stroke unit|rehab|two ?stroke|strokes/min|silent|asymptomatic|sports|unruptured|abortion|miscarriage|drainage|evacuation|aspiration|subdural|extradural|epidural|retinal|preterm|germinal|adrenal|foetus|vessel wall|laceration|\bLOC\b|loss of consc|blast|postpartum|dissection without|injection|angioplasty|arteriovenous|transient",
        adds={"snomed": ["16002031000119102", "16002111000119106", "329641000119104"]}, sources=[CCU],
        drop=["266995000", "45639009"],
        icd10=["I60", "I61", "I63", "I64", "I69.0", "I69.1", "I69.3", "I69.4", "Z86.73"],
        icd9=["430", "431", "433.01", "433.11", "433.21", "433.31", "433.81", "433.91", "434", "436", "V12.54"]),
    condition("myocardial-infarction", "Myocardial infarction, also former",
        r"acute (?:anteroapical|anterolateral|anteroseptal|inferolateral|inferoposterior|papillary muscle|septal|q.?wave) infarct|myocardial infarct|heart attack|\bSTEMI\b|\bNSTEMI\b|\bAMI\b|coronary (?:artery )?thrombosis resulting|infarct(?:ion)? of (?:heart|myocard|papillary|ventric|left ventric|right ventric)|infarction - heart|subendocardial infarct|transmural infarct|cardiac (?:rupture|aneurysm).*(?:infarct)|(?:subsequent|anterior|inferior|lateral|septal|posterior|anteroseptal|anterolateral|inferolateral|inferoposterior|transmural|subendocardial|silent|acute|old|healed) .*infarct.*(?:myocard|heart|ECG)|Q wave infarct|atrial infarct|ischemia and infarction|ventricular infarct|postmyocardial|post-infarct|ventricular septal defect.*infarct",
        unless=r"not resulting|no myocard|without myocard|aborted|coronary thrombosis not|type 2 for|pregnan|puerper|thrombolysis|rehab|EKG:? no|insulin.glucose|insul.*gluc|impending|intermediate coronary|preinfarc|\bnon-?Q.*excl|cerebral|enzyme",
        icd10=["I21", "I22", "I23", "I25.2"], icd9=["410", "412"], drop=["164865005", "164867002", "164870003", "3232."]),
    condition("peripheral-artery-disease", "Peripheral artery disease",
        r"(?:extremity|limb) artery atheroma|isch(?:ae|e)mi\w* (?:toe|ulcer)|gangrene associated with diab|peripheral circulatory|neuroisch|peripheral (?:arter|vascular|ischa?emic|angiopath)|intermittent claudication|claudication (?:of|of both|right|left)|atherosclero\w* .*(?:limb|leg|extremit|femoral|iliac|popliteal|lower|peripheral)|arteriosclero\w* .*(?:limb|leg|extremit|femoral|iliac|popliteal|lower|peripheral)|isch(?:ae|e)mi\w* .*(?:foot|leg|lower limb|limb)|(?:foot|leg|limb) isch|rest pain|gangrene .*(?:athero|arterio|peripheral vascular)|\bPVD\b|\bPAD\b|leriche|(?:femoral|iliac|popliteal|tibial|aorto-?iliac) arter\w* (?:occlu|stenos|disease)|(?:occlusion|stenosis) of .*(?:femoral|iliac|popliteal|tibial|lower limb) arter|thromboangiitis|critical (?:lower )?limb",
        unless=r"\bvein|venous|liquor|maternity|neurogenic|spinal|stent|graft of|bypass|embol|endarter|angioplasty|trauma|injury|iatrogenic|visual|pulse|aneurysm|retina|renal|perfusion|compartment|arteriography|aorta and vein|neuropath.*only|crush|syphil|congenital|in-?stent|hand|upper|finger|raynaud|chilblain|erythromel|frost|operation|stroke|transient|muscle|caused by|lower back|lower gastro|pulmonary valve|other drugs",
        lists=["nhsd-primary-care-domain-refsets-pad_cod"],
        adds={"snomed": ["102631000119103", "12236951000119108", "12237071000119100", "12237191000119103", "195254008", "233956002"], "readv2": ["G7310", "G76z0"]}, sources=[ALI], icd10=["I70.2", "I70.3", "I70.4", "I70.5", "I70.6", "I70.7", "I70.92", "I73.1", "I73.9", "E08.51", "E08.52", "E09.51", "E09.52", "E10.51", "E10.52", "E11.51", "E11.52", "E13.51", "E13.52", "E10.50", "E11.50", "E12.50", "E12.51", "E13.50", "E14.50", "E14.51", "I79.2"],
        icd9=["440.2", "440.3", "440.4", "443.1", "443.9"]),
    condition("aortic-plaque", "Atheroma of the aorta",
        r"(?:athero\w*|arteriosclero\w*|plaque|ulcer) .*aort|aort\w* (?:athero|arteriosclero|plaque)|aortic calcif|calcification of aorta",
        unless=r"valve|stenosis of aortic v|graft|syphil|coronary|root|embol|annul|bypass", icd10=["I70.0"], icd9=["440.0"]),
    condition("coronary-artery-disease", "Coronary artery disease, with myocardial infarction and angina",
        r"percutaneous coronary interv|coronary (?:arter|athero|sclero|heart|thromb|occlu|stenos|disease|insuff)|coronary.*(?:stenosis|occlusion|atheroma|disease)|isch(?:ae|e)mic (?:heart|cardiomyopath|myocard|chest pain)|angina|myocardial (?:infarct|isch)|heart attack|\bIHD\b|\bCHD\b|\bSTEMI\b|\bNSTEMI\b|acute coronary|preinfarct|arteriosclerotic heart|atherosclerotic heart|infarct of heart|(?:PCI|angioplasty|stent|bypass|graft).*coronary|coronary.*(?:angioplast|stent|bypass|graft)|\bCABG\b|triple vessel|dressler|postmyocardial|post infarct",
        unless=r"ludwig|vincent|angina abdom|abdominal angina|agranulocytic|herpangina|monocytic|streptococcal|anomal|congenital (?:coronary|absence|steno|anomal|atresia|fist)|fistula|kawasaki|normal coronary|arteriogra|angiogr|calcium|aneurysm of coronary|ectasia|milk|coronary sinus|coronary care|\brate\b|rehab|non-?cardiac|plaut|tonsil|throat|nitrate|vasospas.*no|transplant|aortic angina|bowel|dissection|trauma|injury|lacer|pain chart|frequency|present$|control|(?:health|angina) status|planned|exercise|stress test|neoplasm|embolus of coronary artery due to air|mouth|oral|ventricular septal|arteritis|coronary reflex|poor gra|HEART attack alarm|deep vein|reimplant|transposition|muscle bridge|malformation|foreign body|root of aorta|manipulation|explor|ligation|closure|destructive|excision|patch|repair of rupture",
        drop=["164865005", "164867002", "164870003", "3232."],
        allow=["procedure|"], lists=["nhsd-primary-care-domain-refsets-chd_cod"],
        adds={"snomed": ["914231000000100", "15960341000119104", "371810009"], "readv2": ["792E.", "792E0"]}, sources=[ALI], icd10=["I20", "I21", "I22", "I23", "I24", "I25", "Z95.1", "Z95.5", "Z98.61"], icd9=["410", "411", "412", "413", "414", "V45.81", "V45.82"]),
    {"id": "vascular-disease", "title": "Vascular disease: myocardial infarction, peripheral artery disease or aortic plaque (definition of 2010)", "union": ["myocardial-infarction", "peripheral-artery-disease", "aortic-plaque"]},
    {"id": "vascular-disease-2024", "title": "Vascular disease: also coronary artery disease (definition of the ESC, 2024)", "union": ["vascular-disease", "coronary-artery-disease"]},
    condition("chronic-kidney-disease", "Chronic kidney disease",
        r"chronic (?:kidney|renal) (?:disease|failure|insuff|impair)|\bCKD\b|end.?stage (?:renal|kidney)|chronic (?:glomerulo)?neph(?:ritis|ropathy)|chronic uraem|chronic uremi|kidney failure stage|\bESRD\b|\bESRF\b|diabetic nephropathy|nephropathy due to",
        unless=r"acute(?![ -]on[ -]chronic)|no chronic|history|h/o|donor|fistula|access|graft|dialysis (?:start|stop)|pre-?end|predict|pregnan|stage 0|filtration rate (?:using|calculated)|Epidemiology Collab",
        whole=["2.16.840.1.113883.3.526.3.353"], lists=["nhsd-primary-care-domain-refsets-ckd_cod", "opensafely-chronic-kidney-disease-snomed"],
        icd10=["N18", "I12.0", "I13.1", "I13.2", "E08.22", "E09.22", "E10.22", "E11.22", "E13.22", "Z99.2"], icd9=["585", "403", "404", "V45.11"]),
    condition("dialysis", "Dialysis, as condition or procedure",
        r"dialys|h(?:ae|e)modiafiltration|h(?:ae|e)mofiltration|\bCAPD\b|\bCCPD\b|\bAPD\b.*perit|artificial kidney",
        unless=r"retina|sterile|failure of ster|ligation|prepar|effluent|anaphyl|stenosis|thrombosis|occlusion|h(?:a)?emorrhag|care plan|care assess|care management|findings? of|dialysis finding|h(?:a)?emodialysis finding|gout|anastom|catheteri|management of|associated|pseudoporph|acidosis|calc(?:a)?emia|megaloblast|admission|inadequate|underdialys|hypoxia|perfusion|accidental|stone|hyperchlor|history|dialysate|fluid|catheter(?!ization)|shunt|fistula|graft for|removal|insertion|access|peritonitis|infection|complication|diet|acquired cystic|dementia|disequil|equipment|device|solution|training|education|stopped|discontinu|transfer|planning|test|poisoning|drug|liver|hepatic|amyloid|arthropathy|osteo|failed|problem|leak|mechanical|non-?compl|waiting|pre-?dialysis|indication|disorder (?:of|due to)|cramp|hypotension|syndrome|haematocrit|adequacy|weight|unit\b|mental|neuro|tube|site|cannula|line|wash|nocturnal enuresis|aluminium|sclerosing|urea red|kt/v|machine|tolerance|exit|hernia|rupture|after|following|vascular|sequestr|paraquat|not yet|not on|equilibr",
        lists=["2.16.840.1.113883.3.464.1003.109.12.1013", "2.16.840.1.113762.1.4.1248.199", "2.16.840.1.113883.3.526.3.1083", "2.16.840.1.113883.3.526.3.1084", "opensafely-dialysis"], common=False,
        icd10=["Z49.1", "Z49.2", "Z49.31", "Z49.32", "Z99.2"], icd9=["V45.11", "V56.0", "V56.8"],
        asked={"icd10": ["N18.6", "Z49.0"], "icd9": ["585.6", "V56.1", "V56.2", "V56.3"]}),
    condition("kidney-transplant", "Kidney transplant",
        r"(?:kidney|renal|cadaver).*transplant|transplant\w* .*(?:kidney|renal)|renal allograft|kidney graft|kidney allograft",
        unless=r"structure of|entire|specimen|sample|adrenal|aberrant|European|discuss|donor|waiting|candidate|work-?up|suitab|assessment|pre-?transplant|living kidney transpl.*donat|biopsy|anti-?rej|(?<!trans)plan|nephrectomy of|unfit|not |transplant planned|pending|education|removal of ureter|recipient.*artery stenosis in|excision|explor|hypertension|perfusion|vascular anastom|scan|ultrasound|inspection|patient on",
        whole=["2.16.840.1.113883.3.464.1003.109.12.1012", "2.16.840.1.113883.3.464.1003.109.12.1029"], lists=["opensafely-kidney-transplant"],
        common=False, icd10=["Z94.0", "T86.1"], icd9=["V42.0", "996.81"]),
    condition("cirrhosis", "Cirrhosis of the liver", r"\bcirrho|hepatic sclerosis|end stage liver|decompensated liver",
        unless=r"non-?cirrh|without cirrh|lung|history|fetal|pulmon|primary biliary (?:cholang)?itis|early cirrhosis of lung|transplant",
        icd10=["K70.3", "K71.7", "K74.4", "K74.5", "K74.6", "P78.81"], icd9=["571.2", "571.5", "571.6"]),
    condition("ascites", "Ascites", r"ascites",
        unless=r"chyl|malignan|gelat|neoplas|cancer|without ascites|sampl|fluid|tap\b|drain|parac|culture|fet|newborn|shunt|examination|cytology|o/e - no|no ascites|specimen|microscop|analys|level|count|amylase|pseudo|tubercul|bile|urin|pancrea|hydrops",
        icd10=["R18", "K70.31", "K70.11", "K71.51"], icd9=["789.5"]),
    condition("hepatic-encephalopathy", "Hepatic encephalopathy", r"hepatic (?:encephalo|coma)|portal-?systemic encephalo|portosystemic encephalo|hepatocerebral|(?:hepatitis|liver failure|hepatic failure|cirrhosis|liver disease).* with (?:hepatic )?coma|encephalopathy.*(?:hepatic|liver)|liver coma|hepatic pre-?coma",
        unless=r"without|wilson|degenerat|amoebic|bilirubin", icd10=["K76.82", "K70.41", "K71.11", "K72.01", "K72.11", "K72.91"], icd9=["572.2", "070.0", "070.2", "070.4", "070.6"]),
    {"id": "liver-disease-abnormal", "title": "Chronic hepatic disease (HAS-BLED): cirrhosis, with its consequences", "union": ["cirrhosis", "hepatic-encephalopathy"], "extra": condition("x", "x",
        r"portal hypertension|(?:o?esophageal|gastric) varic|hepatorenal|hepatopulmonary|chronic (?:liver|hepatic) failure|primary biliary (?:cirrhosis|cholangitis)",
        unless=r"pulmon(?!ary syndrome)|bands?|ligat|inject|sclerother|transection|pre-?hepatic|idiopathic|schisto|arthrogryp|antiretro|delivery|procedure|history|operation",
        icd10=["K72.1", "K74.3", "K76.6", "K76.7", "K76.81", "I85", "I98.2", "I98.3", "I86.4"], icd9=["572.3", "572.4", "456.0", "456.1", "456.2"])},
    analyte("creatinine", "Creatinine in serum, plasma or blood", short(r"Creat", r"^Creatinine \[(?:Mass|Moles|Mass or Moles)/volume\] in (?:Serum|Blood|Arterial|Venous|Capillary|Mixed|Serum, Plasma)"), unless=r"post dialysis|(?-i:^Creatinine level)|pre contrast|clearance|urine", lists=["ukrr-creatinine-tests-level", "user-bangzheng-creatinine-value"]),
    analyte("bilirubin-total", "Bilirubin, total, in serum, plasma or blood", short(r"Bilirub", r"^Bilirubin\.total \[(?:Mass|Moles|Mass or Moles)/volume\] in (?:Serum|Blood|Arterial|Venous|Capillary)"), unless=r"urine"),
    analyte("inr", "INR", r"^INR in"),
    analyte("blood-pressure-systolic", "Systolic blood pressure", r"^Systolic blood pressure", unless=r"standing|encounter|ambulatory|24 ?h|home|maximum|minimum|\bmax\b|\bmin\b|interval|average day|average night|ave (?:day|night|24)|baseline|central|centrl|standing|self reported|^invasive|neonat|exercise", snomed=r"^(?:(?:Lying|Non-invasive|Sitting) )?Systolic (?:blood|arterial) pressure(?: \(observable entity\))?$"),
    condition("diabetes-type-1", "Diabetes mellitus, type 1",
        r"type (?:1|I|IA|IB) diabetes|diabetes mellitus,? type (?:1|I)\b|type 1 diabetic|\bT1DM\b|insulin.dependent diabetes|insulin dependent diab|diabetes.*type (?:1|I)\b|juvenile diabetes|\bIDDM\b|diab.*type 1",
        unless=r"non.?insulin|type (?:2|II)\b|gestational|pregnan|maturity onset|history|mother|father|monitor|obstetric|regime|procedure|visit|check|drug-induced|secretory|\bNIDDM\b",
        lists=["user-hjforbes-type-1-diabetes", "opensafely-type-1-diabetes"], icd10=["E10"], icd9=["250.01", "250.03", "250.11", "250.13", "250.21", "250.23", "250.31", "250.33", "250.41", "250.43", "250.51", "250.53", "250.61", "250.63", "250.71", "250.73", "250.81", "250.83", "250.91", "250.93"]),
    condition("diabetes-type-2", "Diabetes mellitus, type 2",
        r"type (?:2|II) diabetes|diabetes mellitus,? type (?:2|II)\b|type 2 diabetic|\bT2DM\b|non.?insulin.dependent diab|diabetes.*type (?:2|II)\b|adult.onset diabetes|maturity onset diabetes(?! (?:of|in) (?:the )?young)|\bNIDDM\b|insulin treated type 2|diab.*type 2",
        unless=r"type (?:1|I)\b|gestational|pregnan|of (?:the )?young|\bMODY\b|history|mother|father|monitor|obstetric|regime|procedure|visit|check",
        lists=["user-hjforbes-type-2-diabetes", "opensafely-type-2-diabetes"], icd10=["E11"], icd9=["250.00", "250.02", "250.10", "250.12", "250.20", "250.22", "250.30", "250.32", "250.40", "250.42", "250.50", "250.52", "250.60", "250.62", "250.70", "250.72", "250.80", "250.82", "250.90", "250.92"]),
    condition("hypertrophic-cardiomyopathy", "Hypertrophic cardiomyopathy",
        r"hypertrophic (?:obstructive |non-?obstructive )?(?:cardiomyopath|subaortic)|\bHOCM\b|\bHCM\b|asymmetric septal hypertrophy|obstructive cardiomyopathy|hypertrophic cardiomyopathy",
        unless=r"secondary|hypertensive|infant|deafness|congestive obstructive|family", icd10=["I42.1", "I42.2"], icd9=["425.11", "425.18"]),
    condition("cardiac-amyloidosis", "Cardiac amyloidosis", r"amyloid.*(?:heart|cardi)|(?:heart|cardi).*amyloid",
        unless=r"valve only", asked={"icd10": ["E85.4"]}),
    condition("mitral-stenosis-moderate-severe-or-mechanical-valve", "Mitral stenosis that is moderate or severe, or mechanical heart valve",
        r"mitral (?:valve )?stenosis|(?:mechanical|metallic|starr|bjork|st\.? jude|prosthetic|artificial) .*(?:heart|mitral|aortic|cardiac) valve|(?:mitral|aortic|heart) valve.*(?:mechanical|prosthe)|mechanical prosthe.*valve|rheumatic mitral (?:valve )?(?:stenosis|obstruct)|mitral valve obstruction|(?:ball|disc) valve (?:aortic|mitral) valve replac",
        unless=r"mild|bioprosthe|porcine|xenograft|tissue|homograft|congenital(?! mitral)|biological|endocarditis|thrombosis|infection|leak|haemolysis|valvotomy|operation|complication|mechanical complication|nomitral|\baortic valve sclerosis|para-?valvular|supra|carpentier|repair with prosth|repair of .*valve|pulmonary valve|grafting of|transapical|translum|resuture|chordae|reinsert|poppet|fallot|truncal|tricuspid|(?:implantation|replacement) of (?:heart|aortic|mitral) valve|prosthesis or synthetic|prosthetic replacement of heart|(?:aortic|mitral) valve prosthesis$|^prosthetic (?:aortic|mitral) valve$",
        allow=["procedure|"], told=r"moderate|severe|mechanical|metallic|starr|bjork|st\.? ?jude|\bball\b|\bdisc\b|leaflet prosth", adds={"snomed": ["232773001"]}, sources=[ALI], asked={"snomed": ["79619009"], "readv2": ["7910.", "7911."], "icd10": ["I05.0", "I05.2", "I34.2", "Z95.2"], "icd9": ["394.0", "394.2", "V43.3"]}),
    condition("bleeding", "Major bleeding: gastrointestinal, intracranial or other, also former",
        r"(?:gastro-?intestinal|gastric|duodenal|intestinal|rectal|colonic|o?esophageal|peptic|stomach|intracranial|intracerebral|subarachnoid|subdural|extradural|epidural|cerebral|cerebellar|retroperitoneal|intraperitoneal|brain ?stem|intraventricular|pontine|intraocular|vitreous|spinal|variceal|intra-?articular|pericardial|muscle|upper GI|lower GI|\bGI\b|diverticul\w*|anastomotic) .*(?:haemorrhag|hemorrhag|bleed|haematoma|hematoma)"
        r"|(?:haemorrhag|hemorrhag|bleed\w*)(?: of| from| due to|ing)? .*(?:gastro|intestin|rectum|colon|stomach|duoden|o?esophag|ulcer|brain|cerebr|intracran|varic|gut|bowel|anus|diverticul)|melaena|melena|haematemesis|hematemesis|h(?:a)?emopericardium|h(?:a)?emarthrosis|h(?:a)?emothorax|h(?:a)?emoperitoneum|(?:ulcer|gastritis|varices|angiodysplasia|diverticul\w+|duodenitis).*(?:with|and|\+) (?:acute |chronic )?(?:haemorrhag|hemorrhag|bleed)|bleeding (?:peptic|gastric|duodenal|o?esophageal|stomach|ulcer|varic)|major bleed|haemorrhagic stroke|hemorrhagic stroke|h(?:a)?emorrhagic shock|h(?:a)?emoptysis|massive bleed",
        unless=r"glaucoma|without bleeding|(?<!non)(?<!non-)trauma|injur|fracture|open wound|loss of consc|\bLOC\b|without (?:mention of )?h(?:a)?emorrh|without h(?:a)?em|no h(?:a)?em|neonat|newborn|birth|pregnan|obstetric|postpartum|antepartum|puerper|abortion|miscarr|fet|menstr|uter|vagin|ovar|occult|h(?:a)?emorrhagic fever|conjunctiv|subconj|nail|umbilical|threatened|h(?:a)?emorrhagic disease|viral|dengue|gingiv|subchorion|wound|injection|ligat|concuss|laceration|contusion|implantation|not bleeding|nonbleeding|unruptured|strangulat|perineal|corpus luteum|prolapse|vulva|prostat|scrot|hereditary|congenital|repair|ectopic|preterm|germinal|dermat|purpura|perforation (?:without|only)|endoscop|drainage|evacuation|aspiration|h(?:a)?emorrhoid.*without|tooth|dental|delivery|placent|molar",
        lists=["2.16.840.1.113883.3.3157.4036", "valueset-Hx-UGIB-snomed"], adds={"snomed": ["49422009", "52201006", "732923001"]}, sources=[CCU],
        minor=r"\brect(?:um|al)\b|h(?:a)?emarthr|intra-?articular|vitreous|intraocular|h(?:a)?emoptysis|\banus\b|\banal\b|\bjoint\b", asked={"icd10": ["H43.1", "K62.5", "M25.0", "R04.2"], "icd9": ["379.23", "569.3", "719.1", "786.3"]},
        icd10=["I60", "I61", "I62", "I85.01", "I85.11", "I98.3", "K22.6", "K25.0", "K25.2", "K25.4", "K25.6", "K26.0", "K26.2", "K26.4", "K26.6", "K27.0", "K27.2", "K27.4", "K27.6", "K28.0", "K28.2", "K28.4", "K28.6", "K29.01", "K31.811", "K55.21", "K57.01", "K57.11", "K57.13", "K57.21", "K57.31", "K57.33", "K57.41", "K57.51", "K57.53", "K57.81", "K57.91", "K57.93", "K66.1", "K92.0", "K92.1", "K92.2", "I31.2", "J94.2", "I69.0", "I69.1", "I69.2"],
        icd9=["430", "431", "432", "456.0", "530.7", "530.82", "531.0", "531.2", "531.4", "531.6", "532.0", "532.2", "532.4", "532.6", "533.0", "533.2", "533.4", "533.6", "534.0", "534.2", "534.4", "534.6", "578", "423.0"]),
    condition("anaemia", "Anaemia",
        r"an(?:a)?emi(?:a|c)\b|iron deficiency an|thalass(?:a)?emia|sickle.?cell (?:an|disease|dis)|haemoglobin low|pancytop(?:a)?enia|myelodysplastic|h(?:a)?emolytic",
        unless=r"pregnan|puerper|neonat|newborn|fet|trait|maternal|obstetric|h(?:a)?emolytic ur(?:a)?emic|h(?:a)?emolytic disease of|not an(?:a)?em|postpartum|childbirth|history|h/o|carrier|cattle|resolved|h(?:a)?emolytic (?:streptoc|transfus|jaundice of|staph)|streptoc|hydrops|ischemi|isch(?:a)?emi|test|iron therapy|infantile pseudo|leuk(?:a)?emia|without an(?:a)?em|prior|crossmatch|hyper.*aemia|beta-h(?:a)?emolytic",
        snomed=["128846006", "128847002", "128848007"], adds={"snomed": ["271737000"]}, sources=[SYNTHEA], icd10=["D50", "D51", "D52", "D53", "D55", "D56.0", "D56.1", "D56.2", "D57.0", "D57.1", "D57.2", "D58", "D59", "D60", "D61", "D62", "D63", "D64", "D46"], icd9=["280", "281", "282.0", "282.2", "282.6", "283", "284", "285", "238.72", "238.73", "238.74", "238.75"]),
    condition("bleeding-disorder", "Bleeding disorder: coagulation defect or low platelets", adds={"snomed": ["278365007"]}, sources=[SYNTHEA], find=
        r"h(?:a)?emophilia|von willebrand|factor (?:II|V|VII|VIII|IX|X|XI|XII|XIII)\b.*defici|coagul(?:ation|opath).*(?:defect|disorder|defic)|coagulopathy|thrombocytop(?:a)?eni|(?:h(?:a)?emorrhagic|bleeding) (?:diathesis|disorder)|clotting factor defic|platelet (?:function|dysfunction|defect)|thrombasthen|bernard|fibrinogen(?:a)?emia|fibrinogen deficiency|defibrination|disseminated intravascular|idiopathic thrombocytop(?:a)?enic|\bITP\b|afibrinogen|thrombocytopathy|hypoprothromb|vitamin K deficiency|storage pool|anticoagulant-induced (?:bleed|h(?:a)?em)",
        unless=r"thrombophil|neonat|newborn|pregnan|obstetric|carrier|Leiden|maternal|postpartum|abortion|puerper|hypercoag|without|delivery|miscarr|h(?:a)?emophilia B carrier|fet|history|donor|radial|absent radi|factor V (?:leiden|R506Q)|ectopic|termination|molar|antibody|arthropathy only",
        icd10=["D65", "D66", "D67", "D68.0", "D68.1", "D68.2", "D68.3", "D68.4", "D68.8", "D68.9", "D69.1", "D69.3", "D69.4", "D69.5", "D69.6", "D69.8", "D69.9"], icd9=["286.0", "286.1", "286.2", "286.3", "286.4", "286.5", "286.6", "286.7", "286.9", "287.1", "287.3", "287.4", "287.5"]),
    {"id": "major-bleeding", "title": "Major bleeding before, or a predisposition to it (HAS-BLED)", "union": ["bleeding", "anaemia", "bleeding-disorder"]},
    condition("deep-vein-thrombosis", "Deep vein thrombosis",
        r"deep (?:vein|venous) (?:thromb|phleb)|\bDVT\b|thrombo(?:sis|phlebitis|embol\w*) .*(?:deep|femoral|iliac|popliteal|tibial|peroneal|axillary|subclavian) .*vein|(?:femoral|iliac|popliteal|tibial|iliofemoral|axillary|subclavian|peroneal) vein thromb|(?:thromb|phlebothromb).*(?:vena cava|deep vein|iliac vein|lower limb|lower extrem|leg)|(?:venous|vein) thrombo(?:sis|embolism) .*(?:leg|limb|extrem)|(?:acute|chronic) .*thrombosis of .*vein|phlebothrombosis|post-?thrombotic|phlebitis.*(?:deep|femoral|iliac|popliteal|tibial)",
        unless=r"superficial|history|h/o|\bHO\b|personal|previous|past|artery|arterial|portal|hepatic|retinal|cerebral|renal vein|mesenteric|pregnan|puerper|obstetric|jugular|saphenous|sinus|prophyl|prevent|postpartum|penis|splenic|adrenal|ovarian|graft|abortion|delivery|pulmonary|basilic|cephalic|filter|budd|digital|thoracic vein|septic embol|spinal|haemorrhoid|vulv|breast|doppler|no deep|umbilical|chest wall",
        ctv3=["XE0XS"], icd10=["I80.1", "I80.2", "I82.22", "I82.4", "I82.5", "I82.A", "I82.B", "I82.62", "I82.72", "I80.3"], icd9=["451.1", "451.2", "451.81", "453.2", "453.4", "453.5", "453.82"], drop=[]),
    condition("pulmonary-embolism", "Pulmonary embolism",
        r"pulmonary (?:thrombo)?embol|pulmonary artery (?:thromb|embol)|pulmonary infarct|lung embol|infarct(?:ion)? of lung|embol.*pulmonary arter|thromboembol.*pulmonary|saddle embol.*pulmonary|\bPE\b.*pulmonary",
        unless=r"history|h/o|personal|previous|past|fat |air |amniotic|pregnan|puerper|obstetric|postpartum|septic|abortion|miscarr|prophyl|prevent|delivery|embolectomy|tumou?r|cement|foreign|aneurysm|ectopic|molar|termination|hypertension (?!due to)|bullet|congenital|chemoembol|no pulm|embolisation|embolization",
        icd10=["I26"], icd9=["415.1"]),
    condition("deep-vein-thrombosis-history", "Deep vein thrombosis in the past", r"(?:history|h/o|\bHO\b|personal history|previous|past).*(?:deep vein|deep venous|\bDVT\b|venous thrombo(?:sis|embol)|thrombophlebitis|vein thromb)",
        unless=r"superficial|pulmonary|cerebral|portal|thrombophlebitis$", systems=("snomed", "readv2", "ctv3"), icd10=["Z86.718"], asked={"icd9": ["V12.51"]}),
    condition("pulmonary-embolism-history", "Pulmonary embolism in the past", r"(?:history|h/o|\bHO\b|personal history|previous|past).*(?:pulmonary (?:thrombo)?embol|\bPE\b)", unless=r"air|fat",
        icd10=["Z86.711"], icd9=["V12.55"]),
    {"id": "venous-thromboembolism", "title": "Venous thromboembolism", "union": ["deep-vein-thrombosis", "pulmonary-embolism"], "extra": condition("x", "x", r"venous (?:thrombo)?embol|\bVTE\b|thromboembolic disorder", unless=r"history|h/o|personal|pregnan|puerper|obstetric|prophyl|prevent|superficial|delivery|portal|postpartum|abortion|retinal|cerebral|renal|past|previous|assess")},
    {"id": "venous-thromboembolism-history", "title": "Venous thromboembolism in the past", "union": ["deep-vein-thrombosis-history", "pulmonary-embolism-history"], "extra": condition("x", "x", r"(?:history|h/o|personal history|previous|past).*(?:thromboembol|venous thromb|\bVTE\b|blood clot)", unless="arterial|cerebral|systemic embol", drop=["266996004"], icd9=["V12.51"])},
    condition("active-cancer", "Cancer: malignant neoplasm (whether it is active is asked)",
        r"(?:malignant|carcinoma|sarcoma|lymphoma|leuk(?:a)?emia|melanoma|myeloma|\bcancer\b|metasta|blastoma\b|mesothelioma|neoplasm of uncertain.*malig|hodgkin|seminoma|glioma|astrocytoma|adenocarcin|plasmacytoma|waldenstr|polycyth(?:a)?emia vera|myelofibrosis)",
        unless=r"history|h/o|\bHO\b|personal|past|in situ|in-situ|\bbenign|melanoma in situ|actinic|non-?malignant|malignant (?:hypert|hyperth|otitis|edema|oedema|essential|renal|syndrome|nephro|rheum|neuroleptic|secondary hypert|pustul|jaundice|exophthal|ascites due to non)|malignant hypertensive|hypertensive|cervical smear|no evidence|pre-?malignant|cancer antigen|marker|remission|fibrosarcoma of animal|hyperpyrexia|basal cell (?:papilloma)|neuroblastoma in fam|carcinoid heart|sarcomatoid arthr|stage 0|intraepithelial|procedure|excision|biopsy|suspicion|anxiety|phobia|donor|fast track|two week|keratoacanthoma|lentigo|chemotherapy|radiotherapy|regime|receptor|treatment started|cure|specialist|support",
        whole=["2.16.840.1.113883.3.526.2.1079", "2.16.840.1.113883.3.464.1003.1194"], icd10=["C00", "C01", "C02", "C03", "C04", "C05", "C06", "C07", "C08", "C09"] + [f"C{n}" for n in (*range(10, 27), *range(30, 35), *range(37, 42), 43, *range(45, 59), *range(60, 86), 88, *range(90, 98))] + ["C4A", "C7A", "C7B", "C86", "C96", "D45", "D47.3", "D47.1"],
        icd9=[str(n) for n in (*range(140, 166), *range(170, 173), *range(174, 177), *range(179, 209))] + ["209.0", "209.1", "209.2", "209.3", "209.7", "238.4"]),
    condition("copd", "Chronic obstructive pulmonary disease",
        r"chronic obstructive (?:pulmonary|airway|lung|bronch)|\bCOPD\b|\bCOAD\b|emphysema|chronic bronchitis|chronic obstructive.*bronch|chr(?:onic)? obstruct|\bGOLD\b.*obstruct",
        unless=r"subcutaneous|surgical|orbit|mediastin|interstitial emphys|congenital lobar|compensatory|traumatic|history|h/o|eyelid|gangren|cholecyst|pyelon|cystitis|neonat|emphysematous (?:chole|pyel|cyst|vag|gastr)|laryng|rescue pack|monitor|self|multidiscip|plan|leaflet|support|has|medication|health|check|follow|health utilities|\bquestion|disturbs|limits|dressing|walk|exercise|visit|accident|emergency|admission|pulmonary rehab|interleukin|procedure|does not|never|frequency|of tissue|due to procedure|steroid|spirometry|retina|clinical",
        lists=["nhsd-primary-care-domain-refsets-copd_cod"], icd10=["J41", "J42", "J43", "J44"], icd9=["491", "492", "496"]),
    condition("asthma", "Asthma", r"asthma",
        unless=r"cardiac|history|h/o|\bHO\b|no asthma|not asthma|trigger|monitor|check|plan|severity|inhaler|medicat|limits|disturb|night|daytime|exercise limits|control(?:led)? step|attend|visit|emergency|admission|hospital|absence|school|management|never|frequency|causing|limiting|cough|spacer|device|symptom|restrict|disturbing|using|peak|test|society|follow|currently dormant|nurse|quality|compliance|outreach|treatment|percentage|daily|week|month|year|number|prednisolone|personalised|therapy|walking|housework|sleep|work|work aggravated only|step \d|confirmed by|probability|diagnostic|outcome|record|telephone|health|date|reverse|dis(?:charg)|oral steroid|contact",
        whole=["2.16.840.1.113883.3.526.3.362"], icd10=["J45", "J46"], icd9=["493"]),
    condition("smoking-current", "Smokes tobacco now",
        r"(?:current|heavy|light|moderate|very heavy|trivial|occasional|daily|every day|some day|cigar(?:ette)?|pipe|chain|rolls own|tobacco) .*smok|smokes? (?:tobacco|cig|pipe|drugs)|smoker\b|tobacco (?:use disorder|depend|user)|nicotine depend|smoking (?:started|restarted)|keeps trying to stop smoking|tries to stop|chews tobacco.*NOT",
        unless=r"trigger|smoking behavior|smoking consumption|ex-?|never|non-?smok|former|stopped|past|passive|not (?:a )?(?:current )?smok|does not|date|age|interest|unknown|status|consumption unknown|history|h/o|second.?hand|remission|quit|previous|vap|electronic|household|exposed|partner|wife|husband|smokeless|snuff|chew|smoking cessation (?:drug|adv)|cessation|never smoked|withdrawal|cough|lung|bronch|declin|thinking|smoke free|mother|during pregnancy$|food|house|free|unknown if|detector|no longer|amount|drug|cannabis|smoke inhal|carbon|preparation|smoker in",
        lists=["2.16.840.1.113883.3.600.2390"], icd10=["F17.1", "F17.200", "F17.203", "F17.208", "F17.209", "F17.210", "F17.213", "F17.218", "F17.219", "F17.290", "F17.293", "F17.298", "F17.299", "Z72.0"], icd9=["305.1"], drop=["8517006"], adds={"loinc": ["LA18976-3", "LA18977-1", "LA18981-3", "LA18982-1"]}, sources=[IPS]),
    condition("smoking-former", "Smoked tobacco in the past",
        r"ex-?(?:\w+ )?(?:cigarette |cigar |pipe |tobacco |trivial |light |moderate |heavy |very heavy )?smok|ex-.*smok|former.*smok|stopped smoking|ex.?smoker|ceased smoking|smoking cessation milestone achieved|recently stopped|quit smoking",
        unless=r"passive|never|keeps|trying|wants|thinking|exposed|partner|mother|expos|expect|extrem|examin|explain|date|pack years|drug|cannabis|vap|snuff|chew|excess|household|(?<!amount )unknown", icd10=["Z87.891"], icd9=["V15.82"], adds={"loinc": ["LA15920-4"]}, sources=[IPS]),
    condition("smoking-never", "Never smoked tobacco", r"never smok|non-?smoker|never (?:a )?smoker|lifetime non|never used tobacco|current non-?smoker.*never|nonsmoker",
        unless=r"passive|current(?:ly)? non|ex-|but|past history unknown|exposed|household|chew|snuff", adds={"loinc": ["LA18978-9"]}, sources=[IPS]),
    condition("alcohol-excess", "Harmful or hazardous use of alcohol, or dependence",
        r"alcohol(?:ic)? (?:depend|abuse|misuse|problem|addict|intoxic.*chronic|withdrawal|hallucin|psychosis|deliri|amnes|use disorder)|alcoholi(?:sm|c)\b|(?:harmful|hazardous|heavy|excess|problem|binge|very heavy|higher risk|increasing risk).*(?:alcohol|drink)|drinks? (?:heavily|in morning|alcohol excess)|heavy drinker|chronic alcohol|korsakoff|wernicke|delirium tremens|(?:alcohol consumption|units).*(?:above|exceed|excess)|nondependent alcohol|binge drink|alcohol-?induced (?:psych|persist|amnes|dement|mood|anx)",
        unless=r"history|h/o|\bHO\b|family|fet|foet|mother|pregnan|non-?alcoholic|not alcohol|no (?:alcohol|h)|ex-|abstin|remission|aversion|alcoholic (?:drink (?:intake )?(?:unknown|screen)|beverage)|non-?drinker|previous|stopped|test|advised|child of|parent|current(?:ly)? teetotal|ketoacid.*diab|swab|rub|allergy|sober|detoxification (?:center|service)|caffeine|cessation|caregiver|questionnaire|smell|victim|cardiomyopath|problem drug|toxic effect|isopropyl|methyl|wood alcohol|benzyl|enquiry",
        snomed=["198421000000108", "198431000000105"], icd10=["F10.10", "F10.12", "F10.13", "F10.14", "F10.15", "F10.18", "F10.19", "F10.22", "F10.24", "F10.25", "F10.26", "F10.27", "F10.28", "F10.29", "F10.3", "F10.4", "F10.5", "Z72.1"], icd9=["291", "303.00", "303.01", "303.02", "303.90", "303.91", "303.92", "305.00", "305.01", "305.02"]),
    condition("family-history-diabetes", "Diabetes in the family", r"family history.*diabet|\bFH\b.*diabet|fh:.*diabet", unless=r"no (?:family|FH)|insipidus|gestational", common=False, icd10=["Z83.3"], icd9=["V18.0"]),
    analyte("ejection-fraction", "Left ventricular ejection fraction", r"^Left ventricular Ejection fraction", unless="limit|Fetal"),
    {"id": "reduced-ejection-fraction", "title": "Left ventricular ejection fraction (observations; the limit stands in the protocol)", "union": ["ejection-fraction"]},
    analyte("albumin-serum", "Albumin in serum, plasma or blood", short(r"Albumin(?: SerPl BC[GP])?", r"^Albumin \[(?:Mass|Moles|Mass or Moles)/volume\] in (?:Serum|Blood)")),
    analyte("sodium", "Sodium in serum, plasma or blood", short(r"Sodium", r"^Sodium \[Moles/volume\] in (?:Serum|Blood|Arterial|Venous|Mixed|Capillary)"), unless=r"post dialysis|^Sodium level", lists=["opensafely-sodium-tests-numerical-value"]),
    analyte("potassium", "Potassium in serum, plasma or blood", short(r"Potassium", r"^Potassium \[Moles/volume\] in (?:Serum|Blood|Arterial|Venous|Mixed|Capillary)"), unless=r"post dialysis|^Potassium level"),
    analyte("urea", "Urea (the whole molecule) in serum, plasma or blood", short(r"Urea", r"^Urea \[(?:Mass|Moles)/volume\] in (?:Serum|Blood|Venous|Arterial)"), unless=r"post dialysis|renal function NOS|^Urea - blood"),
    analyte("urea-nitrogen", "Urea nitrogen in serum, plasma or blood", short(r"BUN", r"^Urea nitrogen \[(?:Mass|Moles|Mass or Moles)/volume\] in (?:Serum|Blood|Venous|Arterial|Peripheral)"), unless="post dialysis"),
    analyte("glucose-fasting", "Fasting glucose in serum, plasma or blood", short(r"Glucose (?:p|pre) (?:\d+H )?fast", r"^Fasting glucose \[")),
    analyte("hba1c", "HbA1c (share or mmol/mol)", r"^Hemoglobin A1c/Hemoglobin.total in (?:Blood|DBS)", lists=["opensafely-glycated-haemoglobin-hba1c-tests-numerical-value"]),
    analyte("cholesterol-total", "Cholesterol, total", short(r"Cholest", r"^Cholesterol \[(?:Mass|Moles)/volume\] in Serum"), unless=r"ratio|HDL|LDL|Cholesterol in|lipoprotein|non-|screen|lipid", lists=["opensafely-cholesterol-tests-numerical-value", "opensafely-cholesterol-tests"]),
    analyte("cholesterol-hdl", "HDL cholesterol", short(r"HDLc", r"^Cholesterol in HDL \[(?:Mass|Moles)/volume\] in (?:Serum|DBS)"), unless=r"ratio", lists=["bristol-hdl-cholesterol"]),
    analyte("cholesterol-ldl", "LDL cholesterol", short(r"LDLc(?: SerPl (?:Calc|Direct))?", r"^Cholesterol in LDL \[(?:Mass|Moles)/volume\] in (?:Serum|DBS)"), unless=r"ratio"),
    analyte("triglycerides", "Triglycerides in serum, plasma or blood", short(r"Trigl(?: p (?:12H )?fast)?", r"^Triglyceride \[(?:Mass|Moles)/volume\] in (?:Serum|Blood)")),
    analyte("egfr", "Estimated glomerular filtration rate", r"^Glomerular filtration rate(?:/1.73 sq M.predicted)? .*\[Volume Rate/Area\]", unless=r"among|Schwartz|Cockcroft|clearance|technique|^With |African|black|pentaacetic", lists=["ukrr-egfr-tests-level"], loinc=["50044-7"]),
    analyte("urine-albumin-creatinine-ratio", "Albumin/creatinine in urine (mass or molar: the unit tells)", r"^(?:Micro)?albumin/Creatinine \[(?:Mass Ratio|Molar ratio|Ratio)\] in .*Urine", unless=r"semi-?quant", lists=["ukrr-albumincreatinine-ratio-acr-tests-level"]),
    analyte("ast", "Aspartate aminotransferase", short(r"AST(?: SerPl w(?:/o)? P-5'-P)?", r"^Aspartate aminotransferase \[Enzymatic")),
    analyte("alt", "Alanine aminotransferase", short(r"ALT(?: SerPl w(?:/o)? P-5'-P)?", r"^Alanine aminotransferase \[Enzymatic"), unless=r"Liver enzymes", lists=["opensafely-alanine-aminotransferase-alt-tests-numerical-value"]),
    analyte("platelets", "Platelets in blood", r"^Platelets \[#/volume\] in (?:Blood|Plasma)"),
    analyte("troponin", "Cardiac troponin I or T", r"^Troponin [IT]\.cardiac \[(?:Mass|Moles)/volume\] in", loinc=["42757-5", "48425-3", "49563-0"]),
    analyte("haemoglobin", "Haemoglobin in blood", short(r"Hgb(?: Bld[AV]? (?:Calc|Oximetry))?", r"^Hemoglobin \[(?:Mass|Moles)/volume\] in (?:Blood|Arterial|Venous|Mixed|Capillary|Central)"), unless=r"phlebotomy"),
    analyte("psa", "Prostate specific antigen, total", r"^Prostate specific Ag \[(?:Mass|Units)/volume\] in Serum", lists=["opensafely-psa-numeric-value"]),
    analyte("blood-pressure-diastolic", "Diastolic blood pressure", r"^Diastolic blood pressure", unless=r"standing|encounter|ambulatory|24 ?h|home|maximum|minimum|\bmax\b|\bmin\b|interval|average day|average night|ave (?:day|night|24)|baseline|central|centrl|standing|self reported|^invasive|neonat|exercise", loinc=["8453-3", "8455-8"], snomed=r"^(?:(?:Lying|Non-invasive|Sitting) )?Diastolic (?:blood|arterial) pressure(?: \(observable entity\))?$"),
    analyte("heart-rate", "Heart rate", r"^Heart rate(?: --(?:supine|sitting|resting))?$", snomed=r"^Heart rate(?: \(observable entity\))?$", adds={"loinc": ["8891-4"]}, sources=[LHC]),
    analyte("respiratory-rate", "Respiratory rate", r"^Respiratory rate$|^Respiratory rate by", snomed=r"^Respiratory rate(?: \(observable entity\))?$|^Rate of spontaneous respiration|^Total breath rate$"),
    analyte("oxygen-saturation", "Oxygen saturation of arterial blood or by pulse oximetry", r"Oxygen saturation in Arterial blood|^Arterial Oxygen saturation|^Oxygen saturation in (?:Capillary|Blood$)", unless="exercise|anesthesia|bronchodil|physio|pre treatment", snomed=r"^Arterial oxygen saturation|^Peripheral (?:blood )?oxygen saturation(?: on room air at rest)?(?: \(observable entity\))?$"),
    analyte("body-temperature", "Body temperature", r"^Body temperature(?: - (?:Core|Urinary bladder|Temporal artery|Rectal|Oral|Axillary|Tympanic.*|Ear))?$", loinc=["8328-7", "8331-1", "8332-9", "8333-7"], snomed=r"^Body temperature \(observable|^(?:Estimated c|C)ore body temperature"),
    analyte("body-weight", "Body weight", r"^Body weight(?:$| Measured(?:$| --with| --without)| Stated)", unless=r"finding|O/E|[Oo]n examination|general|reported|measures of|measuring|ideal", lists=["opensafely-weight-snomed"], snomed=r"^Body weight(?: \(observable entity\))?$"),
    analyte("body-height", "Body height", r"^Body height(?:$| Measured| --lying| --standing)", unless=r"finding|O/E|[Oo]n examination|general|reported|measures of|measuring|peak", lists=["opensafely-height-snomed"], snomed=r"^Body height(?: \(observable entity\))?$"),
    analyte("body-mass-index", "Body mass index", r"^Body mass index \(BMI\) \[Ratio\]$", unless=r"finding|baseline"),
    analyte("glasgow-coma-scale", "Glasgow coma scale, total", r"^Glasgow coma score total", snomed=r"^Glasgow coma score \(observable"),
    analyte("waist-circumference", "Waist circumference", r"^Waist Circumference", loinc=["56115-9"]),
    analyte("left-ventricular-wall-thickness", "Thickness of the left ventricular wall at the end of diastole (septum or posterior wall: the greatest is asked)", r"^(?:Interventricular septum diastolic (?:dimension|thickness)|Left ventric(?:le|ular) posterior wall diastolic thickness)"),
    analyte("left-atrial-diameter", "Left atrial diameter, anteroposterior", r"^(?:Left Atrium Antero-posterior Systolic Dimension|Left atrial end systolic diameter \(AP\) (?:2D|MM)$)"),
    {"id": "lvot-gradient", "title": "Peak pressure gradient in the left ventricular outflow tract", "find": {}, "loinc": ["18064-6"], "common": False},
    {"id": "smoking-status", "title": "Tobacco smoking status (the question)", "find": {}, "loinc": ["72166-2"], "common": False},
    drugs("antiplatelets", "Antiplatelet medicines, acetylsalicylic acid in any dose",
        r"\baspirin\b|acetylsalicylic|clopidogrel|prasugrel|ticagrelor|ticlopidine|dipyridamole|cilostazol|vorapaxar|triflusal|cangrelor|abciximab|eptifibatide|tirofiban",
        unless=TOPICAL, adds={"rxnorm": ["2563431"]}, lists=["opensafely-antiplatelets", "opensafely-aspirin", "user-elsie_horne-antiplatelet_dmd", "valueset-aspirin"],
        atc=[f"B01AC{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 15, 16, 17, 18, 22, 23, 24, 25, 26, 30, 56)] + ["C07FX02", "C07FX03", "C07FX04", "C10BX01", "C10BX02", "C10BX04", "C10BX05", "C10BX06", "C10BX08", "C10BX12", "M01BA03", "N02AJ02", "N02AJ07", "N02AJ18", "N02BA01", "N02BA02", "N02BA15", "N02BA51", "N02BA65", "N02BA71"]),
    drugs("nsaids", "Non-steroidal anti-inflammatory drugs, taken by mouth, injected or as suppositories",
        r"ibuprofen|naproxen|diclofenac|ketoprofen|dexketoprofen|indomet(?:h)?acin|piroxicam|meloxicam|tenoxicam|lornoxicam|celecoxib|etoricoxib|parecoxib|rofecoxib|valdecoxib|etodolac|sulindac|ketorolac|nabumetone|oxaprozin|flurbiprofen|fenoprofen|mefenam|meclofenam|tolfenamic|tolmetin|diflunisal|salsalate|aceclofenac|nimesulide|phenylbutazone|dexibuprofen|tiaprofenic|fenbufen|acemetacin|niflumic",
        unless=TOPICAL, lists=["opensafely-nsaids-oral", "pincer-nsaid", "user-speed-vm-nsaids-dmd"] + [f"valueset-{n}" for n in ("celecoxib", "diclofenac", "diflunisal", "etodolac", "fenoprofen", "flurbiprofen", "ibuprofen", "indomethacin", "ketoprofen", "ketorolac", "mefenamate", "meloxicam", "nabumetone", "naproxen", "oxaprozin", "piroxicam", "sulindac", "tolmetin")],
        minus=[f"valueset-{n}-exclude" for n in ("diclofenac", "flurbiprofen", "ibuprofen", "ketoprofen", "ketorolac", "piroxicam")],
        atc=["M01AA", "M01AB", "M01AC", "M01AE", "M01AG", "M01AH", "M01AX01", "M01AX02", "M01AX04", "M01AX13", "M01AX17", "M01AX18", "M01AX22", "M01AX23", "M01AX68", "M01BA01", "N02AJ08", "N02AJ14", "N02AJ19", "N02BA06", "N02BA11"]),
    drugs("vitamin-k-antagonists", "Vitamin K antagonists", r"warfarin|phenprocoumon|acenocoumarol|phenindione|fluindione|dicoumarol|dicumarol|anisindione",
        lists=["opensafely-warfarin"], atc=["B01AA"]),
    drugs("oral-anticoagulants", "Anticoagulants taken by mouth", r"warfarin|phenprocoumon|acenocoumarol|phenindione|fluindione|dicumarol|anisindione|dabigatran|rivaroxaban|apixaban|edoxaban|betrixaban",
        lists=["opensafely-warfarin", "opensafely-direct-acting-oral-anticoagulants-doac"], atc=["B01AA", "B01AE05", "B01AE07", "B01AF"]),
    drugs("antihypertensives", "Medicines that lower blood pressure",
        r"\b(?:\w+pril(?:at)?|\w+sartan|amlodipine|nifedipine|felodipine|isradipine|nicardipine|nisoldipine|lercanidipine|diltiazem|verapamil|atenolol|metoprolol|bisoprolol|carvedilol|nebivolol|propranolol|nadolol|labetalol|acebutolol|betaxolol|pindolol|timolol|penbutolol|hydrochlorothiazide|chlorthalidone|chlorothiazide|indapamide|metolazone|bendroflumethiazide|methyclothiazide|furosemide|torsemide|bumetanide|spironolactone|eplerenone|amiloride|triamterene|aliskiren|clonidine|methyldopa|guanfacine|hydralazine|minoxidil|doxazosin|prazosin|terazosin|reserpine)\b",
        unless=TOPICAL, adds={"rxnorm": ["1435630", "1656346", "1656351", "1656356", "1744259", "1806890", "212388", "212389", "212390", "352001", "860518", "866429", "866438", "866516", "897685", "979466", "979470", "979473", "979487", "979494"]}, lists=["2.16.840.1.113883.3.600.1476", "2.16.840.1.113762.1.4.1248.164", "opensafely-ace-inhibitor-medications", "user-elsie_horne-hypertension_drugs_dmd"],
        atc=["C02A", "C02B", "C02C", "C02D", "C02L", "C02N", "C03A", "C03B", "C03C", "C03D", "C03E", "C07", "C08", "C09", "C10BX03", "C10BX07", "C10BX09", "C10BX10", "C10BX11", "C10BX13", "C10BX14", "C10BX15", "C10BX16", "C10BX17", "C10BX18"]),
    drugs("glucose-lowering-drugs", "Medicines that lower glucose", r"insulin|metformin|gl(?:i|y)(?:burid|picid|mepirid|clazid|benclamid)e|gliptin\b|gliflozin|glutide\b|exenatide|lixisenatide|tirzepatide|pioglitazone|rosiglitazone|repaglinide|nateglinide|acarbose|miglitol|tolbutamide|tolazamide|chlorpropamide|pramlintide",
        unless=r"test strip|needle|syringe|device|cream|antibod|measure", lists=["user-elsie_horne-diabetes_drugs_dmd", "opensafely-antidiabetic-drugs", "opensafely-insulin-medication"],
        atc=["A10A", "A10B"]),
    drugs("lipid-lowering-drugs", "Medicines that lower lipids", r"\w+statin\b|ezetimibe|fenofibr|gemfibrozil|bezafibrate|ciprofibrate|evolocumab|alirocumab|inclisiran|colesevelam|cholestyramine|colestipol|bempedoic|icosapent|lomitapide",
        unless=r"nystatin|cilastatin|somatostatin|sitostatin|pentostatin|bestatin|statin allerg|topical|cream|mouth", lists=["user-elsie_horne-lipid_lowering_dmd"],
        atc=["C10A", "C10B"]),
    drugs("statins", "Statins", r"(?:ator|fluva|lova|pitava|prava|rosuva|simva|ceriva)statin", unless=r"topical|allerg", lists=["opensafely-statin-medication"],
        atc=["C10AA", "C10BA01", "C10BA02", "C10BA03", "C10BA04", "C10BA05", "C10BA06", "C10BA07", "C10BA08", "C10BA09", "C10BX"]),
    drugs("inhaled-or-systemic-corticosteroids", "Corticosteroids, inhaled or systemic",
        r"predniso(?:lo)?ne|dexamethasone|betamethasone.*(?:tab|oral|inject)|hydrocortisone.*(?:tab|oral|inject)|deflazacort|cortisone acetate|budesonide.*inhal|beclomet(?:h)?asone.*inhal|fluticasone.*inhal|mometasone.*inhal|ciclesonide.*inhal|flunisolide.*inhal",
        unless=TOPICAL + "|nasal|rectal|enema|foam|intranasal|lozenge", lists=["nhsd-oral-steroid-drugs-pra-dmd", "opensafely-asthma-inhaler-steroid-medication", "opensafely-asthma-oral-prednisolone-medication"] + [f"valueset-{n}" for n in ("prednisone", "prednisolone", "methylprednisolone", "dexamethasone", "cortisone", "deflazacort", "betamethasone", "hydrocortisone", "triamcinolone")],
        minus=[f"valueset-{n}-exclude" for n in ("prednisolone", "methylprednisolone", "dexamethasone", "betamethasone", "hydrocortisone", "triamcinolone")],
        atc=["H02AB", "H02BX", "R03BA", "R03AK06", "R03AK07", "R03AK08", "R03AK09", "R03AK10", "R03AK11", "R03AK12", "R03AK13", "R03AK14", "R03AL08", "R03AL09", "R03AL11", "R03AL12"]),
]
