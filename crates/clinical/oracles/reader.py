# SPDX-License-Identifier: Apache-2.0
"""A second reader of FHIR records, written from the rules in docs/fhir.md and from FHIR R4, not from our code.

    reader.py [PROTOCOL...] < LINES

Each line is a record as a JSON string. For each it writes one line,

    {protocol: {"refused": why} or {"answers": {feature: answer}, "entries": bool, "failures": bool}}

An answer is {"value": v}; "asked" (the record has something that can't be used); "silent" (it has nothing: ask);
"unconfirmed" (it has nothing, and that is "no" once the patient confirms it). `entries` says that something in the
record may be about the unconfirmed ones and has no code that can be compared, `failures` that some of it couldn't be
read. Units beyond a small table and forms of one's own (QuestionnaireResponse) are left out.

In the order of the work: the file, its resources, their versions, whose they are, what each source has on a
feature, the decision.
"""

import datetime
import json
import pathlib
import re
import sys
import tomllib
import unicodedata

PROTOCOLS = pathlib.Path(__file__).resolve().parent.parent / "protocols"
TODAY = datetime.date(2026, 11, 23)
ADULT = 18


class Refused(Exception):
    """The record as a whole can't be read; the text says why."""


# ---------------------------------------------------------------------------------------------- the file

def members(pairs):
    """A JSON object, each member of which stands once."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise Refused("duplicate member")
    return read


def no_number(text):
    raise Refused("not JSON")


def parse(text):
    """The Bundles and resources of a file: one, a list of them, or one a line."""
    decode = lambda part: json.loads(part, object_pairs_hook=members, parse_constant=no_number)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise Refused("empty")
    try:
        tree = decode(text)
    except RecursionError:
        raise Refused("nested too deep") from None
    except ValueError:
        try:
            tree = [decode(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            raise Refused("not JSON") from None
    roots = tree if isinstance(tree, list) else [tree]
    if not roots or not all(isinstance(root, dict) and isinstance(root.get("resourceType"), str) for root in roots):
        raise Refused("not FHIR")
    return roots


# ----------------------------------------------------------------------------------------- its resources

class Resource:
    """A resource with its address, and whether its versions contradict each other (`torn`)."""

    def __init__(self, json, url=None, inside=None):
        self.json, self.url, self.inside = json, url, inside
        self.kind, self.torn, self.report_unclear = json["resourceType"], False, False
        identity = json.get("id")
        self.id = identity if isinstance(identity, str) else None
        ending = f"{self.kind}/{self.id}"
        # The server's address, if the entry tells it.
        self.base = url[: -len(ending)] if url and self.id and url.endswith("/" + ending) else None

    def get(self, name):
        return self.json.get(name)


FILTERED = re.compile(r"[?&](_summary|_elements|_count=0)")
PAGES = {"next", "prev", "previous"}
REPLACED = {"Condition": "verificationStatus"}


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def objects(value):
    return [item for item in listed(value) if isinstance(item, dict)]


class File:
    """The resources of a file, and what couldn't be read of it."""

    def __init__(self, roots):
        self.resources, self.failed, self.deleted = [], False, set()
        for root in roots:
            self.add(root, None)
        if not self.resources and not self.failed:
            raise Refused("empty bundle")

    def add(self, json, url):
        kind = json.get("resourceType")
        if kind == "Bundle":
            self.bundle(json)
        elif kind == "OperationOutcome":
            self.outcome(json)
        elif isinstance(kind, str):
            self.resources.append(Resource(json, url))

    def outcome(self, json):
        self.failed |= any(issue.get("severity") in ("error", "fatal") for issue in objects(json.get("issue")))

    def bundle(self, json):
        if json.get("type") == "history":
            raise Refused("a history")
        for link in objects(json.get("link")):
            if link.get("relation") in PAGES:
                raise Refused("a page")
            self.failed |= link.get("relation") == "self" and bool(FILTERED.search(str(link.get("url"))))
        entries = objects(json.get("entry"))
        matches = [entry for entry in entries if mode(entry) == "match"]
        total = json.get("total")
        if json.get("type") == "searchset" and isinstance(total, int) and total > len(matches):
            raise Refused("cut: more matches than entries")
        for entry in entries:
            response = entry.get("response")
            failed = isinstance(response, dict) and re.match(r"\s*[45]", str(response.get("status", "")))
            self.failed |= bool(failed)
            if isinstance(response, dict) and isinstance(response.get("outcome"), dict):
                self.outcome(response["outcome"])
            if isinstance(entry.get("resource"), dict):
                url = entry.get("fullUrl")
                self.add(entry["resource"], url if isinstance(url, str) else None)


