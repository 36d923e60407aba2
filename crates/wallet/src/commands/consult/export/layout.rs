// SPDX-License-Identifier: Apache-2.0
//! Where each line of a [`Document`] stands on A4 paper. Lengths are in points (1/72 inch), `y`
//! grows downwards.

use anyhow::{bail, Result};
use cso_clinical::opinion_page::{Block, Document};
use ttf_parser::Face;

/// Width of A4: 210 mm.
pub(super) const WIDTH: f32 = 595.28;
/// Height of A4: 297 mm.
pub(super) const HEIGHT: f32 = 841.89;
/// Left, right, above and below.
pub(super) const MARGIN: f32 = 48.0;
/// Distance of two baselines, as a multiple of the letters' size.
const LEADING: f32 = 1.3;
/// Room between a table's columns.
const GUTTER: f32 = 10.0;
const TEXT: f32 = 8.5;
const SMALL: f32 = 7.0;

/// How a line is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// Size of the letters.
    pub size: f32,
    /// Whether they are bold.
    pub bold: bool,
    /// Grey value of the ink: 0 is black.
    pub grey: u8,
}

const fn style(size: f32, bold: bool, grey: u8) -> Style {
    Style { size, bold, grey }
}

const TITLE: Style = style(15.0, true, 0);
const HEADING: Style = style(10.5, true, 0);
const BODY: Style = style(TEXT, false, 0);
const STRONG: Style = style(TEXT, true, 0);
const WARNING: Style = style(11.0, true, 0);
const VALUE: Style = style(13.0, true, 0);
const FINE: Style = style(SMALL, false, 70);

/// Something drawn on a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// One line of text, `y` at the baseline.
    Line {
        /// Left end.
        x: f32,
        /// Baseline.
        y: f32,
        /// How it is set.
        style: Style,
        /// The letters.
        text: String,
    },
    /// A horizontal rule over the width of the text.
    Rule {
        /// Where.
        y: f32,
    },
}

/// The fonts, as far as setting needs them.
pub(super) struct Fonts<'a> {
    /// Regular letters.
    pub regular: Face<'a>,
    /// Bold letters.
    pub bold: Face<'a>,
}

impl Fonts<'_> {
    fn width(&self, text: &str, style: Style) -> f32 {
        let face = match style.bold {
            true => &self.bold,
            false => &self.regular,
        };
        let advances = text.chars().map(|letter| {
            let glyph = face.glyph_index(letter);
            glyph.and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or_default()
        });
        advances.map(f32::from).sum::<f32>() * style.size / f32::from(face.units_per_em())
    }

    /// Refuses letters that the fonts don't have: they would be left out.
    fn check(&self, text: &str) -> Result<()> {
        let known = |letter: &char| {
            letter.is_whitespace()
                || self.regular.glyph_index(*letter).is_some()
                    && self.bold.glyph_index(*letter).is_some()
        };
        match text.chars().find(|letter| !known(letter)) {
            None => Ok(()),
            Some(letter) => bail!(
                "the PDF's font (DejaVu Sans) has no letter `{letter}` (U+{:04X}); take --format html",
                u32::from(letter)
            ),
        }
    }
}

/// Sets the document: the items of each page.
pub(super) fn set(document: &Document, fonts: &Fonts<'_>) -> Result<Vec<Vec<Item>>> {
    let mut setter = Setter { fonts, pages: vec![Vec::new()], y: MARGIN };
    setter.paragraph(&document.title, TITLE)?;
    for caveat in document.caveat.iter().chain(&document.warning) {
        setter.space(4.0);
        setter.paragraph(caveat, WARNING)?;
        setter.rule();
        setter.space(4.0);
    }
    setter.paragraph(&document.byline, BODY)?;
    setter.space(4.0);
    setter.paragraph(&document.notice, STRONG)?;
    for block in &document.blocks {
        setter.block(block)?;
    }
    Ok(setter.numbered())
}

struct Setter<'a> {
    fonts: &'a Fonts<'a>,
    pages: Vec<Vec<Item>>,
    /// The lower end of what is set on the last page.
    y: f32,
}

