// SPDX-License-Identifier: Apache-2.0
//! Writing an imported model as a native protocol file.

mod asked;
mod condition;
mod outputs;
mod shape;
mod terms;
mod trees;

use std::borrow::Cow;

use self::asked::Asked;
use super::{Cases, Cell, ColumnKind, ImportError, Imported};
use crate::intake::{Answers, Intake, Kind, Rounding, Value};
use crate::protocol::Protocol;

/// A text as TOML writes it.
fn quote(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Imported {
    /// Writes a protocol file for the model: ranges and steps of the features, and of outputs that
    /// have no natural range, are taken from the data; texts are left for the expert to fill
    /// in.
    ///
    /// The file is read once before it is returned. Cases with results that the model file carries
    /// become worked examples where they lie on the features' grids.
    pub fn to_protocol(&self, id: &str, data: &Cases) -> Result<String, ImportError> {
        let named = self.named_by(data)?;
        named.write(id, data)
    }

    fn write(&self, id: &str, data: &Cases) -> Result<String, ImportError> {
        let asked = self.asked_of(data)?;
        let cases: Vec<Vec<f64>> =
            self.table(data)?.iter().filter_map(|case| self.sums(case)).collect();
        let outputs = outputs::outputs(self, &cases)?;
        let (intercepts, terms) = model_text(&outputs.sums, &asked)?;
        let note = outputs.note.map_or(String::new(), |note| format!("# {note}\n"));
        let mut toml = format!("{note}{}", header(id));
        for asked in &asked {
            toml += &intake_text(asked);
        }
        toml += &format!("{}\n[model]\n{intercepts}{}{terms}", outputs.public, outputs.links);
        let protocol = Protocol::from_toml(&toml)?;
        if !self.vectors.is_empty() {
            toml += &self.examples(&asked, &protocol)?;
        }
        Ok(toml)
    }

    /// The model with the data's names of columns, if the file has none.
    fn named_by(&self, data: &Cases) -> Result<Cow<'_, Self>, ImportError> {
        let known = self.columns.iter().all(|column| data.column(&column.name).is_some());
        let Some(width) = self.unnamed.filter(|_| !known) else {
            return Ok(Cow::Borrowed(self));
        };
        if data.columns().len() != width {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            return Err(ImportError::Unnamed { width, names: names.join(", ") });
        }
        let mut named = self.clone();
        for column in &mut named.columns {
            column.name.clone_from(&data.columns()[column.place]);
        }
        Ok(Cow::Owned(named))
    }

    /// The cases of a table, as the model reads them: one cell a column.
    pub fn table(&self, data: &Cases) -> Result<Vec<Vec<Cell>>, ImportError> {
        self.named_by(data)?.cells(data)
    }

    fn cells(&self, data: &Cases) -> Result<Vec<Vec<Cell>>, ImportError> {
        let mut table = vec![Vec::with_capacity(self.columns.len()); data.len()];
        for column in &self.columns {
            let cells: Vec<Cell> = match &column.kind {
                ColumnKind::Number { .. } => {
                    let numbers = data.numbers(&column.name)?.into_iter();
                    numbers.map(|number| number.map_or(Cell::Missing, Cell::Number)).collect()
                }
                ColumnKind::Category { .. } => {
                    let texts = data.texts(&column.name)?.into_iter();
                    texts.map(|text| Cell::of_column(text, &column.kind)).collect()
                }
            };
            for (case, cell) in table.iter_mut().zip(cells) {
                case.push(cell);
            }
        }
        Ok(table)
    }

    /// Worked examples from the file's own cases.
    fn examples(&self, asked: &[Asked], protocol: &Protocol) -> Result<String, ImportError> {
        let Ok(compiled) = crate::compile(protocol) else {
            // Whoever compiles the protocol learns why; examples add nothing then.
            return Ok(String::new());
        };
        let mut toml = String::new();
        for (index, vector) in self.vectors.iter().enumerate() {
            let Some(answers) = on_grid(asked, &vector.case) else {
                continue;
            };
            let (Ok(expected), Ok(encoded)) =
                (protocol.evaluate(&answers), protocol.intake().encode(&answers))
            else {
                continue;
            };
            if compiled.program.evaluate(&encoded.bits).ok().as_ref() != Some(&expected) {
                continue;
            }
            let outputs = protocol.outputs().iter().zip(&expected).filter_map(|(output, raw)| {
                Some(format!("{} = {:?}", quote(&output.id), output.value(*raw)?))
            });
            let answers = answers.iter().map(|(id, value)| {
                let value = match value {
                    Value::Flag(flag) => flag.to_string(),
                    Value::Quantity(number) => format!("{number:?}"),
                    Value::Choice(option) => quote(option),
                    Value::Missing => quote("missing"),
                };
                format!("{} = {value}", quote(id))
            });
            toml += &format!(
                "\n[[example]]\nname = \"case {} of the model file\"\nanswers = {{ {} }}\noutputs = {{ {} }}\n",
                index + 1,
                answers.collect::<Vec<_>>().join(", "),
                outputs.collect::<Vec<_>>().join(", ")
            );
        }
        Ok(toml)
    }

    /// The model over the features of an intake: the `[model]` part of a protocol file but for the
    /// links.
    ///
    /// The only sum is called `total`, those of several classes by the classes' names.
    pub fn to_model(&self, intake: &Intake) -> Result<String, ImportError> {
        let asked = self.asked_by(intake)?;
        let mut sums = Vec::with_capacity(self.sums.len());
        for (index, sum) in self.sums.iter().enumerate() {
            let name = (self.sums.len() > 1).then(|| self.classes()[index].clone());
            sums.push((name, sum.clone()));
        }
        let (intercepts, terms) = model_text(&sums, &asked)?;
        Ok(format!("[model]\n{intercepts}{terms}"))
    }
}

