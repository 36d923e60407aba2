// SPDX-License-Identifier: Apache-2.0

//! Names of files that come from elsewhere.

/// Longest name.
const MAX_BYTES: usize = 64;

/// Whether a name is fit for a file beside others on every system, hides nothing and leads nowhere
/// else: 1 to 64 of the characters `a-z`, `A-Z`, `0-9`, `.`, `_` and `-`, the first of them a
/// letter or digit.
///
/// ```
/// use cso_primitives::is_file_name;
///
/// assert!(is_file_name("stroke-model.pmml"));
/// assert!(!is_file_name("../sealing.key") && !is_file_name(".hidden") && !is_file_name(""));
/// ```
pub fn is_file_name(name: &str) -> bool {
    name.len() <= MAX_BYTES
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_taken() {
        for name in ["a", "7", "model.onnx", "a_b-c.d", &"x".repeat(64)] {
            assert!(is_file_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_or_hide_are_refused() {
        for name in ["", ".", "..", ".a", "-a", "_a", "a/b", "a\\b", "a b", "ä", "a\n", "a:b"] {
            assert!(!is_file_name(name), "{name}");
        }
        assert!(!is_file_name(&"x".repeat(65)));
    }
}