def mode(entry):
    """What an entry is in a search: a match unless it says otherwise."""
    search, resource = entry.get("search"), entry.get("resource")
    if isinstance(search, dict) and "mode" in search:
        return search["mode"]
    return "outcome" if isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome" else "match"


# ---------------------------------------------------------------------------------------------- versions

def version(resource):
    """What orders the versions of a resource: number, time of the last change; None where it isn't told."""
    meta = resource.get("meta") if isinstance(resource.get("meta"), dict) else {}
    number, changed = meta.get("versionId"), meta.get("lastUpdated")
    return (int(number) if isinstance(number, str) and number.isdigit() else None,
            interval(changed) if isinstance(changed, str) else None)


def replaces(one, other):
    (number, changed), (their_number, their_changed) = version(one), version(other)
    if number is not None and their_number is not None and number != their_number:
        return number > their_number
    return bool(changed and their_changed and after(changed, their_changed))


def current(resources):
    """One resource of each identity: the last version. Versions that differ and that nothing orders are torn."""
    groups, alone = {}, []
    for resource in resources:
        if resource.id:
            groups.setdefault((resource.kind, resource.id), []).append(resource)
        elif resource.url:
            groups.setdefault((resource.kind, resource.url), []).append(resource)
        else:
            alone.append(resource)
    for group in groups.values():
        bases = {resource.url for resource in group if resource.url}
        # The same id at several addresses is several resources.
        parts = [group] if len(bases) < 2 else [[r for r in group if r.url == base] for base in bases] + [[r] for r in group if not r.url]
        for part in parts:
            last = [one for one in part if not any(replaces(other, one) for other in part)]
            different = [one for index, one in enumerate(last) if all(one.json != other.json for other in last[:index])]
            for resource in different:
                resource.torn = len(different) > 1
            alone += different
    return alone


# ---------------------------------------------------------------------------------------------- statuses

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UNREADABLE = "\0"  # In place of a code: what stands there can't be read.

VERIFICATION = {
    "confirmed": "yes", "410605003": "yes",
    "unconfirmed": "doubt", "provisional": "doubt", "differential": "doubt", "refuted": "no", "410594000": "no", "entered-in-error": "no"}
CLINICAL = {"active": "yes", "recurrence": "yes", "relapse": "yes", "inactive": "over", "remission": "over", "resolved": "over"}
MEDICATION = {
    "active": "yes", "completed": "over", "stopped": "over", "on-hold": "over",
    "not-taken": "no", "intended": "no", "draft": "no", "cancelled": "no", "entered-in-error": "no"}
PROCEDURE = {
    "completed": "yes", "not-done": "no", "preparation": "no", "in-progress": "no", "on-hold": "no", "stopped": "no",
    "aborted": "no", "suspended": "no", "entered-in-error": "no"}
OBSERVATION = {
    "final": "yes", "amended": "yes", "corrected": "yes", "preliminary": "yes", "registered": "no", "cancelled": "no", "entered-in-error": "no"}
STANDING = {"preliminary": 0, "final": 1, "amended": 2, "corrected": 2}


def said(resource, name):
    """All codes that a status has, in small letters, whatever its shape; empty if there is none."""
    beside = resource.get("_" + name)
    found = [UNREADABLE] if isinstance(beside, dict) and beside.get("extension") else []
    value = resource.get(name)
    for item in listed(value):
        if isinstance(item, str):
            found.append(item)
        elif not isinstance(item, dict):
            found.append(UNREADABLE)
        else:
            codings = listed(item.get("coding"))
            codes = [c["code"] if isinstance(c, dict) and isinstance(c.get("code"), str) else UNREADABLE for c in codings]
            if not codings and "code" in item:
                codes = [item["code"] if isinstance(item["code"], str) else UNREADABLE]
            readable = [code for code in codes if code != UNREADABLE]
            text = item.get("text")
            if not readable and isinstance(text, str):
                readable = [text]
            found += readable or [UNREADABLE]
    if isinstance(value, list) and not value:
        found.append(UNREADABLE)
    return [code.strip().lower() for code in found]


