// SPDX-License-Identifier: Apache-2.0
//! What the readers need of XML: elements by local name, attributes as numbers, lists.

use roxmltree::{Document, Node as Xml, ParsingOptions};

use super::FORMAT;
use crate::{shorten, ModelFileError};

/// Deepest nesting of elements; a tree of the deepest kind that is read takes about 40.
const MAX_NESTING: usize = 128;
/// Most elements, texts and comments: room for 10 000 trees of depth 5.
const MAX_NODES: u32 = 4_000_000;

/// Parses a document. Document types are refused, so there are no entities to expand.
pub(super) fn parse(text: &str) -> Result<Document<'_>, ModelFileError> {
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    // The parser shows what it found as it stands there, line ends and all.
    let document = Document::parse_with_options(text, options)
        .map_err(|error| refuse(error.to_string().replace(char::is_control, " ")))?;
    let mut depth = vec![0usize; 1];
    for node in document.descendants().skip(1) {
        // Nodes are numbered in the order of the document: the parent's depth is known.
        let parent = node.parent().map_or(0, |parent| depth[parent.id().get_usize()]);
        if parent >= MAX_NESTING {
            return Err(refuse(format!("elements nest deeper than {MAX_NESTING}")));
        }
        depth.push(parent + 1);
    }
    Ok(document)
}

pub(super) fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

pub(super) fn unsupported(element: impl Into<String>, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element: element.into(), instead }
}

/// The elements directly below, but for `Extension`s.
pub(super) fn children<'a>(of: Xml<'a, 'a>) -> impl Iterator<Item = Xml<'a, 'a>> + Clone {
    of.children().filter(|node| node.is_element() && name(*node) != "Extension")
}

/// The elements of one name directly below.
pub(super) fn named<'a>(
    of: Xml<'a, 'a>,
    wanted: &'static str,
) -> impl Iterator<Item = Xml<'a, 'a>> + Clone {
    children(of).filter(move |node| name(*node) == wanted)
}

/// The first element of one name directly below.
pub(super) fn child<'a>(of: Xml<'a, 'a>, wanted: &'static str) -> Option<Xml<'a, 'a>> {
    named(of, wanted).next()
}

pub(super) fn name<'a>(node: Xml<'a, 'a>) -> &'a str {
    node.tag_name().name()
}

/// An attribute that must be there.
pub(super) fn need<'a>(
    node: Xml<'a, 'a>,
    attribute: &'static str,
) -> Result<&'a str, ModelFileError> {
    node.attribute(attribute)
        .ok_or_else(|| refuse(format!("a {} has no `{attribute}`", name(node))))
}

/// An attribute that is a finite number, if it is there.
pub(super) fn number(
    node: Xml<'_, '_>,
    attribute: &'static str,
) -> Result<Option<f64>, ModelFileError> {
    let Some(text) = node.attribute(attribute) else {
        return Ok(None);
    };
    finite(text).map(Some).ok_or_else(|| {
        let text = shorten(text);
        refuse(format!("{} `{attribute}` is `{text}`: it must be a number", node.tag_name().name()))
    })
}

/// An attribute that must be there and a finite number.
pub(super) fn need_number<'a>(
    node: Xml<'a, 'a>,
    attribute: &'static str,
) -> Result<f64, ModelFileError> {
    need(node, attribute)?;
    number(node, attribute)?.ok_or_else(|| refuse(format!("`{attribute}` is missing")))
}

pub(super) fn finite(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The entries of an `Array`: separated by white space, quoted where they hold some.
pub(super) fn array(text: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (entry, tail) = if first == '"' {
            let mut entry = String::new();
            let mut escaped = false;
            let mut end = rest.len();
            for (place, c) in rest.char_indices().skip(1) {
                match c {
                    _ if escaped => {
                        entry.push(c);
                        escaped = false;
                    }
                    '\\' => escaped = true,
                    '"' => {
                        end = place + 1;
                        break;
                    }
                    _ => entry.push(c),
                }
            }
            (entry, &rest[end..])
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        entries.push(entry);
        rest = tail.trim_start();
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_take_quoted_entries() {
        assert_eq!(array(r#" a "b c"  "d \"e\"" 7 "#), ["a", "b c", "d \"e\"", "7"]);
        assert_eq!(array("\"open"), ["open"]);
    }

    #[test]
    fn refuses_document_types_and_deep_nesting() {
        let entities = "<!DOCTYPE p [<!ENTITY a \"b\">]><PMML>&a;</PMML>";
        assert!(parse(entities).unwrap_err().to_string().starts_with("PMML model: "));
        let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
        assert!(parse(&deep).unwrap_err().to_string().contains("nest deeper than 128"));
    }
}
