# SPDX-License-Identifier: Apache-2.0
"""A second reader of FHIR records, written from the rules in docs/fhir.md and from FHIR R4, not from our code.

    reader.py [PROTOCOL...] < LINES

Each line is a record as a JSON string. For each it writes one line,

    {protocol: {"refused": why} or {"answers": {feature: answer}, "entries": bool, "failures": bool}}

An answer is {"value": v}; "asked" (the record has something that can't be used); "silent" (it has nothing: ask);
"unconfirmed" (it has nothing, and that is "no" once the patient confirms it). `entries` says that something in the
record may be about the unconfirmed ones and has no code that can be compared, `failures` that some of it couldn't be
read. What is left out stands in docs/fhir.md, "How it is checked".

In the order of the work: the file, its resources and their versions (reader_files.py), whose they are
(reader_person.py), what each source has on a feature by codes and statuses (reader_codes.py), times and units (reader_values.py), the decision.
"""

import datetime
import functools
import json
import pathlib
import re
import sys
import tomllib

from reader_codes import (
    ADHERENCE, CERTAINTY, CLINICAL, MEDICATION, NAMES, NONE_KNOWN, NOTHING_KNOWN, OBSERVATION, PROCEDURE, STANDING, VERIFICATION, Codes, Concept, certainty, denied_beside, doubted, judge, said,
    truth, unusual, withdrawn)
from reader_files import ANY, File, Refused, Resource, current, parse
from reader_person import differ, fit, numbers, words
from reader_shapes import listed, objects
from reader_values import LIMITS, TODAY, UNITS, Moment, after, convert, interval, measured, over, reported

CRATE = pathlib.Path(__file__).resolve().parent.parent
# The shipped ones, and one for tests that has every kind of source.
PROTOCOLS = [*sorted((CRATE / "protocols").glob("*.toml")), CRATE / "tests" / "second-reader.toml"]
ADULT = 18


class Reading:
    """One thing that a source has on a feature: a value, or None for what can't be used."""

    def __init__(self, value, when=None, issued=None, standing=1, computed=False, reported=None, at=None):
        # Whether a later one wouldn't take it back.
        self.lasts = True
        # Whether it was chosen among all of a window.
        self.picked = False
        self.value, self.when, self.issued, self.standing, self.computed = value, when, issued, standing, computed
        # The size of the unit it stands in, in the wanted one, and half of its last digit.
        self.reported = reported
        # All moments that it may be of; None among them if that isn't known.
        self.at = [at]


# When an entry was written or began.
WRITTEN = ["recordedDate", "assertedDate", "dateRecorded", "dateAsserted", "authoredOn", "dateWritten", "onsetDateTime", "onsetPeriod", "effectiveDateTime", "effectivePeriod"]
WEIGHT, HEIGHT = Codes({"loinc": ["29463-7"]}), Codes({"loinc": ["8302-2"]})
SYSTOLIC, DIASTOLIC, PRESSURES = "8480-6", "8462-4", {"85354-9", "55284-4", "35094-2"}
DOUBT = object()


def doubt(**times):
    return Reading(DOUBT, **times)


# The kinds of resources, by the kinds of sources.
KINDS = {
    "condition": ["Condition"], "procedure": ["Procedure"], "medication": ["MedicationStatement", "MedicationRequest"],
    "observation": ["Observation"]}
# Medicines that were given or handed out: whether they are taken they don't say.
MENTIONED = ["MedicationAdministration", "MedicationDispense"]
# What is read and tells whom it is about.
ABOUT_SOMEBODY = {"Condition", "Composition", "List", "DiagnosticReport", "Observation", "Procedure", "QuestionnaireResponse", "MedicationOrder", "MedicationPrescription", *KINDS["medication"], *MENTIONED}
# What becomes of a result by its report, the best first.
STANDS, PRELIMINARY, UNCLEAR, VOID = range(4)
# Lists and sections of documents, by their LOINC codes.
LISTS = {"11450-4": "condition", "11348-0": "condition", "10160-0": "medication", "47519-4": "procedure", "30954-2": "observation"}


# Sections that tell of their conditions what these don't say themselves.
PAST, FAMILY = "11348-0", "10157-6"
# Where a code may stand that answers nothing: the elements, by kinds.
REASONS = ["reasonCode", "reason", "reasonCodeableConcept", "reasonForUseCodeableConcept"]
ELSEWHERE = {
    "Encounter": REASONS, "Claim": [], "ExplanationOfBenefit": [], "Flag": ["code"], "Condition": ["code"], "Procedure": ["code", *REASONS],
    "Observation": ["code", "valueCodeableConcept"], "DiagnosticReport": ["conclusionCode", "codedDiagnosis"],
    **{kind: REASONS for kind in ["MedicationStatement", "MedicationRequest", "MedicationOrder", "MedicationPrescription"]}}
# What panels may name beside observations.
NO_RESULT = ("QuestionnaireResponse/", "MolecularSequence/")


def sections(part):
    for section in objects(part.get("section")):
        yield section
        yield from sections(section)


def named_in_sections(part, code=None):
    """The references of all sections with the code of each; one without a code is a part of that around it."""
    for section in objects(part.get("section")):
        own = code
        if "code" in section:
            known = [found for _, found, _ in Concept(section["code"]).codings if found in (PAST, FAMILY)]
            own = known[0] if known else "other"
        yield from ((str(entry.get("reference")), own) for entry in objects(section.get("entry")))
        yield from named_in_sections(section, own)


