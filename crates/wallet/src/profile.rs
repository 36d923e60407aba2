// SPDX-License-Identifier: Apache-2.0
//! Encryption profiles as values of a flag.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use cso_fhe::Profile;

/// Every profile, the one that is used by default first.
pub(crate) fn all() -> [Profile; 2] {
    let [fast, private] = Profile::ALL;
    [private, fast]
}

/// Reads the word of a profile.
pub(crate) fn parser() -> impl TypedValueParser<Value = Profile> {
    let values = all().map(|profile| PossibleValue::new(profile.word()).help(help(profile)));
    PossibleValuesParser::new(values)
        .try_map(|word| Profile::from_word(&word).ok_or("expected private or fast"))
}

fn help(profile: Profile) -> &'static str {
    match profile {
        Profile::Private => {
            "Twice the size; hides the expert's model better, and allows finer outputs"
        }
        Profile::Fast => "Half the size, half the time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_stands_first() {
        assert_eq!(all()[0], Profile::Private);
    }
}
