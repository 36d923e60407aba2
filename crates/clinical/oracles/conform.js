// SPDX-License-Identifier: Apache-2.0
// Checks resources against HL7's definitions of R4. Reads one resource in JSON a line and prints one list of
// problems a line. Three programs that we did not write judge:
//
// - npm `fhir`: elements, cardinalities, types, codes of required bindings;
// - npm `fhirpath`: the invariants of the StructureDefinitions that npm `hl7.fhir.r4.examples` carries, and its
//   definitions of extensions (known, and with a value of a type that is allowed);
// - PyPI `fhirkit-rs`, called through conform.py: forms of primitive values, choices of one type.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const modules = process.env.CSO_ORACLE_NODE;
const load = (name) => require(require.resolve(name, { paths: [path.dirname(modules)] }));
const { Fhir } = load("fhir");
const fhirpath = load("fhirpath");
const r4 = load("fhirpath/fhir-context/r4");

function definition(type) {
  const file = path.join(modules, "hl7.fhir.r4.examples", `StructureDefinition-${type}.json`);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined;
}

/** The resource and all resources in a bundle. */
function resources(root) {
  return [root, ...(root.entry ?? []).flatMap((entry) => (entry.resource ? resources(entry.resource) : []))];
}

function structure(resource) {
  const result = new Fhir().validate(resource, { errorOnUnexpected: true });
  return result.messages
    .filter((message) => message.severity === "error" || message.severity === "fatal")
    .map((message) => `${message.location}: ${message.message}`);
}

// Those of every element only ask for a value or children; dom-3, on contained resources, which we don't write, isn't
// valid FHIRPath.
const SKIPPED = ["ele-1", "ext-1", "dom-3"];

function invariants(resource) {
  const problems = [];
  for (const element of definition(resource.resourceType).snapshot.element) {
    for (const { key, severity, expression, human } of element.constraint ?? []) {
      if (severity !== "error" || !expression) continue;
      if (SKIPPED.includes(key)) continue;
      const place = element.path.replace("[x]", "");
      const [broken] = fhirpath.evaluate(resource, `${place}.where((${expression}).not()).exists()`, { resource }, r4, { traceFn: () => {} });
      if (broken) problems.push(`${place}: ${key}: ${human}`);
    }
  }
  return problems;
}

/** The fields that may hold the value of an extension, or of a part of it, by its definition. */
function allowed(elements, id) {
  const types = elements.find((element) => element.id === `${id}.value[x]`)?.type ?? [];
  return types.map(({ code }) => `value${code[0].toUpperCase()}${code.slice(1)}`);
}

/** What is wrong with an extension whose definition has these elements; `id` is that of it or of its part. */
function extension(own, place, elements, id) {
  const problems = [];
  const value = Object.keys(own).find((field) => field.startsWith("value"));
  // Parts go by names of the definition's own.
  const parts = elements.filter((element) => element.path === "Extension.extension.url").map((element) => ({ name: element.fixedUri, id: element.id.replace(/\.url$/, "") }));
  if (id !== "Extension" || !own.extension) {
    if (!allowed(elements, id).includes(value)) problems.push(`${place}: extension ${own.url} has ${value}`);
    return problems;
  }
  if (value) problems.push(`${place}: extension ${own.url} has ${value} beside its parts`);
  for (const part of own.extension) {
    const known = parts.find(({ name }) => name === part.url);
    if (!known) problems.push(`${place}: unknown extension ${part.url}`);
    else problems.push(...extension(part, place, elements, known.id));
  }
  for (const { name, id: slice } of parts) {
    const least = elements.find((element) => element.id === slice).min;
    if (own.extension.filter((part) => part.url === name).length < least) problems.push(`${place}: extension ${own.url} lacks ${name}`);
  }
  return problems;
}

function extensions(node, place) {
  if (node === null || typeof node !== "object") return [];
  const problems = [];
  for (const own of node.extension ?? []) {
    const known = definition(String(own.url).replace("http://hl7.org/fhir/StructureDefinition/", ""));
    if (!known) problems.push(`${place}: unknown extension ${own.url}`);
    else problems.push(...extension(own, place, known.snapshot.element, "Extension"));
  }
  const children = Object.entries(node).filter(([field]) => field !== "extension");
  for (const [field, child] of children) problems.push(...extensions(child, `${place}.${field}`));
  return problems;
}

const lines = fs.readFileSync(0, "utf8").split("\n").filter(Boolean);
const python = spawnSync(process.env.CSO_ORACLE_PYTHON, [path.join(__dirname, "conform.py")], { input: lines.join("\n"), maxBuffer: 1 << 28 });
if (python.status !== 0) throw new Error(python.stderr.toString());
const forms = python.stdout.toString().split("\n").filter(Boolean).map((line) => JSON.parse(line));
lines.forEach((line, index) => {
  const root = JSON.parse(line);
  const problems = [...structure(root), ...resources(root).flatMap(invariants), ...extensions(root, root.resourceType), ...forms[index]];
  console.log(JSON.stringify(problems));
});
