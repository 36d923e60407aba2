# SPDX-License-Identifier: Apache-2.0
"""Reads code lists out of Git repositories that others publish, at fixed commits.

What lives here: how a published list is read (FHIR value sets with their expansions, CSV files of code lists). Which lists make which
set stands in `recipes.py`.
"""

import csv
import io
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd9",
    "http://terminology.hl7.org/CodeSystem/icd9cm": "icd9",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://loinc.org": "loinc",
}


@dataclass(frozen=True)
class Repository:
    """A repository, the commit that was read, and the terms under which its lists stand."""

    name: str
    commit: str
    date: str
    licence: str

    def url(self, path):
        return f"https://github.com/{self.name}/blob/{self.commit}/{path}"


@dataclass
class Listing:
    """One published list: codes by system with their terms. Terms are only looked at here; they never go into a set."""

    name: str
    url: str
    licence: str
    date: str
    codes: dict = field(default_factory=dict)  # system -> {code: term}

    def add(self, system, code, term):
        self.codes.setdefault(system, {})[code] = term


class Library:
    """The folder with clones of the repositories, one folder `OWNER+NAME` each."""

    def __init__(self, folder, repositories):
        self.folder = Path(folder)
        self.repositories = repositories
        self.value_sets = {}
        self.readers = {}

    def git(self, key, *arguments):
        folder = self.folder / self.repositories[key].name.replace("/", "+")
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True).stdout

    def bytes(self, key, path):
        """A file's content, by one `git cat-file` for each repository."""
        if key not in self.readers:
            folder = self.folder / self.repositories[key].name.replace("/", "+")
            self.readers[key] = subprocess.Popen(["git", "-C", str(folder), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        reader = self.readers[key]
        reader.stdin.write(f"{self.repositories[key].commit}:{path}\n".encode())
        reader.stdin.flush()
        content = reader.stdout.read(int(reader.stdout.readline().split()[2]))
        reader.stdout.read(1)
        return content

    def text(self, key, path):
        return self.bytes(key, path).decode("utf-8", "replace").lstrip("\ufeff")

    def paths(self, key):
        """Paths of all files below 4 MiB: larger bundles only repeat the value sets of the smaller ones."""
        rows = (row.split(None, 4) for row in self.git(key, "ls-tree", "-r", "-l", self.repositories[key].commit).decode().splitlines())
        return [path for _, _, _, size, path in rows if size.isdigit() and int(size) < 4 << 20]

    def clone(self):
        for repository in self.repositories.values():
            folder = self.folder / repository.name.replace("/", "+")
            if not folder.exists():
                subprocess.run(["git", "clone", "--quiet", f"https://github.com/{repository.name}", str(folder)], check=True)

    def expansions(self, key):
        """All value sets of a repository that carry their codes, the fullest of each address and version."""
        if key in self.value_sets:
            return self.value_sets[key]
        found = {}

        def take(resource, path):
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if kind == "Bundle":
                for entry in resource.get("entry", []):
                    take(entry.get("resource"), path)
            elif kind == "ValueSet":
                codes = set(expanded(resource.get("expansion", {}).get("contains", [])))
                for include in resource.get("compose", {}).get("include", []):
                    codes |= {(include.get("system", ""), c["code"], c.get("display", "")) for c in include.get("concept", [])}
                oid = resource.get("url", "").rsplit("/", 1)[-1]
                old = found.get(oid)
                rank = (str(resource.get("version", "")), len(codes))
                if codes and (old is None or rank > old[0]):
                    found[oid] = (rank, path, resource.get("title") or resource.get("name") or "", sorted(codes))

        for path in self.paths(key):
            if path.endswith(".json") and re.search("value-?set|vocabulary|bundle", path, re.IGNORECASE):
                text = self.text(key, path)
                if '"ValueSet"' in text:
                    try:
                        take(json.loads(text), path)
                    except json.JSONDecodeError:
                        continue  # a few test files of these repositories aren't JSON
        self.value_sets[key] = found
        return found

    def vsac(self, key, oid):
        """A value set of the Value Set Authority Center, as a repository of measures carries it."""
        (version, _), path, title, codes = self.expansions(key)[oid]
        repository = self.repositories[key]
        listing = Listing(f"VSAC {oid} {title}, version {version}, as in {repository.name}", repository.url(path), repository.licence, repository.date)
        for system, code, term in codes:
            if system in SYSTEMS:
                listing.add(SYSTEMS[system], code, term)
        return listing

    def table(self, key, path, system, code, term, keep=None, name=None):
        """A CSV file of codes: the names of its columns of codes and terms; `keep` looks at a whole row."""
        repository = self.repositories[key]
        listing = Listing(name or f"{repository.name}: {Path(path).name}", repository.url(path), repository.licence, repository.date)
        for row in csv.DictReader(io.StringIO(self.text(key, path))):
            value = (row.get(code) or "").strip()
            if value and (keep is None or keep(row)):
                listing.add(system, normal(system, value), (row.get(term) or "").strip())
        return listing


def expanded(contains):
    for entry in contains:
        if entry.get("code"):
            yield entry.get("system", ""), entry["code"], entry.get("display", "")
        yield from expanded(entry.get("contains", []))


def normal(system, code):
    """A code as the set files write it: ICD-10 with its dot, Read codes without the two digits of their term."""
    if system == "icd10":
        code = code.rstrip("X.-+*†").upper()
        return code if len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"
    if system in ("readv2", "ctv3"):
        return code[:5].ljust(5, ".")
    return code.removesuffix(".0") if system in ("snomed", "dmd", "rxnorm") else code
