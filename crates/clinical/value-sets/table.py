# SPDX-License-Identifier: Apache-2.0
#!/usr/bin/env python3
"""Writes the tables of docs/clinical/value-sets.md (between its two marks) from the set files and the recall lists."""

import csv
import tomllib
from pathlib import Path

from recall import FEATURES, FIRST, HERE, LISTS, codes, holds

PAGE = HERE.parents[2] / "docs/clinical/value-sets.md"
MARKS = ("<!-- tables -->", "<!-- end of tables -->")
SYSTEMS = ["snomed", "icd10", "icd9", "loinc", "rxnorm", "atc", "readv2", "ctv3", "dmd"]


def main():
    rows = ["| set | " + " | ".join(SYSTEMS) + " | sources |", "|---|" + "---:|" * (len(SYSTEMS) + 1)]
    for path in sorted(HERE.glob("*.toml")):
        data = tomllib.loads(path.read_text())
        counts = [str(len(data["codes"].get(s, [])) or "") for s in SYSTEMS]
        rows.append(f"| `{data['id']}` | " + " | ".join(counts) + f" | {len(data.get('source', []))} |")
    rows += ["", "| protocol | feature | sets | found | of | recall |", "|---|---|---|---:|---:|---:|"]
    for path in sorted(set(LISTS.glob("*.csv")) - {LISTS / "sets.csv", LISTS / "seed.csv"}):
        entries = list(csv.DictReader(path.open()))
        for feature in dict.fromkeys(e["feature"] for e in entries):
            own = [e for e in entries if e["feature"] == feature]
            sets = FEATURES[path.stem, feature][0]
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
