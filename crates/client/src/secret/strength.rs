// SPDX-License-Identifier: Apache-2.0
//! How long a new passphrase stands against somebody who has the file that it protects.
//!
//! The estimate is `zxcvbn`'s (Wheeler, *zxcvbn: Low-Budget Password Strength Estimation*, USENIX
//! Security 2016): it looks for words, names, dates, rows of keys and repeats, as programs that
//! guess do. A passphrase that somebody else knows is strong to it all the same.
//!
//! Only what is new is measured. What was encrypted with a weak passphrase opens with it.

use super::SecretText;
use zxcvbn::{zxcvbn, Score};

/// The least score, of 4. Below it 10^8 guesses are enough.
const LEAST: Score = Score::Three;

/// Why a text doesn't serve as a new passphrase.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeakPassphrase {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// A program that guesses soon comes to it.
    #[error("its strength is {score} of 4, and {} is the least: ten thousand guesses a second find it in {found_in} ({advice})", u8::from(LEAST))]
    Guessable {
        /// From 0 to 4, by powers of ten of the guesses: 3, 6, 8, 10.
        score: u8,
        /// How long it takes, in words.
        found_in: String,
        /// What is wrong with it and what would be better, in words.
        advice: String,
    },
}

/// Refuses a new passphrase that is guessed in some hours, at ten thousand guesses a second: a
/// cluster's work against scrypt as wallet and account files use it.
///
/// The estimate copies parts of the text into memory that isn't wiped.
///
/// # Errors
///
/// [`WeakPassphrase`].
pub fn require_strong(passphrase: &SecretText) -> Result<(), WeakPassphrase> {
    if passphrase.expose().is_empty() {
        return Err(WeakPassphrase::Empty);
    }
    let estimate = zxcvbn(passphrase.expose(), &[]);
    if estimate.score() >= LEAST {
        return Ok(());
    }
    let advice = estimate.feedback().map(ToString::to_string).unwrap_or_default();
    let advice = match advice.trim().trim_end_matches('.') {
        "" => "Use more words".to_owned(),
        advice => advice.to_owned(),
    };
    Err(WeakPassphrase::Guessable {
        score: estimate.score().into(),
        found_in: estimate.crack_times().offline_slow_hashing_1e4_per_second().to_string(),
        advice,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> Result<(), WeakPassphrase> {
        require_strong(&text.to_owned().into())
    }

    #[test]
    fn what_programs_guess_is_refused_with_advice_that_doesnt_repeat_it() {
        assert_eq!(measure(""), Err(WeakPassphrase::Empty));
        for text in ["1", "12345678", "passw0rd", "qwertyuiop", "summer2024", "aaaaaaaaaaaa"] {
            let error = measure(text).unwrap_err();
            assert!(matches!(&error, WeakPassphrase::Guessable { score: 0..=2, .. }), "{text}");
            let said = error.to_string();
            assert!(said.contains(" of 4, and 3 is the least"), "{said}");
            assert!(text.len() < 4 || !said.contains(text), "{said}");
        }
    }

    #[test]
    fn random_words_and_random_digits_pass() {
        for text in ["correct horse battery staple", "f0e1d2c3b4a5968778695a4b3c2d1e0f"] {
            assert_eq!(measure(text), Ok(()));
        }
    }
}