def judge(codes, table):
    """What a status says by all of its codings: "yes", "over", "no", "doubt", or None if it isn't there.

    The codings are translations of each other. What is known to deny wins over what isn't known; two known ones
    that differ contradict each other.
    """
    meanings = {table.get(code) for code in codes}
    if not codes:
        return None
    known = meanings - {None, "doubt"}
    if known == {"yes", "over"}:
        return "over or yes"
    if len(known) > 1:
        return "no" if known == {"no", "over"} else "doubt"
    if known in (set(), {"yes"}):
        return "doubt" if len(meanings) > len(known) else "yes"
    return known.pop()


def withdrawn(resource):
    return any("entered-in-error" in said(resource, name) for name in ["status", "verificationStatus"])


def truth(value):
    """A flag of an older FHIR, also as text; None if it can't be read."""
    return {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, (bool, str)) else None


def unusual(resource):
    """Whether something may turn the meaning of a resource around that can't be understood here."""
    return bool(resource.get("modifierExtension") or resource.get("implicitRules"))


# ------------------------------------------------------------------------------------------------- times

MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$")


def interval(text):
    """From when to before when a dateTime of FHIR may be, in UTC; None if it is none."""
    match = MOMENT.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, _, zone = match.groups()
    try:
        start = datetime.datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
        if hour:
            if zone and zone != "Z":
                sign = -1 if zone[0] == "+" else 1
                start += sign * datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
            return start, start + datetime.timedelta(seconds=1)
        if day:
            return start, start + datetime.timedelta(days=1)
        if month:
            return start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        return start, start.replace(year=start.year + 1)
    except (ValueError, OverflowError):
        return None


def after(one, other):
    return one[0] >= other[1]


def over(text):
    """Whether a time has surely passed; None if it can't be read."""
    when = interval(text) if isinstance(text, str) else None
    return when and when[1] <= datetime.datetime.combine(TODAY, datetime.time())


# ------------------------------------------------------------------------------------------------- codes

SYSTEMS = {
    "http://loinc.org": "loinc", "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://snomed.info/sct": "snomed", "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm", "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://www.whocc.no/atc": "atc", "urn:oid:2.16.840.1.113883.6.73": "atc",
    "http://fhir.de/codesystem/bfarm/atc": "atc", "http://fhir.de/codesystem/dimdi/atc": "atc",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd10", "http://fhir.de/codesystem/dimdi/icd-10-gm": "icd10",
    "urn:oid:2.16.840.1.113883.6.3": "icd10", "urn:oid:2.16.840.1.113883.6.90": "icd10"}
# National editions, whose first three characters mean what the WHO's do; icd-10-pcs is another thing.
EDITION = re.compile(r"http://hl7\.org/fhir/sid/icd-10(-(cm|gm|us|am|ca|nl|se|uk))?$")
CERTAINTY = {
    "http://fhir.de/structuredefinition/icd-10-gm-diagnosesicherheit",
    "https://fhir.kbv.de/structuredefinition/kbv_ex_base_diagnosesicherheit"}
NOTHING_KNOWN = {"no-problem-info", "no-medication-info", "no-procedure-info", "no-allergy-info"}
NONE_KNOWN = {"no-known-problems", "no-known-medications", "no-known-procedures", "no-known-allergies"}
NAMES = ("icd10", "snomed", "loinc", "rxnorm", "atc")
TREES = ("icd10", "atc")


def system(uri):
    """Which of the known systems a URI names, whatever its case, scheme, version or final slash."""
    if not isinstance(uri, str):
        return None
    uri = uri.strip().lower().split("|")[0].rstrip("/").replace("https://", "http://", 1)
    if uri.startswith("http://snomed.info/sct/"):
        return "snomed"
    if re.match(r"2\.16\.840\.", uri):
        uri = "urn:oid:" + uri
    return "icd10" if EDITION.match(uri) else SYSTEMS.get(uri)


def plain(code, name):
    """A code as it is compared: in trees without dots, blanks and marks, in capital letters."""
    code = code.strip()
    if name == "icd10":
        code = re.sub(r"[.\s+*!-]", "", code.upper())
    return code.replace(" ", "").upper() if name == "atc" else code


def certainty(code):
    """The German letter of certainty at the end of an ICD-10 code."""
    match = re.search(r"\d\.?[\d-]*[+*!]? ?([AVZG])$", code.strip().upper())
    return match and match[1]


