// SPDX-License-Identifier: Apache-2.0
//! How people and devices spell units that UCUM spells otherwise.
//!
//! Only what is certain is here: what a spelling means must not depend on who wrote it. So no
//! `Pfund` (500 g, or a pound), no `gr` (grains, or grams), no `'` (feet, or minutes).

use super::check_only;
use unicode_normalization::UnicodeNormalization;

/// UCUM codes of single units and what people write for them: in lower case, without spaces and
/// without a dot at the end. An empty code is a thing that is counted.
const WORDS: &[(&str, &[&str])] = &[
    ("m", &["m", "meter", "meters", "metre", "metres"]),
    ("cm", &["cm", "cms", "centimeter", "centimeters", "centimetre", "centimetres", "zentimeter"]),
    ("mm", &["mm", "millimeter", "millimeters", "millimetre", "millimetres"]),
    ("[in_i]", &["in", "ins", "inch", "inches", "zoll", "\"", "''", "′′", "inch_international"]),
    ("[ft_i]", &["ft", "foot", "feet", "foot_international"]),
    ("m2", &["m2", "sqm", "qm"]),
    (
        "kg",
        &[
            "kg",
            "kgs",
            "kilo",
            "kilos",
            "kilogram",
            "kilograms",
            "kilogramm",
            "kilogramme",
            "kilogrammes",
        ],
    ),
    ("g", &["g", "gm", "gms", "gram", "grams", "gramm", "gramme", "grammes"]),
    ("mg", &["mg", "mgs", "milligram", "milligrams", "milligramm"]),
    ("ug", &["ug", "mcg", "microgram", "micrograms", "mikrogramm"]),
    ("ng", &["ng", "nanogram", "nanograms", "nanogramm"]),
    ("pg", &["pg", "picogram", "picograms"]),
    ("[lb_av]", &["lb", "lbs", "pound", "pounds"]),
    ("[oz_av]", &["oz", "ounce", "ounces"]),
    ("[stone_av]", &["st", "stone", "stones"]),
    ("L", &["l", "liter", "liters", "litre", "litres"]),
    ("dL", &["dl", "deciliter", "deciliters", "decilitre", "decilitres", "deziliter", "100ml"]),
    ("mL", &["ml", "mls", "milliliter", "milliliters", "millilitre", "millilitres", "cc"]),
    ("uL", &["ul", "mcl", "microliter", "microliters", "microlitre", "mikroliter"]),
    ("mol", &["mol", "mole", "moles"]),
    ("mmol", &["mmol", "mmols", "millimol", "millimole", "millimoles"]),
    ("umol", &["umol", "mcmol", "mkmol", "micromol", "micromole", "micromoles", "mikromol"]),
    ("nmol", &["nmol", "nanomol", "nanomole", "nanomoles"]),
    ("pmol", &["pmol", "picomol", "picomole", "picomoles"]),
    ("meq", &["meq", "mval", "milliequivalent", "milliequivalents"]),
    ("[IU]", &["iu", "[iu]"]),
    ("m[IU]", &["miu", "m[iu]"]),
    ("u[IU]", &["uiu", "u[iu]"]),
    ("U", &["u"]),
    (
        "mm[Hg]",
        &[
            "mmhg",
            "mm[hg]",
            "mm(hg)",
            "mm-hg",
            "torr",
            "millimeterofmercury",
            "millimetersofmercury",
            "millimetreofmercury",
            "millimetresofmercury",
        ],
    ),
    ("cm[Hg]", &["cmhg", "cm[hg]"]),
    ("kPa", &["kpa"]),
    (
        "Cel",
        &[
            "c",
            "°c",
            "cel",
            "degc",
            "degreec",
            "degreesc",
            "celsius",
            "degreecelsius",
            "degreescelsius",
            "gradcelsius",
            "gradc",
            "°celsius",
        ],
    ),
    (
        "[degF]",
        &[
            "f",
            "°f",
            "degf",
            "[degf]",
            "degreef",
            "degreesf",
            "fahrenheit",
            "degreefahrenheit",
            "degreesfahrenheit",
            "gradfahrenheit",
            "°fahrenheit",
        ],
    ),
    ("s", &["s", "sec", "secs", "second", "seconds", "sekunde", "sekunden"]),
    ("min", &["min", "mins", "minute", "minutes", "minuten"]),
    ("h", &["h", "hr", "hrs", "hour", "hours", "stunde", "stunden"]),
    ("d", &["d", "day", "days", "tag", "tage"]),
    ("wk", &["wk", "wks", "week", "weeks", "woche", "wochen"]),
    ("mo", &["mo", "month", "months", "monat", "monate"]),
    ("a", &["a", "y", "yr", "yrs", "year", "years", "jahr", "jahre", "jahren"]),
    ("%", &["%", "percent", "prozent", "pct", "%o2", "%spo2", "%sao2"]),
    ("{INR}", &["inr", "{inr}"]),
    ("{score}", &["score", "points", "punkte", "{score}"]),
    ("{ratio}", &["ratio", "{ratio}"]),
    (
        "{1.73_m2}",
        &["1.73m2", "1.73_m2", "{1.73m2}", "{1.73_m2}", "1,73m2", "1.73sqm", "1,73qm", "1.73qm"],
    ),
    (
        "",
        &[
            "b",
            "beat",
            "beats",
            "br",
            "breath",
            "breaths",
            "count",
            "counts",
            "pulsations",
            "resp",
            "respirations",
            "schläge",
            "atemzüge",
        ],
    ),
];

