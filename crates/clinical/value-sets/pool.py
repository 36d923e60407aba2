# SPDX-License-Identifier: Apache-2.0
"""Everything that the named repositories publish, as one list of (system, code, term, list): what the recipes choose from."""

import json
import re

from sources import SYSTEMS, Library, normal

VSAC = "VSAC value sets, free of charge with a UMLS licence; code systems under their own terms"
CSV_COLUMNS = {
    # The first column that holds a code (in the order of this table), and the system that it holds; None: told by the file's name.
    "SNOMED CT Concept ID": "snomed",
    "SNOMED_ConceptId": "snomed",
    "conceptId": "snomed",
    "SNOMED-CT code": "snomed",
    "Readcode": "readv2",
    "Read code": "readv2",
    "Read v2 Code": "readv2",
    "ICD10code": "icd10",
    "icd10code": "icd10",
    "icd10_code": "icd10",
    "ICD-10 code": "icd10",
    "icd": "icd10",
    "RXCUI": "rxnorm",
    "Code": "ctv3",
    "CTV3ID": "ctv3",
    "CTV3Code": "ctv3",
    "dmd_id": "dmd",
    "snomed_id": "dmd",
    "id": None,
    "code": None,
}
TERM_COLUMNS = ["ReadcodeDescr", "ICD10codeDescr", "term", "Description", "name", "nm", "STR", "dmd_name", "CTV3PreferredTermDesc", "readterm/CTV3PreferredTermDesc",
                "SNOMED_Term", "SNOMED-CT term", "icd10term", "Read term", "ICD-10 term", "description"]


def system_of(path, row):
    told = (row.get("terminology") or row.get("coding_system") or row.get("type") or "").lower()
    for word, system in (("snomed", "snomed"), ("icd", "icd10"), ("read", "readv2"), ("ctv3", "ctv3"), ("dmd", "dmd"), ("vmp", "dmd"), ("amp", "dmd")):
        if word in told:
            return system
    name = path.lower()
    if "bnf_code" in row or "dmd" in name or "drug" in name or "medication" in name or "pincer" in name:
        return "dmd"
    for word, system in (("icd", "icd10"), ("secondary-care", "icd10"), ("read2", "readv2"), ("ctv3", "ctv3")):
        if word in name:
            return system
    code = row.get("code") or row.get("id") or ""
    if re.fullmatch(r"[1-9]\d{5,17}", code):
        return "snomed"
    return "ctv3" if len(code) == 5 else None


def read(folder, repositories, tables, held_out):
    """Pool of all lists; `tables` names the folder of CSV lists of a repository, `held_out` files that only `recall.py` may read."""
    cache = library_cache(folder)
    key = json.dumps([[r.name, r.commit, tables.get(k)] for k, r in repositories.items()] + [held_out.pattern, 21])
    if cache.exists():
        stored = json.loads(cache.read_text())
        if stored["key"] == key:
            return stored["lists"]
    library = Library(folder, repositories)
    lists = []
    for name in repositories:
        if name in tables:
            kind, folder = tables[name]
            for path in library.paths(name):
                if re.match(folder, path) and not held_out.search(path):
                    lists.extend(READERS[kind](library, name, path))
        else:
            for oid in library.expansions(name):
                lists.append(as_list(name, oid, library.vsac(name, oid)))
    lists = [entry for entry in lists if entry and entry["codes"]]
    cache.write_text(json.dumps({"key": key, "lists": lists}))
    return lists


def library_cache(folder):
    from pathlib import Path

    return Path(folder) / "pool.json"


def as_list(repository, id, listing):
    codes = [(system, code, term) for system, terms in listing.codes.items() for code, term in terms.items()]
    return {"repository": repository, "id": id, "name": listing.name, "url": listing.url, "licence": listing.licence, "date": listing.date, "codes": codes}


def csv_list(library, name, path):
    import csv
    import io

    repository = library.repositories[name]
    file = path.rsplit("/", 1)[-1].removesuffix(".csv")
    codes = set()
    for row in csv.DictReader(io.StringIO(library.text(name, path))):
        term = next((row[c] for c in TERM_COLUMNS if row.get(c)), "").strip()
        for column, system in CSV_COLUMNS.items():
            code = (row.get(column) or "").strip()
            if not code:
                continue
            system = system or system_of(path, row)
            if system == "snomed" or system == "dmd":
                code = code.removesuffix(".0")
                if not re.fullmatch(r"[1-9]\d{5,17}", code):
                    continue
            if system:
                codes.add((system, normal(system, code), term))
            break
    return [made(repository, name, path, file, codes)]


