# SPDX-License-Identifier: Apache-2.0
# Of HL7's JSON schema of FHIR R4 what the resources that we write can reach. Descriptions are left
# out; nothing else is changed, but that a resource in a bundle is one of those that we write.
def written: ["Bundle", "Observation", "Questionnaire", "RiskAssessment"];
def named: [.. | objects | .["$ref"]? // empty | ltrimstr("#/definitions/")] | unique;
def reach($all; $known; $new):
  if $new == [] then $known
  else reach($all; $known + $new; ([$new[] | $all[.] | named[]] | unique) - $known - $new) end;
.definitions.ResourceList.oneOf |= map(select(.["$ref"] | ltrimstr("#/definitions/") | IN(written[])))
| .definitions as $all
| (reach($all; []; ["ResourceList"]) | sort) as $kept
| {
    "$schema",
    id,
    "$ref": "#/definitions/ResourceList",
    definitions: ([$kept[] | { key: ., value: $all[.] }] | from_entries)
  }
| walk(if type == "object" and (.description | type) == "string" then del(.description) else . end)