/// Texts that are one unit, or whose upper and lower case matter.
const WHOLE: &[(&str, &str)] = &[("mM", "mmol/L"), ("uM", "umol/L"), ("nM", "nmol/L")];
/// Texts that are one unit, in lower case.
const WHOLE_LOWER: &[(&str, &str)] = &[
    ("bpm", "/min"),
    ("brpm", "/min"),
    ("rpm", "/min"),
    ("l/m", "L/min"),
    ("lpm", "L/min"),
    ("mm/hg", "mm[Hg]"),
    ("per minute", "/min"),
    ("pro minute", "/min"),
];
/// Powers of ten whose exponent stands as high as the rest: `103` for 10³.
const LOST: [(&str, &str); 4] =
    [("103", "10*3"), ("106", "10*6"), ("109", "10*9"), ("1012", "10*12")];
/// What stands before a volume for thousands, millions and so on of cells, in lower case and
/// without what is only a sign of multiplication. What isn't UCUM in itself is read only where a
/// count in a volume is wanted: `K` is a kelvin, `G` a gauss and `M` nothing.
const CELLS: &[(&str, &[&str])] = &[
    (
        "10*3",
        &[
            "k",
            "tsd",
            "tsd.",
            "thou",
            "thousand",
            "thousands",
            "10e3",
            "10(3)",
            "10^3",
            "10*3",
            "10**3",
        ],
    ),
    ("10*6", &["10e6", "10(6)", "10^6", "10*6", "10**6", "million", "millions", "mio", "mio."]),
    ("10*9", &["giga", "g", "gpt", "10e9", "10(9)", "10^9", "10*9", "10**9"]),
    ("10*12", &["tera", "tpt", "10e12", "10(12)", "10^12", "10*12", "10**12"]),
];
/// Volumes in which cells are counted.
const OF_CELLS: &[(&str, &[&str])] = &[
    ("L", &["l", "liter", "litre"]),
    ("uL", &["ul", "mcl", "mm3", "cmm", "mikroliter", "microliter"]),
];
/// Units of enzymes, which are one unit: where their activity in a volume is wanted.
const ENZYMES: [&str; 7] = ["iu", "ui", "[iu]", "u", "e", "unit", "units"];
/// What of creatinine is written behind a mass.
const CREATININE: [&str; 6] = ["creat", "creatinine", "crea", "krea", "kreatinin", "cr"];
/// What says how a value was got, behind a unit.
const REMARKS: [&str; 2] = ["(calc)", "(calculated)"];

/// The text in the letters that UCUM is written in: one form of each sign (NFKC), exponents as
/// numbers, no spaces around operators, nothing invisible.
pub(super) fn plain(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut raised = false;
    for c in text.chars() {
        let is_raised = matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻' | '⁺');
        // NFKC would make 10⁹ a number of three digits.
        if is_raised && !raised {
            told.push('^');
        }
        raised = is_raised;
        // Other rings than the sign for degrees, of which NFKC makes a letter or a space.
        told.push(if matches!(c, 'º' | '˚') { '°' } else { c });
    }
    let mut plain = String::with_capacity(told.len());
    for c in told.nfkc() {
        match c {
            'µ' | 'μ' => plain.push('u'),
            '⁄' | '∕' | '÷' => plain.push('/'),
            '·' | '⋅' | '∙' | '•' | '×' => plain.push('.'),
            '−' | '‐' | '‑' | '–' => plain.push('-'),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
            // In UCUM an exponent stands right behind its unit.
            '^' if plain.ends_with(|c: char| c.is_alphabetic() || c == ']') => {}
            c if c.is_whitespace() => {
                if !plain.ends_with([' ', '/']) {
                    plain.push(' ');
                }
            }
            '/' => {
                plain.truncate(plain.trim_end().len());
                plain.push('/');
            }
            c => plain.push(c),
        }
    }
    plain.trim().to_owned()
}

