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
    "gou": Repository("markdrussell/gout", "89bc725ebdc88909187a07ad8565db98dc5eaef6", "2024-07-31", "MIT (repository); code lists of OpenCodelists, Open Government Licence 3.0"),
}
TABLES = {"hdr": "_data/codelists", "pcv": "codelists", "cvd": "codelists", "pco": "codelists", "rfr": "codelists", "ren": "codelists", "dah": "codelists", "gou": "codelists"}
HELD_OUT = re.compile(r"_CPRD|_OPCS4|covid|carr_|sapey_|opioid|self-harm|UKBIOBANK|ICD11")

# What no condition set takes, whatever its words: what isn't the patient's, isn't so, is feared, or is a service about it.
UNLESS = (
    r"family history|\bFH\b|fh:|relative|father|mother|maternal|fetal|foetal|fetus|neonat|newborn|perinatal|congenital rubella"
    r"|\bno (?:h/o|history|evidence|known|sign)|\bnot (?:present|found|indicated|suspected)|absence of|absent|without (?:congestive|heart|evidence)|exclud|excepted|exempt|informed dissent|ruled out|suspected"
    r"|screen|monitoring|review|referral|refer(?:red)? (?:for|to)|clinic\b|declined|refus|offered|education|counsel|leaflet|advice|action plan|self.?management|invit|letter|questionnaire"
    r"|at risk|\brisk\b|predisposition|susceptib|carrier|prophyla|fear of|worried|care plan|quality indicator|\bQOF\b|register|shared care|immuni[sz]|vaccin"
    r"|resolved|in remission|poisoning|overdose|adverse reaction|allerg|accident due|non-?drug|programme|annual|administration|template|pathway|score\b|assessment|\[X\]fear|discharge|seen (?:in|by)|service|management plan|high cost|drug therapy|nomogram"
    r"|\((?:procedure|regime/therapy|record artifact|qualifier value|physical object|product|substance|observable entity|organism|body structure|morphologic abnormality|event|physical force|medicinal product.*|occupation|assessment scale)\)"
)
HISTORY = r"history|h/o|\bHO\b|\bpast\b|previous|old\b|personal|status post|\bPMH\b"


def condition(id, title, find, *, systems=("snomed", "readv2", "ctv3"), **rest):
    return {"id": id, "title": title, "find": {s: find for s in systems}, **rest}


def analyte(id, title, find, **rest):
    return {"id": id, "title": title, "find": {"loinc": find}, "common": False, "systems": ["loinc", "snomed", "readv2", "ctv3"], **rest}


