# SPDX-License-Identifier: Apache-2.0
"""Checks every shipped protocol file against protocol.schema.json, and that the schema refuses typos."""

import copy
import json
import pathlib
import sys
import tomllib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    schema = json.loads((ROOT / "protocol.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    files = sorted((ROOT / "protocols").glob("*.toml"))
    for file in files:
        protocol = tomllib.loads(file.read_text())
        for error in validator.iter_errors(protocol):
            sys.exit(f"{file.name}: {error.json_path}: {error.message}")
        for change in (
            lambda p: p["intake"][0].update(stepp=1),
            lambda p: p["output"][0].pop("meaning"),
            lambda p: p["model"]["term"][0].update(points=1, choices={}),
            lambda p: p.update(format=2),
            lambda p: p["protocol"].pop("setting"),
            lambda p: p["output"][0]["meaning"][0].update(figure="1 of 100"),
        ):
            broken = copy.deepcopy(protocol)
            change(broken)
            if validator.is_valid(broken):
                sys.exit(f"{file.name}: the schema accepts a broken file")
    print(f"{len(files)} protocol files fit the schema")


if __name__ == "__main__":
    main()
