# SPDX-License-Identifier: Apache-2.0
"""Statuses and codes of reader.py: what the codings of a concept say together."""

import re

from reader_shapes import listed, objects

UNREADABLE = "\0"  # In place of a code: what stands there can't be read.

VERIFICATION = {
    "confirmed": "yes", "410605003": "yes",
    "unconfirmed": "doubt", "provisional": "doubt", "differential": "doubt", "refuted": "no", "410594000": "no", "entered-in-error": "no"}
CLINICAL = {"active": "yes", "recurrence": "yes", "relapse": "yes", "inactive": "over", "remission": "over or yes", "resolved": "over"}
MEDICATION = {
    "active": "yes", "completed": "over", "ended": "over", "stopped": "over", "on-hold": "over",
    "not-taken": "no", "not-taking": "no", "draft": "no", "cancelled": "no", "entered-in-error": "no"}
ADHERENCE = {
    "taking": "yes", "taking-as-directed": "yes", "taking-not-as-directed": "yes", "on-hold": "over", "on-hold-as-directed": "over",
    "on-hold-not-as-directed": "over", "stopped": "over", "stopped-as-directed": "over", "stopped-not-as-directed": "over", "not-taking": "no"}
PROCEDURE = {"completed": "yes", "not-done": "no", "preparation": "no", "entered-in-error": "no"}
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
            inside = [code for c in codings for code in (listed(c.get("code")) if isinstance(c, dict) else [c]) or [None]]
            codes = [code if isinstance(code, str) else UNREADABLE for code in inside]
            if not codings and "code" in item:
                codes = [code if isinstance(code, str) else UNREADABLE for code in listed(item["code"]) or [None]]
            readable = [code for code in codes if code != UNREADABLE]
            text = item.get("text")
            if not readable and isinstance(text, str):
                readable = [text]
            found += readable or [UNREADABLE]
    if isinstance(value, list) and not value:
        found.append(UNREADABLE)
    # A blank says nothing, unless nothing else stands there.
    blank = [code for code in found if code.strip()] or [UNREADABLE] * bool(found)
    return [code.strip().lower() for code in blank]


def judge(codes, table):
    """What a status says by all of its codings: "yes", "over", "no", "doubt", or None if it isn't there.

    The codings are translations of each other. What is known to deny wins over what isn't known; two known ones
    that differ contradict each other.
    """
    meanings = {table.get(code) for code in codes}
    if not codes:
        return None
    known = meanings - {None, "doubt"}
    if len(known) > 1 and known <= {"yes", "over", "over or yes"}:
        return "over or yes"
    if len(known) > 1:
        return "no" if known == {"no", "over"} else "doubt"
    if known in (set(), {"yes"}):
        return "doubt" if len(meanings) > len(known) else "yes"
    return known.pop()


# Words of a text that deny or doubt; of the family; of what was.
DOUBTED = re.compile(
    r"(?<!\w)(rule[- ]out|ruled out|r/o|excluded|no (history|h/o|hx|evidence|signs?) of|not present|denie[sd]|negative for|absence of|"
    r"suspected|suspicion (of|for)|possibl[ey]|probabl[ey]|presum(ed|ptive)|(un)?likely|questionable|query|screening for|risk of|at risk for|"
    r"ausschlu(ss|ß)|ausgeschlossen|verdacht|verdachtsdiagnose|wahrscheinlich|vermutlich|keine?|geen|"
    r"does not have|not confirmed|nicht (bestätigt|gesichert)|écartée?|éliminée?|exclue?|suspectée?|probabile|esclus[oa])(?!\w)|"
    r"(?<!\w)(v\. ?a\.|vd\.|ausgeschl\.)|^no |^dd[ :]|^\?|\?$")