class Record:
    """One patient's record, ready to be asked."""

    def __init__(self, text):
        file = File(parse(text))
        self.failed = file.failed
        self.concepts, self.moments = {}, {}
        resources = current(file.resources)
        resources = self.reports(resources)
        self.resources = [resource for resource in resources if not withdrawn(resource)]
        self.patients = [resource for resource in self.resources if resource.kind == "Patient"]
        self.one_patient()
        self.by_kind = {}
        for resource in self.resources:
            self.by_kind.setdefault(resource.kind, []).append(resource)
        self.lists()
        self.documents()

    def of(self, *kinds):
        return [resource for kind in kinds for resource in self.by_kind.get(kind, [])]

    # ------------------------------------------------------------------------------- results and reports

    def reports(self, resources):
        """A result shares the fate of the reports that it stands in: the best of several."""
        fates, contained = {}, []
        for report in resources:
            if report.kind != "DiagnosticReport":
                continue
            fate = self.fate(report)
            for result in objects(report.get("result")):
                fates.setdefault(str(result.get("reference")), set()).add(fate)
            for inner in objects(report.get("contained")):
                if inner.get("resourceType") == "Observation" and fate != VOID:
                    copy = dict(inner)
                    copy.setdefault("subject", report.get("subject"))
                    resource = Resource({key: value for key, value in copy.items() if value is not None}, inside=report)
                    resource.report_unclear, resource.preliminary = fate == UNCLEAR, fate == PRELIMINARY
                    contained.append(resource)
        self.lost = list(self.lost_results(resources + contained))
        taken_back = self.members_taken_back(resources + contained)
        kept = []
        for resource in resources:
            fate = min((fate for name in (f"{resource.kind}/{resource.id}", resource.url) for fate in fates.get(name, ())), default=STANDS)
            if resource.kind == "Observation":
                back = not taken_back.isdisjoint({f"Observation/{resource.id}", resource.url})
                resource.report_unclear, resource.preliminary = fate == UNCLEAR or back, fate == PRELIMINARY
            if resource.kind != "Observation" or fate != VOID:
                kept.append(resource)
        return kept + contained

    def members_taken_back(self, resources):
        """The members of panels that were cancelled or withdrawn, unless a panel in force has them as well."""
        named = {True: set(), False: set()}
        for panel in resources:
            if panel.kind == "Observation":
                back = withdrawn(panel) or panel.get("status") in ("cancelled", "cannot-be-obtained")
                named[back] |= {str(member.get("reference")) for member in objects(panel.get("hasMember"))}
        return named[True] - named[False]

    def lost_results(self, resources):
        """When the results were made that reports and panels in force name and that aren't here; None if nothing tells."""
        there = {name for resource in resources for name in (f"{resource.kind}/{resource.id}", resource.url)}
        for resource in resources:
            if withdrawn(resource) or resource.get("status") == "cancelled":
                continue
            field = {"DiagnosticReport": "result", "Observation": "hasMember"}.get(resource.kind)
            inner = {f"#{one.get('id')}" for one in objects((resource.inside or resource).get("contained"))}
            for result in objects(resource.get(field)) if field else []:
                address = str(result.get("reference")).split("/_history/")[0]
                ending = "/".join(address.rsplit("/", 2)[-2:])
                if address not in there | inner and ending not in there and not ending.startswith(NO_RESULT):
                    yield self.made(resource)

    def made(self, resource):
        """All of the time that a report or panel tells of its results."""
        period = resource.get("effectivePeriod")
        if isinstance(period, dict):
            ends = [Moment(text) for text in (str(period.get(name)) for name in ("start", "end")) if interval(text)]
            return ends[0].until(ends[1]) if len(ends) == 2 else None
        return self.moment(resource)[0]

    def fate(self, report):
        """What a report says of its results. One whose versions contradict each other, or with a modifier, leaves it open."""
        if withdrawn(report):
            return VOID
        if report.torn or unusual(report):
            return UNCLEAR
        state = report.get("status")
        if state is None or state in ("final", "amended", "corrected", "appended", "modified"):
            return STANDS
        return {"cancelled": VOID, "partial": PRELIMINARY, "preliminary": PRELIMINARY}.get(str(state), UNCLEAR)

    # --------------------------------------------------------------------------------------------- whose

    def one_patient(self):
        """All Patients are one person, and everything is about that person."""
        ids = [patient.id for patient in self.patients]
        links = []
        for patient in self.patients:
            for link in objects(patient.get("link")):
                other = link.get("other", {}).get("reference", "") if isinstance(link.get("other"), dict) else ""
                other = str(other).removeprefix("Patient/")
                if link.get("type") == "replaced-by" and other not in ids:
                    raise Refused("the patient is replaced by one that isn't here")
                if link.get("type") in ("replaced-by", "replaces"):
                    links.append((patient.id, other))
        joined = self.patients[:1]
        for _ in self.patients:
            joined += [other for other in self.patients if other not in joined and any(self.one_person(one, other, links) for one in joined)]
        if len(joined) < len(self.patients) or len({p.base for p in self.patients if p.base}) > 1:
            raise Refused("several patients")
        self.ids = set(ids)
        self.addresses = {patient.url for patient in self.patients if patient.url}
        self.identifiers = {}
        for patient in self.patients:
            for system, values in numbers(patient).items():
                self.identifiers.setdefault(system, set()).update(values)
        for resource in self.resources:
            if resource.kind not in ABOUT_SOMEBODY:
                continue
            for name in ("subject", "patient"):
                if name in resource.json and not listed(resource.get(name)):
                    resource.nobody = True
                for subject in listed(resource.get(name)):
                    resource.nobody |= not self.about(subject if isinstance(subject, dict) else {"reference": subject})

    def one_person(self, one, other, links):
        """Whether two Patients are one by the rules of "Several Patients"."""
        if (one.id, other.id) in links or (other.id, one.id) in links:
            return True
        mine, theirs = numbers(one), numbers(other)
        contradict = any(mine[system].isdisjoint(theirs[system]) for system in mine.keys() & theirs.keys()) or differ(one, other, "birthDate") or differ(one, other, "gender")
        if one.id is not None and one.id == other.id:
            if one.base and one.base == other.base or not contradict and fit(one, other, with_family=True):
                return True
        shared = any(mine[system] & theirs[system] for system in mine.keys() & theirs.keys())
        born = words(one, "birthDate")
        return shared and born and born == words(other, "birthDate") and not contradict and fit(one, other, with_family=False)

    def about(self, subject):
        """Whether it is known to be about the patient; what is known to be about another is refused."""
        reference = subject.get("reference")
        known = False
        if isinstance(reference, str) and reference.strip():
            known = True
            reference = reference.split("/_history/")[0]
            if reference.startswith("urn:") or "://" in reference:
                # Without an address of the patient only the end can be compared.
                mine = reference in self.addresses if self.addresses else reference.rsplit("/", 1)[-1] in self.ids
            else:
                kind, _, identity = reference.rpartition("/")
                mine = kind == "Patient" and (identity in self.ids or not self.ids)
            if self.patients and not mine:
                raise Refused("about another patient")
        identifier = subject.get("identifier")
        if isinstance(identifier, dict) and identifier.get("system") in self.identifiers:
            if identifier.get("value") not in self.identifiers[identifier.get("system")]:
                raise Refused("about another patient")
            known = True
        return known

    # ------------------------------------------------------------------- lists that say they aren't known

    def lists(self):
        for resource in self.resources:
            parts = [resource.json] if resource.kind == "List" else sections(resource.json) if resource.kind == "Composition" else []
            for part in parts:
                if part.get("emptyReason") and "nilknown" not in said(part, "emptyReason"):
                    self.failed |= {LISTS[code] for _, code, _ in Concept(part.get("code")).codings if code in LISTS}
        for kind, names in KINDS.items():
            for resource in self.of(*names):
                concept = self.concept(resource)
                has_parts = resource.kind.startswith("Medication") and any(self.ingredients(resource))
                if concept is None or concept.has(NOTHING_KNOWN) or concept.says_nothing and not has_parts:
                    self.failed.add(kind)
            # Statements about lists are no entries of them.
            for name in names:
                self.by_kind[name] = [one for one in self.of(name) if not (self.concept(one) and self.concept(one).has(NOTHING_KNOWN | NONE_KNOWN))]

    def documents(self):
        """Conditions that stand only among past illnesses, or among those of the family."""
        named = {}
        for composition in self.of("Composition"):
            for address, code in named_in_sections(composition.json):
                named.setdefault(address, set()).add(code)
        for condition in self.of("Condition"):
            codes = named.get(f"Condition/{condition.id}", set()) | named.get(condition.url, set())
            condition.past = codes == {PAST}
            condition.nobody |= bool(codes) and FAMILY in codes and codes <= {PAST, FAMILY}

    def ingredients(self, resource):
        """What a medicine that stands in a Medication has in it."""
        reference = resource.get("medicationReference")
        address = str(reference.get("reference")) if isinstance(reference, dict) else ""
        inner = [one for one in objects(resource.get("contained")) if address == f"#{one.get('id')}"]
        outer = [other.json for other in self.of("Medication") if address in (f"Medication/{other.id}", other.url)]
        for part in [part for medicine in (inner + outer)[:1] for part in objects(medicine.get("ingredient"))]:
            items = [part[name] for name in ("itemCodeableConcept", "item", "itemReference") if name in part]
            yield from (Concept(item.get("concept", item) if isinstance(item, dict) else item) for item in items[:1])

    def concept(self, resource):
        """What a resource is about; None if that is elsewhere and can't be found."""
        if id(resource) not in self.concepts:
            self.concepts[id(resource)] = (resource, self.find_concept(resource))
        return self.concepts[id(resource)][1]

    def find_concept(self, resource):
        if not resource.kind.startswith("Medication"):
            return Concept(resource.get("code"))
        if "medicationCodeableConcept" in resource.json:
            return Concept(resource.get("medicationCodeableConcept"))
        medication = resource.get("medication")
        if isinstance(medication, dict) and "concept" in medication:
            return Concept(medication["concept"])
        reference = resource.get("medicationReference")
        if reference is None:
            return Concept(None)
        address = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(address, str):
            return None
        if address.startswith("#"):
            inner = [c for c in objects(resource.get("contained")) if c.get("id") == address[1:]]
            return Concept(inner[0].get("code")) if inner else None
        for other in self.of("Medication"):
            if address in (f"Medication/{other.id}", other.url):
                return Concept(other.get("code"))
        return None

    # ------------------------------------------------------------------------------------------- sources

    def patient(self, feature, source):
        readings = []
        for patient in self.patients:
            value = self.age(patient) if source["field"] == "age" else self.sex(patient)
            # One that isn't in use may have been made by mistake, unless another took its place.
            replaced = any(link.get("type") == "replaced-by" for link in objects(patient.get("link")))
            idle = patient.get("active") not in (None, True) and not replaced
            if value is not None or idle:
                readings.append(Reading(DOUBT if unusual(patient) or idle else value))
        return readings

    def age(self, patient):
        if patient.get("deceasedBoolean") not in (None, False) or "deceasedDateTime" in patient.json:
            return DOUBT
        text = patient.get("birthDate")
        if text is None:
            return DOUBT if "_birthDate" in patient.json else None
        when = interval(text) if isinstance(text, str) else None
        if not when or text in ("1900-01-01", "1970-01-01", "1899-12-30", "1899-12-31"):
            return DOUBT
        first, last = when[0].date(), when[1].date() - datetime.timedelta(days=1)
        ages = {TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day)) for birth in (first, last)}
        return ages.pop() if len(ages) == 1 and min(ages) >= 0 else DOUBT

    def sex(self, patient):
        gender = patient.get("gender")
        others = set()
        for extension in objects(patient.get("extension")):
            url = str(extension.get("url", "")).lower()
            if url.endswith(("us-core-birthsex", "us-core-sex", "patient-sexparameterforclinicaluse", "individual-recordedsexorgender")):
                others |= set(self.sexes(extension))
        if gender is None and not others:
            return DOUBT if "_gender" in patient.json else None
        return gender if gender in ("male", "female") and others <= {gender} else DOUBT

    def sexes(self, extension):
        for inner in objects(extension.get("extension")):
            if inner.get("url") == "value":
                yield from self.sexes(inner)
        code = extension.get("valueCode")
        codes = listed(code) if code else [c for _, c, _ in Concept(extension.get("valueCodeableConcept")).codings]
        words = {"f": "female", "female-typical": "female", "248152002": "female", "m": "male", "male-typical": "male", "248153007": "male"}
        for code in codes:
            yield words.get(str(code).lower(), str(code).lower())

    def confirmed(self, entries, denials):
        """Yes for each entry that no other one of the same code denies, unless that is surely earlier."""
        for resource, codes in entries:
            against = [other for other, others in denials if not codes.isdisjoint(others) and not self.written_after(resource, other)]
            yield doubt() if against else Reading(True)

    def written_after(self, one, denial):
        mine, theirs = self.written(one), self.written(denial, ended=True)
        return bool(theirs) and any(all(at.is_after(other) for other in theirs) for at in mine)

    def written(self, resource, ended=False):
        """The times at which an entry was written or began, and ended."""
        places = [(name, "start") for name in WRITTEN] + [(name, "end") for name in ("dateEnded", "effectivePeriod") if ended]
        texts = [value.get(part) if isinstance(value, dict) else value for name, part in places for value in [resource.get(name)]]
        return [Moment(text) for text in texts if isinstance(text, str) and interval(text)]

    def condition(self, feature, source):
        if feature["kind"] == "choice":
            for option in feature["options"]:
                for one in self.condition({"kind": "flag"}, {"codes": option["codes"], "past": source.get("past")}) if option.get("codes") else []:
                    yield doubt() if one.value is DOUBT else Reading(option["id"])
            return
        entries, denials = [], []
        for resource in self.of("Condition"):
            concept = self.concept(resource)
            found = concept.find(source["codes"])
            if found:
                state = self.holds(resource, concept)
                if state == "no":
                    denials.append((resource, raw_codes(concept)))
                for reading in self.flag(resource, found, state, source):
                    if reading.value is True and not denied_beside(resource):
                        entries.append((resource, raw_codes(concept)))
                    else:
                        yield doubt()
        yield from self.confirmed(entries, denials)

    def derived(self, feature, source):
        """Is computed once the others are known."""
        return []

    def flag(self, resource, found, state, source):
        """A reading of something that matches; none if it is known not to count."""
        counts = state in ({"yes", "over", "over or yes"} if source.get("past") else {"yes"})
        if state == "no" or state in ("over", "over or no") and not source.get("past"):
            return
        denied = any(doubted(value, source.get("past")) for value in self.concept(resource).values)
        usable = counts and found == "match" and not denied and not resource.torn and not unusual(resource)
        yield Reading(True) if usable else doubt()

    def holds(self, resource, concept):
        """Whether a condition is there ("yes"), was ("over"), isn't ("no"), one of two of these, or anything ("doubt")."""
        past = resource.past
        # The German letters may be codings of it.
        status = resource.get("verificationStatus")
        german = [c for item in objects(status) for c in objects(item.get("coding")) if "diagnosesicherheit" in str(c.get("system")).lower()]
        if german:
            rest = [dict(item, coding=[c for c in listed(item.get("coding")) if c not in german]) for item in objects(status)]
            rest = [item for item in rest if item["coding"] or item.get("text")]
            resource = Resource({key: value for key, value in dict(resource.json, verificationStatus=rest or None).items() if value is not None})
        verified = judge(said(resource, "verificationStatus"), VERIFICATION)
        clinical = judge(said(resource, "clinicalStatus"), CLINICAL)
        extensions = concept.extensions + objects(resource.get("extension"))
        letters = {str(e.get("valueCode") or " ".join(str(code) for coding in objects(e.get("valueCoding")) for code in listed(coding.get("code")))) for e in extensions if str(e.get("url", "")).lower() in CERTAINTY}
        letters |= {str(coding.get("code")).strip().upper() for coding in german}
        for name, code, which in concept.codings:
            if name == "icd10" and which != "cm" and certainty(code):
                # Behind a code that isn't said to be a German one such a letter may be something else.
                letters.add(certainty(code) if which == "gm" or certainty(code) == "G" else "?")
        states = {{"A": "no", "V": "doubt", "Z": "over", "G": "yes"}.get(letter, "doubt") for letter in letters}
        says_so = any(VERIFICATION.get(code) == "yes" for code in said(resource, "verificationStatus"))
        if "no" in states and (says_so or len(states) > 1):
            states = {"doubt"}
        if verified == "no" or "no" in states:
            return "no"
        abated = self.abated(resource)
        if clinical is None and abated is not None:
            clinical = "over" if abated or "over" in states else "yes"
        elif clinical in (None, "yes") and (abated is not False or "over" in states):
            clinical = "over or yes"
        elif clinical == "over" and truth(resource.get("abatementBoolean")) is False:
            clinical = "over or yes"
        if clinical == "yes" and past and not said(resource, "clinicalStatus"):
            clinical = "over or yes"
        onset = [value for name, value in resource.json.items() if name.startswith("onset")]
        onset += [value.get("start") for value in onset if isinstance(value, dict)]
        ahead = any(isinstance(text, str) and interval(text) and self.ahead(interval(text)) for text in onset)
        family = {"family-history", "57177007", "416471007"} & set(said(resource, "category"))
        sure = "doubt" not in (verified, *states) and not ahead and not family and resource.get("certainty") is None
        return clinical if sure else "doubt"

    def ahead(self, when):
        return when[0] >= datetime.datetime.combine(TODAY, datetime.time()) + datetime.timedelta(days=2)

    def abated(self, resource):
        """Whether it says that it is over; None if that can't be read."""
        state = False
        for name, value in resource.json.items():
            if name.startswith("abatement"):
                if name == "abatementBoolean":
                    value = truth(value)
                elif name == "abatementDateTime":
                    value = over(value) if isinstance(value, str) and interval(value) else None
                elif isinstance(value, str):
                    value = over(value) if interval(value) else None
                else:
                    value = True
                if value is None:
                    return None
                state |= value
        return state

    def medication(self, feature, source):
        entries, denials = [], []
        for resource in self.of("MedicationStatement", "MedicationRequest"):
            concept = self.concept(resource)
            found = concept and concept.find(source["codes"])
            if found:
                state = self.taken(resource)
                if not source.get("past") and self.is_denial(resource, state):
                    denials.append((resource, raw_codes(concept)))
                for reading in self.flag(resource, found, state, source):
                    if reading.value is True:
                        entries.append((resource, raw_codes(concept)))
                    else:
                        yield reading
        yield from self.confirmed(entries, denials)

    def is_denial(self, resource, state):
        """Whether it says that the medicine isn't taken or was stopped, not only that it is over or was never meant."""
        words = said(resource, "status")
        if words == ["recorded"]:
            words = self.adherence(resource)
        return state == "no" and not {"cancelled", "draft"} & set(words) and resource.get("intent") not in ("proposal", "option") or state == "over" and words == ["stopped"]

    def adherence(self, resource):
        adherence = resource.get("adherence")
        if not isinstance(adherence, dict) or "code" not in adherence:
            return said(resource, "adherence")
        return said(Resource({"resourceType": "MedicationStatement"} | adherence), "code")

    def taken(self, resource):
        state = judge(said(resource, "status"), MEDICATION) or "yes"
        if said(resource, "status") in (["recorded"], ["active"]):
            # Whether it is taken R5 says in the adherence.
            taken = judge(self.adherence(resource), ADHERENCE)
            if said(resource, "status") == ["recorded"]:
                state = taken or "doubt"
            elif taken not in (None, "yes"):
                state = "no" if taken == "no" else "doubt"
        denials = [self.denial(resource, name) for name in ["wasNotTaken", "notTaken", "wasNotGiven", "notGiven", "doNotPerform"]]
        denials.append({"y": "yes", "n": "no"}.get(str(resource.get("taken")), "doubt") if "taken" in resource.json else "yes")
        if "no" in (state, *denials):
            return "no"
        if "doubt" in denials:
            return "doubt"
        period = resource.get("effectivePeriod")
        if state == "yes" and isinstance(period, dict) and "end" in period:
            state = {True: "over", False: "yes"}.get(over(period["end"]), "over or yes")
        if state == "yes" and over(resource.get("dateEnded")):
            state = "over"
        if state == "yes" and self.stale(resource):
            state = "over or yes"
        # A prescription that has run out and was never closed: it may have been renewed elsewhere.
        dispense = resource.get("dispenseRequest")
        validity = dispense.get("validityPeriod") if isinstance(dispense, dict) else None
        end = validity.get("end") if isinstance(validity, dict) else None
        return "over or yes" if state == "yes" and end is not None and over(end) is not False else state

    def stale(self, resource):
        """Whether it was written more than a year ago, or what was written has run out."""
        names = ["authoredOn", "dateWritten"]
        if resource.kind == "MedicationStatement":
            dated = any(name.startswith("effective") or name == "whenGiven" for name in resource.json)
            names = ["effectiveDateTime"] if dated else ["dateAsserted"]
        starts = []
        for text in (resource.get(name) for name in names if name in resource.json):
            when = interval(text) if isinstance(text, str) else None
            if not when:
                return True
            starts.append(when[1])
        if not starts:
            return False
        now = datetime.datetime.combine(TODAY, datetime.time())
        dispense = resource.get("dispenseRequest") if isinstance(resource.get("dispenseRequest"), dict) else {}
        timings = [timing for one in objects(resource.get("dosageInstruction")) for timing in objects(one.get("timing")) or [{}]]
        lengths = [self.days(repeat.get("boundsDuration")) for timing in timings for repeat in objects(timing.get("repeat")) or [{}]]
        supply = self.days(dispense.get("expectedSupplyDuration"))
        ends = [max(lengths)] if lengths and None not in lengths else []
        repeats = dispense.get("numberOfRepeatsAllowed")
        ends += [supply * (1 + (repeats if number(repeats) else 0))] if supply is not None else []
        last = max(starts) - datetime.timedelta(days=1)
        return max(starts) <= now - datetime.timedelta(days=365) or any(last + datetime.timedelta(days=days) < now for days in ends)

    def days(self, length):
        units = {"d": 1, "days": 1, "day": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 31, "month": 31, "months": 31, "a": 366}
        unit = isinstance(length, dict) and units.get(str(length.get("code", length.get("unit"))))
        return length["value"] * unit if unit and number(length.get("value")) else None

    def denial(self, resource, name):
        """What a flag of denial says: "no" if it is set, "doubt" if it can't be read."""
        if name not in resource.json:
            return "yes"
        return {True: "no", False: "yes"}.get(truth(resource.get(name)), "doubt")

    def procedure(self, feature, source):
        for resource in self.of("Procedure"):
            found = self.concept(resource).find(source["codes"])
            if found:
                yield from self.flag(resource, found, self.done(resource), source)

    def done(self, resource):
        state = judge(said(resource, "status"), PROCEDURE) or "yes"
        states = {state, *(self.denial(resource, name) for name in ["notDone", "notPerformed"])}
        return "no" if "no" in states else "doubt" if "doubt" in states else state

    def answer(self, feature, source):
        return []

    def observation(self, feature, source):
        readings = list(self.observed(feature, source, source["codes"]))
        if "times" in source:
            readings = repeated(readings, source["times"])
        elif source.get("pick", "latest") != "latest":
            return picked(readings, source["pick"])
        else:
            if feature["kind"] == "flag" and not source.get("ever"):
                readings = latest(readings)
            for one in readings:
                one.lasts = bool(source.get("ever"))
        if any(other["kind"] in ("condition", "procedure", "medication") for other in feature["source"]):
            # A value below a limit doesn't say that a diagnosis is absent.
            readings = [one for one in readings if one.value is not False]
        return readings

    def observed(self, feature, source, wanted):
        """A reading of each observation with one of the codes, and of each component."""
        for resource in self.of("Observation"):
            for part, found in self.parts(resource, wanted):
                state = judge(said(resource, "status"), OBSERVATION) or "yes"
                if (source.get("ever") or "times" in source) and not any(name.startswith("value") for name in part):
                    # What wasn't measured hides nothing that was.
                    continue
                at, readable = self.moment(resource)
                if state == "no":
                    continue
                is_in = within_window(at, source)
                if is_in == "no":
                    continue
                issued = resource.get("issued")
                times = dict(when=at and at.utc, issued=interval(issued) if isinstance(issued, str) else None, at=at,
                             standing=0 if resource.preliminary else STANDING.get((said(resource, "status") or [""])[0], 1))
                usable = state == "yes" and found == "match" and readable and not resource.torn and not unusual(resource) and not resource.report_unclear
                is_to_come = at and self.ahead(at.utc)
                value = measured(part, feature, source) if usable and not is_to_come and is_in == "yes" else None
                low, high = feature.get("limits", [0, 0])
                if "kind" not in feature and value is not None and not low <= value <= high:
                    value = None
                if value is None:
                    yield doubt(**times)
                else:
                    is_number = isinstance(value, float) and not any(name in source for name in LIMITS)
                    yield Reading(value, reported=reported(part, feature, source) if is_number else None, **times)

    def parts(self, resource, wanted):
        """The observation and its components that have one of the codes, or may be what is asked."""
        parts = [resource.json, *objects(resource.get("component"))]
        found = [(part, self.part(part).find(wanted)) for part in parts]
        found = [(part, how) for part, how in found if how]
        if not found and self.part(resource.json).has(PRESSURES) and any(wanted.has(code, "loinc") for code in (SYSTOLIC, DIASTOLIC)):
            # What a panel of pressures says without a code of its own may be either.
            found = [(part, "near") for part in parts if any(name.startswith("value") for name in part) and (part is resource.json or not self.part(part).codings)]
        return found

    def part(self, part):
        """The concept of an observation or a component."""
        if id(part) not in self.concepts:
            self.concepts[id(part)] = (part, Concept(part.get("code")))
        return self.concepts[id(part)][1]

    def moment(self, resource):
        """When it was observed, and whether what stands there can be read. All of one observation is of one moment."""
        if id(resource) not in self.moments:
            self.moments[id(resource)] = (resource, *self.find_moment(resource))
        return self.moments[id(resource)][1:]

    def find_moment(self, resource):
        for name in ["effectiveDateTime", "effectiveInstant"]:
            if name in resource.json:
                text = resource.get(name)
                at = Moment(text) if isinstance(text, str) and interval(text) else None
                return at, at is not None
        if any(name.startswith("effective") for name in resource.json):
            return None, False
        text = resource.get("issued")
        at = Moment(text).until() if isinstance(text, str) and interval(text) else None
        return at, at is not None or not isinstance(text, str)

    def body_mass_index(self, feature, source):
        weights = latest(list(self.observed({"limits": [0.2, 650.0]}, source | {"unit": "kg"}, WEIGHT)))
        heights = latest(list(self.observed({"limits": [0.2, 2.8]}, {"unit": "m"}, HEIGHT)))
        # A weight that can't be used asks, whatever the height is; without a weight there is nothing to compute.
        for part in (weights, heights):
            if not part:
                return []
            if part[0].value is DOUBT:
                return [doubt(when=weights[0].when, computed=True, at=weights[0].at[0])]
        weight, height = weights[0], heights[0]
        if not self.go_together(weight.when, height.when):
            return [doubt(when=weight.when, computed=True, at=weight.at[0])]
        return [Reading(weight.value / height.value ** 2, when=weight.when, computed=True, at=weight.at[0])]

    def go_together(self, weighed, measured):
        """Whether both are of one grown person, or of about the same time."""
        if weighed and measured:
            days = [abs((one[0].date() - (other[1] - datetime.timedelta(microseconds=1)).date()).days) for one, other in ((weighed, measured), (measured, weighed))]
            if max(days) <= 31:
                return True
        return self.is_adult(measured) and (not weighed or self.is_adult(weighed))

    def is_adult(self, when):
        """Whether the patient had surely grown up by then."""
        births = [interval(p.get("birthDate")) if isinstance(p.get("birthDate"), str) else None for p in self.patients]
        if not when or not births or None in births:
            return False
        return all((when[0].year - birth[1].year, when[0].month, when[0].day) >= (ADULT, birth[1].month, birth[1].day) for birth in births)

    # ------------------------------------------------------------------------------------------- answers

    def answers(self, protocol):
        answers, kinds, silent, moments, open_silent, times = {}, set(), [], {}, [], {}
        for feature in protocol["intake"]:
            readings = []
            for source in feature.get("source", []):
                readings += getattr(self, source["kind"].replace("-", "_"))(feature, source)
            answer, lasts, at = decide(feature, readings)
            times[feature["id"]] = at
            # One that is missing may be the first or the highest, whenever it was.
            later = [] if any(one.picked for one in readings) else at
            if "moment" in feature and answer != "silent":
                moments.setdefault(feature["moment"], []).append((feature["id"], at))
            sources = {"observation" if source["kind"] == "body-mass-index" else source["kind"] for source in feature.get("source", [])} & set(KINDS)
            # What couldn't be read may be a later value, or a yes.
            if isinstance(answer, dict) and answer["value"] is True:
                # What was found stays; what the latest value says may be taken back by a later one.
                sources &= set() if lasts else {"observation"}
            is_open = sources and not self.failed.isdisjoint(sources | {ANY})
            is_open = is_open or "observation" in sources and any(not (lost and any(one and one.is_after(lost) for one in later)) for lost in self.lost)
            if is_open and answer == "silent" and feature.get("absent") != "no":
                open_silent.append(feature["id"])
            elif is_open and answer != "silent":
                answer = "asked"
            if answer == "silent" and feature.get("absent") == "no":
                answer = "unconfirmed"
                kinds |= {source["kind"] for source in feature.get("source", [])}
                silent.append(feature)
            answers[feature["id"]] = answer
        for moment in protocol.get("moment", []):
            for name in apart(moments.get(moment["id"], []), moment["within-hours"]):
                answers[name] = "asked"
        self.derive(protocol, answers, open_silent, times)
        return {
            "answers": answers,
            "entries": self.has_entries(kinds, protocol) or any(self.has_elsewhere(feature) for feature in silent),
            "failures": bool(kinds & set(KINDS)) and not self.failed.isdisjoint(kinds | {ANY}) or "observation" in kinds and bool(self.lost)}

    def derive(self, protocol, answers, open_silent, times):
        """What is computed from the answers to others; what only serves these isn't asked where they are answered."""
        serving, by_id = {}, {feature["id"]: feature for feature in protocol["intake"]}
        for feature in protocol["intake"]:
            for source in feature.get("source", []):
                if source["kind"] != "derived":
                    continue
                for other in source["from"].values():
                    serving.setdefault(other, set()).add(feature["id"])
                inputs = {name: "asked" if other in open_silent else answers[other] for name, other in source["from"].items()}
                is_silent = answers[feature["id"]] == "silent"
                # It has the time of the input that changes, and goes before what is older.
                last = {name: max((at for at in times[other] if at), key=lambda at: at.utc, default=None) for name, other in source["from"].items()}
                later = last[{"ckd-epi-2021": "creatinine", "body-mass-index": "weight"}[source["formula"]]]
                if not is_silent and not (later and all(at and later.is_after(at) for at in times[feature["id"]] or [None])):
                    continue
                is_complete = all(isinstance(one, dict) for one in inputs.values())
                apart = is_complete and source["formula"] == "body-mass-index" and not self.go_together(*(last[name] and last[name].utc for name in ("weight", "height")))
                if "asked" in inputs.values() or apart or not is_complete and not is_silent:
                    answers[feature["id"]] = "asked"
                elif is_complete:
                    compute = {"body-mass-index": body_mass_index, "ckd-epi-2021": ckd_epi}[source["formula"]]
                    value = compute(**{name: in_unit_of(by_id[source["from"][name]], one["value"]) for name, one in inputs.items()})
                    low, high = feature.get("limits", [float("-inf"), float("inf")])
                    answers[feature["id"]] = {"value": value} if value is not None and low <= value <= high else "asked"
        # What couldn't be read may be about it, unless it is computed of something later.
        answers |= {name: "asked" for name in open_silent if answers[name] == "silent"}
        for name, served in serving.items():
            only_serves = by_id[name].get("local") and name not in protocol["conditions"]
            if only_serves and all(isinstance(answers[one], dict) for one in served) and not isinstance(answers[name], dict):
                del answers[name]

    def has_entries(self, kinds, protocol):
        """Whether something in these kinds has no code that can be compared."""
        for kind in kinds:
            for resource in self.of(*KINDS.get(kind, [])):
                concept = self.concept(resource)
                parts = [Concept(part.get("code")) for part in objects(resource.get("component"))] if kind == "observation" else []
                known = all(part.is_classified(protocol["listed"]) for part in parts)
                if kind == "medication":
                    known = self.has_known_parts(resource)
                if concept and known and concept.is_classified(protocol["listed"], kind == "condition"):
                    continue
                state = {
                    "condition": lambda: self.holds(resource, concept), "medication": lambda: self.taken(resource),
                    "procedure": lambda: self.done(resource), "observation": lambda: "yes"}[kind]()
                if state != "no":
                    return True
        return "medication" in kinds and self.has_mentioned(protocol)

    def has_known_parts(self, resource):
        """Whether all that is in a medicine has a code of a known system."""
        return all(any(name for name, _, _ in concept.codings) for concept in self.ingredients(resource))

    def has_elsewhere(self, feature):
        """Whether a code that a feature asks for stands where it answers nothing."""
        for kind, names in ELSEWHERE.items():
            for resource in self.of(kind):
                if kind not in ABOUT_SOMEBODY and not self.is_mine(resource):
                    continue
                places = [(name, value) for part in [resource.json, *objects(resource.get("component"))] for name in names for value in listed(part.get(name))]
                for diagnosis in objects(resource.get("diagnosis")):
                    places += [("diagnosis", value) for name in ("condition", "diagnosisCodeableConcept", "diagnosis") for value in listed(diagnosis.get(name))]
                for name, value in places:
                    concept = Concept(value.get("concept", value) if isinstance(value, dict) else value)
                    # What it is itself about was read by the sources that are about such resources.
                    own = kind.lower() if name == "code" else None
                    refuted = own in ("condition", "procedure") and "no" == (self.holds(resource, concept) if own == "condition" else self.done(resource))
                    if not refuted and any(concept.find(source["codes"]) == "match" for source in feature.get("source", []) if source["kind"] != own):
                        return True
        return False

    def is_mine(self, resource):
        try:
            subjects = [one for name in ("subject", "patient") for one in listed(resource.get(name))]
            return all(self.about(one if isinstance(one, dict) else {"reference": one}) for one in subjects)
        except Refused:
            return False

    def has_mentioned(self, protocol):
        """Whether a medicine was given that the protocol asks for, or of which that can't be told."""
        codes = [source["codes"] for feature in protocol["intake"] for source in feature.get("source", [])]
        codes += [option["codes"] for feature in protocol["intake"] for option in feature.get("options", []) if "codes" in option]
        for resource in self.of(*MENTIONED):
            denials = [self.denial(resource, name) for name in ["wasNotGiven", "notGiven", "wasNotTaken", "notTaken", "doNotPerform"]]
            if "no" in denials or {"not-done", "declined"} & set(said(resource, "status")):
                continue
            concept = self.concept(resource)
            if concept is None or not self.has_known_parts(resource) or not concept.is_classified(protocol["listed"]) or any(concept.find(wanted) for wanted in codes):
                return True
        return False


