# SPDX-License-Identifier: Apache-2.0
#!/usr/bin/env python3
"""Writes the value sets of this folder from code lists that others publish.

    python3 generate.py SOURCES          # SOURCES holds clones, one folder OWNER+NAME each
    python3 generate.py --clone SOURCES  # fetches the clones first, with git
    python3 generate.py SOURCES --show ID  # prints what one set takes, with the terms, and writes nothing

Needs Python 3.11 and the packages of `requirements.txt` (tables of ICD-10, ICD-10-CM and ICD-9-CM, which every category is checked
against). The output is the same for the same sources.
"""

import argparse
import functools
import re
from pathlib import Path

import checks
import pool
from recipes import HELD_OUT, HISTORY, REPOSITORIES, SETS, TABLES, UNLESS
from sources import Library

HERE = Path(__file__).parent
DATE = "2026-11-28"
ORDER = ["snomed", "icd10", "icd9", "loinc", "rxnorm", "atc", "readv2", "ctv3", "dmd"]


@functools.cache
def index(key):
    places, terms = {}, {}
    for number, entry in enumerate(LISTS):
        for system, code, term in entry["codes"]:
            if system not in ("snomed", "dmd") or checks.snomed(code):
                places.setdefault((system, code), set()).add(number)
                terms.setdefault((system, code), set()).add(term)
    return places, terms


LISTS = []


def everything(lists):
    """Where each code of the pool stands and under which terms, made once."""
    if not LISTS:
        LISTS.extend(lists)
    return index(len(lists))


def common(recipe):
    """What the set leaves out of what all leave out: nothing of it, or all but the `allow`ed."""
    if not recipe.get("common", True):
        return None
    words = UNLESS
    for allowed in recipe.get("allow", []):
        if allowed not in words:
            raise SystemExit(f"{recipe['id']}: {allowed!r} isn't left out by all")
        words = words.replace(allowed, "")
    return words


def chosen(recipe, lists):
    """The codes of a set, each with a term and the lists that hold it."""
    find = {s: re.compile(p, re.IGNORECASE) for s, p in recipe.get("find", {}).items()}
    unless = re.compile("|".join(filter(None, ["(?!)", recipe.get("unless"), common(recipe), None if recipe.get("history", True) else HISTORY])), re.IGNORECASE)
    whole = set(recipe.get("lists", [])) | set(recipe.get("whole", []))
    drop = set(recipe.get("drop", []))
    places, terms = everything(lists)
    codes = {}
    listed = {number for number, entry in enumerate(lists) if entry["id"] in whole}
    minus = {key for entry in lists if entry["id"] in recipe.get("minus", []) for key in ((s, c) for s, c, _ in entry["codes"])}
    kept = {number for number, entry in enumerate(lists) if entry["id"] in recipe.get("whole", [])}
    named = {lists[number]["id"] for number in listed}
    if whole - named:
        raise SystemExit(f"{recipe['id']}: no list {sorted(whole - named)}")
    for (system, code), numbers in places.items():
        if (system, code) in minus or code in drop or system not in recipe.get("systems", ORDER):
            continue
        names = terms[system, code]
        if numbers & kept and system not in ("icd10", "icd9"):
            codes[system, code] = numbers
            continue
        taken = bool(numbers & listed) and system not in ("icd10", "icd9")
        found = system in find and any(find[system].search(t) for t in names)
        if (taken or found) and not any(unless.search(t) for t in names):
            codes[system, code] = numbers
    for system, added in recipe.get("adds", {}).items():
        codes.update({(system, code): set() for code in added if (system, code) not in codes})
    for system in ORDER:
        for code in recipe.get(system, []):
            inside = {n for (s, c), ns in places.items() if s == system and (c == code or system in ("icd10", "icd9") and c.startswith(code)) for n in ns}
            if system in ("icd10", "icd9", "atc"):
                codes[system, code] = inside
            elif not inside:
                raise SystemExit(f"{recipe['id']}: {system} {code} stands in no list")
            else:
                codes[system, code] = inside
    return codes, terms


def parted(recipe, codes, terms):
    """The codes that say yes, and those near them of which a person is asked: what the recipe writes out as `asked`, what its `minor`
    finds, and of SNOMED CT and Read codes those whose terms say nothing that its `told` finds."""
    minor, told = (re.compile(recipe.get(key, default), re.IGNORECASE) for key, default in (("minor", "(?!)"), ("told", "")))
    asked = {(system, code): set() for system, listed in recipe.get("asked", {}).items() for code in listed}
    for key in codes:
        words = terms.get(key, ())
        if key[0] in ("snomed", "readv2", "ctv3") and (any(minor.search(t) for t in words) or not any(told.search(t) for t in words or ("",))):
            asked[key] = codes[key]
    return {key: numbers for key, numbers in codes.items() if key not in asked}, asked


