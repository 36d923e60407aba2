# SPDX-License-Identifier: Apache-2.0
"""Random small records with everything that makes a record easy to misread, and what reader.py finds in them.

    random_records.py SEED COUNT [shapes]

With `shapes` one place in each record has another JSON than it should. Writes a line a record: {"record": text of the file, "kinds": [what is odd about it], "expected": as reader.py}.
The same seed gives the same records.
"""

import datetime
import json
import random
import sys

import reader

ASKED = ["cha2ds2-vasc", "child-pugh", "curb-65", "findrisc", "has-bled", "kfre", "meld-3", "news2", "qsofa", "score2", "second-reader"]
BASE = "https://ehr.example/fhir/"
SNOMED, LOINC, ICD = "http://snomed.info/sct", "http://loinc.org", "http://hl7.org/fhir/sid/icd-10"
RXNORM, ATC, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc", "http://unitsofmeasure.org"
ICD9, READ = "http://hl7.org/fhir/sid/icd-9-cm", "http://read.info/readv2"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
CERTAINTY = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
WRITTEN = "2026-11-20T08:00:00Z"

# Codings that say the same, by what is meant.
DISEASES = [
    [(SNOMED, "38341003"), (ICD, "I10"), (ICD + "-cm", "I10"), (READ, "G20..")],
    [(SNOMED, "44054006"), (ICD, "E11.9"), (GM, "E11.90"), (ICD9, "250.00")],
    [(SNOMED, "84114007"), (ICD, "I50.9"), (ICD9, "428.0"), (READ, "G58..00")],
    [(ICD9, "42"), (ICD9, "401.9"), (READ + "/x", "G58.."), ("http://read.info/ctv3", "G58..")],
    [(SNOMED, "230690007"), (ICD + "-cm", "I63.9"), (ICD, "I64")],
    [(SNOMED, "22298006"), (ICD, "I21.9")],
    [(SNOMED, "46177005"), (ICD, "N18.6")],
    [(SNOMED, "19943007"), (ICD, "K74.6")],
    [(ICD, "D64.9"), (ICD + "-cm", "D64.9")],
    [(SNOMED, "15777000"), (ICD, "R73")],
    [(ICD, "J45.9"), (ICD + "-cm", "J45.9")],
    [(ICD, "I1O")],
]
# Not of this world, or of one that isn't known here.
UNKNOWN_SYSTEMS = ["urn:oid:1.2.3.4.5", "https://vendor.example/icd10-to-local", "http://local.example/codes", None]
FOREIGN = [(SNOMED, "195967001"), (RXNORM, "38341003"), ("http://local.example/codes", "4711"), ("http://hl7.org/fhir/sid/icd-9-cm", "493.90"), ("urn:x", "HTN")]
DRUGS = [
    [(ATC, "C09AA05")], [(RXNORM, "1998")], [(ATC, "B01AC06"), (RXNORM, "1191")], [(RXNORM, "5640"), (ATC, "M01AE01")],
    [(ATC, "C07AB02")], [(ATC, "N02BE01")], [("https://dmd.nhs.uk", "36126411000001107"), (SNOMED, "36126411000001107")], [("http://fhir.de/CodeSystem/bfarm/atc", "B01AC06")],
]
# Value sets that the protocols ask for; codes of theirs stand under these systems.
SETS = [
    "heart-failure", "hypertension", "diabetes", "stroke-tia-embolism", "vascular-disease-2024", "atrial-fibrillation", "cirrhosis", "dialysis", "kidney-transplant",
    "chronic-kidney-disease", "bleeding", "bleeding-disorder", "ischaemic-or-haemorrhagic-stroke", "liver-disease-abnormal", "cardiac-amyloidosis",
    # None of the protocols asks for these.
    "asthma", "copd", "anaemia", "deep-vein-thrombosis-history"]
DRUG_SETS = ["oral-anticoagulants", "vitamin-k-antagonists", "antiplatelets", "nsaids", "antihypertensives", "glucose-lowering-drugs", "statins"]
CTV3, DMD, GERMAN_ATC = "http://read.info/ctv3", "https://dmd.nhs.uk", "http://fhir.de/CodeSystem/bfarm/atc"
URIS = {"loinc": [LOINC],
    "snomed": [SNOMED], "icd10": [ICD, ICD + "-cm", GM], "icd9": [ICD9], "readv2": [READ], "ctv3": [CTV3],
    "rxnorm": [RXNORM], "atc": [ATC, GERMAN_ATC], "dmd": [DMD, SNOMED]}