def raw_codes(concept):
    """All codes of a concept, whatever their systems."""
    return {code.strip().upper() for _, code, _ in concept.codings}


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def latest(readings):
    """What the latest reading says. Those of which none is known to be the latest must agree."""
    return agreed(last_of(readings))


def earliest(readings):
    """What the earliest reading says. One that was picked among several is later only if all of them are."""
    times = [at for one in readings for at in one.at if at]
    return agreed([one for one in readings if not all(mine and any(mine.is_after(at) for at in times) for mine in one.at)])


def in_force(last):
    """Those of several readings that no other one of the very same time replaces."""
    def recorded(when):
        return [one for one in last if one.when == when and not one.computed]

    def is_replaced(one):
        """Whether another of the very same time was written later, or else corrects it."""
        if not one.when or one.computed:
            return False
        same = recorded(one.when)
        if is_early(one, same):
            return True
        return one.standing < max(other.standing for other in same if not is_early(other, same))

    def is_early(one, same):
        return any(one.issued and other.issued and after(other.issued, one.issued) for other in same)

    return [one for one in last if not is_replaced(one)]


def picked(readings, pick):
    """The first, highest or lowest of a window. It rests on all of them, so that nothing that is missing may be later."""
    if pick == "first":
        found = earliest(readings)
    else:
        found = in_force(readings)
        if any(one.value is DOUBT for one in found):
            found = joined(DOUBT, found)
        elif found:
            best = (max if pick == "highest" else min)(one.value for one in found)
            found = joined(best, last_of([one for one in found if one.value == best]))
    for one in found:
        one.picked = True
    return found


