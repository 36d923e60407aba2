// SPDX-License-Identifier: Apache-2.0
//! Whether a protocol can be served, in which profiles, and what is published of that.

mod common;

use cso_clinical::{
    compile, draft, publication, Compiled, Description, NotServed, Protocol, PublicationError,
    PRIVACY_FLOOR_LOG2,
};
use cso_fhe::Profile;
use cso_model_files::{read, Cases};

fn compiled(protocol: &Protocol) -> Compiled {
    compile(protocol).unwrap()
}

/// 256 quantities of two bits and 254 rules on three of them each: more steps than 11 bits of
/// output can hide, with that many values of the output.
fn deep(values: u32) -> Protocol {
    let mut toml = "format = 1\n[protocol]\nid = \"deep\"\ntitle = \"Deep\"\nversion = \"1\"\nlanguage = \"en\"\n\
        licence = \"Apache-2.0\"\nsetting = \"elective\"\nintended_use = \"Tests.\"\n"
        .to_owned();
    let (step, max) = (2048 / values, 2048 - 2048 / values);
    toml += &format!(
        "[[output]]\nid = \"fine\"\nlabel = \"Fine\"\nmin = 0\nmax = {max}\nstep = {step}\n\
         meaning = [{{ from = 0, to = {max}, text = \"Any.\", next = \"Ask.\" }}]\n"
    );
    for index in 0..256 {
        toml += &format!(
            "[[intake]]\nid = \"q{index}\"\nlabel = \"Q\"\nkind = \"quantity\"\nunit = \"1\"\nmin = 0\nmax = 3\nstep = 1\n\
             [[model.term]]\nfeature = \"q{index}\"\nweight = 1\n"
        );
    }
    for index in 2..256 {
        toml += &format!(
            "[[model.term]]\nwhen = \"q{} == 1 and q{} == 2 and q{index} == 3\"\npoints = 1\n",
            index - 2,
            index - 1
        );
    }
    Protocol::from_toml(&toml).unwrap()
}

#[test]
fn every_shipped_protocol_is_served_in_profile_private() {
    for (name, protocol) in common::shipped() {
        let budget = compiled(&protocol).can_serve(Profile::Private);
        let budget = budget.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(budget.privacy_margin_log2 <= PRIVACY_FLOOR_LOG2, "{name}");
    }
}

#[test]
fn large_tables_are_not_served_in_profile_fast() {
    for (name, margin) in [("grace", "2^-7.0"), ("meld-3", "2^-9.6")] {
        let error = compiled(&common::protocol(name)).can_serve(Profile::Fast).unwrap_err();
        assert!(matches!(error, NotServed::Margin { profile: Profile::Fast, .. }), "{error}");
        let text = error.to_string();
        for part in ["output `score`", "profile fast", margin, "2^-10", "use profile private"] {
            assert!(text.contains(part), "{name}: {text}");
        }
    }
    assert!(compiled(&common::protocol("cha2ds2-vasc")).can_serve(Profile::Fast).is_ok());
}

#[test]
fn the_refusal_says_how_many_values_can_be_served() {
    let text = compiled(&deep(2048)).can_serve(Profile::Private).unwrap_err().to_string();
    assert!(text.contains("output `fine`") && text.contains("profile private is 2^-9."), "{text}");
    assert!(text.contains("at most 1024 values, not up to 2048,"), "{text}");
    assert!(!text.contains("use profile"), "{text}");
    compiled(&deep(1024)).can_serve(Profile::Private).unwrap();
}

#[test]
fn what_is_published_names_the_profiles_that_are_served() {
    for (name, fast) in [("cha2ds2-vasc", true), ("grace", false), ("meld-3", false)] {
        let protocol = common::protocol(name);
        let published = publication(&protocol, &compiled(&protocol)).unwrap();
        assert!(published.require_profile(Profile::Private).is_ok());
        assert_eq!(published.require_profile(Profile::Fast).is_ok(), fast, "{name}");
        let json = published.to_json();
        assert_eq!(json.contains("\"profiles\":[\"private\",\"fast\"]"), fast, "{json}");
        assert_eq!(Description::from_json(&json).unwrap(), published);
    }
}

#[test]
fn descriptions_without_profiles_promise_private_alone() {
    let description = common::protocol("cha2ds2-vasc").description();
    let json = description.to_json();
    assert!(!json.contains("profiles"));
    assert!(description.require_profile(Profile::Private).is_ok());
    assert_eq!(
        description.require_profile(Profile::Fast).unwrap_err().to_string(),
        "the expert's node doesn't answer this protocol in profile fast, which would tell too much of the model: ask in profile private"
    );
    let with = |profiles: &str| {
        let json = format!("{},\"profiles\":{profiles}}}", json.strip_suffix('}').unwrap());
        Description::from_json(&json)
    };
    assert_eq!(with("[\"private\"]").unwrap(), description);
    assert!(with("[\"private\",\"fast\"]").unwrap().require_profile(Profile::Fast).is_ok());
    for bad in
        ["[]", "[\"fast\"]", "[\"fast\",\"private\"]", "[\"private\",\"private\"]", "[\"slow\"]"]
    {
        assert!(with(bad).is_err(), "{bad}");
    }
}

#[test]
fn nothing_is_published_that_no_node_would_answer() {
    let protocol = deep(2048);
    let error = publication(&protocol, &compiled(&protocol)).unwrap_err();
    assert!(matches!(error, PublicationError::NotServed(NotServed::Margin { .. })), "{error}");
}

#[test]
fn nothing_is_published_with_placeholders_of_an_import() {
    let model = read(&common::model_file("tree.pmml").unwrap()).unwrap();
    let data = Cases::from_csv(common::model_file("tree.csv").unwrap()).unwrap();
    let draft = draft(&model, "stay", &data).unwrap();
    let left = [
        "protocol title `TITLE`",
        "protocol licence `LICENCE`",
        "protocol intended_use `FOR WHOM AND FOR WHAT QUESTION`",
        "protocol setting `SETTING`",
        "meaning of output `value`",
        "next step of output `value`",
    ];
    assert_eq!(draft.protocol.description().placeholders(), left);
    let error = publication(&draft.protocol, &compiled(&draft.protocol)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("this is left to be written in the protocol file: {}", left.join(", "))
    );

    let mut toml = draft.to_toml().unwrap();
    for (placeholder, text) in [
        ("\"TITLE\"", "\"Days in hospital\""),
        ("\"LICENCE\"", "\"CC0-1.0\""),
        ("\"FOR WHOM AND FOR WHAT QUESTION\"", "\"Tests.\""),
        ("\"SETTING\"", "\"elective\""),
        ("\"WHAT TO DO NEXT\"", "\"Ask.\""),
        ("\"WHAT THESE VALUES MEAN\"", "\"Days.\""),
    ] {
        assert_eq!(toml.matches(placeholder).count(), 1, "{toml}");
        toml = toml.replace(placeholder, text);
    }
    let protocol = Protocol::from_toml(&toml).unwrap();
    assert!(protocol.description().placeholders().is_empty());
    publication(&protocol, &compiled(&protocol)).unwrap();
}

#[test]
fn an_output_that_would_come_out_wrong_is_named() {
    let error = compiled(&deep(2048)).can_serve(Profile::Fast).unwrap_err();
    assert!(matches!(error, NotServed::Noise { .. }), "{error}");
    assert!(error.to_string().starts_with("output `fine`: output 0 may fail"), "{error}");
}
