// SPDX-License-Identifier: Apache-2.0
//! What undoes a link: from the linear predictor to the mean.
//!
//! <https://dmg.org/pmml/v4-4/GeneralRegression.html> lists the links, and their inverses in terms
//! of the parameter that some take.

use std::f64::consts::PI;

use super::mixture::Mixture;
use super::xml::{refuse, unsupported};
use crate::{shorten, Curve, ModelFileError};

/// Points of a curve that has no closed form here. Between two of them it is off by less than
/// 0.0004 of its value (powers), or of 1 (cauchit).
const POINTS: u32 = 768;
/// Powers are drawn from the reciprocal of this number to this number.
const GREATEST: f64 = 1e6;

/// The mean whose link is `linear`.
pub(super) fn mean(
    link: &str,
    parameter: Option<f64>,
    linear: &Mixture,
) -> Result<Mixture, ModelFileError> {
    let what = format!("link `{}`", shorten(link));
    let curve = |curve: Curve| linear.curve(curve, &what);
    let negative = || linear.line(-1.0, 0.0);
    Ok(match link {
        "identity" | "none" => linear.clone(),
        "logit" | "softmax" => curve(Curve::Logistic)?,
        "log" | "exp" => curve(Curve::Exp)?,
        "probit" => curve(Curve::Probit)?,
        "cloglog" => curve(Curve::Cloglog)?,
        // exp(-exp(-x)) and 1 - exp(x)
        "loglog" => negative().curve(Curve::Cloglog, &what)?.line(-1.0, 1.0),
        "logc" => curve(Curve::Exp)?.line(-1.0, 1.0),
        "cauchit" => curve(Curve::Lines(cauchit()))?,
        "inverse" => power(-1.0, linear, &what)?,
        "power" => {
            let needed = || refuse("link `power` has no linkParameter");
            power(parameter.ok_or_else(needed)?, linear, &what)?
        }
        // Those of negbin and oddspower have poles among ordinary values.
        _ => {
            return Err(unsupported(
                what,
                "use identity, log, logit, probit, cloglog, loglog, logc, cauchit, or power",
            ))
        }
    })
}

/// `x^(1 / parameter)`; `exp(x)` for 0.
fn power(parameter: f64, linear: &Mixture, what: &str) -> Result<Mixture, ModelFileError> {
    if parameter == 0.0 {
        return linear.curve(Curve::Exp, what);
    }
    if parameter == 1.0 {
        return Ok(linear.clone());
    }
    if parameter == 0.5 {
        return linear.absolute(what)?.curve(Curve::SignedSquare, what);
    }
    let exponent = 1.0 / parameter;
    let step = 2.0 * GREATEST.ln() / f64::from(POINTS);
    let place = |index: u32| (step * f64::from(index) - GREATEST.ln()).exp();
    let mut points: Vec<(f64, f64)> = Vec::new();
    // Odd powers have negative values too.
    if exponent == -1.0 {
        points.extend((0..=POINTS).rev().map(|index| (-place(index), -1.0 / place(index))));
    }
    points.extend((0..=POINTS).map(|index| (place(index), place(index).powf(exponent))));
    linear.curve(Curve::Lines(points), what)
}

/// `1/2 + atan(x) / pi` at points that lie close where it bends.
fn cauchit() -> Vec<(f64, f64)> {
    let angle = |index: u32| PI * (f64::from(index) / f64::from(POINTS) - 0.5);
    (1..POINTS).map(|index| (angle(index).tan(), f64::from(index) / f64::from(POINTS))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(link: &str, parameter: Option<f64>, x: f64) -> f64 {
        let one = mean(link, parameter, &Mixture::constant(x)).unwrap();
        one.number().unwrap()
    }

    #[test]
    fn inverse_links_undo_the_links() {
        for p in [0.02, 0.3, 0.5, 0.97] {
            let near = |link: &str, x: f64| {
                assert!((at(link, None, x) - p).abs() < 3e-4, "{link} {p} {}", at(link, None, x))
            };
            near("identity", p);
            near("logit", (p / (1.0 - p)).ln());
            near("log", p.ln());
            near("cloglog", (-(1.0 - p).ln()).ln());
            near("loglog", -(-p.ln()).ln());
            near("logc", (1.0 - p).ln());
            near("cauchit", (PI * (p - 0.5)).tan());
            near("inverse", 1.0 / p);
        }
        assert!((at("probit", None, 1.959_963_985) - 0.975).abs() < 1e-9);
        for x in [0.007, 1.3, 45.0] {
            let near = |parameter: f64, expected: f64| {
                let found = at("power", Some(parameter), x);
                assert!((found / expected - 1.0).abs() < 4e-4, "{parameter}: {found} {expected}");
            };
            near(0.5, x * x);
            near(-1.0, 1.0 / x);
            near(-2.0, x.powf(-0.5));
            near(0.0, x.exp());
            assert!((at("power", Some(-1.0), -x) * x + 1.0).abs() < 4e-4);
        }
        assert!(mean("negbin", None, &Mixture::constant(1.0))
            .unwrap_err()
            .to_string()
            .contains("link `negbin` is not supported: use identity"));
    }
}
