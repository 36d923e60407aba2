// SPDX-License-Identifier: Apache-2.0
//! A [`Document`] as PDF: A4, embedded fonts, text that can be selected and searched (PDF/A-2u).
//! Equal documents give equal bytes.

use super::layout::{self, Fonts, Item, HEIGHT, MARGIN, WIDTH};
use anyhow::{anyhow, Context as _, Result};
use cso_clinical::opinion_page::Document;
use jiff::civil::Date;
use krilla::{
    color::luma,
    configure::{Archival, ConfigurationBuilder},
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    text::{Font, TextDirection},
    SerializeSettings,
};
use ttf_parser::Face;

/// Writes the document, dated by `day`.
pub(super) fn pdf(document: &Document, day: Date) -> Result<Vec<u8>> {
    let [regular, bold] = [dejavu::sans::regular(), dejavu::sans::bold()];
    let faces = Fonts { regular: Face::parse(regular, 0)?, bold: Face::parse(bold, 0)? };
    let font = |bytes: &'static [u8]| {
        Font::new(bytes.to_vec().into(), 0).context("the built-in font can't be read")
    };
    let fonts = [font(regular)?, font(bold)?];
    let archival = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U);
    let configuration =
        archival.finish().map_err(|error| anyhow!("PDF/A-2u can't be written: {error:?}"))?;
    let mut pdf = krilla::Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    pdf.set_metadata(metadata(document, day));
    let size = || PageSettings::from_wh(WIDTH, HEIGHT).context("A4 is no page");
    for items in layout::set(document, &faces)? {
        let mut page = pdf.start_page_with(size()?);
        let mut surface = page.surface();
        for item in &items {
            draw(&mut surface, item, &fonts);
        }
        surface.finish();
        page.finish();
    }
    pdf.finish().map_err(|error| anyhow!("the PDF can't be written: {error:?}; take --format html"))
}

fn metadata(document: &Document, day: Date) -> Metadata {
    let number = |number: i8| u8::try_from(number).unwrap_or(1);
    let date = DateTime::new(u16::try_from(day.year()).unwrap_or(1))
        .month(number(day.month()))
        .day(number(day.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(document.title.clone())
        .description(description(document))
        .language(document.language.clone())
        .creator("cso".into())
        .creation_date(date)
}

/// What programs say of the file without opening it.
fn description(document: &Document) -> String {
    let caveat = document.caveat.iter().chain(&document.warning).map(String::as_str);
    caveat.chain([document.notice.as_str()]).collect::<Vec<_>>().join(" ")
}

fn draw(surface: &mut Surface<'_>, item: &Item, [regular, bold]: &[Font; 2]) {
    let ink = |grey: u8| Fill { paint: luma::Color::new(grey).into(), ..Fill::default() };
    match item {
        Item::Line { x, y, style, text } => {
            surface.set_fill(Some(ink(style.grey)));
            let font = if style.bold { bold } else { regular };
            surface.draw_text(
                Point::from_xy(*x, *y),
                font.clone(),
                style.size,
                text,
                false,
                TextDirection::Auto,
            );
        }
        Item::Rule { y } => {
            surface.set_fill(Some(ink(160)));
            let mut path = PathBuilder::new();
            let rectangle = Rect::from_xywh(MARGIN, *y, WIDTH - 2.0 * MARGIN, 0.5);
            if let Some(rectangle) = rectangle {
                path.push_rect(rectangle);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cso_clinical::opinion_page::{Block, OpinionPage};
    use cso_clinical::{ModelCheck, Protocol};
    use jiff::civil::date;

    const PROTOCOL: &str = include_str!("../../../../../clinical/protocols/cha2ds2-vasc.toml");

    fn document() -> Document {
        document_by(ModelCheck::Published)
    }

    fn document_by(model: ModelCheck) -> Document {
        let description = Protocol::from_toml(PROTOCOL).unwrap().description();
        let readings = description.interpret(&[5], &Default::default()).unwrap();
        let page = OpinionPage {
            eligibility: cso_clinical::Eligibility::Fits,
            date: "2026-11-23".into(),
            expert: "Dr. Größe, Łódź".into(),
            time: None,
            model,
            question: String::new(),
            note: String::new(),
            inputs: vec![["Age", "69 a", "from a FHIR record"].map(str::to_owned); 8],
            proofs: vec![["record".into(), format!("0x{}", "ab".repeat(32))]],
        };
        page.document(&description, &readings)
    }

    #[test]
    fn an_opinion_is_one_page_whose_text_can_be_searched() {
        let bytes = pdf(&document(), date(2026, 11, 23)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("%PDF-") && text.contains("/Count 1"));
        // The writer refuses PDF/A-2u where a glyph has no letter.
        assert!(text.contains("pdfaid:part>2<") && text.contains("pdfaid:conformance>U<"));
        assert!(text.contains("Second opinion: CHA2DS2-VASc"));
    }

    #[test]
    fn programs_that_only_list_the_file_tell_the_caveat_first() {
        assert!(description(&document()).starts_with("Research software"));
        for model in [ModelCheck::Differs, ModelCheck::Retired, ModelCheck::Unknown] {
            let document = document_by(model);
            assert!(description(&document).starts_with("NOT VERIFIED"), "{model:?}");
            let bytes = pdf(&document, date(2026, 11, 23)).unwrap();
            assert!(String::from_utf8_lossy(&bytes).contains("NOT VERIFIED"));
        }
    }

    #[test]
    fn equal_opinions_give_equal_bytes() {
        let write = |day| pdf(&document(), day).unwrap();
        assert_eq!(write(date(2026, 11, 23)), write(date(2026, 11, 23)));
        assert_ne!(write(date(2026, 11, 23)), write(date(2026, 11, 24)));
    }

    #[test]
    fn a_letter_that_cannot_be_shown_is_refused() {
        let mut document = document();
        document.blocks.push(Block::Text("診断".into()));
        let error = pdf(&document, date(2026, 11, 23)).unwrap_err().to_string();
        assert!(error.contains("U+8A3A") && error.contains("html"), "{error}");
    }
}