def is_later(one, other):
    """Whether one reading surely is later than the other."""
    return all(mine and theirs and mine.is_after(theirs) for mine in one.at for theirs in other.at)


def last_of(readings):
    return [one for one in readings if not any(is_later(other, one) for other in readings)]


def joined(value, readings):
    """One reading in place of several."""
    one = Reading(value, when=max((one.when for one in readings if one.when), default=None))
    one.at = [at for reading in readings for at in reading.at]
    return [one]


def repeated(readings, times):
    """Yes, if so many of different days say yes; if some do, or can't be used, it is open."""
    readings = in_force(readings)
    yes = sorted((one.at[0] for one in readings if one.value is True and one.at[0]), key=lambda at: (at.clock[1].date(), at.utc))
    count, until = 0, None
    for at in yes:
        if until is None or at.is_of_later_day(until):
            count, until = count + 1, at
    if count >= times:
        return [Reading(True)]
    if any(one.value in (True, DOUBT) for one in readings):
        return [doubt()]
    return [Reading(False) for _ in readings[:1]]


def agreed(last):
    """What readings say that must agree."""
    last = in_force(last)
    if not last:
        return []
    # What stands in the wanted unit goes before what was converted.
    last.sort(key=lambda one: (one.computed, bool(one.reported) and one.reported[0] != 1.0))
    first = last[0]
    agree = all(one.value is not DOUBT for one in last) and all(one.value == first.value or is_close(one.value, first.value, tolerance(one, first)) for one in last)
    agree = agree and all(
        is_close(one.value, other.value, 1e-9) for one in last for other in last if one.reported and other.reported and one.reported[0] == other.reported[0])
    return joined(first.value if agree else DOUBT, last)


