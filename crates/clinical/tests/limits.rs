// SPDX-License-Identifier: Apache-2.0
//! No rounding moves a value across a limit.
//!
//! [`LIMITS`] has the published limits of each quantity of the shipped protocols that is judged by
//! bands, written from the publications and not from the files. Around each limit every value is
//! tried that laboratories and devices report, at one more decimal than they report it, in every
//! unit that converts: what a patient types is read, put on the feature's grid and evaluated by the
//! model. Values of one published band must never differ, those of neighbouring bands must differ
//! for somebody. `oracles/limits.py` has the same for five protocols with exact fractions.

mod common;

use std::collections::BTreeMap;

use cso_clinical::intake::{Answers, Feature, Kind, Level, Quantity, Value};
use cso_clinical::Protocol;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Where a published band ends.
#[derive(Clone, Copy)]
enum Limit {
    /// The upper band begins with the number.
    From(f64),
    /// The lower band ends with the number.
    Above(f64),
}
use Limit::{Above, From};

impl Limit {
    fn number(self) -> f64 {
        let (From(number) | Above(number)) = self;
        number
    }

    /// Whether a value belongs to the upper band.
    fn is_passed(self, value: f64) -> bool {
        // What binary fractions and unit conversion lose.
        let same = (value - self.number()).abs() < 1e-9 * value.abs().max(1.0);
        match self {
            From(number) => value > number || same,
            Above(number) => value > number && !same,
        }
    }
}

/// The published limits of one quantity.
struct Bands {
    protocol: &'static str,
    feature: &'static str,
    /// Answers with which the limits are these.
    with: &'static [(&'static str, &'static str)],
    limits: &'static [Limit],
    /// Decimals to which values are tried, by unit; four figures in the other units.
    decimals: &'static [(&'static str, i32)],
}

const fn bands(protocol: &'static str, feature: &'static str, limits: &'static [Limit]) -> Bands {
    Bands { protocol, feature, with: &[], limits, decimals: &[] }
}