SETS = [
    condition("heart-failure", "Heart failure",
        r"heart failure|cardiac failure|ventricular failure|cardiac insufficiency|left ventricular (?:systolic|diastolic) dysfunction|\bLVF\b|\bCCF\b|\bCHF\b|cardiac asthma|failing heart|\bLVSD\b"
        r"|ejection fraction co-?occurrent|cardiomyopathy co-?occurrent and due to.*failure|acute pulmonary oedema due|pulmonary o?edema due to left",
        unless=r"abortion|miscarriage|termination|obstetric|intellectual disability|no heart failure|transplant|hypertensive.*without|NYHA|New York Heart|saddle embol|cardiorespiratory|device|preload|pleural|\bNOS without",
        lists=["nhsd-primary-care-domain-refsets-hf_cod", "2.16.840.1.113883.3.526.3.376"],
        icd10=["I50", "I11.0", "I13.0", "I13.2", "I97.13"],
        icd9=["428", "402.01", "402.11", "402.91", "404.01", "404.03", "404.11", "404.13", "404.91", "404.93", "398.91"]),
    condition("atrial-fibrillation", "Atrial fibrillation",
        r"atrial fibrillation|\bAF\b|fibrillation and flutter|atrial flutter|auricular fibrillation",
        unless=r"ventricular fibrillation|oxygen|cylinder|ablation|implant|occlu|defibrillat|familial|not elsewhere|cardioversion|EHRA|symptom|A/F on|antic",
        lists=["2.16.840.1.113883.3.117.1.7.1.202"], icd10=["I48"], icd9=["427.3"]),
    condition("hypertension", "Hypertension",
        r"hypertension|hypertensive|high blood pressure|raised blood pressure disorder|\bBP\b.*hypertens",
        unless=r"pulmonary|portal|ocular|intracranial|white coat|pregnan|gestation|puerper|pre-?eclam|eclampsia|obstetric|labou?r|postpartum|post-partum|intra-?abdominal|venous|neuroleptic|renin|antihypertensive|bladder|history|h/o"
        r"|normotens|intraocular|glaucoma|borderline|delivery|childbirth|pre-?hypertens|elevated|trauma|hypertensive agent|dehydrat|hypertensive drug|vein|lymph|hepatic|cranial|sphincter|on treatment for hypo|stage of labor|donor|transient|labile|pulmon|drug-?induced hypo|idiopathic intra|gastropathy|blind|\bdiet|drugs|follow-?up default",
        whole=["2.16.840.1.113883.3.464.1003.104.12.1011", "2.16.840.1.113883.3.464.1003.104.11.1029"], icd10=["I10", "I11", "I12", "I13", "I15", "I1A"], icd9=["401", "402", "403", "404", "405"]),
    condition("diabetes", "Diabetes mellitus",
        r"diabet|\bT[12]DM\b|\bIDDM\b|\bNIDDM\b|\bMODY\b",
        unless=r"insipidus|gestational|pregnan|pre-?diabet|non-?diabetic|borderline|predict|bronze|foot (?:check|exam|care)|retinal screening|eye (?:check|exam|screen)|history|h/o|puerper|obstetric|childbirth|latent|stress|chemical diabetes|diet(?:ary)?\b|injection"
        r"|lipo?id|diabetic on|on (?:diet|oral|insulin|metf)|nurse|retinopathy screening|not diabetic|digital|photo|pump|ophthalm(?:ic|ology) (?:exam|monit)|neuropath(?:ic|y) (?:check|exam)|mellitus (?:screen|clinic)|ever|driver|shoe|infant|insulin dose|antidiabet|monitor|maternal|phosphate|fibrocalculous.*fam|mother|syndrome of|stable|prevention|compliance|treatment|under care|attends|foot at|check|examination|regime|procedure|transplant|nephrogenic|renal diabetes|thesaur|finding\)|record|card|held|contact|consent|did not|DNA|structured|visit|follow-?up|control|hyperproinsulin",
        lists=["2.16.840.1.113883.3.464.1003.103.12.1001", "nhsd-primary-care-domain-refsets-dm_cod", "user-hjforbes-type-1-diabetes", "user-hjforbes-type-2-diabetes"],
        icd10=["E08", "E09", "E10", "E11", "E12", "E13", "E14"], icd9=["250", "249"]),
    condition("stroke-tia-embolism", "Ischaemic stroke, transient ischaemic attack or arterial thromboembolism, also former",
        r"stroke|cerebral infarct|cerebellar infarct|brain ?stem infarct|lacunar infarct|cerebrovascular accident|\bCVA\b|transient (?:cerebral )?isch|\bTIA\b|cerebral (?:embol|thrombo)|infarction of (?:basal|brain|cerebr|thalam|visual|pons|medulla|midbrain|internal capsule|corona radiata)"
        r"|embol(?:ism|us|ic)? .*(?:arter|aort|limb)|arter(?:y|ial|ies) (?:embol|thrombo)|thrombosis of .*arter|aort(?:a|ic).*(?:embol|thrombo)|vertebrobasilar (?:insuff|isch)|amaurosis fugax|(?:carotid|basilar|vertebral|cerebral|cerebellar|precerebral) arter(?:y|ies).*(?:infarct|occlusion with|embol|thromb|stroke)|infarct.*(?:carotid|vertebral|cerebral|basilar)|reversible ischaemic neuro|saddle embol",
        unless=r"haemorrh|hemorrh|heat ?stroke|heart stroke|sun ?stroke|stroke volume|venous|vein|sinus|pulmonary|coronary|fat embol|air embol|amniotic|without infarct|not resulting|no infarct|septic|thrombophleb|birth|pregnan|puerper|bleed|bypass|repair|endarter|subarach|intracerebral|hereditary|CADASIL|MELAS|mitochond|myocard|cholesterol embol|paradoxical|umbilical|delivery|eclamp|obstetric|stroke unit|rehab|phyto|two ?stroke|strokes/min|backstroke|silent|asymptomatic|alternating|sports|rupture|aneurysm.*no|arteritis|unruptured|abortion|miscarriage|transplant|injection|angioplasty|rowing|arteriovenous|shunt|graft|traumatic|portal|legal|failed attempted|ectopic|dialys|catheter|structure|procedure|device|retin(?:a|al) (?:vein|branch vein)|mesenteric ven|shock|tumor|tumour",
        icd10=["I63", "I64", "I69.3", "I69.4", "I74", "G45.0", "G45.1", "G45.2", "G45.3", "G45.8", "G45.9", "Z86.73"],
        drop=["19830001000004106", "239203003"],
        icd9=["433.01", "433.11", "433.21", "433.31", "433.81", "433.91", "434", "435", "436", "444", "V12.54"]),
    condition("ischaemic-or-haemorrhagic-stroke", "Stroke of any kind, also former",
        r"stroke|cerebral infarct|cerebellar infarct|brain ?stem infarct|lacunar infarct|cerebrovascular accident|\bCVA\b|infarction of (?:basal|brain|cerebr|thalam|visual|pons|medulla|midbrain|internal capsule|corona radiata)"
        r"|(?:intracerebral|intracranial|subarachnoid|cerebellar|brain ?stem|pontine|intraventricular|cerebral|thalamic|basal ganglia|intrapontine|bulbar|lobar|cortical) (?:and .* )?(?:haemorrhage|hemorrhage|haematoma|hematoma|bleed)"
        r"|cerebral (?:embol|thrombo)|(?:carotid|basilar|vertebral|cerebral|cerebellar|precerebral) arter(?:y|ies).*(?:infarct|embol|thromb|stroke|rupture)|haemorrhagic infarct|hemorrhagic infarct|subarachnoid.*rupture|rupture.*(?:berry|cerebral|intracranial) aneurysm",
        unless=r"trauma|injur|fracture|open wound|concuss|heat ?stroke|heart stroke|sun ?stroke|stroke volume|pulmonary|coronary|air embol|amniotic|without infarct|not resulting|birth|pregnan|puerper|bypass|repair|endarter|hereditary|CADASIL|MELAS|mitochond|myocard|umbilical|delivery|eclamp|obstetric|stroke unit|rehab|two ?stroke|strokes/min|silent|asymptomatic|sports|unruptured|abortion|miscarriage|drainage|evacuation|aspiration|subdural|extradural|epidural|retinal|preterm|germinal|adrenal|foetus|vessel wall|laceration|LOC|loss of consc|blast|postpartum|dissection without|injection|angioplasty|arteriovenous|transient",
        icd10=["I60", "I61", "I63", "I64", "I69.0", "I69.1", "I69.3", "I69.4", "Z86.73"],
        icd9=["430", "431", "433.01", "433.11", "433.21", "433.31", "433.81", "433.91", "434", "436", "V12.54"]),
    condition("myocardial-infarction", "Myocardial infarction, also former",
        r"myocardial infarct|heart attack|\bSTEMI\b|\bNSTEMI\b|\bAMI\b|coronary (?:artery )?thrombosis resulting|infarct(?:ion)? of (?:heart|myocard|papillary|ventric|left ventric|right ventric)|infarction - heart|subendocardial infarct|transmural infarct|cardiac (?:rupture|aneurysm).*(?:infarct)|(?:subsequent|anterior|inferior|lateral|septal|posterior|anteroseptal|anterolateral|inferolateral|inferoposterior|transmural|subendocardial|silent|acute|old|healed) .*infarct.*(?:myocard|heart|ECG)|ventricular infarct|postmyocardial|post-infarct|ventricular septal defect.*infarct",
        unless=r"not resulting|no myocard|without myocard|aborted|coronary thrombosis not|type 2 for|pregnan|puerper|thrombolysis|rehab|EKG:? no|insulin.glucose|insul.*gluc|impending|intermediate|preinfarc|\bnon-?Q.*excl|cerebral|enzyme",
        icd10=["I21", "I22", "I23", "I25.2"], icd9=["410", "412"], drop=[]),
    condition("peripheral-artery-disease", "Peripheral artery disease",
        r"peripheral (?:arter|vascular|ischa?emic|angiopath)|intermittent claudication|claudication (?:of|of both|right|left)|atherosclero\w* .*(?:limb|leg|extremit|femoral|iliac|popliteal|lower|peripheral)|arteriosclero\w* .*(?:limb|leg|extremit|femoral|iliac|popliteal|lower|peripheral)|isch(?:ae|e)mi\w* .*(?:foot|leg|lower limb|limb)|(?:foot|leg|limb) isch|rest pain|gangrene .*(?:athero|arterio|peripheral vascular)|\bPVD\b|\bPAD\b|leriche|(?:femoral|iliac|popliteal|tibial|aorto-?iliac) arter\w* (?:occlu|stenos|disease)|(?:occlusion|stenosis) of .*(?:femoral|iliac|popliteal|tibial|lower limb) arter|thromboangiitis|critical (?:lower )?limb",
        unless=r"\bvein|venous|liquor|maternity|neurogenic|spinal|stent|graft of|bypass|embol|endarter|angioplasty|trauma|injury|iatrogenic|visual|pulse|aneurysm|retina|renal|perfusion|compartment|arteriography|aorta and vein|neuropath.*only|crush|syphil|congenital|in-?stent|hand|upper|finger|raynaud|chilblain|erythromel|frost|operation|stroke|transient|muscle|caused by|lower back|lower gastro",
        lists=["nhsd-primary-care-domain-refsets-pad_cod"],
        icd10=["I70.2", "I70.3", "I70.4", "I70.5", "I70.6", "I70.7", "I70.92", "I73.1", "I73.9", "E08.51", "E08.52", "E09.51", "E09.52", "E10.51", "E10.52", "E11.51", "E11.52", "E13.51", "E13.52"],
        icd9=["440.2", "440.3", "440.4", "443.1", "443.9"]),
    condition("aortic-plaque", "Atheroma of the aorta",
        r"(?:athero\w*|arteriosclero\w*|plaque|ulcer) .*aort|aort\w* (?:athero|arteriosclero|plaque)|aortic calcif|calcification of aorta",
        unless=r"valve|stenosis of aortic v|graft|syphil|coronary|root|embol|annul|bypass", icd10=["I70.0"], icd9=["440.0"]),
    condition("coronary-artery-disease", "Coronary artery disease, with myocardial infarction and angina",
        r"coronary (?:arter|athero|sclero|heart|thromb|occlu|stenos|disease|insuff)|coronary.*(?:stenosis|occlusion|atheroma|disease)|isch(?:ae|e)mic (?:heart|cardiomyopath|myocard|chest pain)|angina|myocardial (?:infarct|isch)|heart attack|\bIHD\b|\bCHD\b|\bSTEMI\b|\bNSTEMI\b|acute coronary|preinfarct|arteriosclerotic heart|atherosclerotic heart|infarct of heart|(?:PCI|angioplasty|stent|bypass|graft).*coronary|coronary.*(?:angioplast|stent|bypass|graft)|\bCABG\b|triple vessel|dressler|postmyocardial|post infarct",
        unless=r"ludwig|vincent|angina abdom|abdominal angina|agranulocytic|herpangina|monocytic|streptococcal|anomal|congenital (?:coronary|absence|steno|anomal|atresia|fist)|fistula|kawasaki|normal coronary|arteriogra|angiogr|calcium|aneurysm of coronary|ectasia|milk|coronary sinus|coronary care|\brate\b|rehab|non-?cardiac|plaut|tonsil|throat|nitrate|vasospas.*no|transplant|aortic angina|bowel|dissection|trauma|injury|lacer|pain chart|frequency|present$|control|status|exercise|stress test|neoplasm|embolus of coronary artery due to air|mouth|oral|ventricular septal|arteritis|coronary reflex|poor gra|HEART attack alarm",
        lists=["nhsd-primary-care-domain-refsets-chd_cod"],
        icd10=["I20", "I21", "I22", "I23", "I24", "I25", "Z95.1", "Z95.5", "Z98.61"], icd9=["410", "411", "412", "413", "414", "V45.81", "V45.82"]),
    {"id": "vascular-disease", "title": "Vascular disease: myocardial infarction, peripheral artery disease or aortic plaque (definition of 2010)", "union": ["myocardial-infarction", "peripheral-artery-disease", "aortic-plaque"]},
    {"id": "vascular-disease-2024", "title": "Vascular disease: also coronary artery disease (definition of the ESC, 2024)", "union": ["vascular-disease", "coronary-artery-disease"], "drop": ["I20", "I24.0"]},
    condition("chronic-kidney-disease", "Chronic kidney disease",
        r"chronic (?:kidney|renal) (?:disease|failure|insuff|impair)|\bCKD\b|end.?stage (?:renal|kidney)|chronic (?:glomerulo)?neph(?:ritis|ropathy)|chronic uraem|chronic uremi|kidney failure stage|\bESRD\b|\bESRF\b|diabetic nephropathy|nephropathy due to",
        unless=r"acute(?! on chronic)|no chronic|anemia|an(?:ae)mia in|history|h/o|donor|fistula|access|graft|dialysis (?:start|stop)|pre-?end|predict|pregnan|stage 0",
        whole=["2.16.840.1.113883.3.526.3.353"], lists=["nhsd-primary-care-domain-refsets-ckd_cod", "opensafely-chronic-kidney-disease-snomed"],
        icd10=["N18", "I12.0", "I13.1", "I13.2", "E08.22", "E09.22", "E10.22", "E11.22", "E13.22", "Z99.2"], icd9=["585", "403", "404", "V45.11"]),
    condition("dialysis", "Dialysis, as condition or procedure",
        r"dialys|h(?:ae|e)modiafiltration|h(?:ae|e)mofiltration|\bCAPD\b|\bCCPD\b|\bAPD\b.*perit|artificial kidney",
        unless=r"history|dialysate|fluid|catheter(?!ization)|shunt|fistula|graft for|removal|insertion|access|peritonitis|infection|complication|diet|acquired cystic|dementia|disequil|equipment|device|solution|training|education|stopped|discontinu|transfer|planning|test|poisoning|drug|liver|hepatic|amyloid|arthropathy|osteo|failed|problem|leak|mechanical|non-?compl|waiting|pre-?dialysis|indication|disorder (?:of|due to)|cramp|hypotension|syndrome|haematocrit|adequacy|weight|unit\b|mental|neuro|tube|site|cannula|line|wash|nocturnal enuresis|aluminium|sclerosing|urea red|kt/v|machine|tolerance|exit|hernia|rupture|after|following|vascular|sequestr|paraquat|not yet|not on|equilibr",
        lists=["2.16.840.1.113883.3.464.1003.109.12.1013", "2.16.840.1.113762.1.4.1248.199", "2.16.840.1.113883.3.526.3.1083", "2.16.840.1.113883.3.526.3.1084", "opensafely-dialysis"], common=False,
        icd10=["Z99.2", "Z49", "N18.6"], icd9=["V45.11", "V56"]),
    condition("kidney-transplant", "Kidney transplant",
        r"(?:kidney|renal|cadaver).*transplant|transplant\w* .*(?:kidney|renal)|renal allograft|kidney graft|kidney allograft",
        unless=r"donor|waiting|candidate|work-?up|suitab|assessment|pre-?transplant|living kidney transpl.*donat|biopsy|anti-?rej|plan|nephrectomy of|unfit|not |transplant planned|pending|education|removal of ureter|recipient.*artery stenosis in|excision|explor|hypertension|perfusion|vascular anastom|scan|ultrasound|inspection|patient on",
        whole=["2.16.840.1.113883.3.464.1003.109.12.1012", "2.16.840.1.113883.3.464.1003.109.12.1029"], lists=["opensafely-kidney-transplant"],
        common=False, icd10=["Z94.0", "T86.1"], icd9=["V42.0", "996.81"]),
    condition("cirrhosis", "Cirrhosis of the liver",
        r"cirrho|hepatic (?:sclerosis|encephalopathy)|portal (?:hypert)|(?:o?esophageal|gastric) varic|hepatorenal|hepatopulmonary|bacterial peritonitis.*cirr|end stage liver|decompensated liver|chronic liver failure|chronic hepatic failure",
        unless=r"non-?cirrh|without cirrh|lung|cardiac cirrh|history|fetal|congenital (?!hep)|pulmon|indian|portal hypertensive.*excl|bands?|ligat|inject|sclerother|transection|pancrea(?:s|tic)|pre-?hepatic|endoscop|banding|idiopathic portal|schisto|primary biliary (?:cholang)?itis|operation",
        icd10=["K70.3", "K71.7", "K72.1", "K74.3", "K74.4", "K74.5", "K74.6", "K76.6", "K76.7", "K76.81", "I85", "I98.2", "I98.3", "I86.4", "P78.81"],
        icd9=["571.2", "571.5", "571.6", "572.2", "572.3", "572.4", "456.0", "456.1", "456.2"]),
    condition("ascites", "Ascites", r"ascites",
        unless=r"chyl|malignan|gelat|neoplas|cancer|without ascites|sampl|fluid|tap\b|drain|parac|culture|fet|newborn|shunt|examination|cytology|o/e - no|no ascites|specimen|microscop|analys|level|count|amylase|pseudo|tubercul|bile|urin|pancrea|hydrops",
        icd10=["R18", "K70.31", "K70.11", "K71.51"], icd9=["789.5"]),
    condition("hepatic-encephalopathy", "Hepatic encephalopathy", r"hepatic (?:encephalo|coma)|portal-?systemic encephalo|portosystemic encephalo|hepatocerebral|(?:hepatitis|liver failure|hepatic failure|cirrhosis|liver disease).* with (?:hepatic )?coma|encephalopathy.*(?:hepatic|liver)|liver coma|hepatic pre-?coma",
        unless=r"without|wilson|degenerat|amoebic|bilirubin", icd10=["K76.82", "K70.41", "K71.11", "K72.01", "K72.11", "K72.91"], icd9=["572.2", "070.0", "070.2", "070.4", "070.6"]),
    {"id": "liver-disease-abnormal", "title": "Chronic hepatic disease (HAS-BLED): cirrhosis, with its consequences", "union": ["cirrhosis", "hepatic-encephalopathy"]},
    analyte("creatinine", "Creatinine in serum, plasma or blood", r"^Creatinine \[(?:Mass|Moles|Mass or Moles)/volume\] in (?:Serum|Blood|Arterial|Venous|Capillary|Mixed|Serum, Plasma)", unless="post dialysis"),
    analyte("bilirubin-total", "Bilirubin, total, in serum, plasma or blood", r"^Bilirubin\.total \["),
    analyte("inr", "INR", r"^INR in"),
    analyte("blood-pressure-systolic", "Systolic blood pressure", r"^Systolic blood pressure", unless="standing|encounter"),
]