def tolerance(one, other):
    """How far two values may lie apart that are the same, as a part of them: one sample in two units was rounded in each."""
    if one.computed != other.computed:
        return 0.02
    if not one.reported or not other.reported or one.reported[0] == other.reported[0] or not one.when or one.when != other.when:
        return 1e-9
    size = max(abs(one.value), abs(other.value)) or 1.0
    return min(max((one.reported[1] + other.reported[1]) / size, 1e-9), 0.01)


def is_close(one, other, part):
    return all(isinstance(value, float) for value in (one, other)) and abs(one - other) <= part * max(abs(one), abs(other))


def decide(feature, readings):
    """The answer, whether a later one wouldn't take it back, and all moments that it may be of."""
    if not readings:
        return "silent", False, []
    if feature["kind"] == "flag":
        values = [reading.value for reading in readings]
        value = True if True in values else DOUBT if DOUBT in values else False
        same = [reading for reading in readings if reading.value is value]
    else:
        is_first = any(source.get("pick") == "first" for source in feature["source"])
        same = earliest(readings) if is_first else latest(readings)
        value = same[0].value
    lasts = any(reading.lasts for reading in same)
    at = [one for reading in same for one in reading.at]
    if value is DOUBT:
        return "asked", lasts, at
    if feature["kind"] == "quantity":
        low, high = feature.get("limits", [float("-inf"), float("inf")])
        if not low <= value <= high:
            return "asked", lasts, at
    return {"value": value}, lasts, at


