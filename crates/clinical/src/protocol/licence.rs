// SPDX-License-Identifier: Apache-2.0
//! Licences: SPDX expressions over the identifiers of its list, which comes with the crate.
//!
//! ```text
//! expression = single { ( "AND" | "OR" ) single }
//! single     = "(" expression ")" | identifier [ "+" ] [ "WITH" exception ] | "LicenseRef-" name
//! ```
//!
//! SPDX Specification 2.3, annex D: operators are upper case; identifiers are taken as they are
//! listed.

use cso_model_files::shorten;

/// Identifiers, one a line; those of exceptions behind `WITH`.
const LISTED: &str = include_str!("../../spdx.txt");

/// What a licence is called that isn't in the list.
const OWN: &str = "LicenseRef-";

/// Refuses what is no SPDX expression.
pub(super) fn check(text: &str) -> Result<(), String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    expression(&mut rest)?;
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(format!("`{}` is not expected there", shorten(word))),
    }
}

fn expression(rest: &mut &[&str]) -> Result<(), String> {
    single(rest)?;
    while take(rest, &["AND", "OR"]) {
        single(rest)?;
    }
    Ok(())
}

fn single(rest: &mut &[&str]) -> Result<(), String> {
    if take(rest, &["("]) {
        expression(rest)?;
        return match take(rest, &[")"]) {
            true => Ok(()),
            false => Err("a bracket is not closed".to_owned()),
        };
    }
    let Some((word, others)) = rest.split_first() else {
        return Err("it ends where a licence is expected".to_owned());
    };
    *rest = others;
    if let Some(name) = word.strip_prefix(OWN) {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".-".contains(letter);
        return match !name.is_empty() && name.chars().all(allowed) {
            true => Ok(()),
            false => Err(format!("a name behind `{OWN}` has letters, digits, `.` and `-`")),
        };
    }
    let plain = word.strip_suffix('+').unwrap_or(word);
    require_listed(plain, "")?;
    if take(rest, &["WITH"]) {
        let Some((exception, others)) = rest.split_first() else {
            return Err("it ends where an exception is expected".to_owned());
        };
        *rest = others;
        require_listed(exception, "WITH ")?;
    }
    Ok(())
}

fn take(rest: &mut &[&str], wanted: &[&str]) -> bool {
    match rest.split_first() {
        Some((word, others)) if wanted.contains(word) => {
            *rest = others;
            true
        }
        _ => false,
    }
}

fn require_listed(word: &str, before: &str) -> Result<(), String> {
    let listed = || LISTED.lines().filter(|line| !line.starts_with('#'));
    let mut of_kind = listed().filter_map(|line| match before {
        "" => (!line.starts_with("WITH ")).then_some(line),
        before => line.strip_prefix(before),
    });
    match of_kind.find(|one| one.eq_ignore_ascii_case(word)) {
        Some(one) if one == word => Ok(()),
        Some(one) => Err(format!("`{}` is written `{one}`", shorten(word))),
        None => Err(format!(
            "`{}` is no SPDX identifier, such as `Apache-2.0` or `CC-BY-4.0`: write one of https://spdx.org/licenses, or `{OWN}NAME`",
            shorten(word)
        )),
    }
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
            ("MIT Apache-2.0", "`Apache-2.0` is not expected there"),
            ("MIT or Apache-2.0", "`or` is not expected there"),
            ("MIT OR", "it ends where a licence is expected"),
            ("(MIT", "a bracket is not closed"),
            ("MIT WITH", "it ends where an exception is expected"),
            ("MIT WITH MIT", "`MIT` is no SPDX identifier"),
            ("WITH Classpath-exception-2.0", "`WITH` is no SPDX identifier"),
            ("LicenseRef-", "a name behind `LicenseRef-`"),
            ("# Identifiers", "`#` is no SPDX identifier"),
        ] {
            assert!(check(bad).unwrap_err().contains(why), "{bad}: {:?}", check(bad));
        }
    }
}