def cover(codes, lists):
    """Few lists that together hold every code: greedily the list with most codes that none holds yet."""
    left = {key: numbers for key, numbers in codes.items() if numbers}
    used = []
    while left:
        count = {}
        for numbers in left.values():
            for number in numbers:
                count[number] = count.get(number, 0) + 1
        best = max(count, key=lambda n: (count[n], lists[n]["date"], lists[n]["name"]))
        used.append(best)
        left = {key: numbers for key, numbers in left.items() if best not in numbers}
    return used


def text(value):
    return '"' + value.replace("\\", "\\\\").replace('"', "'") + '"'


def lines_of(name, codes):
    """A table of codes by system."""
    lines = ["", f"[{name}]"]
    for system in ORDER:
        own = sorted(code for s, code in codes if s == system)
        if own:
            lines.append(f"{system} = [")
            line = "   "
            for code in own:
                if len(line) + len(code) + 4 > 140:
                    lines.append(line)
                    line = "   "
                line += f" {text(code)},"
            lines += [line, "]"]
    return lines


def write(recipe, codes, asked, lists):
    lines = [f"# Generated by generate.py from recipes.py: change those.", f"id = {text(recipe['id'])}", f"title = {text(recipe['title'])}",
             f"version = {text(recipe.get('version', '1'))}", f"date = {text(DATE)}"]
    for number in cover(codes, lists):
        entry = lists[number]
        systems = sorted({s for s, _ in (k for k, ns in codes.items() if number in ns)}, key=ORDER.index)
        lines += ["", "[[source]]", f"name = {text(entry['name'])}", f"url = {text(entry['url'])}", f"licence = {text(entry['licence'])}",
                  f"date = {text(entry['date'])}", f"systems = [{', '.join(map(text, systems))}]"]
    for name, url, licence, systems in recipe.get("sources", []):
        lines += ["", "[[source]]", f"name = {text(name)}", f"url = {text(url)}", f"licence = {text(licence)}", f"systems = [{', '.join(map(text, systems))}]"]
    lines += lines_of("codes", codes) + (lines_of("asked", asked) if asked else [])
    (HERE / f"{recipe['id']}.toml").write_text("\n".join(lines) + "\n")


def check(recipe, codes):
    """Every ICD category is one of the tables; SNOMED CT and LOINC codes have their check digits."""
    for system, code in codes:
        problem = checks.problem(system, code)
        if problem:
            raise SystemExit(f"{recipe['id']}: {system} {code}: {problem}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources")
    parser.add_argument("--clone", action="store_true")
    parser.add_argument("--show", metavar="ID", nargs="*", action="extend")
    parser.add_argument("--only", metavar="ID", nargs="*", action="extend")
    options = parser.parse_args()
    if options.clone:
        Library(options.sources, REPOSITORIES).clone()
    lists = pool.read(options.sources, REPOSITORIES, TABLES, HELD_OUT)
    made, near = {}, {}
    needed = set(options.show or options.only or [])
    for recipe in SETS:
        if needed and recipe["id"] not in needed and not any(recipe["id"] in r.get("union", []) for r in SETS):
            continue
        if "union" in recipe:
            terms = {}
            codes = {key: numbers for part in recipe["union"] for key, numbers in made[part].items() if key[1] not in recipe.get("drop", [])}
            if "extra" in recipe:
                codes.update(chosen(recipe["extra"], lists)[0])
            asked = {key: numbers for part in recipe["union"] for key, numbers in near[part].items() if key not in codes}
        else:
            codes, terms = chosen(recipe, lists)
            codes, asked = parted(recipe, codes, terms)
        made[recipe["id"]], near[recipe["id"]] = codes, asked
        if needed and recipe["id"] not in needed:
            continue
        if options.show:
            print("##", recipe["id"])
            for key in sorted([*codes, *asked], key=lambda k: (ORDER.index(k[0]), k[1])):
                print("?" if key in asked else "", *key, "|".join(sorted(terms.get(key, {"-"})))[:110], sep="\t")
            continue
        check(recipe, {**codes, **asked})
        write(recipe, codes, asked, lists)
        print(recipe["id"], {s: n for s in ORDER if (n := sum(1 for k in codes if k[0] == s))})


if __name__ == "__main__":
    main()