def below(code, wanted, name):
    code, wanted = plain(code, name), plain(wanted, name)
    return code.startswith(wanted) if name in TREES else code == wanted


VERHOEFF = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
while len(VERHOEFF) < 8:
    VERHOEFF.append([VERHOEFF[-1][d] for d in VERHOEFF[1]])


def dihedral(a, b):
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def is_snomed(code):
    """Whether a number has the length and the check digit of an identifier of SNOMED CT."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = dihedral(check, VERHOEFF[place % 8][int(digit)])
    return 6 <= len(code) <= 18 and check == 0


def means(code, name):
    """Whether a code of an unknown system may be one of this system; a bare number may be anything."""
    return not code.isdigit() or name == "snomed" and is_snomed(code)


class Concept:
    """A code with its translations, of which all are read."""

    def __init__(self, value):
        self.codings, self.extensions, self.text = [], [], None
        for item in listed(value):
            if isinstance(item, (str, int)) and not isinstance(item, bool):
                self.codings.append((None, str(item), False))
            elif isinstance(item, dict):
                self.extensions += objects(item.get("extension"))
                codings = listed(item.get("coding"))
                if not codings and "code" in item:
                    codings = [item]
                for coding in codings:
                    if isinstance(coding, (str, int)) and not isinstance(coding, bool):
                        self.codings.append((None, str(coding), False))
                    elif isinstance(coding, dict):
                        self.extensions += objects(coding.get("extension"))
                        code = coding.get("code")
                        if isinstance(code, (str, int)) and not isinstance(code, bool) and str(code).strip():
                            self.codings.append((system(coding.get("system")), str(code), coding.get("userSelected")))

    def find(self, wanted):
        """ "match"; "near" if only a code of an unknown system would match; None."""
        near = False
        for name, code, _ in self.codings:
            for tried in [name] if name else NAMES:
                for entry in wanted.get(tried, []):
                    if below(strip_certainty(code, tried), entry, tried):
                        if name:
                            return "match"
                        near |= means(code, tried)
        return "near" if near else None

    def is_classified(self, listed_codes):
        """Whether some coding tells for certain that the concept is what it is and nothing else."""
        return any(
            name in ("icd10", "atc", "loinc") or name and code.strip() in listed_codes.get(name, ()) for name, code, _ in self.codings)

    def has(self, codes):
        return any(code in codes for _, code, _ in self.codings)


def strip_certainty(code, name):
    return code.strip()[:-1] if name == "icd10" and certainty(code) else code


# ----------------------------------------------------------------------------------------------- readings

class Reading:
    """One thing that a source has on a feature: a value, or None for what can't be used."""

    def __init__(self, value, when=None, issued=None, standing=1):
        self.value, self.when, self.issued, self.standing = value, when, issued, standing


DOUBT = object()


def doubt(**times):
    return Reading(DOUBT, **times)


def unknown_list(part):
    """Whether a list or a section is empty for another reason than that there is nothing."""
    return bool(part.get("emptyReason")) and "nilknown" not in said(part, "emptyReason")


def sections(part):
    for section in objects(part.get("section")):
        yield section
        yield from sections(section)