const LIMITS: &[Bands] = &[
    bands("ariscat", "age", &[From(51.0), From(81.0)]),
    bands("ariscat", "haemoglobin", &[Above(10.0)]),
    bands("bode", "bmi", &[Above(21.0)]),
    bands("bode", "fev1", &[From(36.0), From(50.0), From(65.0)]),
    bands("bode", "walk", &[From(150.0), From(250.0), From(350.0)]),
    bands("capra", "age", &[From(50.0)]),
    bands("capra", "psa", &[Above(6.0), Above(10.0), Above(20.0), Above(30.0)]),
    bands("capra", "cores", &[From(34.0)]),
    bands("cha2ds2-va", "age", &[From(65.0), From(75.0)]),
    bands("cha2ds2-vasc", "age", &[From(65.0), From(75.0)]),
    // Grids of a finite step, which hold what laboratories report and one decimal more.
    Bands {
        decimals: &[("mg/dL", 2), ("umol/L", 1), ("mg/L", 1)],
        ..bands("child-pugh", "bilirubin", &[From(2.0), Above(3.0)])
    },
    Bands {
        decimals: &[("g/dL", 2), ("g/L", 1)],
        ..bands("child-pugh", "albumin", &[From(2.8), Above(3.5)])
    },
    Bands { decimals: &[("1", 2)], ..bands("child-pugh", "inr", &[From(1.7), Above(2.3)]) },
    bands("cll-ipi", "age", &[From(66.0)]),
    bands("cll-ipi", "beta-2-microglobulin", &[Above(3.5)]),
    bands("curb-65", "urea", &[Above(7.0)]),
    bands("curb-65", "respiration", &[From(30.0)]),
    bands("curb-65", "systolic", &[From(90.0)]),
    bands("curb-65", "diastolic", &[Above(60.0)]),
    bands("curb-65", "age", &[From(65.0)]),
    bands("euroscore-2", "creatinine-clearance", &[Above(50.0), Above(85.0)]),
    bands("euroscore-2", "ejection-fraction", &[Above(20.0), Above(30.0), Above(50.0)]),
    bands("euroscore-2", "pulmonary-pressure", &[Above(30.0), Above(55.0)]),
    bands("findrisc", "age", &[From(45.0), From(55.0), From(65.0)]),
    Bands { decimals: &[("kg/m2", 2)], ..bands("findrisc", "bmi", &[From(25.0), Above(30.0)]) },
    Bands {
        with: &[("sex", "male")],
        decimals: &[("cm", 1), ("[in_i]", 1), ("mm", 0), ("m", 3)],
        ..bands("findrisc", "waist", &[From(94.0), Above(102.0)])
    },
    Bands {
        with: &[("sex", "female")],
        decimals: &[("cm", 1), ("[in_i]", 1), ("mm", 0), ("m", 3)],
        ..bands("findrisc", "waist", &[From(80.0), Above(88.0)])
    },
    bands("flipi", "age", &[From(61.0)]),
    bands("flipi", "haemoglobin", &[From(12.0)]),
    bands("gap-ipf", "age", &[From(61.0), From(66.0)]),
    bands(
        "grace",
        "systolic",
        &[From(80.0), From(100.0), From(120.0), From(140.0), From(160.0), From(200.0)],
    ),
    bands(
        "grace",
        "pulse",
        &[From(50.0), From(70.0), From(90.0), From(110.0), From(150.0), From(200.0)],
    ),
    bands(
        "grace",
        "age",
        &[From(30.0), From(40.0), From(50.0), From(60.0), From(70.0), From(80.0), From(90.0)],
    ),
    bands(
        "grace",
        "creatinine",
        &[From(0.4), From(0.8), From(1.2), From(1.6), From(2.0), From(4.0)],
    ),
    bands("has-bled", "age", &[From(66.0)]),
    bands("heart", "age", &[From(45.0), From(65.0)]),
    bands("herdoo2", "d-dimer", &[From(250.0)]),
    bands("herdoo2", "bmi", &[From(30.0)]),
    bands("herdoo2", "age", &[From(65.0)]),
    bands("ipss-r", "haemoglobin", &[From(8.0), From(10.0)]),
    bands("ipss-r", "platelets", &[From(50.0), From(100.0)]),
    bands("ipss-r", "neutrophils", &[From(0.8)]),
    // Of 15 and of 90 the table's rows are the same as those above.
    bands("kdigo-ckd", "egfr", &[From(30.0), From(45.0), From(60.0)]),
    bands("khorana", "platelets", &[From(350.0)]),
    bands("khorana", "haemoglobin", &[From(10.0)]),
    bands("khorana", "leukocytes", &[Above(11.0)]),
    bands("khorana", "bmi", &[From(35.0)]),
    // The chart's rows are whole numbers and tenths: 8 | 9 lies at 8.5.
    bands("news2", "respiration", &[From(8.5), From(11.5), From(20.5), From(24.5)]),
    Bands {
        with: &[("scale", "1")],
        ..bands("news2", "spo2", &[From(91.5), From(93.5), From(95.5)])
    },
    Bands {
        with: &[("scale", "2"), ("oxygen", "no")],
        ..bands("news2", "spo2", &[From(83.5), From(85.5), From(87.5)])
    },
    Bands {
        with: &[("scale", "2"), ("oxygen", "yes")],
        ..bands(
            "news2",
            "spo2",
            &[From(83.5), From(85.5), From(87.5), From(92.5), From(94.5), From(96.5)],
        )
    },
    bands("news2", "systolic", &[From(90.5), From(100.5), From(110.5), From(219.5)]),
    bands("news2", "pulse", &[From(40.5), From(50.5), From(90.5), From(110.5), From(130.5)]),
    bands("news2", "temperature", &[From(35.05), From(36.05), From(38.05), From(39.05)]),
    bands("qsofa", "respiration", &[From(22.0)]),
    bands("qsofa", "systolic", &[Above(100.0)]),
    bands("qsofa", "gcs", &[From(15.0)]),
    bands("r-iss", "beta-2-microglobulin", &[From(3.5), From(5.5)]),
    bands("r-iss", "albumin", &[From(3.5)]),
    bands("rcri", "creatinine", &[Above(2.0)]),
];

