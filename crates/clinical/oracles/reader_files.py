# SPDX-License-Identifier: Apache-2.0
"""From a file to resources, for reader.py: forms of files, Bundles, what couldn't be read, versions."""

import json
import re

from reader_shapes import objects
from reader_values import after, interval


class Refused(Exception):
    """The record as a whole can't be read; the text says why."""


def members(pairs):
    """A JSON object, each member of which stands once."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise Refused("duplicate member")
    # FHIR has no null members: one says as much as none.
    return {name: value for name, value in read.items() if value is not None}


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


class Resource:
    """A resource with its address, and whether its versions contradict each other (`torn`)."""

    def __init__(self, json, url=None, inside=None):
        self.json, self.url, self.inside = json, url, inside
        # `nobody`: it can't be told whom it is about.
        self.kind, self.torn, self.report_unclear, self.nobody, self.preliminary = json["resourceType"], False, False, False, False
        # A document names it only among past illnesses.
        self.past = False
        identity = json.get("id")
        self.id = identity if isinstance(identity, str) else None
        ending = f"{self.kind}/{self.id}"
        # The server's address, if the entry tells it.
        self.base = url[: -len(ending)] if url and self.id and url.endswith("/" + ending) else None

    def get(self, name):
        return self.json.get(name)


FILTERED = re.compile(r"[?&](_summary|_elements|_count=0)")
PAGES = {"next", "prev", "previous"}
# Codes of issues that say, with any severity, that something was left out.
LOSSES = set(
    "suppressed security forbidden login unknown expired timeout too-costly too-long throttled incomplete exception transient lock-error no-store".split())
ANY = "any"
# What a search for resources of a kind may have found.
SEARCHED = {"Condition": "condition", "Procedure": "procedure", "Observation": "observation", "MedicationRequest": "medication", "MedicationStatement": "medication"}


def in_any_order(json):
    """The same for concepts that differ in the order of their codings, which are translations of each other."""
    if isinstance(json, dict):
        ordered = {name: in_any_order(value) for name, value in json.items()}
        if isinstance(ordered.get("coding"), list):
            ordered["coding"].sort(key=repr)
        return ordered
    return [in_any_order(item) for item in json] if isinstance(json, list) else json


class File:
    """The resources of a file, and what couldn't be read of it."""

    def __init__(self, roots):
        # Of which kinds something couldn't be read; ANY if that isn't told.
        self.resources, self.failed = [], set()
        for root in roots:
            self.add(root, None)
        if not self.resources and not self.failed:
            raise Refused("empty bundle")

    def add(self, json, url, about=ANY):
        kind = json.get("resourceType")
        if kind == "Bundle":
            self.bundle(json)
        elif kind == "OperationOutcome":
            self.outcome(json, about)
        elif isinstance(kind, str):
            self.resources.append(Resource(json, url))

    def outcome(self, json, about):
        if any(issue.get("severity") in ("error", "fatal") or str(issue.get("code")).strip().lower() in LOSSES for issue in objects(json.get("issue"))):
            self.failed.add(about)

    def bundle(self, json):
        if json.get("type") == "history":
            raise Refused("a history")
        for link in objects(json.get("link")):
            if str(link.get("relation")) in PAGES:
                raise Refused("a page")
            if link.get("relation") == "self" and FILTERED.search(str(link.get("url"))):
                self.failed.add(ANY)
        entries = objects(json.get("entry"))
        # The same resource twice is one match; what isn't of the kind that was searched for was included.
        searched = [str(link.get("url")).split("?")[0].rsplit("/", 1)[-1] for link in objects(json.get("link")) if link.get("relation") == "self"]
        matches = {
            (kind, resource.get("id") or number)
            for number, entry in enumerate(entries) if mode(entry) == "match"
            for resource in objects(entry.get("resource")) for kind in [resource.get("resourceType")] if not searched or kind in searched}
        about = SEARCHED.get(searched[0], ANY) if len(searched) == 1 else ANY
        total = json.get("total")
        if json.get("type") == "searchset" and isinstance(total, int) and total > len(matches):
            raise Refused("cut: more matches than entries")
        for entry in entries:
            response = entry.get("response")
            if isinstance(response, dict) and re.match(r"\s*[45]", str(response.get("status", ""))):
                self.failed.add(about)
                continue
            if "resource" not in entry and not (isinstance(response, dict) and str(response.get("status")).startswith("204")):
                self.failed.add(ANY)
            if isinstance(response, dict) and isinstance(response.get("outcome"), dict):
                self.outcome(response["outcome"], about)
            if isinstance(entry.get("resource"), dict):
                url = entry.get("fullUrl")
                self.add(entry["resource"], url if isinstance(url, str) else None, about)


def mode(entry):
    """What an entry is in a search: a match unless it says otherwise."""
    search, resource = entry.get("search"), entry.get("resource")
    if isinstance(search, dict) and "mode" in search:
        return search["mode"]
    return "outcome" if isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome" else "match"


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
            contents = [in_any_order({name: value for name, value in one.json.items() if name != "meta"}) for one in last]
            different = [one for index, one in enumerate(last) if contents[index] not in contents[:index]]
            for resource in different:
                resource.torn = len(different) > 1
            alone += different
    return alone