/// The UCUM unit that people mean by a [`plain`] text, if that is certain.
pub(super) fn meant(plain: &str) -> Option<String> {
    if let Some((_, code)) = WHOLE.iter().find(|(text, _)| *text == plain) {
        return Some((*code).to_owned());
    }
    let lower = plain.to_lowercase();
    let bare = REMARKS.iter().find_map(|remark| lower.strip_suffix(remark));
    if let Some(bare) = bare.and_then(|bare| plain.get(..bare.len())) {
        let bare = bare.trim();
        return meant(bare).or_else(|| check_only(bare).then(|| bare.to_owned()));
    }
    let dotless = lower.trim_end_matches('.');
    if let Some((_, code)) = WHOLE_LOWER.iter().find(|(text, _)| *text == dotless) {
        return Some((*code).to_owned());
    }
    let lower = lower.replace(" per ", "/").replace(" pro ", "/");
    // The parts keep their case for those that are UCUM.
    let parts: Vec<&str> = plain.split('/').collect();
    let lower: Vec<&str> = lower.split('/').collect();
    let read = |(number, part): (usize, &&str)| {
        let same = parts.get(number).filter(|_| parts.len() == lower.len()).unwrap_or(part);
        match word(part) {
            Some("") if number > 0 => None,
            Some(code) => Some(code.to_owned()),
            None if part.is_empty() && number == 0 => Some(String::new()),
            None => check_only(same).then(|| (*same).to_owned()),
        }
    };
    let read: Option<Vec<String>> = lower.iter().enumerate().map(read).collect();
    if let Some(code) = read.map(|parts| parts.join("/")).filter(|code| check_only(code)) {
        return Some(code);
    }
    // `umol L-1`: a space between factors.
    let product = plain.replace(' ', ".");
    (plain.contains("-1") && check_only(&product)).then_some(product)
}

/// What a [`plain`] text means whose first number may be a power of ten that lost its exponent.
pub(super) fn lost_exponent(plain: &str) -> Option<String> {
    let digits = plain.len() - plain.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = plain.split_at(digits);
    let (_, power) = LOST.iter().find(|(lost, _)| *lost == number)?;
    rest.starts_with(['/', '.', ' ']).then(|| format!("{power}{rest}"))
}