impl Setter<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Heading(text) => {
                self.space(9.0);
                // Not alone at the foot of a page.
                self.room(4.0 * TEXT * LEADING);
                self.paragraph(text, HEADING)?;
                self.rule();
            }
            Block::Result { label, value, meaning, notes, figures } => {
                self.paragraph(label, BODY)?;
                self.paragraph(value, VALUE)?;
                self.paragraph(meaning, BODY)?;
                for [heading, text] in notes {
                    let text = match heading.is_empty() {
                        true => text.clone(),
                        false => format!("{heading}: {text}"),
                    };
                    self.paragraph(&text, BODY)?;
                }
                for figure in figures {
                    self.paragraph(figure, FINE)?;
                }
                self.space(3.0);
            }
            Block::Text(text) => {
                for line in text.lines() {
                    self.paragraph(line, BODY)?;
                }
                self.space(2.0);
            }
            Block::Table(rows) => self.table(rows)?,
            Block::List(items) => {
                for item in items {
                    self.paragraph(item, FINE)?;
                }
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, text: &str, style: Style) -> Result<()> {
        let width = WIDTH - 2.0 * MARGIN;
        for line in self.wrap(text, style, width)? {
            self.line(MARGIN, line, style);
        }
        Ok(())
    }

    /// The first two columns in the text's size, of the third on in small print. Each column is as
    /// wide as its widest cell needs, and where that is too much, long ones share what is left.
    fn table(&mut self, rows: &[Vec<String>]) -> Result<()> {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let styles: Vec<_> =
            (0..columns).map(|column| if column < 2 { BODY } else { FINE }).collect();
        let wanted = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widths = cells.map(|cell| self.fonts.width(cell, styles[column]));
            // A hair more, so that rounding breaks no cell that is as wide as its column.
            widths.fold(0.0, f32::max) + 0.1
        };
        let wanted: Vec<f32> = (0..columns).map(wanted).collect();
        let room = WIDTH - 2.0 * MARGIN - GUTTER * columns.saturating_sub(1) as f32;
        let widths = share(&wanted, room);
        for row in rows {
            let mut cells = Vec::with_capacity(row.len());
            for ((cell, width), style) in row.iter().zip(&widths).zip(&styles) {
                cells.push(self.wrap(cell, *style, *width)?);
            }
            let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
            for line in 0..lines {
                self.room(TEXT * LEADING);
                self.y += TEXT * LEADING;
                let mut x = MARGIN;
                for ((cell, width), style) in cells.iter().zip(&widths).zip(&styles) {
                    if let Some(text) = cell.get(line) {
                        self.place(x, text.clone(), *style);
                    }
                    x += width + GUTTER;
                }
            }
        }
        Ok(())
    }

    /// Breaks text into lines, between words where possible.
    fn wrap(&self, text: &str, style: Style, width: f32) -> Result<Vec<String>> {
        self.fonts.check(text)?;
        let fits = |text: &str| self.fonts.width(text, style) <= width;
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = match line.is_empty() {
                true => word.to_owned(),
                false => format!("{line} {word}"),
            };
            if fits(&longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                // A word that is longer than a line, such as a hash.
                let longer = format!("{line}{letter}");
                if !line.is_empty() && !fits(&longer) {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        Ok(lines)
    }

    fn line(&mut self, x: f32, text: String, style: Style) {
        self.room(style.size * LEADING);
        self.y += style.size * LEADING;
        self.place(x, text, style);
    }

    fn place(&mut self, x: f32, text: String, style: Style) {
        let y = self.y;
        self.page().push(Item::Line { x, y, style, text });
    }

    fn rule(&mut self) {
        self.y += 3.0;
        let y = self.y;
        self.page().push(Item::Rule { y });
        self.y += 1.0;
    }

    fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Begins a new page if there isn't so much room left.
    fn room(&mut self, height: f32) {
        // The last line is the page's number.
        if self.y + height > HEIGHT - MARGIN - SMALL * LEADING {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn page(&mut self) -> &mut Vec<Item> {
        if self.pages.is_empty() {
            self.pages.push(Vec::new());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Numbers the pages, if there are several.
    fn numbered(mut self) -> Vec<Vec<Item>> {
        let count = self.pages.len();
        if count > 1 {
            for (index, page) in self.pages.iter_mut().enumerate() {
                page.push(Item::Line {
                    x: MARGIN,
                    y: HEIGHT - MARGIN + SMALL,
                    style: FINE,
                    text: format!("{} / {count}", index + 1),
                });
            }
        }
        self.pages
    }
}

/// Widths of columns: what each wants, if there is room for all; else wide ones share what narrow
/// ones leave.
fn share(wanted: &[f32], room: f32) -> Vec<f32> {
    let mut widths = vec![0.0; wanted.len()];
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut left = room;
    for (done, column) in order.iter().enumerate() {
        widths[*column] = wanted[*column].min(left / (wanted.len() - done) as f32);
        left -= widths[*column];
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fonts() -> Fonts<'static> {
        Fonts {
            regular: Face::parse(dejavu::sans::regular(), 0).unwrap(),
            bold: Face::parse(dejavu::sans::bold(), 0).unwrap(),
        }
    }

    fn document(blocks: Vec<Block>) -> Document {
        Document {
            language: "en".into(),
            title: "Title".into(),
            caveat: None,
            warning: None,
            byline: "By".into(),
            notice: "Notice".into(),
            blocks,
        }
    }

    #[test]
    fn everything_stays_on_the_paper() {
        let fonts = fonts();
        let long = "word ".repeat(400) + &"0123456789abcdef".repeat(20);
        let row = vec!["label".repeat(9), long.clone(), long.clone()];
        let blocks =
            vec![Block::Heading("H".into()), Block::Text(long), Block::Table(vec![row; 3])];
        let pages = set(&document(blocks), &fonts).unwrap();
        assert!(pages.len() > 1);
        for item in pages.iter().flatten() {
            if let Item::Line { x, y, style, text } = item {
                let right = x + fonts.width(text, *style);
                assert!(*x >= MARGIN && right <= WIDTH - MARGIN + 0.5, "{text}");
                assert!(*y > MARGIN && *y <= HEIGHT - MARGIN + SMALL, "{text}");
            }
        }
    }

    #[test]
    fn no_word_is_lost_and_cells_stand_side_by_side() {
        let row = ["one two", "three", "four"].map(str::to_owned).to_vec();
        let pages = set(&document(vec![Block::Table(vec![row])]), &fonts()).unwrap();
        let lines: Vec<_> = pages[0]
            .iter()
            .filter_map(|item| match item {
                Item::Line { x, y, text, .. } => Some((text.as_str(), *x, *y)),
                Item::Rule { .. } => None,
            })
            .collect();
        let [one, three, four] = [lines[3], lines[4], lines[5]];
        assert_eq!([one.0, three.0, four.0], ["one two", "three", "four"]);
        assert!(one.1 < three.1 && three.1 < four.1 && one.2 == four.2);
    }

    #[test]
    fn a_caveat_is_the_first_thing_below_the_title() {
        let lines = |caveat: Option<&str>| -> Vec<String> {
            let caveat = caveat.map(str::to_owned);
            let pages = set(&Document { caveat, ..document(Vec::new()) }, &fonts()).unwrap();
            let texts = pages[0].iter().filter_map(|item| match item {
                Item::Line { text, .. } => Some(text.clone()),
                Item::Rule { .. } => None,
            });
            texts.collect()
        };
        assert_eq!(lines(Some("NOT VERIFIED"))[..3], ["Title", "NOT VERIFIED", "By"]);
        assert_eq!(lines(None)[..3], ["Title", "By", "Notice"]);
    }

    #[test]
    fn letters_that_the_font_lacks_are_refused() {
        let text = |text: &str| set(&document(vec![Block::Text(text.into())]), &fonts());
        assert!(text("Größe ≥ 5 µmol, CHA₂DS₂-VASc, Zażółć, Ελληνικά, Россия").is_ok());
        let error = text("病").unwrap_err().to_string();
        assert!(error.contains("U+75C5") && error.contains("--format html"), "{error}");
    }

    #[test]
    fn wide_columns_share_what_narrow_ones_leave() {
        assert_eq!(share(&[10.0, 20.0], 100.0), [10.0, 20.0]);
        assert_eq!(share(&[10.0, 500.0, 300.0], 110.0), [10.0, 50.0, 50.0]);
    }
}