SMOKING = ["smoking-current", "smoking-former", "smoking-never"]
# Code, unit, usual values.
TESTS = [
    (("2160-0", "14682-9"), {"mg/dL": (0.5, 5.0), "umol/L": (50, 450)}),
    (("1975-2", "14631-6"), {"mg/dL": (0.2, 20.0), "umol/L": (5, 300)}),
    (("2951-2",), {"mmol/L": (110, 160)}),
    (("6301-6",), {"{INR}": (0.8, 6.0), "1": (0.8, 6.0)}),
    (("1751-7",), {"g/dL": (1.0, 6.0), "g/L": (10, 60)}),
    (("1558-6", "14771-0"), {"mg/dL": (60, 200), "mmol/L": (3.5, 12)}),
    (("8480-6",), {"mm[Hg]": (90, 220)}),
    (("8280-0",), {"cm": (60, 140), "[in_i]": (25, 55), "m": (0.6, 1.4)}),
    (("39156-5",), {"kg/m2": (16, 50)}),
    (("29463-7",), {"kg": (45, 140), "[lb_av]": (100, 300), "g": (45000, 140000)}),
    (("8302-2",), {"cm": (150, 200), "m": (1.5, 2.0), "[in_i]": (60, 78)}),
]
# What is measured together, at one moment.
VITALS = [
    (("9279-1", "76174-2"), {"/min": (8, 40)}), (("2708-6", "59408-5"), {"%": (80, 100)}), (("8867-4",), {"/min": (35, 150)}),
    (("8310-5",), {"Cel": (34, 41), "[degF]": (93, 106)}), (("8462-4",), {"mm[Hg]": (40, 110)}), (("8480-6",), {"mm[Hg]": (80, 220)}),
    (("3151-8",), {"L/min": (0, 15)}), (("9269-2",), {"1": (3, 15), "{score}": (3, 15)}), (("3094-0", "14937-7"), {"mg/dL": (5, 60), "mmol/L": (2, 20)})]
BLOODS = [*TESTS[:5], (("3094-0",), {"mg/dL": (5, 60), "mmol/L": (2, 20)}), (("72903-8", "20977-5"), {"mg/dL": (10, 120), "mmol/L": (2, 20)})]
KIDNEY = [
    (("33914-3", "98979-8", "62238-1"), {"mL/min/{1.73_m2}": (5, 110)}), (("14959-1", "9318-7"), {"mg/g": (1, 3000), "mg/mmol": (1, 300)}), TESTS[0], TESTS[0]]
# What has limits: values about them, and at them.
LIMITED = [
    (("8480-6", "8459-0"), {"mm[Hg]": (135, 165)}), (("8462-4",), {"mm[Hg]": (85, 95)}), (("10230-1",), {"%": (35, 45)}), (("1558-6", "14771-0"), {"mg/dL": (95, 155), "mmol/L": (5.5, 8)}),
    (("8867-4",), {"/min": (95, 105)})]
SPELT = {"/min": ["/min", "beats/minute", "bpm"], "Cel": ["Cel"], "mL/min/{1.73_m2}": ["mL/min/{1.73_m2}", "mL/min/1.73m2"], "mg/dL": ["mg/dL", "mg/dl"], "umol/L": ["umol/L", "µmol/L", "μmol/l"], "mm[Hg]": ["mmHg"], "[lb_av]": ["lbs"], "[in_i]": ["inches"]}


