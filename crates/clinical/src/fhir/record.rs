// SPDX-License-Identifier: Apache-2.0
//! The record: resources in force, all of one patient.

use super::error::ends;
use super::facts::Facts;
use super::files::Files;
use super::reference::Index;
use super::resource::{in_any_order, is_withdrawn, Resource};
use super::status::modified;
use super::{
    completeness, copies, entries, evidence, kinds, report, sections, subject, versions, FhirError,
};
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;

/// A patient's history, as far as it is read.
pub(super) struct Record<'a> {
    /// In an order that doesn't depend on that in the files.
    pub resources: Vec<Resource<'a>>,
    /// What the record tells about itself.
    pub facts: Facts,
    pub today: Date,
    index: Index,
}

impl<'a> Record<'a> {
    /// All that the files have.
    pub(super) fn read(files: &'a Files, today: Date) -> Result<Self, FhirError> {
        let (mut resources, mut facts, claims) = entries::read(files)?;
        name_by_content(&mut resources);
        let mut resources = versions::in_force(resources);
        // Older versions tell nothing; that something was withdrawn, that it isn't missing.
        let index = evidence::Index::of(&resources);
        resources.sort_by_cached_key(|one| {
            (one.kind, one.name.clone(), in_any_order(one.json.clone()), one.full_url)
        });
        copies::mark(&mut resources);
        let mut resources = report::settle(resources, today, &mut facts);
        resources.retain(|one| !one.container.is_some_and(is_withdrawn));
        // What a withdrawn specimen was taken for can't be told: results ask for it.
        resources.retain(|one| one.kind == "Specimen" || !is_withdrawn(one.json));
        subject::require_one_patient(&mut resources)?;
        sections::mark(&mut resources);
        // That there is nothing must be said of this patient, and of nothing else.
        let statements = completeness::look(&resources, &index, &claims, today, &mut facts);
        let (statements, resources): (Vec<_>, Vec<_>) = resources
            .into_iter()
            .partition(|one| statements.contains(&std::ptr::from_ref(one.json)));
        for statement in &statements {
            let kind = match statement.kind.starts_with("Medication") {
                true => "Medication",
                false => statement.kind,
            };
            if let Some(doubt) = modified(statement, "a statement about a list") {
                facts.fail(kinds::concern(kind), &doubt.to_string());
            }
        }
        let index = Index::new(&resources);
        let mut record = Self { resources, facts, today, index };
        record.tell_contradicting_medicines();
        Ok(record)
    }

    /// What refers to a medicine that stands here with different contents refers to nothing that
    /// can be told.
    fn tell_contradicting_medicines(&mut self) {
        let medicines = self.resources.iter().filter(|one| one.kind == "Medication");
        for doubt in medicines.filter_map(|one| one.in_doubt.as_ref()) {
            self.facts.fail(kinds::concern("Medication"), &doubt.to_string());
        }
    }

    /// The resources of one kind.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// The resource that a reference in `from` points to.
    pub(super) fn resolve(&self, reference: &str, from: &Resource<'a>) -> Option<&'a Json> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = from.container.unwrap_or(from.json).get("contained")?.as_array()?;
            return contained
                .iter()
                .find(|resource| resource.get("id").and_then(Json::as_str) == Some(id));
        }
        let slot = self.index.slot(reference, from.base().as_deref())?;
        match self.index.members(slot) {
            [one] => Some(self.resources[*one].json),
            _ => None,
        }
    }
}

/// Names resources without an id by their URL or their content: places differ from file to file.
fn name_by_content(resources: &mut [Resource<'_>]) {
    let nameless = |one: &&mut Resource<'_>| one.container.is_none() && one.text("id").is_none();
    let mut nameless: Vec<&mut Resource<'_>> = resources.iter_mut().filter(nameless).collect();
    nameless.sort_by_cached_key(|one| (one.kind, in_any_order(one.json.clone()), one.full_url));
    let (mut kind, mut number) = ("", 0);
    for resource in nameless {
        number = if kind == resource.kind { number + 1 } else { 1 };
        kind = resource.kind;
        let kind = shorten(kind);
        resource.name = match resource.full_url {
            Some(url) => format!("{kind} ({})", ends(url)),
            None => format!("{kind} without id ({number})"),
        };
    }
}