def apart(found, hours):
    """The features that aren't known to be of one moment with the last that any of them has."""
    known = [(name, at) for name, moments in found for at in moments if at]
    last = [(name, one) for name, one in known if not any(other.is_after(one) for _, other in known)]
    return [
        name for name, moments in found
        if not all(at and (at is one or at.is_near(one, hours)) for at in moments for other, one in last if other != name)]


def within_window(at, source):
    """Whether a moment is in the window of a source: "yes", "no", "perhaps"."""
    if "within-hours" not in source and "within-days" not in source:
        return "yes"
    if at is None:
        return "perhaps"
    begin = datetime.datetime.combine(TODAY, datetime.time())
    if "within-hours" in source:
        # Of today only the day is known: it begins a day later at its end.
        begin -= datetime.timedelta(hours=source["within-hours"])
        sure = begin + datetime.timedelta(days=1)
    else:
        begin = sure = begin - datetime.timedelta(days=source["within-days"])
    first, last = (at.ended, at.ended) if at.ended else at.clock
    return "no" if last < begin else "yes" if first >= sure else "perhaps"


def in_unit_of(feature, value):
    """An answer as formulas take it: creatinine in mg/dL, weights in kg, heights in m."""
    wanted = {"creatinine": "mg/dL"}.get(feature.get("analyte")) or {"mass": "kg", "length": "m"}.get(UNITS.get(feature.get("unit"), [None])[0])
    return convert(value, feature["unit"], wanted, feature.get("analyte")) if wanted else value