# What a remark beside a code says that isn't so.
DENIED_BESIDE = re.compile(r"(?<!\w)(excluded|ruled out|not confirmed|does not have|ausgeschlossen|nicht (bestätigt|gesichert)|écartée?|descartad[oa]|esclus[oa]|uitgesloten)(?!\w)")
BEFORE_DIABETES = re.compile(r"(?<!\w)(pre-?diabet(es|ic)|prä-?diabetes|prédiabète)(?!\w)")
OF_DIABETES = re.compile(r"E1[0-4]|250|44054006$|46635009$|73211009$")
FAMILY = re.compile(r"(?<!\w)(family history|fhx|familienanamnese)(?!\w)|(?<!\w)(fh of|(fh|mother|father|mutter|vater|mère|père):)")
WAS = re.compile(r"(?<!\w)(history of|h/o|hx of|status post|s/p|zustand nach)(?!\w)|(?<!\w)z\. ?n\.")


# Codes of ICD-10 that are about relatives, and those that are about what was: there such words say nothing new.
OF_FAMILY, OF_THE_PAST = re.compile(r"Z8[0-4]"), re.compile(r"Z8[0-7]|Z9[12]")


def doubted(value, past):
    """Whether the texts of a concept deny or doubt what its codes say."""
    codes = [plain(code, name) for name, code, _ in Concept(value).codings if name == "icd10"]
    is_family, is_past = (any(pattern.match(code) for code in codes) for pattern in (OF_FAMILY, OF_THE_PAST))
    texts = []
    for item in listed(value):
        if isinstance(item, dict):
            texts += [part.get(name) for part in [item, *listed(item.get("coding"))] if isinstance(part, dict) for name in ("text", "display")]
    texts = [" ".join(text.lower().split()) for text in texts if isinstance(text, str)]
    is_diabetes = any(OF_DIABETES.match(code.strip()) for _, code, _ in Concept(value).codings)
    return any(DOUBTED.search(text) or is_diabetes and BEFORE_DIABETES.search(text) or not is_family and FAMILY.search(text) or not past and not is_past and WAS.search(text) for text in texts)


def denied_beside(resource):
    """Whether a remark says that it isn't so."""
    notes = [note.get("text") if isinstance(note, dict) else note for name in ("note", "notes") for note in listed(resource.get(name))]
    return any(DENIED_BESIDE.search(" ".join(note.lower().split())) for note in notes if isinstance(note, str))


def withdrawn(resource):
    return any("entered-in-error" in said(resource, name) for name in ["status", "verificationStatus"])


def truth(value):
    """A flag of an older FHIR, also as text; None if it can't be read."""
    return {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, (bool, str)) else None


def unusual(resource):
    """Whether something may turn the meaning of a resource around that can't be understood here."""
    parts = [resource.json, *objects(resource.get("component"))]
    return resource.nobody or any(listed(part.get(name)) for part in parts for name in ("modifierExtension", "implicitRules"))


SYSTEMS = {
    "http://loinc.org": "loinc", "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://snomed.info/sct": "snomed", "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm", "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://www.whocc.no/atc": "atc", "urn:oid:2.16.840.1.113883.6.73": "atc",
    "http://fhir.de/codesystem/bfarm/atc": "atc", "http://fhir.de/codesystem/dimdi/atc": "atc",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd10", "http://fhir.de/codesystem/dimdi/icd-10-gm": "icd10",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd9", "urn:oid:2.16.840.1.113883.6.103": "icd9",
    "http://read.info/readv2": "readv2", "http://read.info/ctv3": "ctv3", "http://dmd.nhs.uk": "dmd",
    "urn:oid:2.16.840.1.113883.6.3": "icd10", "urn:oid:2.16.840.1.113883.6.90": "icd10"}
# National editions, whose first three characters mean what the WHO's do; icd-10-pcs is another thing.
EDITION = re.compile(
    r".*[/:](terminologie-)?(icd|cim|cie|cid|mkn)-?10(-(who|cm|us|gm|de|am|au|ca|uk|nl|be|fr|ch|at|bmsgpk|se|no|fi|dk|es|br|nz|tm))?(-\d{4})?$")
CERTAINTY = {
    "http://fhir.de/structuredefinition/icd-10-gm-diagnosesicherheit",
    "https://fhir.kbv.de/structuredefinition/kbv_ex_base_diagnosesicherheit"}