/// `intercept` and the `[[model.term]]`s of named sums.
fn model_text(
    sums: &[(Option<String>, super::Sum)],
    asked: &[Asked],
) -> Result<(String, String), ImportError> {
    let mut intercepts = Vec::with_capacity(sums.len());
    let mut all = String::new();
    for (name, sum) in sums {
        let (constant, terms) = terms::write(sum, name.as_deref(), asked)?;
        intercepts.push(format!("{} = {constant:?}", quote(name.as_deref().unwrap_or("total"))));
        all += &terms;
    }
    Ok((format!("intercept = {{ {} }}\n", intercepts.join(", ")), all))
}

/// The case as answers, if it lies on the features' grids.
fn on_grid(asked: &[Asked], case: &[Cell]) -> Option<Answers> {
    let one = |(asked, cell): (&Asked, &Cell)| {
        let level = asked.cells.iter().position(|own| match (own, cell) {
            (Cell::Number(own), Cell::Number(given)) => {
                (own - given).abs() <= 1e-9 * own.abs().max(1.0)
            }
            _ => own == cell,
        })?;
        let feature = &asked.feature;
        let value = match (&feature.kind, asked.is_missing(level)) {
            (_, true) => Value::Missing,
            (Kind::Flag, _) => Value::Flag(level == 1),
            (Kind::Choice { options }, _) => Value::Choice(options[level].id.clone()),
            (Kind::Quantity(quantity), _) => Value::Quantity(quantity.value_at(level as u32)),
        };
        Some((feature.id.clone(), value))
    };
    asked.iter().zip(case).map(one).collect()
}

fn header(id: &str) -> String {
    format!(
        "# Made from a model file: fill in what stands in capitals.\nformat = 1\n\n[protocol]\nid = {}\ntitle = \"TITLE\"\n\
         version = \"0.1.0\"\nlanguage = \"en\"\nlicence = \"LICENCE\"\nintended_use = \"FOR WHOM AND FOR WHAT QUESTION\"\n",
        quote(id)
    )
}

fn intake_text(asked: &Asked) -> String {
    let feature = &asked.feature;
    let id = quote(&feature.id);
    let kind = match &feature.kind {
        Kind::Flag => "kind = \"flag\"\n".to_owned(),
        Kind::Choice { options } => {
            let option = |option: &crate::intake::Choice| {
                format!("{{ id = {}, label = {} }}", quote(&option.id), quote(&option.label))
            };
            let options: Vec<String> = options.iter().map(option).collect();
            format!("kind = \"choice\"\noptions = [{}]\n", options.join(", "))
        }
        Kind::Quantity(quantity) => {
            let limits = quantity
                .limits
                .map_or(String::new(), |[low, high]| format!("limits = [{low:?}, {high:?}]\n"));
            let rounding = match quantity.rounding {
                Rounding::Down => "down",
                Rounding::Nearest => "nearest",
                Rounding::Up => "up",
            };
            format!(
                "kind = \"quantity\"\nunit = {}\nmin = {:?}\nmax = {:?}\nstep = {:?}\nrounding = \"{rounding}\"\n{limits}",
                quote(&quantity.unit),
                quantity.min,
                quantity.max,
                quantity.step
            )
        }
    };
    let missing = if feature.missing { "missing = true\n" } else { "" };
    format!("\n[[intake]]\nid = {id}\nlabel = {id}\n{kind}{missing}")
}
