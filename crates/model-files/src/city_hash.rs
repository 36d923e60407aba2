// SPDX-License-Identifier: Apache-2.0
//! CityHash64 in its first version (Pike and Alakuijala, 2011) for texts of up to 64 bytes:
//! CatBoost keeps categories by its lower half.

const K: [u64; 4] =
    [0xc3a5_c85c_97cb_3127, 0xb492_b66f_be98_f273, 0x9ae1_6a3b_2f90_404f, 0xc949_d7c7_509e_6557];
const MIX: u64 = 0x9ddf_ea08_eb38_2d69;

/// The hash; `None` for more than 64 bytes.
pub(crate) fn city_hash(text: &[u8]) -> Option<u64> {
    let length = text.len() as u64;
    Some(match text.len() {
        0 => K[2],
        1..=3 => {
            let at = |index: usize| u64::from(text[index]);
            let y = at(0) + (at(text.len() / 2) << 8);
            let z = length + (at(text.len() - 1) << 2);
            fold(y.wrapping_mul(K[2]) ^ z.wrapping_mul(K[3])).wrapping_mul(K[2])
        }
        4..=8 => pair(length.wrapping_add(half(text, 0) << 3), half(text, text.len() - 4)),
        9..=16 => {
            let (a, b) = (word(text, 0), word(text, text.len() - 8));
            pair(a, b.wrapping_add(length).rotate_right(length as u32)) ^ b
        }
        17..=32 => {
            let a = word(text, 0).wrapping_mul(K[1]);
            let b = word(text, 8);
            let c = word(text, text.len() - 8).wrapping_mul(K[2]);
            let d = word(text, text.len() - 16).wrapping_mul(K[0]);
            let left = a.wrapping_sub(b).rotate_right(43);
            let left = left.wrapping_add(c.rotate_right(30)).wrapping_add(d);
            let right = a.wrapping_add((b ^ K[3]).rotate_right(20));
            pair(left, right.wrapping_sub(c).wrapping_add(length))
        }
        33..=64 => {
            let end = text.len();
            let start = word(text, end - 16).wrapping_add(length).wrapping_mul(K[0]);
            let v = half_state(text, 0, start, word(text, 24));
            let w = half_state(text, end - 32, word(text, 16), word(text, end - 8));
            let sum = v.0.wrapping_add(w.1).wrapping_mul(K[2]);
            let sum = sum.wrapping_add(w.0.wrapping_add(v.1).wrapping_mul(K[0]));
            let mixed = fold(sum).wrapping_mul(K[0]).wrapping_add(v.1);
            fold(mixed).wrapping_mul(K[2])
        }
        _ => return None,
    })
}

/// Mixes 24 bytes from `from` on into two words.
fn half_state(text: &[u8], from: usize, start: u64, z: u64) -> (u64, u64) {
    let mut a = word(text, from).wrapping_add(start);
    let b = a.wrapping_add(z).rotate_right(52);
    let mut c = a.rotate_right(37);
    a = a.wrapping_add(word(text, from + 8));
    c = c.wrapping_add(a.rotate_right(7));
    a = a.wrapping_add(word(text, from + 16));
    (a.wrapping_add(z), b.wrapping_add(a.rotate_right(31)).wrapping_add(c))
}

fn pair(u: u64, v: u64) -> u64 {
    let a = fold((u ^ v).wrapping_mul(MIX));
    fold((v ^ a).wrapping_mul(MIX)).wrapping_mul(MIX)
}

fn fold(x: u64) -> u64 {
    x ^ x >> 47
}

fn word(text: &[u8], from: usize) -> u64 {
    text[from..from + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn half(text: &[u8], from: usize) -> u64 {
    text[from..from + 4].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_hashes_that_catboost_writes() {
        for (text, hash) in HASHES {
            assert_eq!(city_hash(text.as_bytes()).unwrap() as u32, hash, "{text}");
        }
        assert_eq!(city_hash(&[0; 65]), None);
    }

    const HASHES: [(&str, u32); 10] = [
        ("1", 0x42d6_50f1),
        ("no", 0xbe59_3d13),
        ("yes", 0xd4c5_3713),
        ("male", 0x7c2b_1e63),
        ("female", 0xcda0_571a),
        ("current smoker", 0x5182_4f5c),
        ("former, stopped since", 0x058f_4671),
        ("naïve, 15 µg or more a day", 0x9861_61fa),
        ("a category with a name of more than 32 bytes", 0xd3d1_c226),
        ("a name of up to 64 bytes, 23 µg and 14 µmol count more bytes", 0x8227_f26d),
    ];
}