class Record:
    """One patient's record, ready to be asked."""

    def __init__(self, text):
        file = File(parse(text))
        self.failed = file.failed
        resources = current(file.resources)
        resources = self.reports(resources)
        self.resources = [resource for resource in resources if not withdrawn(resource)]
        self.patients = [resource for resource in self.resources if resource.kind == "Patient"]
        self.one_patient()
        self.by_kind = {}
        for resource in self.resources:
            self.by_kind.setdefault(resource.kind, []).append(resource)
        self.lists()

    def of(self, *kinds):
        return [resource for kind in kinds for resource in self.by_kind.get(kind, [])]

    # ------------------------------------------------------------------------------- results and reports

    def reports(self, resources):
        """A result shares the fate of the reports that it stands in."""
        void, alive, unclear, contained = set(), set(), set(), []
        for report in resources:
            if report.kind != "DiagnosticReport":
                continue
            state = (said(report, "status") or [""])[0]
            target = void if state in ("entered-in-error", "cancelled") else alive
            known = state in ("registered", "partial", "preliminary", "final", "amended", "corrected", "appended")
            for result in objects(report.get("result")):
                address = str(result.get("reference"))
                target.add(address)
                if not known and target is alive:
                    unclear.add(address)
            for inner in objects(report.get("contained")):
                if inner.get("resourceType") == "Observation" and target is alive:
                    copy = dict(inner)
                    copy.setdefault("subject", report.get("subject"))
                    resource = Resource({key: value for key, value in copy.items() if value is not None}, inside=report)
                    resource.torn, resource.report_unclear = report.torn, not known
                    contained.append(resource)
        names = lambda resource: {f"{resource.kind}/{resource.id}", resource.url} - {None}
        for resource in resources:
            resource.report_unclear |= bool(names(resource) & unclear)
        return [resource for resource in resources if resource.kind != "Observation" or not names(resource) & void or names(resource) & alive] + contained

    # --------------------------------------------------------------------------------------------- whose

    def one_patient(self):
        """All Patients are one person, and everything is about that person."""
        ids = [patient.id for patient in self.patients]
        joined = set(ids[:1])
        links = []
        for patient in self.patients:
            for link in objects(patient.get("link")):
                other = link.get("other", {}).get("reference", "") if isinstance(link.get("other"), dict) else ""
                other = other.removeprefix("Patient/")
                if link.get("type") == "replaced-by" and other not in ids:
                    raise Refused("the patient is replaced by one that isn't here")
                if link.get("type") in ("replaced-by", "replaces"):
                    links.append((patient.id, other))
        for _ in self.patients:
            for one, other in links:
                if one in joined or other in joined:
                    joined |= {one, other}
        if any(identity not in joined for identity in ids) or len({p.base for p in self.patients if p.base}) > 1:
            raise Refused("several patients")
        if len(self.patients) > len(set(ids)) and not any(patient.torn for patient in self.patients):
            raise Refused("several patients")
        self.ids = set(ids)
        self.addresses = {patient.url for patient in self.patients if patient.url}
        self.identifiers = {}
        for patient in self.patients:
            for identifier in objects(patient.get("identifier")):
                self.identifiers.setdefault(identifier.get("system"), set()).add(identifier.get("value"))
        for resource in self.resources:
            for subject in [resource.get("subject"), resource.get("patient")]:
                if isinstance(subject, dict):
                    self.about(subject)

    def about(self, subject):
        reference = subject.get("reference")
        if isinstance(reference, str):
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

    # ------------------------------------------------------------------- lists that say they aren't known

    def lists(self):
        for resource in self.resources:
            if resource.kind == "List":
                self.failed |= unknown_list(resource.json)
            if resource.kind == "Composition":
                self.failed |= any(unknown_list(section) for section in sections(resource.json))
        for resource in self.of("Condition", "Procedure", "MedicationStatement", "MedicationRequest"):
            concept = self.concept(resource)
            self.failed |= concept is None or concept.has(NOTHING_KNOWN)

    def concept(self, resource):
        """What a resource is about; None if that is elsewhere and can't be found."""
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
            if value is not None:
                readings.append(Reading(DOUBT if patient.torn or unusual(patient) else value))
        return readings

    def age(self, patient):
        text = patient.get("birthDate")
        if text is None:
            return DOUBT if "_birthDate" in patient.json else None
        if truth(patient.get("deceasedBoolean")) or "deceasedDateTime" in patient.json:
            return DOUBT
        when = interval(text) if isinstance(text, str) else None
        if not when or text in ("1900-01-01", "0001-01-01", "1900", "1900-01"):
            return DOUBT
        first, last = when[0].date(), when[1].date() - datetime.timedelta(days=1)
        ages = {TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day)) for birth in (first, last)}
        ages = {min(age, 90) for age in ages}
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
        codes = [code] if code else [c for _, c, _ in Concept(extension.get("valueCodeableConcept")).codings]
        words = {"f": "female", "female-typical": "female", "248152002": "female", "m": "male", "male-typical": "male", "248153007": "male"}
        for code in codes:
            yield words.get(code.lower(), code.lower())

    def condition(self, feature, source):
        for resource in self.of("Condition"):
            concept = self.concept(resource)
            found = concept.find(source)
            if found:
                yield from self.flag(resource, found, self.holds(resource, concept), source)

    def flag(self, resource, found, state, source):
        """A reading of something that matches; none if it is known not to count."""
        counts = state in ({"yes", "over", "over or yes"} if source.get("past") else {"yes"})
        if state == "no" or state in ("over", "over or no") and not source.get("past"):
            if resource.torn:
                yield doubt()
            return
        usable = counts and found == "match" and not resource.torn and not unusual(resource)
        yield Reading(True) if usable else doubt()

    def holds(self, resource, concept):
        """Whether a condition is there ("yes"), was ("over"), isn't ("no"), one of two of these, or anything ("doubt")."""
        verified = judge(said(resource, "verificationStatus"), VERIFICATION)
        clinical = judge(said(resource, "clinicalStatus"), CLINICAL)
        extensions = concept.extensions + objects(resource.get("extension"))
        letters = {str(e.get("valueCode") or (e.get("valueCoding") or {}).get("code")) for e in extensions if str(e.get("url", "")).lower() in CERTAINTY}
        letters |= {certainty(code) for name, code, _ in concept.codings if name == "icd10"} - {None}
        states = {{"A": "no", "V": "doubt", "Z": "over", "G": "yes"}.get(letter, "doubt") for letter in letters}
        if verified == "no" or "no" in states:
            return "no"
        abated = self.abated(resource)
        if clinical is None:
            clinical = "over" if abated or "over" in states else "doubt" if abated is None else "yes"
        elif clinical == "yes" and (abated or "over" in states):
            clinical = "over or yes"
        sure = "doubt" not in (verified, *states)
        return clinical if sure else "over or no" if clinical == "over" else "doubt"

    def abated(self, resource):
        """Whether it says that it is over; None if that can't be read."""
        state = False
        for name, value in resource.json.items():
            if name.startswith("abatement"):
                if name == "abatementBoolean":
                    value = truth(value)
                elif name == "abatementDateTime":
                    value = over(value) if isinstance(value, str) and interval(value) else None
                else:
                    value = True
                if value is None:
                    return None
                state |= value
        return state

    def medication(self, feature, source):
        for resource in self.of("MedicationStatement", "MedicationRequest"):
            concept = self.concept(resource)
            found = concept and concept.find(source)
            if found:
                yield from self.flag(resource, found, self.taken(resource), source)

    def taken(self, resource):
        state = judge(said(resource, "status"), MEDICATION) or "doubt"
        denials = [self.denial(resource, name) for name in ["wasNotTaken", "notTaken", "wasNotGiven", "notGiven", "doNotPerform"]]
        denials.append({"y": "yes", "n": "no", "na": "no"}.get(resource.get("taken"), "doubt") if "taken" in resource.json else "yes")
        if "no" in (state, *denials):
            return "no"
        period = resource.get("effectivePeriod")
        if state == "yes" and isinstance(period, dict) and "end" in period:
            state = {True: "over", False: "yes"}.get(over(period["end"]), "doubt")
        if "doubt" in denials:
            return "over or no" if state == "over" else "doubt"
        # A prescription that has run out and was never closed: it may have been renewed elsewhere.
        dispense = resource.get("dispenseRequest")
        validity = dispense.get("validityPeriod") if isinstance(dispense, dict) else None
        end = validity.get("end") if isinstance(validity, dict) else None
        return "over or yes" if state == "yes" and end is not None and over(end) is not False else state

    def denial(self, resource, name):
        """What a flag of denial says: "no" if it is set, "doubt" if it can't be read."""
        if name not in resource.json:
            return "yes"
        return {True: "no", False: "yes"}.get(truth(resource.get(name)), "doubt")

    def procedure(self, feature, source):
        for resource in self.of("Procedure"):
            found = self.concept(resource).find(source)
            if found:
                state = judge(said(resource, "status"), PROCEDURE) or "doubt"
                denials = [self.denial(resource, name) for name in ["notDone", "notPerformed"]]
                state = "no" if "no" in (state, *denials) else "doubt" if "doubt" in denials else state
                yield from self.flag(resource, found, state, source)

    def answer(self, feature, source):
        return []

    def observation(self, feature, source):
        readings = list(self.observed(feature, source, source))
        return readings if source.get("ever") else latest(readings)

    def observed(self, feature, source, wanted):
        """A reading of each observation with one of the codes, and of each component."""
        for resource in self.of("Observation"):
            for part in [resource.json, *objects(resource.get("component"))]:
                found = Concept(part.get("code")).find(wanted)
                if not found:
                    continue
                state = judge(said(resource, "status"), OBSERVATION) or "doubt"
                when, readable = self.time(resource)
                if state == "no" and not resource.torn:
                    continue
                limit = source.get("within-days")
                if when and when[0] >= datetime.datetime.combine(TODAY, datetime.time()) + datetime.timedelta(days=2):
                    continue
                if when and limit is not None and when[1] < datetime.datetime.combine(TODAY, datetime.time()) - datetime.timedelta(days=limit):
                    continue
                issued = resource.get("issued")
                times = dict(when=when, issued=interval(issued) if isinstance(issued, str) else None,
                             standing=STANDING.get((said(resource, "status") or [""])[0], 1))
                usable = state == "yes" and found == "match" and readable and not resource.torn and not unusual(resource) and not resource.report_unclear
                if not usable or not when and limit is not None:
                    yield doubt(**times)
                    continue
                value = measured(part, feature, source)
                yield doubt(**times) if value is None else Reading(value, **times)

    def time(self, resource):
        """When it was observed, and whether what stands there can be read."""
        for name in ["effectiveDateTime", "effectiveInstant"]:
            if name in resource.json:
                when = interval(resource.get(name)) if isinstance(resource.get(name), str) else None
                return when, when is not None
        if any(name.startswith("effective") for name in resource.json):
            return None, False
        issued = resource.get("issued")
        return (interval(issued), interval(issued) is not None) if isinstance(issued, str) else (None, True)

    def body_mass_index(self, feature, source):
        weights = latest(list(self.observed({}, source | {"unit": "kg"}, {"loinc": ["29463-7"]})))
        heights = list(self.observed({}, {"unit": "m"}, {"loinc": ["8302-2"]}))
        for height in heights:
            if not self.is_adult(height.when):
                height.value = DOUBT
        heights = latest(heights)
        if not weights or not heights:
            return []
        weight, height = weights[0], heights[0]
        if DOUBT in (weight.value, height.value):
            return [doubt(when=weight.when)]
        return [Reading(weight.value / height.value ** 2, when=weight.when)]

    def is_adult(self, when):
        """Whether the patient had surely grown up by then."""
        births = [interval(p.get("birthDate")) if isinstance(p.get("birthDate"), str) else None for p in self.patients]
        if not when or not births or None in births:
            return False
        return all((when[0].year - birth[1].year, when[0].month, when[0].day) >= (ADULT, birth[1].month, birth[1].day) for birth in births)

    # ------------------------------------------------------------------------------------------- answers

    def answers(self, protocol):
        answers, kinds = {}, set()
        for feature in protocol["intake"]:
            readings = []
            for source in feature.get("source", []):
                readings += getattr(self, source["kind"].replace("-", "_"))(feature, source)
            answer = decide(feature, readings)
            if answer == "silent" and feature.get("absent") == "no":
                answer = "unconfirmed"
                kinds |= {source["kind"] for source in feature.get("source", [])}
            answers[feature["id"]] = answer
        return {
            "answers": answers,
            "entries": self.has_entries(kinds, protocol["listed"]),
            "failures": bool(kinds) and self.failed}

    def has_entries(self, kinds, listed_codes):
        """Whether something in these kinds has no code that can be compared."""
        resources = {"condition": ["Condition"], "procedure": ["Procedure"], "medication": ["MedicationStatement", "MedicationRequest"], "observation": ["Observation"]}
        for kind in kinds:
            for resource in self.of(*resources.get(kind, [])):
                concept = self.concept(resource)
                if concept is None or concept.is_classified(listed_codes) or concept.has(NOTHING_KNOWN | NONE_KNOWN):
                    continue
                state = {
                    "condition": lambda: self.holds(resource, concept), "medication": lambda: self.taken(resource),
                    "procedure": lambda: judge(said(resource, "status"), PROCEDURE), "observation": lambda: "yes"}[kind]()
                if state != "no":
                    return True
        return False


