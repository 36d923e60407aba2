// SPDX-License-Identifier: Apache-2.0
//! The opinion as one page of HTML that a patient can take to a doctor.
//!
//! The page stands alone: no script, no image, nothing is loaded. All foreign text is escaped.

use std::fmt::Write;

use crate::protocol::{Description, Reading};
use crate::DISCLAIMER;

/// What the page shows beside the protocol and the readings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The day of the answer, as people read it.
    pub answered: String,
    /// Who answered: a name or an account.
    pub expert: String,
    /// The answers that were used: label, value, origin.
    pub inputs: Vec<[String; 3]>,
    /// What proves the consultation: name and value, such as the commitments to record and model.
    pub proofs: Vec<[String; 2]>,
}

const STYLE: &str = "body{font:15px/1.45 sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.4em;margin-bottom:.2em}h2{font-size:1.05em;margin:1.4em 0 .4em}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25em .6em;border-bottom:1px solid #ccc}\
.result{font-size:1.25em;font-weight:bold}.small{font-size:.85em;color:#444;overflow-wrap:anywhere}\
.notice{border:1px solid #a00;padding:.5em .8em;margin:1.2em 0}@media print{body{margin:0}}";

/// Writes the page.
pub fn html(description: &Description, readings: &[Reading], page: &Page) -> String {
    let meta = description.meta();
    let mut html = String::new();
    // Writing to a string can't fail.
    let _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Second opinion: {}</h1>\n<p>Answered on {} by {}</p>\n<p class=\"notice\">{}</p>\n",
        escape(&meta.language),
        escape(&meta.title),
        escape(&meta.title),
        escape(&page.answered),
        escape(&page.expert),
        escape(DISCLAIMER),
    );
    html += "<h2>Result</h2>\n<table>\n";
    for reading in readings {
        let figure = reading.figure.as_deref().unwrap_or("");
        let source = reading
            .source
            .as_deref()
            .map_or(String::new(), |source| format!(" ({source})"));
        let _ = writeln!(
            html,
            "<tr><th>{}</th><td><span class=\"result\">{}</span><br>{}<br><span class=\"small\">{}{}</span></td></tr>",
            escape(&reading.label),
            escape(&reading.text),
            escape(&reading.meaning),
            escape(figure),
            escape(&source),
        );
    }
    html += "</table>\n<h2>Answers used</h2>\n<table>\n";
    for [label, value, origin] in &page.inputs {
        let (label, value, origin) = (escape(label), escape(value), escape(origin));
        let _ = writeln!(
            html,
            "<tr><td>{label}</td><td>{value}</td><td class=\"small\">{origin}</td></tr>"
        );
    }
    let _ = write!(
        html,
        "</table>\n<h2>Protocol</h2>\n<p>{} {}, version {}. {}</p>\n",
        escape(&meta.id),
        escape(&meta.title),
        escape(&meta.version),
        escape(&meta.intended_use),
    );
    if let Some(not_for) = &meta.not_for {
        let _ = writeln!(html, "<p>Not for: {}</p>", escape(not_for));
    }
    html += "<ul class=\"small\">\n";
    for reference in &meta.references {
        let doi = reference
            .doi
            .as_deref()
            .map_or(String::new(), |doi| format!(" doi:{doi}"));
        let _ = writeln!(
            html,
            "<li>{}{}</li>",
            escape(&reference.citation),
            escape(&doi)
        );
    }
    html += "</ul>\n<table class=\"small\">\n";
    for [name, value] in &page.proofs {
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td></tr>",
            escape(name),
            escape(value)
        );
    }
    html += "</table>\n</body>\n</html>\n";
    html
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
