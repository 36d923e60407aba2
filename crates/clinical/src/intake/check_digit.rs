// SPDX-License-Identifier: Apache-2.0
//! Check digits of codes: a mistyped code is found when the protocol file is read, not when a
//! patient's record silently doesn't match.

/// Whether the last digit of a LOINC number is its check digit: modulus 10 (Luhn), LOINC Users'
/// Guide, appendix on check digits. `digits` are all digits without the hyphen.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, doubled) => doubled / 10 + doubled % 10,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether the last digit of a SNOMED CT identifier is its check digit: Verhoeff's method, in the
/// dihedral group of the pentagon (SNOMED CT Release File Specification, check-digit computation).
pub(super) fn verhoeff(digits: &str) -> bool {
    let check = digits.bytes().rev().enumerate().fold(0, |check, (place, byte)| {
        let permuted = (0..place % 8).fold(usize::from(byte - b'0'), |digit, _| TURN[digit]);
        multiply(check, permuted)
    });
    check == 0
}

/// Verhoeff's permutation, applied once more at each place.
const TURN: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// The group's product: 0 to 4 are rotations, 5 to 9 reflections.
fn multiply(a: usize, b: usize) -> usize {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_known_codes_and_refuses_every_wrong_digit() {
        type Check = fn(&str) -> bool;
        // Creatinine and systolic pressure; hypertension and chronic heart failure.
        let known: [(Check, &str); 4] =
            [(luhn, "21600"), (luhn, "84806"), (verhoeff, "38341003"), (verhoeff, "48447003")];
        for (check, code) in known {
            assert!(check(code), "{code}");
            for place in 0..code.len() {
                for digit in '0'..='9' {
                    let mut wrong = code.to_owned();
                    wrong.replace_range(place..=place, &digit.to_string());
                    assert_eq!(check(&wrong), wrong == code, "{wrong}");
                }
            }
        }
    }

    #[test]
    fn finds_swapped_neighbours_of_snomed_codes() {
        for swapped in ["83341003", "38314003", "38341030"] {
            assert!(!verhoeff(swapped), "{swapped}");
        }
    }
}