# ----------------------------------------------------------------------------------------- the decision

def latest(readings):
    """What the latest reading says. Those of which none is known to be the latest must agree."""
    last = [one for one in readings if not any(one.when and other.when and after(other.when, one.when) for other in readings)]

    def corrects(one, other):
        if one.when != other.when:
            return False
        if one.issued and other.issued and after(one.issued, other.issued):
            return True
        if one.issued and other.issued and after(other.issued, one.issued):
            return False
        return one.standing > other.standing

    last = [one for one in last if not any(corrects(other, one) for other in last)]
    if not last:
        return []
    values = [one.value for one in last]
    agree = DOUBT not in values and all(value == values[0] or is_close(value, values[0]) for value in values)
    return [Reading(values[0] if agree else DOUBT, when=max((one.when for one in last if one.when), default=None))]


def is_close(one, other):
    return all(isinstance(value, float) for value in (one, other)) and abs(one - other) <= 1e-9 * max(abs(one), abs(other))


def decide(feature, readings):
    if not readings:
        return "silent"
    if feature["kind"] == "flag":
        values = [reading.value for reading in readings]
        value = True if True in values else DOUBT if DOUBT in values else False
    else:
        value = latest(readings)[0].value
    if value is DOUBT:
        return "asked"
    if feature["kind"] == "quantity":
        low, high = feature.get("limits", [float("-inf"), float("inf")])
        if not low <= value <= high:
            return "asked"
    return {"value": value}