def body_mass_index(weight, height):
    fits = 0.2 <= weight <= 650 and 0.2 <= height <= 2.8
    return weight / height ** 2 if fits else None


def ckd_epi(creatinine, age, sex):
    """Inker 2021: of adults."""
    if age < ADULT or creatinine <= 0:
        return None
    kappa, alpha, factor = (0.7, -0.241, 1.012) if sex == "female" else (0.9, -0.302, 1.0)
    part = creatinine / kappa
    return 142 * min(part, 1.0) ** alpha * max(part, 1.0) ** -1.2 * 0.9938 ** age * factor


# The systems whose codes sources take of value sets, by their kinds.
TAKES = {
    "condition": ("snomed", "icd10", "icd9", "readv2", "ctv3"), "observation": ("loinc", "snomed", "readv2", "ctv3"),
    "medication": ("rxnorm", "atc", "snomed", "dmd", "readv2", "ctv3"), "procedure": ("snomed", "icd10", "loinc", "readv2", "ctv3")}


@functools.cache
def value_set(name, table="codes"):
    """The codes of a value set by systems, or with "asked" those beside them of which a person is asked."""
    return tomllib.loads((CRATE / "value-sets" / (name.split("|")[0] + ".toml")).read_text()).get(table, {})


def codes_of(place, takes):
    """The codes that stand in a place, with those of its value sets."""
    lists = {name: set(place.get(name, ())) for name in (*NAMES, "dmd")}
    for name in place.get("value-sets", []):
        codes, asked = value_set(name), value_set(name, "asked")
        for system in takes:
            lists[system] |= set(codes.get(system, ()))
            lists.setdefault(f"asked {system}", set()).update(asked.get(system, ()))
    return lists


