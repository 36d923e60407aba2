// SPDX-License-Identifier: Apache-2.0
//! A model file in the common form: sums of terms over named columns, and what they stand for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::encoded::ByData;
use crate::recorded::Recorded;
use crate::target::mixed;
use crate::{shorten, Cases, CasesError, Cell, Column, ColumnKind, Sum, Target, Tree};

/// A model file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    pub(crate) kind: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) sums: Vec<Sum>,
    pub(crate) target: Target,
    pub(crate) verified: Vec<VerifiedCase>,
    pub(crate) reason_codes: Option<ReasonCodes>,
    /// The probability from which on the second of two classes is told, if it isn't above 1/2.
    pub(crate) cutoff: Option<f64>,
    /// How many columns a file has that doesn't name them, before those were dropped that aren't
    /// read.
    pub(crate) unnamed: Option<usize>,
    /// What a user should know of how the file was read.
    pub(crate) notes: Vec<String>,
    /// How much training data came to each node.
    pub(crate) recorded: Option<Recorded>,
    /// Columns whose categories only the data names.
    pub(crate) encoded: ByData,
}

/// A case with the results that the file says the model has.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedCase {
    /// One cell a column.
    pub case: Vec<Cell>,
    /// What the model predicts for it.
    pub prediction: Prediction,
}

/// Which characteristics of a scorecard cost most points.
#[derive(Clone, Debug, PartialEq)]
pub struct ReasonCodes {
    /// How many are named.
    pub top: usize,
    /// What each characteristic costs.
    pub characteristics: Vec<Characteristic>,
}

/// What one characteristic of a scorecard costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Characteristic {
    /// Its name.
    pub name: String,
    /// Its distance from the baseline in points, as a tree.
    pub cost: Tree,
    /// The reason code of each cost, by the leaves' values.
    pub codes: Vec<(f64, String)>,
}

/// What a model says about a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The number, the probability of the second class, or one probability or score a class; none
    /// if the file has a class alone.
    pub values: Vec<f64>,
    /// The class's index in [`ModelFile::classes`].
    pub class: Option<usize>,
}

impl ModelFile {
    /// A model without cases of its own, whose columns have names.
    pub(crate) fn new(
        kind: &'static str,
        columns: Vec<Column>,
        sums: Vec<Sum>,
        target: Target,
    ) -> Self {
        Self {
            kind,
            columns,
            sums,
            target,
            verified: Vec::new(),
            reason_codes: None,
            cutoff: None,
            unnamed: None,
            notes: Vec::new(),
            recorded: None,
            encoded: Vec::new(),
        }
    }

    /// What kind of file and model it was.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What a user should know of how the file was read, one line each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The columns that the model reads, in its order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The sums: one, or one a class.
    pub fn sums(&self) -> &[Sum] {
        &self.sums
    }

    /// What the sums stand for.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Cases that the file carries, with their results.
    pub fn verified_cases(&self) -> &[VerifiedCase] {
        &self.verified
    }

    /// What each characteristic of a scorecard costs, if the file has reason codes for all.
    pub fn reason_codes(&self) -> Option<&ReasonCodes> {
        self.reason_codes.as_ref()
    }

    /// The probability from which on the second of two classes is told; none if the file has no
    /// threshold of its own, and the class with more than 1/2 is told.
    pub fn cutoff(&self) -> Option<f64> {
        self.cutoff
    }

    /// The classes, if the model tells them apart.
    pub fn classes(&self) -> &[String] {
        match &self.target {
            Target::Number(_) => &[],
            Target::Probability { labels, .. } => labels,
            Target::Class { labels, .. } | Target::Classes { labels, .. } => labels,
        }
    }

    /// The value of each sum, or `None` if the model gives none: a value is missing that it needs.
    ///
    /// # Panics
    ///
    /// If the case hasn't one cell a column.
    pub fn sum_values(&self, case: &[Cell]) -> Option<Vec<f64>> {
        assert_eq!(case.len(), self.columns.len(), "one cell a column");
        self.sums.iter().map(|sum| sum.value(case)).collect()
    }

    /// The prediction for a case, as the library behind the file makes it.
    ///
    /// # Panics
    ///
    /// If the case hasn't one cell a column.
    pub fn predict(&self, case: &[Cell]) -> Option<Prediction> {
        let sums = self.sum_values(case)?;
        Some(match &self.target {
            Target::Number(scales) => {
                Prediction { values: vec![mixed(scales, &sums)], class: None }
            }
            Target::Probability { scales, .. } => {
                let probability = mixed(scales, &sums);
                let second = match self.cutoff {
                    Some(cutoff) => probability >= cutoff,
                    None => probability > 0.5,
                };
                Prediction { values: vec![probability], class: Some(usize::from(second)) }
            }
            Target::Class { shares, .. } => {
                let shares = shares.iter().map(|share| share.value(case));
                Prediction { values: shares.collect::<Option<_>>()?, class: Some(sums[0] as usize) }
            }
            Target::Classes { share, .. } => {
                Prediction { values: share.of(&sums), class: first_greatest(&sums) }
            }
        })
    }

    /// Reads a number in every column of numbers as a gap.
    pub(crate) fn take_for_missing(&mut self, code: f64) {
        for column in &mut self.columns {
            if matches!(column.kind, ColumnKind::Number { .. }) {
                column.missing_codes.push(code);
            }
        }
    }