NOTHING_KNOWN = {"no-problem-info", "no-medication-info", "no-procedure-info", "no-allergy-info"}
NONE_KNOWN = {"no-known-problems", "no-known-medications", "no-known-procedures", "no-known-allergies"}
# Systems whose codes say why there is no code.
NO_CODE = {
    "http://terminology.hl7.org/CodeSystem/data-absent-reason", "http://hl7.org/fhir/data-absent-reason",
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "http://hl7.org/fhir/v3/NullFlavor"}
NAMES = ("icd10", "snomed", "loinc", "rxnorm", "atc", "icd9", "readv2", "ctv3")
TREES = ("icd10", "atc", "icd9")
ICD9 = re.compile(r"(\d{3}|V\d\d)(\.?\d{1,2}|\.)?$|E\d{3}(\.?\d|\.)?$")


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


# Categories that the editions don't share: what they mean is known of ICD-10-CM.
OF_CM = re.compile(r"E0[89]|[A-Z]\d[AB]")


def edition(uri):
    """Whether a URI of ICD-10 says that it is ICD-10-CM ("cm") or ICD-10-GM ("gm")."""
    uri = str(uri).strip().lower().split("|")[0].rstrip("/")
    if uri.endswith("2.16.840.1.113883.6.90") or re.search(r"10-?(cm|us)(-\d{4})?$", uri):
        return "cm"
    return "gm" if re.search(r"10-?(gm|de)(-\d{4})?$", uri) else None


def plain(code, name):
    """A code as it is compared: in trees without dots, blanks and marks, in capital letters."""
    code = code.strip()
    if name == "icd10":
        code = re.sub(r"[.\s+*!-]", "", code.upper())
    if name == "icd9":
        return code.upper().replace(".", "") if ICD9.match(code.upper()) else ""
    if name in ("readv2", "ctv3"):
        # Two more characters say by which of its names the code was chosen.
        return code[:5] if len(code) == 7 else code.ljust(5, ".")
    if name == "atc":
        code = code.replace(" ", "").upper()
        return code if ATC.match(code) else ""
    return code


def certainty(code):
    """The German letter of certainty at the end of an ICD-10 code."""
    match = re.search(r"[A-Z]\d[\dAB]\.?[\d-]*[+*!]? ?([AVZG])$", code.strip().upper())
    return match and match[1]


class Codes:
    """The codes that a source or an option asks for, by systems: sets, so that large ones take no longer."""

    def __init__(self, lists):
        self.wanted, self.above, self.asked = {}, {}, {}
        for name in NAMES:
            # Ids of dm+d are ones of SNOMED CT.
            entries = [entry for same in (("snomed", "dmd") if name == "snomed" else (name,)) for entry in lists.get(same, ())]
            if entries:
                self.wanted[name] = {plain(entry, name) for entry in entries}
            self.asked[name] = {plain(entry, name) for entry in lists.get(f"asked {name}", ())}
            if entries and name in TREES:
                self.above[name] = {entry[:end] for entry in self.wanted[name] for end in range(3, len(entry))}

    def __bool__(self):
        return bool(self.wanted)

    def has(self, code, name):
        """Whether a code, as it is compared, is one of them or below one."""
        wanted = self.wanted.get(name)
        if not wanted or not code:
            return False
        return code in wanted or name in TREES and any(code[:end] in wanted for end in range(1, len(code)))

    def is_above(self, code, name):
        """Whether it says less than one of them, or is one that a value set has as open (in trees also below it)."""
        asked = self.asked.get(name, ())
        is_asked = any(code[:end] in asked for end in range(1 if name in TREES else len(code), len(code) + 1)) if code else False
        return is_asked or code in self.above.get(name, ())


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


ATC = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?$")