def conditions(tree):
    """The words of all conditions in a protocol."""
    if isinstance(tree, dict):
        words = set(re.findall(r"[a-z][a-z0-9-]*", tree["when"])) if isinstance(tree.get("when"), str) else set()
        return words.union(*map(conditions, tree.values()))
    return set().union(*map(conditions, tree)) if isinstance(tree, list) else set()


def protocols(names):
    """The shipped protocols of these names, with all codes that each lists."""
    read = {}
    for path in PROTOCOLS:
        if names and path.stem not in names:
            continue
        read[path.stem] = protocol = tomllib.loads(path.read_text())
        protocol["conditions"] = conditions(protocol)
        listed_codes = {name: set() for name in (*NAMES, "dmd")}
        all_have_icd9 = True
        for feature in protocol["intake"]:
            places = []
            for source in feature.get("source", []):
                takes = TAKES.get(source["kind"], ())
                lists = codes_of(source, takes)
                source["codes"] = Codes(lists)
                is_by_options = source["kind"] == "condition" and feature["kind"] == "choice"
                if not is_by_options:
                    places.append((source["kind"], lists))
                for option in feature.get("options", []) if source["kind"] in ("condition", "observation") else []:
                    if "codes" in option and not isinstance(option["codes"], Codes):
                        lists = codes_of(option["codes"], (*NAMES, "dmd"))
                        option["codes"] = Codes(lists)
                        places.append((source["kind"], lists))
            for kind, lists in places:
                for name in listed_codes:
                    listed_codes[name] |= lists[name]
                all_have_icd9 &= kind != "condition" or bool(lists["icd9"])
        # Ids of dm+d are ones of SNOMED CT; Read codes are compared with their dots.
        listed_codes["snomed"] |= listed_codes["dmd"]
        listed_codes["dmd"] = listed_codes["snomed"]
        listed_codes["all have icd9"] = all_have_icd9
        protocol["listed"] = listed_codes
    return read


def answers(text, asked):
    """What each protocol gets from a record, as in the head of this file."""
    try:
        record = Record(text)
    except Refused as refusal:
        return {name: {"refused": str(refusal)} for name in asked}
    return {name: record.answers(protocol) for name, protocol in asked.items()}


def main():
    asked = protocols(sys.argv[1:])
    for line in sys.stdin:
        print(json.dumps(answers(json.loads(line), asked)), flush=True)


if __name__ == "__main__":
    main()