# ------------------------------------------------------------------------------------------------- units

# What each unit measures, and how many of the dimension's own unit it is.
UNITS = {
    "g/L": ("mass/volume", 1.0), "mg/dL": ("mass/volume", 0.01), "mg/L": ("mass/volume", 0.001), "g/dL": ("mass/volume", 10.0),
    "mol/L": ("amount/volume", 1.0), "mmol/L": ("amount/volume", 1e-3), "umol/L": ("amount/volume", 1e-6),
    "m": ("length", 1.0), "cm": ("length", 0.01), "mm": ("length", 0.001), "[in_i]": ("length", 0.0254),
    "kg": ("mass", 1.0), "g": ("mass", 0.001), "[lb_av]": ("mass", 0.45359237),
    "mm[Hg]": ("pressure", 133.322), "kPa": ("pressure", 1000.0),
    "1": ("number", 1.0), "{INR}": ("number", 1.0), "kg/m2": ("mass/area", 1.0), "a": ("time", 1.0)}
SPELLINGS = {
    "mmhg": "mm[Hg]", "mg/dl": "mg/dL", "umol/l": "umol/L", "mmol/l": "mmol/L", "g/l": "g/L", "g/dl": "g/dL", "lbs": "[lb_av]",
    "kg/m2": "kg/m2", "inches": "[in_i]"}
