# SPDX-License-Identifier: Apache-2.0
#!/usr/bin/env python3
"""Writes the tables of docs/clinical/value-sets.md (between its two marks) from the set files, the protocols and the recall lists."""

import csv
import tomllib
from pathlib import Path

from recall import FIRST, HERE, LISTS, codes, holds

PAGE = HERE.parents[2] / "docs/clinical/value-sets.md"
MARKS = ("<!-- tables -->", "<!-- end of tables -->")
SYSTEMS = ["snomed", "icd10", "icd9", "loinc", "rxnorm", "atc", "readv2", "ctv3", "dmd"]


def asked_of(protocol):
    """The value sets that each question of a protocol reads, without their versions."""
    for feature in tomllib.loads(protocol.read_text())["intake"]:
        places = [*feature.get("source", []), *(option.get("codes", {}) for option in feature.get("options", []))]
        yield feature["id"], sorted({name.split("|")[0] for place in places for name in place.get("value-sets", [])})


def main():
    protocols = {path.stem: dict(asked_of(path)) for path in sorted((HERE.parent / "protocols").glob("*.toml"))}
    read = {name for questions in protocols.values() for sets in questions.values() for name in sets}
    rows = ["| set | " + " | ".join(SYSTEMS) + " | asked | sources |", "|---|" + "---:|" * (len(SYSTEMS) + 2)]
    for path in sorted(HERE.glob("*.toml")):
        data = tomllib.loads(path.read_text())
        counts = [str(len(data["codes"].get(s, [])) or "") for s in SYSTEMS]
        near = sum(map(len, data.get("asked", {}).values()))
        rows.append(f"| `{data['id']}` | " + " | ".join(counts) + f" | {near or ''} | {len(data.get('source', []))} |")
    unread = sorted(f"`{path.stem}`" for path in HERE.glob("*.toml") if path.stem not in read)
    rows += ["", f"{len(unread)} sets are read by no shipped protocol: {', '.join(unread)}."]
    rows += ["", "| protocol | feature | sets | found | of | recall |", "|---|---|---|---:|---:|---:|"]
    for path in sorted(set(LISTS.glob("*.csv")) - {LISTS / "sets.csv", LISTS / "seed.csv"}):
        entries = list(csv.DictReader(path.open()))
        for feature in dict.fromkeys(e["feature"] for e in entries):
            own = [e for e in entries if e["feature"] == feature]
            sets = protocols[path.stem].get(feature)
            if not sets:
                continue  # isn't asked any more, or not by value sets
            found = codes(sets)
            hits = sum(holds(found, e["system"], e["code"]) for e in own)
            rows.append(f"| {path.stem} | {feature} | {', '.join(f'`{s}`' for s in sets)} | {hits} | {len(own)} | {hits / len(own):.3f} |")
    rows += ["", "| sets | first | found | of | recall, first | recall |", "|---|---:|---:|---:|---:|---:|"]
    entries = list(csv.DictReader((LISTS / "sets.csv").open()))
    for sets in dict.fromkeys(e["sets"] for e in entries):
        own = [e for e in entries if e["sets"] == sets]
        found = codes(sets.split("|"))
        hits = sum(holds(found, e["system"], e["code"]) for e in own)
        rows.append(f"| {', '.join(f'`{s}`' for s in sets.split('|'))} | {FIRST[sets]} | {hits} | {len(own)} | {FIRST[sets] / len(own):.3f} | {hits / len(own):.3f} |")
    before, rest = PAGE.read_text().split(MARKS[0])
    PAGE.write_text(before + MARKS[0] + "\n" + "\n".join(rows) + "\n" + MARKS[1] + rest.split(MARKS[1])[1])


if __name__ == "__main__":
    main()