/// The UCUM unit that people mean where a certain kind of quantity is wanted, and that would be
/// something else, or nothing, elsewhere: counts of cells, activities of enzymes, ratios to
/// creatinine.
pub(super) fn of_kind(plain: &str, wanted: &str) -> Option<String> {
    let lower = plain.to_lowercase().replace(" per ", "/").replace(" pro ", "/");
    let (over, under) = lower.split_once('/')?;
    let (over, under) = (over.trim(), under.trim().trim_end_matches('.'));
    let find = |table: &[(&'static str, &[&str])], text: &str| {
        table.iter().find(|(_, words)| words.contains(&text)).map(|(code, _)| *code)
    };
    match wanted {
        // `g/L` is one of mass.
        _ if wanted.starts_with("10*") && !plain.starts_with('g') => {
            // `x 10^3`: a sign of multiplication, of which [`plain`] makes a point.
            let over = over.strip_prefix(['x', '.']).unwrap_or(over).trim();
            Some(format!("{}/{}", find(CELLS, over)?, find(OF_CELLS, under)?))
        }
        "U/L" if ENZYMES.contains(&over) && find(OF_CELLS, under) == Some("L") => {
            Some(wanted.to_owned())
        }
        "mg/g" | "mg/mmol" => {
            // `mcg/mg creat`, `mg/gCr`
            let mass = CREATININE.iter().find_map(|word| under.strip_suffix(word))?.trim();
            let mass = mass.trim_end_matches(['{', '(']).trim();
            Some(format!("{}/{}", word(over)?, word(mass)?))
        }
        _ => None,
    }
}

/// The code of a single unit.
fn word(part: &str) -> Option<&'static str> {
    let part: String = part.chars().filter(|c| *c != ' ').collect();
    let part = if part.len() > 1 { part.trim_end_matches('.') } else { &part };
    let known = WORDS.iter().find(|(_, words)| words.contains(&part));
    known.map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::super::{convert, from_code, from_text};
    use super::*;

    /// A unit in which values of that code can be wanted.
    fn wanted(code: &str) -> &str {
        match code {
            "" => "/min",
            code => code,
        }
    }

    #[test]
    fn every_word_stands_for_its_unit() {
        let mut words: Vec<&str> =
            WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all, "a word is there twice");
        for (code, words) in WORDS.iter().filter(|(code, _)| !code.is_empty()) {
            assert!(check_only(code), "{code}");
            for word in *words {
                let read = from_text(word, wanted(code)).unwrap_or_else(|e| panic!("{word}: {e}"));
                assert_eq!(convert(3.0, &read, code, None), Ok(3.0), "{word} is {read}");
                // Upper case means the same, or is another unit of the same dimension in UCUM,
                // which is read as UCUM says.
                let upper = word.to_uppercase();
                let read =
                    from_text(&upper, wanted(code)).unwrap_or_else(|e| panic!("{upper}: {e}"));
                assert!(read == *code || read == upper || check_only(word), "{upper} is {read}");
                // A UCUM code that is misspelt.
                if !check_only(word) {
                    assert_eq!(from_code(word, code).unwrap(), *code);
                }
            }
        }
        for (text, code) in WHOLE.iter().chain(WHOLE_LOWER) {
            assert_eq!(from_text(text, code).unwrap(), *code);
        }
    }

    #[test]
    fn compounds_are_read_in_every_spelling() {
        let table: &[(&str, &[&str])] = &[
            (
                "umol/L",
                &[
                    "µmol/L",
                    "μmol/l",
                    "umol/l",
                    "UMOL/L",
                    "Umol/L",
                    "μMOL/L",
                    "µmol/l ",
                    "μmol／L",
                    "µmol⁄L",
                    "μmol ∕ l",
                    "micromol/L",
                    "Mikromol/l",
                    "mcmol/L",
                    "µmol·L⁻¹",
                    "µmol L⁻¹",
                    "umol.L-1",
                    "micromoles per litre",
                    "µM",
                    "μmol/\u{a0}L",
                ],
            ),
            (
                "mg/dL",
                &[
                    "mg/dl",
                    "mg/DL",
                    "MG/DL",
                    "Mg/DL",
                    "mg / dL",
                    "mg/100mL",
                    "mg/100 ml",
                    "mg per dL",
                    "㎎/㎗",
                    "ｍｇ/ｄＬ",
                    "mg/dL\u{200b}",
                    "mg%",
                    "milligrams per deciliter",
                    "Milligramm pro Deziliter",
                    "mg.dL-1",
                    "\u{feff}mg/dL",
                    "mg/dL (calc)",
                ],
            ),
            ("kg/m2", &["kg/m²", "kg/m^2", "Kg/m2", "KG/M2", "kg/qm", "kg·m⁻²", "kg / m²"]),
            (
                "/min",
                &[
                    "bpm",
                    "BPM",
                    "beats/min",
                    "beats/minute",
                    "Beats per minute",
                    "1/min",
                    "/minute",
                    "breaths/min",
                    "Schläge/Minute",
                    "min⁻¹",
                    "beat/min",
                    "b/min",
                    "count/min",
                    "bpm.",
                    "brpm",
                    "rpm",
                    "resp/min",
                    "per minute",
                    "br/min",
                ],
            ),
            (
                "mm[Hg]",
                &[
                    "mmHg",
                    "mm Hg",
                    "MMHG",
                    "mm HG",
                    "Torr",
                    "mm(Hg)",
                    "mm/Hg",
                    "mm-Hg",
                    "millimeter of mercury",
                ],
            ),
            (
                "Cel",
                &[
                    "°C",
                    "℃",
                    "deg C",
                    "degrees C",
                    "C",
                    "Grad Celsius",
                    "° C",
                    "Celsius",
                    "ºC",
                    "º C",
                    "˚C",
                    "Grad C",
                ],
            ),
            ("[degF]", &["°F", "℉", "deg F", "F", "Fahrenheit", "ºF"]),
            ("[in_i]", &["in", "in.", "″", "\"", "Inches", "INCH", "″ "]),
            ("[ft_i]", &["ft", "feet", "FT", "ft."]),
            ("[lb_av]", &["lb", "lbs.", "LBS", "pounds"]),
            ("cm[Hg]", &["cmHg"]),
            ("L/min", &["LPM", "lpm", "L/m", "l/min"]),
            ("%", &["% O2", "%SpO2"]),
            ("{INR}", &["10*0", "10^0", "1", "INR"]),
            ("10*9/L", &["10⁹/L", "10^9/L", "10*9/l"]),
            (
                "mL/min/{1.73_m2}",
                &[
                    "mL/min/1.73m2",
                    "mL/min/1.73 m²",
                    "ml/min/1.73m^2",
                    "ML/MIN/1.73M2",
                    "mL/min/1.73 m^2",
                    "mL/min/1.73sqm",
                ],
            ),
            ("meq/L", &["mEq/L", "MEQ/L", "mval/l", "meq/l"]),
            ("g/L", &["G/L", "gm/L", "g/l", "Gramm/Liter"]),
            (
                "10*9/L",
                &[
                    "K/uL",
                    "K/µL",
                    "G/L",
                    "Giga/l",
                    "Gpt/L",
                    "Tsd/µl",
                    "Tsd./µl",
                    "x10E3/uL",
                    "x10^9/L",
                    "x 10^9/L",
                    "×10⁹/L",
                    "x10(3)/mcL",
                    "Thousand/uL",
                    "thou/uL",
                    "10E3/uL",
                    "10e3/uL",
                    "10E9/L",
                    "10³/µL",
                    "thou/mm3",
                ],
            ),
            (
                "U/L",
                &["IU/L", "UI/L", "[iU]/L", "[IU]/L", "units/L", "E/L", "u/l", "Units per liter"],
            ),
            (
                "mg/g",
                &[
                    "mg/g creat",
                    "mg/gCr",
                    "mcg/mg creat",
                    "mg/g Krea",
                    "mg/g Kreatinin",
                    "mg/g creat.",
                    "ug/mg creatinine",
                    "mg/g{creat}",
                ],
            ),
        ];
        for (code, texts) in table {
            for text in *texts {
                let read = from_text(text, code).unwrap_or_else(|error| panic!("{text}: {error}"));
                let value = convert(3.0, &read, code, None).unwrap();
                assert!((value - 3.0).abs() < 1e-9, "{text} is {read}: {value}");
            }
        }
    }

    #[test]
    fn what_is_not_certain_is_not_read() {
        for (text, wanted) in [
            ("spoons", "mL"),
            ("Pfund", "kg"),
            ("gr", "g"),
            ("'", "m"),
            ("mmHg", "m"),
            ("mM", "m"),
            ("per", "m"),
            ("/", "/min"),
            ("beats", "/min"),
            ("min/beats", "/min"),
            ("", "m"),
            ("mg/", "mg/dL"),
            ("deg", "Cel"),
            ("K/uL", "mol/L"),
            ("IU/mL", "U/L"),
            ("mg/L creat", "mg/g"),
            ("103/uL", "10*9/L"),
            ("103/µL", "10*9/L"),
            ("109/L", "10*9/L"),
            ("1012/L", "10*12/L"),
            ("106 /uL", "10*6/uL"),
        ] {
            assert!(from_text(text, wanted).is_err(), "{text}");
        }
        // What is UCUM and converts is never read otherwise, whatever people may have meant.
        assert_eq!(from_text("Mg/dL", "mg/dL").unwrap(), "Mg/dL");
        assert!(convert(3.0, &from_text("g/L", "10*9/L").unwrap(), "10*9/L", None).is_err());
        // What lost its exponent isn't read as a code either; other numbers are.
        let error = from_code("103/uL", "10*9/L").unwrap_err();
        assert!(error.to_string().contains("10*3/uL"), "{error}");
        assert_eq!(from_text("100/L", "10*9/L").unwrap(), "100/L");
        assert!(from_code("G/L", "10*9/L").is_ok_and(|code| code == "G/L"));
        // A UCUM code is what UCUM says: femtotonnes.
        assert_eq!(from_code("ft", "m").unwrap(), "ft");
        assert!(from_text(&"m".repeat(10_000), "m").is_err());
    }
}