# Grams in a mole, from IUPAC's standard atomic weights: C 12.011, H 1.008, N 14.007, O 15.999.
MOLAR = {
    "creatinine": 4 * 12.011 + 7 * 1.008 + 3 * 14.007 + 15.999,
    "bilirubin": 33 * 12.011 + 36 * 1.008 + 4 * 14.007 + 6 * 15.999,
    "glucose": 6 * 12.011 + 12 * 1.008 + 6 * 15.999}


def unit(text):
    text = unicodedata.normalize("NFKC", text).replace("\u03bc", "u").strip()
    return text if text in UNITS else SPELLINGS.get(text.lower())


def convert(value, one, other, analyte):
    """A value in another unit; None if they measure different things."""
    (dimension, factor), (wanted, size) = UNITS[one], UNITS[other]
    value *= factor
    if dimension != wanted:
        if analyte not in MOLAR or {dimension, wanted} != {"mass/volume", "amount/volume"}:
            return None
        value = value / MOLAR[analyte] if wanted == "amount/volume" else value * MOLAR[analyte]
    return value / size


def measured(part, feature, source):
    """The value of an observation or a component; None if it can't be used."""
    values = [name for name in part if name.startswith("value")]
    quantity = part.get("valueQuantity")
    if values != ["valueQuantity"] or not isinstance(quantity, dict) or quantity.get("comparator") or "dataAbsentReason" in part:
        return None
    number = quantity.get("value")
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return None
    stands = quantity.get("code") if quantity.get("system") == "http://unitsofmeasure.org" and quantity.get("code") else quantity.get("unit")
    one = unit(stands) if isinstance(stands, str) else None
    wanted = source.get("unit") or feature["unit"]
    value = one and convert(float(number), one, wanted, source.get("analyte") or feature.get("analyte"))
    if value is None:
        return None
    return value >= source["at-least"] - 1e-9 if "at-least" in source else value


# -------------------------------------------------------------------------------------------------- main

def protocols(names):
    """The shipped protocols of these names, with all codes that each lists."""
    read = {}
    for path in sorted(PROTOCOLS.glob("*.toml")):
        if not names or path.stem in names:
            read[path.stem] = protocol = tomllib.loads(path.read_text())
            listed_codes = {}
            for source in (source for feature in protocol["intake"] for source in feature.get("source", [])):
                for name in ("snomed", "rxnorm", "loinc"):
                    listed_codes.setdefault(name, set()).update(source.get(name, []))
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