def is_loinc(code):
    """Whether a code has the form and the check digit of one of LOINC."""
    match = re.match(r"(?:LA|LP|LL)?(\d+)-(\d)$", code.upper())
    if not match:
        return False
    digits = [int(digit) for digit in reversed(match[1])]
    return (sum(sum(divmod(digit * 2, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)) + int(match[2])) % 10 == 0


def means(code, name):
    """Whether a code of an unknown system may be one of this system; a bare number may be anything."""
    return not code.isdigit() or name in ("readv2", "ctv3") or name == "snomed" and is_snomed(code)


def says_something(part):
    """Whether a CodeableConcept or a coding has a text or a code, but for one that says why there is none."""
    if not isinstance(part, dict):
        return True
    if part.get("code") and str(part.get("system")) in NO_CODE:
        return bool(part.get("text"))
    return any(part.get(name) for name in ("text", "code", "display"))


class Concept:
    """A code with its translations, of which all are read."""

    def __init__(self, value):
        self.codings, self.extensions, self.text, self.values, self.plain = [], [], None, [value], None
        # Neither text nor code, nor anything of another shape.
        items = [item for item in listed(value) if isinstance(item, dict)]
        self.says_nothing = len(items) == len(listed(value)) and not any(
            says_something(part) for item in items for part in [item, *listed(item.get("coding"))])
        for item in listed(value):
            if isinstance(item, (str, int)) and not isinstance(item, bool):
                self.codings.append((None, str(item), None))
            elif isinstance(item, dict):
                texts = [part.get(name) for part in [item, *objects(item.get("coding"))] for name in ("text", "display")]
                self.text = self.text or next((text for text in texts if isinstance(text, str) and text.strip()), None)
                self.extensions += objects(item.get("extension"))
                codings = listed(item.get("coding"))
                if not codings and "code" in item:
                    codings = [item]
                for coding in codings:
                    if isinstance(coding, (str, int)) and not isinstance(coding, bool):
                        self.codings.append((None, str(coding), None))
                    elif isinstance(coding, dict):
                        self.extensions += objects(coding.get("extension"))
                        code = coding.get("code")
                        if isinstance(code, (str, int)) and not isinstance(code, bool) and str(code).strip():
                            self.codings.append((system(coding.get("system")), str(code), edition(coding.get("system"))))

    def compared(self):
        """The codings as they are compared: how a match counts, the system that it is of or may be of, the code."""
        if self.plain is None:
            self.plain = []
            for name, code, which in self.codings:
                for tried in [name] if name else NAMES:
                    tried = "snomed" if tried == "dmd" else tried
                    bare = plain(strip_certainty(code, tried, which), tried)
                    if name or means(code, tried):
                        is_national = tried == "icd10" and which != "cm" and OF_CM.match(bare)
                        self.plain.append((None if not name else "near" if is_national else "match", tried, bare))
        return self.plain

    def find(self, wanted):
        """ "match"; "near" if only a code of an unknown system would match, or one that says less; None."""
        near = False
        for how, name, code in self.compared():
            if wanted.has(code, name):
                if how == "match":
                    return how
                near = True
            elif how and wanted.is_above(code, name):
                near = True
        return "near" if near else None

    def is_classified(self, listed_codes, is_condition=False):
        """Whether some coding tells for certain that the concept is what it is and nothing else."""
        def tells(name, code):
            if name == "icd10":
                return self.is_icd(code)
            if name == "icd9":
                return is_condition and listed_codes["all have icd9"] and bool(plain(code, name))
            if name in ("atc", "loinc"):
                return bool(ATC.match(plain(code, name)) if name == "atc" else is_loinc(code.strip()))
            return name and plain(code, name) in listed_codes.get(name, ())
        return any(tells(name, code) for name, code, _ in self.codings)

    def is_icd(self, code):
        """Whether a code of ICD-10 is one, and isn't that of an unspecified illness, of which the text says which."""
        code = plain(code, "icd10")
        return bool(re.match(r"[A-Z]\d[\dAB][A-Z0-9]{0,4}$", code)) and not (code.startswith("R69") and self.text)

    def has(self, codes):
        return any(code in codes for _, code, _ in self.codings)


def strip_certainty(code, name, which=None):
    return code.strip()[:-1] if name == "icd10" and which != "cm" and certainty(code) else code