def made(repository, name, path, id, codes):
    return {"repository": name, "id": id, "name": f"{repository.name}, {id}", "url": repository.url(path), "licence": repository.licence,
            "date": repository.date, "codes": sorted(set(codes))}


def xml_value_set(library, name, path):
    """A FHIR value set in XML with its codes written out."""
    from xml.etree import ElementTree

    space = "{http://hl7.org/fhir}"
    codes = set()
    for include in ElementTree.fromstring(library.text(name, path)).iter(f"{space}include"):
        told = include.find(f"{space}system")
        system = None if told is None else SYSTEMS.get(told.get("value"))
        for concept in include.iter(f"{space}concept"):
            display = concept.find(f"{space}display")
            if system:
                codes.add((system, concept.find(f"{space}code").get("value"), "" if display is None else display.get("value")))
    return [made(library.repositories[name], name, path, path.rsplit("/", 1)[-1].removesuffix(".xml"), codes)]


def codings(library, name, path):
    """LOINC codings with their names in FHIR resources, FSH files and tables of programs."""
    text = library.text(name, path)
    codes = set()
    for pattern in (r'"system"\s*:\s*"http://loinc.org"(?:\s*,\s*"version"\s*:\s*"[^"]*")?\s*,\s*"code"\s*:\s*"(\d+-\d)"\s*,\s*"display"\s*:\s*"([^"]+)"',
                    r'(?i:loinc|LNC)\s*#(\d+-\d)\s+"([^"]+)"', r'"(\d{3,6}-\d)": \(\s*"([^"]+)"', r',([^",\n]+|"[^"\n]+"),Measurement,LOINC,[^,]*,[^,]*,(\d+-\d)',
                    r'loinc:(\d+-\d)\t([^\t\n]+)'):
        for first, second in re.findall(pattern, text):
            code, term = (first, second) if re.fullmatch(r"\d+-\d", first) else (second, first.strip('"'))
            codes.add(("loinc", code, term))
    for pattern in (r'"system"\s*:\s*"http://snomed.info/sct"(?:\s*,\s*"version"\s*:\s*"[^"]*")?\s*,\s*"code"\s*:\s*"(\d+)"\s*,\s*"display"\s*:\s*"([^"]+)"', r'(?i:sct|snomed)\s*#(\d+)\s+"([^"]+)"'):
        codes.update(("snomed", code, term) for code, term in re.findall(pattern, text))
    return [made(library.repositories[name], name, path, path.rsplit("/", 1)[-1], codes)]


def cohort(library, name, path):
    """The concepts of an OHDSI cohort definition that it doesn't exclude (their descendants aren't listed there)."""
    systems = {"SNOMED": "snomed", "RxNorm": "rxnorm", "LOINC": "loinc"}
    definition = json.loads(library.text(name, path))
    codes = set()
    for concepts in definition.get("ConceptSets", []):
        for item in concepts["expression"]["items"]:
            concept = item["concept"]
            if not item.get("isExcluded") and concept.get("VOCABULARY_ID") in systems:
                codes.add((systems[concept["VOCABULARY_ID"]], str(concept["CONCEPT_CODE"]), concept["CONCEPT_NAME"]))
    return [made(library.repositories[name], name, path, f"cohort-{path.rsplit('/', 1)[-1].removesuffix('.json')}", codes)]


def cprd(library, name, path):
    """A tab-separated list for the Clinical Practice Research Datalink: SNOMED CT and Read codes of each of its own codes."""
    import csv
    import io

    codes = set()
    for row in csv.DictReader(io.StringIO(library.text(name, path)), delimiter="\t", quoting=csv.QUOTE_NONE):
        term = (row.get("term") or row.get("desc") or "").strip('"')
        concept, read = (row.get("snomedctconceptid") or "").strip(), (row.get("originalreadcode") or "").split("-")[0]
        if re.fullmatch(r"[1-9]\d{5,17}", concept):
            codes.add(("snomed", concept, term))
        if re.fullmatch(r"[0-9A-Z][0-9A-Za-z.]{2,4}", read):
            codes.add(("readv2", normal("readv2", read), term))
    return [made(library.repositories[name], name, path, path.rsplit("/", 1)[-1].removesuffix(".txt"), codes)]


def short_names(library, name, path):
    """The table of LOINC with its short names. They are marked, so that patterns of long names don't find them."""
    rows = (line.split("\t") for line in library.text(name, path).splitlines()[1:])
    codes = {("loinc", row[0], f"short name {row[6]}") for row in rows if len(row) > 6 and not row[6].startswith("Deprecated")}
    return [made(library.repositories[name], name, path, "LOINC short names", codes)]


READERS = {"cprd": cprd, "short_names": short_names, "cohort": cohort, "csv": csv_list, "xml": xml_value_set, "codings": codings}