/// Quantities of smooth terms: they have no limits.
const SMOOTH: &[(&str, &[&str])] = &[
    ("brock", &["age", "size", "count"]),
    ("das28", &["tender", "swollen", "esr", "global-health"]),
    ("euroscore-2", &["age"]),
    ("fib-4", &["age", "ast", "alt", "platelets"]),
    ("hcm-risk-scd", &["age", "wall-thickness", "left-atrium", "gradient"]),
    ("kfre", &["age", "egfr", "acr"]),
    ("meld-3", &["sodium", "bilirubin", "inr", "albumin", "creatinine"]),
    ("prevent", &["age", "cholesterol", "hdl", "systolic", "egfr", "bmi"]),
    ("score2", &["age", "systolic", "cholesterol", "hdl"]),
    ("score2-diabetes", &["age", "systolic", "cholesterol", "hdl", "diagnosed", "hba1c", "egfr"]),
    ("score2-op", &["age", "systolic", "cholesterol", "hdl"]),
    ("vbac", &["age", "weight", "height"]),
];

/// Units in which laboratories and devices report.
const UNITS: [&str; 29] = [
    "1", "%", "g/dL", "g/L", "mg/dL", "mg/L", "ug/L", "ug/mL", "ng/mL", "nmol/L", "umol/L",
    "mmol/L", "mg/g", "mg/mmol", "10*9/L", "10*3/uL", "/uL", "kg/m2", "m", "cm", "mm", "[in_i]",
    "mm[Hg]", "kPa", "Cel", "[degF]", "/min", "mL/min", "a",
];

/// People with whom each value is tried.
const PEOPLE: usize = 40;
/// Values on each side of a limit.
const NEAR: i32 = 60;
/// Values over the whole range.
const FAR: i32 = 300;

/// Random people, who answer what the limits ask for.
fn people(protocol: &Protocol, with: &[(&str, &str)]) -> Vec<Answers> {
    let mut runner = TestRunner::deterministic();
    let strategy = common::any_answers(protocol.intake());
    let mut person = || {
        let mut answers = strategy.new_tree(&mut runner).unwrap().current();
        for (feature, answer) in with {
            let value = protocol.intake().parse_answer(feature, answer).unwrap();
            answers.insert((*feature).to_owned(), value);
        }
        answers
    };
    (0..PEOPLE).map(|_| person()).collect()
}

/// A typed value in the feature's unit, if the unit converts.
fn typed(feature: &Feature, text: &str) -> Option<f64> {
    match feature.parse_answer(text) {
        Ok(Value::Quantity(value)) => Some(value),
        _ => None,
    }
}

/// What is typed around the limits in a unit, nothing if it doesn't convert.
fn texts(bands: &Bands, feature: &Feature, quantity: &Quantity, unit: &str) -> Vec<String> {
    let at = |number: f64| typed(feature, &format!("{number} {unit}"));
    // Two values that are within what a person may type, for the factor and the shift.
    let (Some(one), Some(two)) = (at(1000.0), at(2000.0)) else {
        return Vec::new();
    };
    let (factor, shift) = ((two - one) / 1000.0, 2.0 * one - two);
    let theirs = |value: f64| (value - shift) / factor;
    let limits = bands.limits.iter().map(|limit| theirs(limit.number()));
    let fixed = bands.decimals.iter().find(|(of, _)| *of == unit).map(|(_, decimals)| *decimals);
    let coarse = bands.decimals.iter().any(|(of, _)| *of == quantity.unit);
    if coarse && fixed.is_none() {
        // Nobody reports it so.
        return Vec::new();
    }
    let mut texts = Vec::new();
    for limit in limits {
        // Four figures, one more than reports have; before the point, too.
        let decimals = fixed.unwrap_or(3 - limit.abs().log10().floor() as i32);
        let step = 10f64.powi(-decimals);
        let centre = (limit / step).round();
        let write = |steps: f64| format!("{:.*} {unit}", decimals.max(0) as usize, steps * step);
        texts.extend((-NEAR..=NEAR).map(|near| write(centre + f64::from(near))));
        let [low, high] = quantity.limits.unwrap_or([quantity.min, quantity.max]);
        let (low, high) = (theirs(low) / step, theirs(high) / step);
        texts.extend((0..FAR).map(|part| {
            let part = f64::from(part) / f64::from(FAR);
            write((low + (high - low) * part * part).ceil())
        }));
    }
    texts
}

