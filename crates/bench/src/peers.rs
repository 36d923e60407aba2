// SPDX-License-Identifier: Apache-2.0
//! The same models, written the straightforward way with tfhe-rs' encrypted integers: what the
//! engine is compared with. They run on all cores, as tfhe-rs does by default.

use crate::{
    clock::{median, milliseconds},
    models::{linear_weights, FEATURES, NEWS2},
    report::Report,
    Error,
};
use tfhe::{generate_keys, prelude::*, set_server_key, ConfigBuilder, FheUint16, FheUint8};

/// Points of one vital sign: the change at each threshold, times a comparison, summed. Arithmetic
/// is modulo 256, so that changes may be negative.
fn news2(vitals: &[FheUint8]) -> FheUint8 {
    let mut sum = None::<FheUint8>;
    let mut constant = 0u8;
    for (value, feature) in vitals.iter().zip(&NEWS2) {
        constant = constant.wrapping_add(feature.points[0]);
        for (threshold, pair) in feature.thresholds.iter().zip(feature.points.windows(2)) {
            let reached = FheUint8::cast_from(value.ge(*threshold as u8));
            let change = reached * pair[1].wrapping_sub(pair[0]);
            sum = Some(match sum {
                Some(sum) => sum + change,
                None => change,
            });
        }
    }
    match sum {
        Some(sum) => sum + constant,
        None => FheUint8::encrypt_trivial(constant),
    }
}

fn linear(features: &[FheUint16]) -> FheUint16 {
    features.iter().zip(linear_weights()).map(|(value, weight)| value * weight).sum()
}

/// Times both models and checks that they decrypt to the right values.
pub(crate) fn measure(report: &mut Report) -> Result<(), Error> {
    let (client_key, server_key) = generate_keys(ConfigBuilder::default().build());
    set_server_key(server_key.clone());
    rayon::broadcast(|_| set_server_key(server_key.clone()));

    let vitals: Vec<_> = [18u8, 95, 1, 105, 100, 0, 85]
        .iter()
        .map(|value| FheUint8::encrypt(*value, &client_key))
        .collect();
    let score: u8 = news2(&vitals).decrypt(&client_key);
    // 0 + 1 + 2 + 1 + 1 + 0 + 1
    if score != 6 {
        return Err(format!("the NEWS2 peer computed {score} instead of 6").into());
    }
    report.naive_news2_ms = Some(milliseconds(median(3, || drop(news2(&vitals)))));

    let features: Vec<_> =
        (0..FEATURES as u16).map(|value| FheUint16::encrypt(value, &client_key)).collect();
    let expected: u16 =
        (0..FEATURES as u16).zip(linear_weights()).map(|(value, weight)| value * weight).sum();
    let sum: u16 = linear(&features).decrypt(&client_key);
    if sum != expected {
        return Err(format!("the linear peer computed {sum} instead of {expected}").into());
    }
    report.naive_linear_30x6_ms = Some(milliseconds(median(3, || drop(linear(&features)))));
    Ok(())
}
