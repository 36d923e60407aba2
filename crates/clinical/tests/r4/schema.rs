// SPDX-License-Identifier: Apache-2.0
//! HL7's JSON schema of R4 (`tests/data/fhir-r4`), ready to validate.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value as Json;

const TEXT: &str = include_str!("../data/fhir-r4/fhir.schema.json");
const PLACE: &str = "http://hl7.org/fhir/json-schema/4.0";

pub(crate) struct Schema {
    schemas: Schemas,
    /// Each type of resource by its name: of a choice among several the validator tells little.
    types: Vec<(String, SchemaIndex)>,
}

impl Schema {
    pub(crate) fn of_r4() -> Self {
        let schema: Json = serde_json::from_str(TEXT).unwrap();
        let choices = schema["definitions"]["ResourceList"]["oneOf"].as_array().unwrap().clone();
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource(PLACE, schema).unwrap();
        let types = choices.iter().map(|choice| {
            let place = choice["$ref"].as_str().unwrap();
            let index = compiler.compile(&format!("{PLACE}{place}"), &mut schemas).unwrap();
            (place.rsplit('/').next().unwrap().to_owned(), index)
        });
        let types = types.collect();
        Self { schemas, types }
    }

    /// What is wrong with a resource, and with each resource in a bundle.
    pub(crate) fn problems(&self, resource: &Json) -> Vec<String> {
        let name = resource["resourceType"].as_str().unwrap_or_default();
        let Some((_, index)) = self.types.iter().find(|(known, _)| known == name) else {
            return vec![format!("`{name}` is no resource that we write")];
        };
        let mut problems = Vec::new();
        for entry in resource["entry"].as_array().into_iter().flatten() {
            problems.extend(self.problems(&entry["resource"]));
        }
        if let Err(error) = self.schemas.validate(resource, *index) {
            problems.push(format!("{name}: {error:#}"));
        }
        problems
    }
}