/// What is wrong with a quantity's bands, and how many values were tried.
fn check(bands: &Bands, protocol: &Protocol) -> (Vec<String>, usize) {
    let (place, feature) = protocol.intake().feature(bands.feature).unwrap();
    let Kind::Quantity(quantity) = &feature.kind else { panic!("{}", feature.id) };
    let people = people(protocol, bands.with);
    let with = |person: &Answers, value: f64| {
        let mut answers = person.clone();
        answers.insert(feature.id.clone(), Value::Quantity(value));
        answers
    };
    let mut by_level: BTreeMap<u32, Vec<Vec<u16>>> = BTreeMap::new();
    let mut by_band: BTreeMap<usize, (String, Vec<Vec<u16>>)> = BTreeMap::new();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for unit in UNITS {
        for text in texts(bands, feature, quantity, unit) {
            let Some(value) = typed(feature, &text) else { continue };
            // Outside of what a body can have.
            let Ok(encoded) = protocol.intake().encode(&with(&people[0], value)) else { continue };
            tried += 1;
            let Level::Code(level) = protocol.intake().decode(&encoded.bits).unwrap()[place] else {
                panic!("{text}")
            };
            let results = by_level.entry(level).or_insert_with(|| {
                let evaluate = |person| protocol.evaluate(&with(person, value)).unwrap();
                people.iter().map(evaluate).collect()
            });
            let band = bands.limits.iter().filter(|limit| limit.is_passed(value)).count();
            let (first, same) =
                by_band.entry(band).or_insert_with(|| (text.clone(), results.clone()));
            if same != results {
                wrong.push(format!("{text} ({value}) isn't judged as {first}"));
            }
        }
    }
    if by_band.len() != bands.limits.len() + 1 {
        wrong.push(format!("{} bands were tried", by_band.len()));
    }
    let pairs = by_band.values().zip(by_band.values().skip(1));
    for ((lower, one), (upper, other)) in pairs {
        if one == other {
            wrong.push(format!("{lower} is judged as {upper}"));
        }
    }
    (wrong, tried)
}

#[test]
fn no_rounding_moves_a_value_across_a_limit() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for bands in LIMITS {
        let (problems, count) = check(bands, &common::protocol(bands.protocol));
        println!("{:12} {:22} {count:6} values", bands.protocol, bands.feature);
        tried += count;
        if let Some(first) = problems.first() {
            wrong.push(format!(
                "{} {} {:?}: {} values, such as: {first}",
                bands.protocol,
                bands.feature,
                bands.with,
                problems.len()
            ));
        }
    }
    println!("{tried} values");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_limit_that_is_moved_is_found() {
    let albumin = |one: &&Bands| one.protocol == "child-pugh" && one.feature == "albumin";
    let albumin = LIMITS.iter().find(albumin).unwrap();
    let text = common::protocol_text("child-pugh");
    // Without its examples, which are wrong then.
    let text = &text[..text.find("[[example]]").unwrap()];
    // To the other side of the limit, by a step of the grid, and a grid that is too coarse.
    let coarse = [("max = 3.77\nstep = 0.01", "max = 5.0\nstep = 0.05"), ("3.51", "3.55")];
    for changes in
        [&[("below = 3.51", "below = 3.5")], &[("below = 2.8,", "below = 2.81,")], &coarse[..]]
    {
        let mut moved = text.to_owned();
        for (from, to) in changes {
            assert!(moved.contains(from), "{from}");
            moved = moved.replacen(from, to, 1);
        }
        let moved = Protocol::from_toml(&moved).unwrap();
        assert!(!check(albumin, &moved).0.is_empty(), "{changes:?}");
    }
    // Limits that aren't the file's.
    for limits in [&[From(91.0)], &[Above(90.0)], &[From(89.5)]] {
        let bands = bands("curb-65", "systolic", limits);
        assert!(!check(&bands, &common::protocol("curb-65")).0.is_empty());
    }
}

#[test]
fn every_quantity_is_judged_by_published_limits_or_smooth() {
    for (name, protocol) in common::shipped() {
        for feature in protocol.intake().features() {
            if !matches!(feature.kind, Kind::Quantity(_)) || feature.local {
                continue;
            }
            let is_banded =
                LIMITS.iter().any(|one| one.protocol == name && one.feature == feature.id);
            let smooth = SMOOTH.iter().find(|(protocol, _)| *protocol == name);
            let is_smooth =
                smooth.is_some_and(|(_, features)| features.contains(&feature.id.as_str()));
            assert!(is_banded != is_smooth, "{name} {}", feature.id);
        }
    }
}
