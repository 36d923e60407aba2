// SPDX-License-Identifier: Apache-2.0
//! The page as HTML. It stands alone: no script, no image, nothing is loaded. All text is escaped.

use std::fmt::Write;

use super::{Block, Document, OpinionPage};
use crate::outputs::Reading;
use crate::protocol::Description;

const STYLE: &str = "body{font:15px/1.45 sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.4em;margin-bottom:.2em}h2{font-size:1.05em;margin:1.4em 0 .4em}\
table{border-collapse:collapse;width:100%}td{text-align:left;vertical-align:top;padding:.25em .6em;border-bottom:1px solid #ccc}\
td{overflow-wrap:anywhere}.result{font-size:1.25em;font-weight:bold}.small{font-size:.85em;color:#444;overflow-wrap:anywhere}\
.notice{border:1px solid #a00;padding:.5em .8em;margin:1.2em 0}\
.caveat{border-width:3px;font-weight:bold}@media print{body{margin:0}}";

/// Writes the page.
pub fn html(description: &Description, readings: &[Reading], page: &OpinionPage) -> String {
    write(&page.document(description, readings))
}

fn write(document: &Document) -> String {
    let Document { language, title, caveat, warning, byline, notice, blocks } = document;
    let [language, title, byline, notice] =
        [language, title, byline, notice].map(|text| escape(text));
    let caveat = caveat.as_deref().map_or_else(String::new, |text| {
        format!("<p class=\"notice caveat\">{}</p>\n", escape(text))
    });
    let warning = warning.as_deref().map_or_else(String::new, |text| {
        format!("<p class=\"notice\"><b>{}</b></p>\n", escape(text))
    });
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{caveat}{warning}<p>{byline}</p>\n<p class=\"notice\">{notice}</p>\n"
    );
    for block in blocks {
        html += &match block {
            Block::Heading(text) => format!("<h2>{}</h2>\n", escape(text)),
            Block::Result { label, value, meaning, notes, figures } => {
                result([label, value, meaning], notes, figures)
            }
            Block::Text(text) => format!("<p>{}</p>\n", escape(text).replace('\n', "<br>")),
            Block::Table(rows) => table(rows),
            Block::List(items) => {
                let items = items.iter().map(|item| format!("<li>{}</li>\n", escape(item)));
                format!("<ul class=\"small\">\n{}</ul>\n", items.collect::<String>())
            }
        };
    }
    html + "</body>\n</html>\n"
}

fn result(words: [&String; 3], notes: &[[String; 2]], figures: &[String]) -> String {
    let [label, value, meaning] = words.map(|text| escape(text));
    let mut html = format!("<p>{label}: <span class=\"result\">{value}</span><br>{meaning}</p>\n");
    for [heading, text] in notes {
        let heading = match heading.is_empty() {
            true => String::new(),
            false => format!("<b>{}:</b> ", escape(heading)),
        };
        html += &format!("<p>{heading}{}</p>\n", escape(text));
    }
    if !figures.is_empty() {
        let figures = figures.iter().map(|figure| format!("<li>{}</li>\n", escape(figure)));
        html += &format!("<ul class=\"small\">\n{}</ul>\n", figures.collect::<String>());
    }
    html
}

fn table(rows: &[Vec<String>]) -> String {
    let mut html = "<table>\n".to_owned();
    for row in rows {
        html += "<tr>";
        for (index, cell) in row.iter().enumerate() {
            // The third column says where something comes from.
            let class = if index < 2 { "" } else { " class=\"small\"" };
            // Writing to a string can't fail.
            let _ = write!(html, "<td{class}>{}</td>", escape(cell));
        }
        html += "</tr>\n";
    }
    html + "</table>\n"
}

/// Escapes text for element content and quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            other => escaped.push(other),
        }
    }
    escaped
}
