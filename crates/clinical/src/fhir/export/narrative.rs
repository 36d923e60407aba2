// SPDX-License-Identifier: Apache-2.0
//! What a resource says, in the XHTML that FHIR calls narrative: many programs show a reader
//! nothing else of a resource that they don't know well.

use serde_json::{json, Value as Json};

use super::string;

/// A narrative of these paragraphs, all of it made from the resource's own data; what is in bold
/// stands first.
pub(super) fn narrative(bold: Option<&str>, paragraphs: &[String]) -> Json {
    let bold = bold.map(|text| format!("<p><b>{}</b></p>", escape(text)));
    let paragraphs = paragraphs.iter().map(|text| format!("<p>{}</p>", escape(text)));
    let body: String = bold.into_iter().chain(paragraphs).collect();
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{body}</div>");
    json!({ "status": "generated", "div": div })
}

/// Escapes text for the content of elements. Characters that XML 1.0 doesn't have (section 2.2) are
/// shown as replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in string(text).chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '\t' | '\n' | '\r' => escaped.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
