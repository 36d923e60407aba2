// SPDX-License-Identifier: Apache-2.0
//! Random records with everything that makes a record easy to misread, against a second reader.
//!
//! `oracles/random_records.py` makes them and says what `oracles/reader.py` finds, which was
//! written from the rules and not from our code. `CSO_RANDOM_RECORDS` and `CSO_RANDOM_SEED` give
//! another number of records, and another seed.

mod common;

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cso_clinical::Protocol;
use serde_json::{json, Value as Json};

use common::second_reader::{difference, ours, second_reader, whole};
use common::{oracle, protocol, read_record, TODAY};

/// The last has every kind of source.
const PROTOCOLS: [&str; 11] = [
    "cha2ds2-vasc",
    "child-pugh",
    "curb-65",
    "findrisc",
    "has-bled",
    "kfre",
    "meld-3",
    "news2",
    "qsofa",
    "score2",
    "second-reader",
];
/// How many different differences are shown before the test gives up.
const SHOWN: usize = 8;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect(name))
}

/// Does something with each random record.
fn random_records(seed: u64, count: u64, more: &[&str], mut each: impl FnMut(&Json)) {
    let mut child = oracle("random_records.py")
        .args([seed.to_string(), count.to_string()])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        each(&serde_json::from_str(&line.unwrap()).unwrap());
    }
    assert!(child.wait().unwrap().success());
}

fn protocols() -> Vec<(&'static str, Protocol)> {
    let read = |name| match name {
        "second-reader" => Protocol::from_toml(include_str!("second-reader.toml")).unwrap(),
        name => protocol(name),
    };
    PROTOCOLS.into_iter().map(|name| (name, read(name))).collect()
}

/// The entries of a file: of a Bundle, of a list; none of other forms.
fn entries(file: &mut Json) -> Option<&mut Vec<Json>> {
    match file {
        Json::Array(list) => Some(list),
        other => other.get_mut("entry")?.as_array_mut(),
    }
}

/// The record without all entries that aren't needed to show the same difference.
fn minimised(record: &str, name: &str, protocol: &Protocol, place: &str) -> String {
    let mut smallest = record.to_owned();
    loop {
        let Ok(mut file) = serde_json::from_str::<Json>(&smallest) else { return smallest };
        let count = entries(&mut file).map_or(0, |entries| entries.len());
        let shorter: Vec<String> = (0..count)
            .map(|left_out| {
                let mut shorter = file.clone();
                entries(&mut shorter).unwrap().remove(left_out);
                shorter.to_string()
            })
            .collect();
        let theirs = second_reader(&shorter, &[name]);
        let still = shorter.into_iter().zip(theirs).find(|(record, theirs)| {
            let read = read_record(record, protocol.intake(), TODAY);
            difference(&ours(&read), &theirs[name]).is_some_and(|(where_, _, _)| where_ == place)
        });
        match still {
            Some((record, _)) => smallest = record,
            None => return smallest,
        }
    }
}

/// A small source of chance for orders.
struct Chance(u64);

impl Chance {
    /// A number below the bound (xorshift64).
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn shuffle(&mut self, list: &mut [Json]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end + 1));
        }
    }

    /// Other orders of entries and of codings, at any depth.
    fn reorder(&mut self, json: &mut Json) {
        match json {
            Json::Array(list) => list.iter_mut().for_each(|item| self.reorder(item)),
            Json::Object(members) => {
                for (name, value) in members {
                    self.reorder(value);
                    if let ("entry" | "coding", Json::Array(list)) = (name.as_str(), value) {
                        self.shuffle(list);
                    }
                }
            }
            _ => {}
        }
    }
}

/// An answer without its digits, so that differences of one kind are counted together.
fn roughly(answer: &str) -> String {
    answer.replace(|c: char| c.is_ascii_digit() || c == '.', "")
}