    /// The model with the data's names of columns: where the file has none, by their order, and
    /// where it changed what names may not hold (a space into `_`), by what is left of them. Names
    /// of categories that the file doesn't hold come from the data's texts, too.
    ///
    /// # Errors
    ///
    /// [`CasesError::Unnamed`] if the file names no columns and the data has others,
    /// [`CasesError::Categories`] if the data has none of a column's categories.
    pub fn named_by(&self, data: &Cases) -> Result<Cow<'_, Self>, CasesError> {
        let named = self.columns_named_by(data)?;
        if self.encoded.is_empty() {
            return Ok(named);
        }
        let mut named = named.into_owned();
        named.decode(data)?;
        Ok(Cow::Owned(named))
    }

    fn columns_named_by(&self, data: &Cases) -> Result<Cow<'_, Self>, CasesError> {
        if let Some(respelt) = self.respelt(data) {
            return Ok(Cow::Owned(respelt));
        }
        let given = |column: &&Column| !matches!(column.kind, ColumnKind::Derived(_));
        let known = self.columns.iter().filter(given).all(|one| data.column(&one.name).is_some());
        let Some(width) = self.unnamed.filter(|_| !known) else {
            return Ok(Cow::Borrowed(self));
        };
        if data.columns().len() != width {
            let names: Vec<String> =
                self.columns.iter().map(|column| shorten(&column.name)).collect();
            return Err(CasesError::Unnamed { width, names: names.join(", ") });
        }
        let mut named = self.clone();
        for column in &mut named.columns {
            column.name.clone_from(&data.columns()[column.place]);
        }
        Ok(Cow::Owned(named))
    }

    /// The model with the data's spelling, if every column has exactly one of that spelling and
    /// not all are spelt alike.
    fn respelt(&self, data: &Cases) -> Option<Self> {
        let mut respelt = self.clone();
        let mut taken = BTreeSet::new();
        for column in &mut respelt.columns {
            if matches!(column.kind, ColumnKind::Derived(_)) {
                continue;
            }
            if data.column(&column.name).is_none() {
                let plain = plain(&column.name);
                let mut like = data.columns().iter().filter(|name| self::plain(name) == plain);
                column.name.clone_from(like.next()?);
                if like.next().is_some() {
                    return None;
                }
            }
            if !taken.insert(column.name.clone()) {
                return None;
            }
        }
        (respelt.columns != self.columns).then_some(respelt)
    }

    /// The model with other names of columns, in their order.
    ///
    /// # Panics
    ///
    /// If there isn't one name a column.
    pub fn renamed(&self, names: &[String]) -> Self {
        assert_eq!(names.len(), self.columns.len(), "one name a column");
        let mut renamed = self.clone();
        for (column, name) in renamed.columns.iter_mut().zip(names) {
            column.name.clone_from(name);
        }
        renamed
    }

    /// The cases of a table, as the model reads them: one cell a column. Where the data tells names
    /// of categories ([`Self::named_by`]), these are cases of the model that it names.
    ///
    /// # Errors
    ///
    /// [`CasesError`] if the table lacks a column, or has a text where the model takes a number.
    pub fn table(&self, data: &Cases) -> Result<Vec<Vec<Cell>>, CasesError> {
        let named = self.named_by(data)?;
        let mut table = vec![Vec::with_capacity(named.columns.len()); data.len()];
        for column in &named.columns {
            if let ColumnKind::Derived(expression) = &column.kind {
                for case in &mut table {
                    let number = expression.value(case);
                    case.push(number.map_or(Cell::Missing, Cell::Number));
                }
                continue;
            }
            for (case, cell) in table.iter_mut().zip(column.cells(data)?) {
                case.push(cell);
            }
        }
        Ok(table)
    }

    /// Drops the columns that no term reads.
    pub(crate) fn drop_unused(&mut self) {
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for term in self.sums.iter().flat_map(|sum| &sum.terms) {
            used.extend(term.columns());
        }
        // What a derived column is computed from stands before it.
        for (index, column) in self.columns.iter().enumerate().rev() {
            if let (true, ColumnKind::Derived(expression)) = (used.contains(&index), &column.kind) {
                used.extend(expression.columns());
            }
        }
        let place: Vec<usize> =
            (0..self.columns.len()).map(|column| used.range(..column).count()).collect();
        let mut column = 0;
        self.columns.retain(|_| {
            column += 1;
            used.contains(&(column - 1))
        });
        let renumber = |column: &mut usize| *column = place[*column];
        for term in self.sums.iter_mut().flat_map(|sum| &mut sum.terms) {
            term.renumber(&renumber);
        }
        self.encoded.retain(|(column, _)| used.contains(column));
        self.encoded.iter_mut().for_each(|(column, _)| renumber(column));
        for column in &mut self.columns {
            if let ColumnKind::Derived(expression) = &mut column.kind {
                expression.renumber(&renumber);
            }
        }
        let codes = self.reason_codes.iter_mut();
        for characteristic in codes.flat_map(|codes| &mut codes.characteristics) {
            characteristic.cost.renumber(&renumber);
        }
        if let Target::Class { shares, .. } = &mut self.target {
            shares.iter_mut().for_each(|share| share.renumber(&renumber));
        }
    }
}

/// A name without what libraries change in it.
fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() { c } else { '_' };
    name.trim().chars().map(kept).flat_map(char::to_lowercase).collect()
}

/// The index of the greatest value, of equal ones the first.
fn first_greatest(values: &[f64]) -> Option<usize> {
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().position(|value| *value == greatest)
}
