// SPDX-License-Identifier: Apache-2.0
//! Licences: SPDX expressions, with operators in upper case.

use cso_model_files::shorten;
use spdx::{imprecise_license_id, Expression, ParseMode};

/// Identifiers as they are listed, also those that others have replaced: of older files too it
/// must be said what they are.
const MODE: ParseMode =
    ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..ParseMode::STRICT };
/// What a licence is called that isn't in the list.
const OWN: &str = "LicenseRef-";

/// Refuses what is no SPDX expression.
pub(super) fn check(text: &str) -> Result<(), String> {
    let is_apart = |letter: char| letter.is_whitespace() || "()".contains(letter);
    for word in text.split(is_apart) {
        if ["and", "or", "with"].contains(&word) {
            return Err(format!("`{word}` is written `{}`", word.to_uppercase()));
        }
        if word == OWN {
            return Err(format!("a name follows `{OWN}`"));
        }
    }
    Expression::parse_mode(text, MODE).map(|_| ()).map_err(|error| {
        let word = text.get(error.span.clone()).unwrap_or_default();
        let shown = shorten(word);
        match (error.reason, imprecise_license_id(word)) {
            (spdx::error::Reason::UnknownTerm, Some((listed, _))) => {
                format!("`{shown}` is written `{}`", listed.name)
            }
            (spdx::error::Reason::UnknownTerm, None) => format!(
                "`{shown}` is no SPDX identifier, such as `Apache-2.0` or `CC-BY-4.0`: write one of https://spdx.org/licenses, or `{OWN}NAME`"
            ),
            (reason, _) => format!("`{}` is no SPDX expression: {reason}", shorten(text)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_those_of_the_list() {
        for good in [
            "Apache-2.0",
            "CC-BY-4.0",
            "MIT OR Apache-2.0",
            "(MIT OR Apache-2.0) AND CC0-1.0",
            "GPL-2.0+ WITH Classpath-exception-2.0",
            "LicenseRef-hospital-1.0",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("free", "`free` is no SPDX identifier"),
            ("apache-2.0", "is written `Apache-2.0`"),
            ("MIT Apache-2.0", "is no SPDX expression: expected one of"),
            ("MIT or Apache-2.0", "`or` is written `OR`"),
            ("MIT OR", "is no SPDX expression"),
            ("(MIT", "unclosed parens"),
            ("MIT WITH", "is no SPDX expression"),
            ("MIT WITH MIT", "is no SPDX expression"),
            ("WITH Classpath-exception-2.0", "is no SPDX expression"),
            ("LicenseRef-", "a name follows `LicenseRef-`"),
            ("# Identifiers", "invalid character"),
        ] {
            assert!(check(bad).unwrap_err().contains(why), "{bad}: {:?}", check(bad));
        }
    }
}