class Records:
    """Makes records from one source of chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.kinds, self.number = set(), 0

    def one_in(self, odds, kind=None):
        hit = self.chance.randrange(odds) == 0
        if hit and kind:
            self.kinds.add(kind)
        return hit

    def pick(self, *items):
        return self.chance.choice(items)

    def shuffled(self, items):
        return self.chance.sample(items, len(items))

    # --------------------------------------------------------------------------------------------- codes

    def of_set(self, name):
        """Codings by codes of a value set, some of them changed, so that they aren't in it, or below or above one that is."""
        self.kinds.add("value set")
        codes, same = reader.value_set(name, "asked") if self.one_in(6) else {}, []
        codes = codes or reader.value_set(name)
        for system in self.chance.sample(sorted(codes), min(len(codes), self.pick(1, 1, 2, 3))):
            code = self.pick(*codes[system])
            if self.one_in(4, "code near a value set"):
                code = {
                    "icd10": lambda: self.pick(code + ".1" if len(code) == 3 else code + "1", code[:3], code[:2], code.replace(".", ""), code.lower()),
                    "icd9": lambda: self.pick(code + ".1" if len(code) == 3 else code + "1", code.split(".")[0], code[:2], code.replace(".", "")),
                    "atc": lambda: self.pick(code + "01", code[:5], code[:3], code.lower()),
                    "readv2": lambda: self.pick(code.rstrip("."), code + "00", code + "11", code.swapcase(), code[:3] + ".."),
                    "ctv3": lambda: self.pick(code.rstrip("."), code + "00", code.swapcase(), code[:3] + "..")}.get(system, lambda: code + self.pick("", "0", "1"))()
            uri = self.pick(*URIS[system])
            if self.one_in(10, "code under another system"):
                uri = self.pick(SNOMED, ICD, ICD + "-am", ICD9, READ, CTV3, DMD, RXNORM, ATC)
            same.append((uri, code))
        return same

    def concept(self, same, foreign=FOREIGN):
        codings = [{"system": system, "code": code} for system, code in self.chance.sample(same, self.chance.randint(1, len(same)))]
        if self.one_in(8, "foreign coding"):
            system, code = self.pick(*foreign)
            codings.append({"system": system, "code": code})
        if self.one_in(8, "unknown system"):
            coding = self.pick(*codings)
            system = self.pick(*UNKNOWN_SYSTEMS)
            coding.pop("system") if system is None else coding.update(system=system)
        if self.one_in(10, "spelling of a code"):
            coding = self.pick(*codings)
            if coding.get("system") in (ATC, ICD, ICD + "-cm"):
                coding["code"] = self.pick(coding["code"].lower(), coding["code"] + " ", " " + coding["code"])
        if self.one_in(12, "spelling of a system"):
            coding = self.pick(*codings)
            if coding.get("system") == SNOMED:
                coding["system"] += self.pick("|2026-03", "/900000000000207008/version/20260301", "/")
            elif coding.get("system", "").startswith(ICD):
                coding["system"] = self.pick(ICD + "-us", ICD + "-am", coding["system"].replace("http:", "https:"), coding["system"] + "/")
        if self.one_in(15, "text only"):
            return {"text": self.pick("a disease", "high blood pressure", "Aspirin")}
        if self.one_in(30, "reason for no code"):
            return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/" + self.pick("data-absent-reason", "v3-NullFlavor"), "code": self.pick("unknown", "masked", "UNK")}]}
        if self.one_in(25, "shape of a code"):
            concept = {"coding": self.shuffled(codings)}
            return self.pick([concept], {"coding": codings[0]}, {"coding": [{"display": "a disease"}]})
        return {"coding": self.shuffled(codings)}

    def status(self, system, known, odd):
        """A status by one coding or several, of which some may be unknown or contradict the others."""
        codes = [self.pick(*known)]
        if self.one_in(6, "contradicting status"):
            codes.append(self.pick(*known))
        if self.one_in(6, "unknown status"):
            codes.append(self.pick(*odd))
        if self.one_in(12, "unknown status"):
            codes = [self.pick(*odd)]
        codings = [{"system": system if code in known else "urn:local", "code": code} for code in dict.fromkeys(codes)]
        if self.one_in(12, "status as text"):
            return {"text": codes[0].capitalize()}
        if self.one_in(15, "shape of a status"):
            return self.pick([{"coding": codings}], codes[0], {"code": codes[0]}, 7, {"coding": [{"system": system, "code": codes[0].upper()}]})
        return {"coding": self.shuffled(codings)}

    # ----------------------------------------------------------------------------------------- resources

    def resource(self, kind, **members):
        self.number += 1
        return {"resourceType": kind, "id": f"{kind[0].lower()}{self.number}", "subject": self.subject()} | members

    def subject(self):
        return {"reference": "Patient/p/_history/3" if self.one_in(40) else "Patient/p"}

    def condition(self):
        same = self.pick(*DISEASES) if self.one_in(2) else self.of_set(self.pick(*SETS))
        resource = self.resource("Condition", code=self.concept(same))
        if self.one_in(2):
            resource["clinicalStatus"] = self.status(
                CLINICAL, ["active", "recurrence", "relapse", "inactive", "remission", "resolved"], ["completed", "unknown", "ok"])
        if self.one_in(2):
            resource["verificationStatus"] = self.status(
                VERIFICATION, ["confirmed", "confirmed", "confirmed", "refuted", "provisional", "unconfirmed", "differential"], ["unknown", "maybe"])
        if self.one_in(20, "certainty") and isinstance(resource.get("verificationStatus"), dict) and "coding" in resource["verificationStatus"]:
            resource["verificationStatus"]["coding"].append({"system": "http://fhir.de/CodeSystem/dimdi/diagnosesicherheit", "code": self.pick("A", "V", "Z", "G")})
        if self.one_in(12, "words against the code") and isinstance(resource["code"], dict):
            resource["code"]["text"] = self.pick("V.a. Erkrankung", "Zustand nach Erkrankung", "Ruled out", "Family history of a disease", "History of a disease", "?disease", "Does not have it", "DD: a disease", "Prädiabetes", "Mutter: eine Erkrankung")
        if self.one_in(3, "written"):
            resource |= self.pick({"recordedDate": self.day()}, {"recordedDate": self.edge()}, {"assertedDate": "2026-10"}, {"onsetDateTime": "2026-11-19T08:00:00Z"})
        if self.one_in(15, "remark"):
            resource["note"] = [{"text": self.pick("Diabetes excluded", "nicht bestätigt", "possible side effects")}]
        if self.one_in(8, "abated"):
            resource |= self.pick(
                {"abatementBoolean": False}, {"abatementBoolean": True}, {"abatementDateTime": "2019-05"}, {"abatementString": "last year"})
        if self.one_in(8, "certainty"):
            letter = self.pick("A", "V", "Z", "G")
            for coding in resource["code"].get("coding", []) if isinstance(resource["code"], dict) else []:
                if isinstance(coding, dict) and coding.get("system") == GM:
                    coding["extension"] = [{"url": CERTAINTY, "valueCoding": {"code": letter}}]
        return resource

    def medication(self):
        kind = self.pick("MedicationStatement", "MedicationRequest")
        resource = self.resource(kind, status=self.pick("active", "active", "active", "completed", "stopped", "on-hold"))
        if self.one_in(8, "unknown status"):
            resource["status"] = self.pick("unknown", "nonsense")
        if self.one_in(12, "shape of a status"):
            resource["status"] = [self.pick("active", "stopped")]
        if kind == "MedicationRequest":
            resource["intent"] = "order"
            if self.one_in(3, "written"):
                resource["authoredOn"] = f"2026-{self.chance.randint(1, 10):02}-0{self.chance.randint(1, 9)}"
            if self.one_in(6, "written long ago"):
                resource["authoredOn"] = self.pick("2019-03-01", "2026-10-01")
            if self.one_in(8, "run out"):
                resource["authoredOn"] = "2026-10-01"
                resource["dispenseRequest"] = {"expectedSupplyDuration": {"value": 30, "code": "d"}, "numberOfRepeatsAllowed": self.pick(0, 3)}
            if self.one_in(12, "negation"):
                resource["doNotPerform"] = self.pick(True, False, "true")
            if self.one_in(12, "over"):
                resource["dispenseRequest"] = {"validityPeriod": {"start": "2009-01-01", "end": self.pick("2009-12-31", "2031-12-31")}}
        else:
            if self.one_in(12, "negation"):
                resource |= self.pick({"wasNotTaken": True}, {"wasNotTaken": False}, {"taken": "n"}, {"taken": "unk"}, {"taken": "y"}, {"wasNotTaken": "true"})
            if self.one_in(8, "written long ago"):
                resource |= self.pick({"dateAsserted": "2019-03-01"}, {"dateAsserted": "2026-10-01"}, {"effectiveDateTime": "2019"})
            if self.one_in(8, "adherence"):
                resource |= self.pick({"status": "recorded"}, {"adherence": {"code": {"coding": [{"code": self.pick("taking", "not-taking", "stopped")}]}}})
            if self.one_in(12, "over"):
                resource["effectivePeriod"] = {"start": "2009-01-01", "end": self.pick("2009-12-31", "2031-12-31")}
        concept = self.concept(self.pick(*DRUGS) if self.one_in(2) else self.of_set(self.pick(*DRUG_SETS)), [("http://hl7.org/fhir/sid/ndc", "0573-0164-40"), ("https://pharmacy.example/article", "1998"), (SNOMED, "1191")])
        if self.one_in(8, "medication elsewhere"):
            resource["medicationReference"] = {"reference": "Medication/" + self.pick("here", "nowhere")}
            if resource["medicationReference"]["reference"] == "Medication/here":
                resource["medicationReference"]["reference"] = "#here"
                resource["contained"] = [{"resourceType": "Medication", "id": "here", "code": concept}]
                if self.one_in(2):
                    item = self.pick({"text": "Aspirin"}, {"coding": [{"system": SNOMED, "code": "387517004"}]})
                    resource["contained"][0]["ingredient"] = [{"itemCodeableConcept": item}]
        else:
            resource["medicationCodeableConcept"] = concept
        return resource

    def given(self):
        """A medicine that was given or handed out: it answers nothing, and isn't nothing."""
        self.kinds.add("medicine given")
        status = self.pick("completed", "completed", "in-progress", "not-done", "declined")
        concept = self.concept(self.pick(*DRUGS))
        return self.resource(self.pick("MedicationAdministration", "MedicationDispense"), status=status, medicationCodeableConcept=concept)

    def procedure(self):
        same = [(SNOMED, "70536003")] if self.one_in(2) else self.of_set(self.pick("dialysis", "kidney-transplant", "vascular-disease-2024"))
        resource = self.resource("Procedure", status=self.pick("completed", "completed", "not-done"), code=self.concept(same))
        if self.one_in(5, "unknown status"):
            resource["status"] = self.pick("unknown", "finished")
        if self.one_in(5, "negation"):
            resource |= self.pick({"notDone": True}, {"notDone": False}, {"notPerformed": True}, {"notPerformed": "true"}, {"notDone": "perhaps"})
        return resource

    def day(self):
        """A day of the last month, or long ago, or to come."""
        if self.one_in(10, "too old"):
            return f"{self.pick(2011, 2019)}-0{self.chance.randint(1, 9)}-11"
        if self.one_in(20, "in the future"):
            return "2027-03-01"
        return f"2026-11-{self.chance.randint(1, 20):02}"

    def hour(self, back=3):
        """A time of the last days, so that windows of hours begin and end around it."""
        self.kinds.add("hours")
        at = datetime.datetime(2026, 11, 23, self.pick(0, 8, 12, 23), self.pick(0, 0, 30, 59)) - datetime.timedelta(days=self.chance.randint(0, back))
        return self.at(at)

    def at(self, at):
        """A moment as a dateTime, with an offset or as its day."""
        if self.one_in(8, "day beside hours"):
            return f"{at:%Y-%m-%d}"
        zone = self.pick("Z", "Z", "+02:00", "-05:00", "+13:00")
        return f"{at:%Y-%m-%dT%H:%M:%S}{zone}"

    def edge(self):
        """A day about the beginning of a window of days."""
        self.kinds.add("edge of a window")
        day = datetime.date(2026, 11, 23) - datetime.timedelta(days=self.pick(30, 90, 365, 3000, 4000) + self.chance.randint(-1, 2))
        return self.pick(f"{day}", f"{day}T00:30:00Z", f"{day}T23:30:00Z", f"{day}T00:30:00+05:00", f"{day}T23:30:00-08:00", f"{day:%Y-%m}", f"{day:%Y}")

    def quantity(self, units):
        unit = self.pick(*units)
        value = round(self.chance.uniform(*units[unit]), self.pick(0, 1, 2, 2))
        quantity = {"value": value, "system": UCUM, "code": unit}
        if self.one_in(4, "spelling of a unit"):
            quantity = {"value": value, "unit": self.pick(*SPELT.get(unit, [unit]))}
        if self.one_in(8, "comparator"):
            quantity["comparator"] = self.pick("<", "<=", ">", ">=")
        elif self.one_in(15, "unreadable value"):
            quantity |= self.pick({"comparator": "<"}, {"comparator": self.pick(">", ">=", "<=")}, {"value": str(value)}, {"code": "s", "system": UCUM}, {"value": None})
            quantity = {name: item for name, item in quantity.items() if item is not None}
        elif self.one_in(20, "no unit"):
            quantity = {"value": value}
        elif self.one_in(25, "unknown unit"):
            quantity = {"value": value, "unit": "blobs"}
        elif self.one_in(25, "out of limits"):
            quantity["value"] = value * 1e4
        return quantity

    def value(self, units):
        if self.one_in(15, "no quantity"):
            return self.pick(
                {"valueString": "see comment"}, {"dataAbsentReason": {"coding": [{"code": "error"}]}}, {}, {"valueRange": {"low": {"value": 1}}})
        return {"valueQuantity": self.quantity(units)}

    def observation(self, day=None, test=None, when=None):
        codes, units = test or self.pick(*TESTS)
        codings = [{"system": LOINC, "code": self.pick(*codes)}]
        if self.one_in(6, "foreign coding"):
            codings.append({"system": "http://local.example/lab", "code": "KREA"})
        if self.one_in(20, "unknown system"):
            codings[0]["system"] = "http://local.example/lab"
        resource = self.resource(
            "Observation", status=self.pick("final", "final", "final", "amended", "corrected", "preliminary"), code={"coding": self.shuffled(codings)},
            effectiveDateTime=when or (day or self.day()) + self.pick("T08:00:00Z", "T08:00:00Z", "T12:00:00+02:00", ""))
        if not when and self.one_in(8):
            resource["effectiveDateTime"] = self.edge()
        if self.one_in(10, "unknown status"):
            resource["status"] = self.pick("unknown", "nonsense", "cancelled")
        if self.one_in(20, "undated"):
            del resource["effectiveDateTime"]
        elif self.one_in(30, "bad date"):
            resource["effectiveDateTime"] = self.pick("20.11.2026", "2026-13-01", 20261101)
        if self.one_in(3):
            resource["issued"] = f"2026-11-{self.chance.randint(20, 22)}T09:30:00Z"
            if "effectiveDateTime" not in resource and self.one_in(2, "only issued"):
                del resource["issued"]
        if codes == ("8480-6",) and self.one_in(2):
            part = {"code": resource["code"]} | self.value(units)
            return resource | {"code": {"coding": [{"system": LOINC, "code": "85354-9"}]}, "component": [part]}
        if codes == ("8302-2",) and self.one_in(8, "height of a child"):
            resource["effectiveDateTime"] = "1965-05-01T08:00:00Z"
        return resource | self.value(units)

    def repeated(self):
        """Several results of one test: which is the latest?"""
        test = self.pick(*TESTS[:6])
        day = self.day()
        return [self.observation(day if self.one_in(2, "same day") else None, test) for _ in range(self.chance.randint(2, 3))]

    def together(self):
        """Several things of one moment, or nearly."""
        self.kinds.add("moment")
        tests, hours = self.pick((VITALS, [0, 0, 0, 1, 2, 4, 5]), (BLOODS, [0, 0, 1, 24, 48, 49, 168, 169]))
        first = datetime.datetime(2026, 11, 23, self.pick(6, 8, 23), self.pick(0, 0, 30)) - datetime.timedelta(days=self.pick(0, 0, 0, 1, 2))
        zone, made = self.pick("Z", "Z", "+02:00", "-05:00"), []
        for test in self.chance.sample(tests, self.chance.randint(2, len(tests))):
            at = first - datetime.timedelta(hours=self.pick(*hours), seconds=self.pick(0, 0, 0, 1))
            when = self.at(at) if self.one_in(4) else f"{at:%Y-%m-%dT%H:%M:%S}{zone}"
            made.append(self.observation(None, test, when))
        if tests is VITALS and self.one_in(3):
            # Both pressures of one measurement, of which only the day may be known.
            both = self.resource("Observation", status="final", code={"coding": [{"system": LOINC, "code": "85354-9"}]}, effectiveDateTime=self.pick(when, when[:10], self.hour(1)))
            both["component"] = [{"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": self.quantity(units)} for (code, *_), units in (VITALS[4], VITALS[5])]
            made.append(both)
        if self.one_in(3):
            made.append(self.observation(None, self.pick(*tests), self.hour(1)))
        return made

    def window(self):
        """Several values of one window of hours or days, of which the first, the highest or the lowest may count."""
        self.kinds.add("values of a window")
        test, back = self.pick((self.pick(*VITALS), 3), (self.pick(*BLOODS), 3), (self.pick(*TESTS[:2]), 40))
        return [self.observation(None, test, self.hour(back)) for _ in range(self.chance.randint(2, 4))]

    def limited(self):
        """Several values about a limit, on one day or on several."""
        self.kinds.add("values about a limit")
        test = self.pick(*LIMITED)
        same = self.hour(60)
        made = [self.observation(None, test, same if self.one_in(3) else self.pick(self.hour(60), self.hour(60), "2026-10")) for _ in range(self.chance.randint(1, 4))]
        for one in made:
            quantity = one.get("valueQuantity")
            if isinstance(quantity, dict) and self.one_in(3) and isinstance(quantity.get("value"), float):
                quantity["value"] = self.pick(40.0, 90.0, 100.0, 126.0, 140.0, 150.0, 160.0, 6.1)
        return made

    def kidney(self):
        """What says how the kidneys work, or what it can be computed from."""
        self.kinds.add("kidney")
        return [self.observation(self.pick(None, "2026-11-18"), test) for test in self.chance.sample(KIDNEY, self.chance.randint(1, 3))]

    def smoking(self):
        """An answer by a code of an option."""
        self.kinds.add("smoking")
        same = self.of_set(self.pick(*SMOKING)) if self.one_in(2) else [(SNOMED, self.pick(*reader.value_set(self.pick(*SMOKING))["snomed"]))]
        made = self.observation(None, (("72166-2",), {"1": (0, 1)}), self.hour(20) if self.one_in(2) else None)
        if "valueQuantity" in made and not self.one_in(10):
            del made["valueQuantity"]
            made["valueCodeableConcept"] = {"coding": [{"system": system, "code": code} for system, code in same]}
            if self.one_in(10):
                made["valueCodeableConcept"] = self.pick({"text": "smoker"}, {"coding": [{"system": SNOMED, "code": "77176002"}]}, {"coding": [{"code": same[0][1]}]})
        return made

    def yes_or_no(self):
        """An answer by yes or no."""
        self.kinds.add("yes or no")
        made = self.observation(None, (("45669-9",), {"1": (0, 1)}), self.hour(20) if self.one_in(2) else None)
        if "valueQuantity" in made and not self.one_in(6):
            del made["valueQuantity"]
            made["valueBoolean"] = self.pick(True, True, False, False, "true", 1)
        return made

    def body(self):
        return [self.observation(None, TESTS[-2]), self.observation(None, TESTS[-1])]

    def report(self):
        self.kinds.add("report")
        result = self.observation()
        status = self.pick("final", "final", "entered-in-error", "cancelled", "preliminary")
        report = self.resource("DiagnosticReport", status=status, code={"text": "Laboratory"})
        if self.one_in(5, "result elsewhere"):
            report |= self.pick({}, {"issued": self.day() + "T10:00:00Z"}, {"effectiveDateTime": self.day()})
            report["result"] = [{"reference": "Observation/gone"}]
            return [report, result]
        if self.one_in(5, "member elsewhere"):
            panel = self.resource("Observation", status=self.pick("final", "final", "cancelled"), code={"coding": [{"system": LOINC, "code": "24323-8"}]})
            return [panel | {"effectiveDateTime": self.day(), "hasMember": [{"reference": "Observation/" + self.pick("gone", result["id"])}]}, result]
        if self.one_in(2):
            result.pop("subject")
            return [report | {"contained": [result], "result": [{"reference": "#" + result["id"]}]}]
        return [report | {"result": [{"reference": "Observation/" + result["id"]}]}, result]

    def visit(self):
        self.kinds.add("visit")
        return self.resource("Encounter", status="finished", reasonCode=[self.concept(self.pick(*DISEASES))])

    def patient(self):
        patient = {"resourceType": "Patient", "id": "p", "gender": self.pick("male", "female")}
        patient["birthDate"] = f"{self.chance.randint(1940, 2000)}-{self.chance.randint(1, 12):02}-{self.chance.randint(1, 28):02}"
        if self.one_in(12, "birth date"):
            patient["birthDate"] = self.pick("1957", "1957-03", "1957-11", "1928-05-05", "1900-01-01", "2015-01-01", "14.03.1957", 1957, "2031-01-01")
        if self.one_in(30, "birth date"):
            del patient["birthDate"]
        if self.one_in(20, "gender"):
            patient["gender"] = self.pick("other", "unknown")
        if self.one_in(20, "deceased"):
            patient |= self.pick({"deceasedBoolean": True}, {"deceasedBoolean": False}, {"deceasedDateTime": "2025-01-01"})
        if self.one_in(30, "not in use"):
            patient["active"] = self.pick(False, False, True)
        if self.one_in(20, "birth sex"):
            patient["extension"] = [{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": self.pick("F", "M")}]
        return patient

    # ------------------------------------------------------------------------------------------- records

    def versions(self, resource):
        """The resource in two versions, the second changed or withdrawn."""
        self.kinds.add("versions")
        second = json.loads(json.dumps(resource))
        change = self.pick("withdrawn", "same", "changed")
        if change == "withdrawn":
            withdraw(second)
        elif change == "changed" and resource["resourceType"] == "Observation":
            second["valueQuantity"] = {"value": 2.5, "system": UCUM, "code": "mg/dL"}
        elif change == "changed" and resource["resourceType"] == "Condition":
            second["clinicalStatus"] = {"coding": [{"system": CLINICAL, "code": "resolved"}]}
        order = self.pick("number", "time", "nothing")
        if order == "number":
            resource["meta"], second["meta"] = {"versionId": "9"}, {"versionId": "10"}
        elif order == "time":
            resource["meta"], second["meta"] = {"lastUpdated": "2026-11-01T00:00:00Z"}, {"lastUpdated": "2026-11-02T00:00:00Z"}
        return [resource, second]

    def denied(self, resource):
        """The same once more, denied, before or after it."""
        other = json.loads(json.dumps(resource)) | {"id": resource["id"] + "d"}
        if resource["resourceType"] == "Condition":
            other["verificationStatus"] = {"coding": [{"system": VERIFICATION, "code": self.pick("refuted", "refuted", "confirmed")}]}
            resource["recordedDate"], other["recordedDate"] = self.edge(), self.edge()
        else:
            other["status"] = self.pick("stopped", "stopped", "completed", "not-taken", "cancelled")
            name = "authoredOn" if resource["resourceType"] == "MedicationRequest" else "dateAsserted"
            resource[name], other[name] = f"2026-{self.chance.randint(1, 10):02}-01", f"2026-{self.chance.randint(1, 10):02}-0{self.pick(1, 2)}"
        if self.one_in(4):
            other.pop(self.pick("recordedDate", "authoredOn", "dateAsserted"), None)
        return [resource, other]

    def twin(self, patient):
        """The same Patient once more, or one who is much like it."""
        patient["name"] = [{"family": self.pick("Meier", "Zoller"), "given": self.pick(["Anna"], ["Anna", "Maria"], ["Zo\u00eb"])}]
        patient["identifier"] = [{"system": "urn:mrn", "value": self.pick("4711", "4711", "4711", "000-00-000", "unknown")}]
        twin = json.loads(json.dumps(patient)) | {"id": self.pick("p", "q")}
        if self.one_in(3, "another name"):
            name = twin["name"][0]
            name |= self.pick({"family": name["family"].upper()}, {"family": "Schulze"}, {"given": ["Berta"]}, {"given": ["Berta", "Maria"]}, {"given": ["Zoe"]}, {"given": ["ANNA"]})
        if self.one_in(6):
            twin["gender"] = self.pick("male", "female")
        if self.one_in(6):
            twin["identifier"].append({"system": "urn:mrn", "value": "4712"})
        if self.one_in(6):
            twin["identifier"] = [{"system": "urn:mrn", "value": "4713"}]
        return twin

    def parts(self):
        """The resources of a record."""
        resources = [self.patient()]
        for _ in range(self.chance.randint(1, 4)):
            make = self.pick("condition", "condition", "condition", "medication", "medication", "procedure", "observation", "observation", "repeated", "body", "report", "given", "visit", "together", "together", "window", "limited", "limited", "kidney", "smoking", "yes_or_no")
            made = getattr(self, make)()
            made = made if isinstance(made, list) else [made]
            if self.one_in(12):
                made = self.versions(made[0]) + made[1:]
            if made[0]["resourceType"] in ("Condition", "MedicationStatement", "MedicationRequest") and self.one_in(6, "denied elsewhere"):
                made = self.denied(made[0]) + made[1:]
            if self.one_in(25, "withdrawn"):
                withdraw(made[0])
                made[0].pop("subject", None) if self.one_in(2) else made[0].update(subject={"reference": "Patient/other"})
            if self.one_in(40, "modifier"):
                made[0]["modifierExtension"] = [{"url": "urn:x", "valueBoolean": True}]
            if self.one_in(60, "another patient"):
                made[0]["subject"] = self.pick({"reference": "Patient/other"}, {"reference": "https://elsewhere.example/Patient/other"})
            resources += made
        if self.one_in(25, "merged patient"):
            old = resources[0] | {"id": "old", "link": [{"other": {"reference": "Patient/p"}, "type": "replaced-by"}]}
            if self.one_in(3):
                old.pop("link")
            resources.append(old)
            resources[-2]["subject"] = {"reference": "Patient/old"}
        elif self.one_in(20, "patient twice"):
            resources.append(self.twin(resources[0]))
        conditions = [resource["id"] for resource in resources if resource["resourceType"] == "Condition"]
        if conditions and self.one_in(8, "section"):
            codes = self.pick(["11348-0"], ["11348-0"], ["10157-6"], ["11450-4"], ["11348-0", "11450-4"])
            entry = [{"reference": "Condition/" + self.pick(*conditions)}]
            sections = [{"code": {"coding": [{"system": LOINC, "code": code}]}, "entry": entry} for code in codes]
            resources.append(self.resource("Composition", status="final", section=sections))
        if self.one_in(15, "nothing known"):
            code = self.pick("no-problem-info", "no-known-problems")
            coding = {"system": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "code": code}
            resources.append(self.resource("Condition", code={"coding": [coding]}))
        return resources

    def bundle(self, resources):
        full = self.pick(True, True, False)
        entries = [{"resource": resource} for resource in resources]
        for entry in entries:
            if full and not self.one_in(10):
                entry["fullUrl"] = f"{BASE}{entry['resource']['resourceType']}/{entry['resource']['id']}"
        bundle = {"resourceType": "Bundle", "type": self.pick("collection", "searchset")}
        if bundle["type"] == "searchset" and self.one_in(2):
            # The same resource twice is one match.
            matches = {(resource["resourceType"], resource["id"]) for resource in resources}
            bundle["total"] = len(matches) + (self.one_in(6, "cut") and 5)
        if self.one_in(15, "failed search"):
            outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": self.pick("error", "fatal", "information"), "code": "exception"}]}
            entries.append(self.pick(
                {"resource": outcome, "search": {"mode": "outcome"}},
                {"response": {"status": self.pick("500 Internal Server Error", "403", "200 OK"), "outcome": outcome}}))
        if self.one_in(60, "page"):
            bundle["link"] = [{"relation": self.pick("next", "previous", "self"), "url": BASE + "Condition?patient=p"}]
            if "total" in bundle and "cut" not in self.kinds:
                bundle["total"] = len({resource["id"] for resource in resources if resource["resourceType"] == "Condition"})
        return bundle | {"entry": self.shuffled(entries)}

    def record(self):
        """The text of one file."""
        self.kinds, self.number = set(), 0
        resources = self.parts()
        if self.one_in(25, "list"):
            return json.dumps(resources)
        if self.one_in(25, "lines"):
            return "\n".join(json.dumps(resource) for resource in self.shuffled(resources)) + "\n"
        text = json.dumps(self.bundle(resources), ensure_ascii=False)
        if self.one_in(80, "duplicate member"):
            text = text.replace('"resourceType": "Patient"', '"resourceType": "Patient", "gender": "male", "gender": "female"', 1)
        if self.one_in(100, "cut text"):
            text = text[: len(text) // 2]
        return text


    # -------------------------------------------------------------------------------------------- shapes

    def places(self, json):
        """All places below a piece of JSON."""
        items = json.items() if isinstance(json, dict) else enumerate(json) if isinstance(json, list) else []
        for key, value in items:
            yield (json, key)
            yield from self.places(value)

    def misshapen(self):
        """A record with one place of another shape than it should have."""
        self.kinds, self.number = set(), 0
        resources = self.parts()
        inside, key = self.pick(*self.places(resources))
        value = inside[key]
        self.kinds.add(key if isinstance(key, str) else "item")
        inside[key] = self.pick(None, 7, True, "", "x", [], {}, [value], {"value": value}, [value, "x"])
        return json.dumps(self.bundle([resource for resource in resources if is_resource(resource)]))


def is_resource(json):
    return isinstance(json, dict) and isinstance(json.get("resourceType"), str) and isinstance(json.get("id"), str)


def withdraw(resource):
    if resource["resourceType"] == "Condition":
        resource["verificationStatus"] = {"coding": [{"system": VERIFICATION, "code": "entered-in-error"}]}
    else:
        resource["status"] = "entered-in-error"


def main():
    seed, count = map(int, sys.argv[1:3])
    records, asked = Records(seed), reader.protocols(ASKED)
    make = records.misshapen if "shapes" in sys.argv[3:] else records.record
    for _ in range(count):
        text = make()
        print(json.dumps({"record": text, "kinds": sorted(records.kinds), "expected": reader.answers(text, asked)}))


if __name__ == "__main__":
    main()