/// What to count of an answer.
fn outcome(answer: &Json) -> &str {
    match &answer["value"] {
        Json::Null => answer.as_str().unwrap(),
        Json::Bool(true) => "yes",
        Json::Bool(false) => "no",
        Json::Number(_) => "a number",
        _ => "a choice",
    }
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn random_records_are_read_as_by_the_second_reader_in_any_order() {
    let seed = setting("CSO_RANDOM_SEED", 11);
    let wanted = setting("CSO_RANDOM_RECORDS", 20_000);
    println!("seed {seed}");
    let protocols = protocols();
    let mut chance = Chance(seed.wrapping_mul(2).wrapping_add(1));
    let (mut records, mut compared) = (0, 0);
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut differences: HashMap<(String, String, String), (u64, String)> = HashMap::new();
    let mut orders: Vec<String> = Vec::new();
    random_records(seed, wanted, &[], |line| {
        let text = line["record"].as_str().unwrap();
        records += 1;
        for kind in line["kinds"].as_array().unwrap() {
            *kinds.entry(kind.as_str().unwrap().to_owned()).or_default() += 1;
        }
        // Duplicate members are lost by reading and writing: such a file has no other order.
        let reordered = serde_json::from_str::<Json>(text).ok().map(|mut file| {
            if let Json::Array(list) = &mut file {
                chance.shuffle(list);
            }
            chance.reorder(&mut file);
            file.to_string()
        });
        for (name, protocol) in &protocols {
            let theirs = &line["expected"][name];
            let read = read_record(text, protocol.intake(), TODAY);
            if let Some(answers) = theirs.get("answers") {
                for answer in answers.as_object().unwrap().values() {
                    *outcomes.entry(outcome(answer).to_owned()).or_default() += 1;
                    compared += 1;
                }
                for told in ["entries", "failures"].into_iter().filter(|n| theirs[n] == true) {
                    *outcomes.entry(told.to_owned()).or_default() += 1;
                }
            } else {
                let why = format!("refused: {}", theirs["refused"].as_str().unwrap());
                *outcomes.entry(why).or_default() += 1;
            }
            if let Some((place, own, other)) = difference(&ours(&read), theirs) {
                let shown = if place == "refused" {
                    (place, String::new(), other)
                } else {
                    (format!("{name}, {place}"), roughly(&own), roughly(&other))
                };
                let seen = differences.entry(shown).or_insert_with(|| (0, text.to_owned()));
                seen.0 += 1;
                if text.len() < seen.1.len() {
                    seen.1 = text.to_owned();
                }
            }
            let Some(reordered) =
                reordered.as_ref().filter(|_| theirs["refused"] != "duplicate member")
            else {
                continue;
            };
            let again = read_record(reordered, protocol.intake(), TODAY);
            if whole(&read) != whole(&again) && orders.len() < SHOWN {
                orders.push(format!(
                    "{name}\n{text}\n{}\n{reordered}\n{}",
                    whole(&read),
                    whole(&again)
                ));
            }
        }
    });
    println!("{records} records, {compared} answers compared");
    for (name, count) in outcomes.iter().chain(&kinds) {
        println!("{count:6} {name}");
    }

    let mut differences: Vec<_> = differences.into_iter().collect();
    differences.sort_by(|(one, a), (other, b)| (b.0, one).cmp(&(a.0, other)));
    for ((place, own, other), (count, _)) in &differences {
        println!("{count:6} {place}: ours {own}, the second reader's {other}");
    }
    for ((place, own, other), (count, record)) in differences.iter().take(SHOWN) {
        let (name, feature) = place.split_once(", ").unwrap_or((PROTOCOLS[0], place));
        let protocol = &protocols.iter().find(|(id, _)| *id == name).unwrap().1;
        let record = minimised(record, name, protocol, feature);
        let read = read_record(&record, protocol.intake(), TODAY);
        println!("\n{count} records, {place}: ours {own}, the second reader's {other}");
        println!("{record}\nours: {}", whole(&read));
        println!("the second reader's: {}", second_reader(&[record], &[name])[0]);
    }
    for order in &orders {
        println!("\nanother order, another answer: {order}");
    }
    assert!(differences.is_empty(), "{} kinds of differences", differences.len());
    assert!(orders.is_empty(), "the order changes what is read");

    // Each kind of outcome and each oddity occurs often enough to mean something.
    assert_eq!(records, wanted);
    for name in
        ["yes", "a number", "a choice", "asked", "silent", "unconfirmed", "entries", "failures"]
    {
        assert!(outcomes[name] >= wanted / 40, "{name}: {}", outcomes[name]);
    }
    // Only a threshold of a feature without diagnoses says no.
    assert!(outcomes["no"] >= wanted / 200, "no: {}", outcomes["no"]);
    for why in
        ["a page", "several patients", "about another patient", "duplicate member", "not JSON"]
    {
        assert!(outcomes[&format!("refused: {why}")] >= wanted / 250, "{why}");
    }
    assert!(kinds.len() > 40 && kinds.values().all(|count| *count >= wanted / 250), "{kinds:?}");
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn no_shape_of_json_gives_a_value_that_the_second_reader_does_not_find() {
    let seed = setting("CSO_RANDOM_SEED", 11);
    let wanted = setting("CSO_RANDOM_RECORDS", 20_000) / 4;
    println!("seed {seed}");
    let protocols = protocols();
    let (mut values, mut places) = (0, BTreeMap::<String, u64>::new());
    let mut wrong: BTreeMap<String, (u64, String)> = BTreeMap::new();
    random_records(seed, wanted, &["shapes"], |line| {
        let text = line["record"].as_str().unwrap();
        for kind in line["kinds"].as_array().unwrap() {
            *places.entry(kind.as_str().unwrap().to_owned()).or_default() += 1;
        }
        for (name, protocol) in &protocols {
            let theirs = &line["expected"][name];
            let Ok(import) = read_record(text, protocol.intake(), TODAY) else { continue };
            for (feature, value) in import.answers() {
                values += 1;
                let (own, other) = (json!(value), &theirs["answers"][&feature]["value"]);
                let same = match (own.as_f64(), other.as_f64()) {
                    (Some(own), Some(other)) => (own - other).abs() <= 1e-6 * other.abs(),
                    _ => own == *other,
                };
                if !same {
                    let place =
                        format!("{name}, {feature}: theirs {}", theirs["answers"][&feature]);
                    let seen = wrong.entry(place).or_insert_with(|| (0, text.to_owned()));
                    seen.0 += 1;
                    if text.len() < seen.1.len() {
                        seen.1 = text.to_owned();
                    }
                }
            }
        }
    });
    println!("{values} values, {} places: {places:?}", places.len());
    for (place, (count, record)) in &wrong {
        println!("\n{count} records, {place}, ours another\n{record}");
    }
    assert!(wrong.is_empty(), "{} kinds of wrong values", wrong.len());
    assert!(values > wanted * 2 && places.len() > 60);
}
