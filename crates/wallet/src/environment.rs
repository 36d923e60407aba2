// SPDX-License-Identifier: Apache-2.0
//! The environment variables that are read: what the manual and the reference say of them.

use clap::Command;

/// A variable, or several of which the first that is set counts.
pub(crate) struct Variable {
    /// How they are called.
    pub names: Vec<String>,
    /// What they stand for.
    pub stands_for: StandsFor,
}

/// What a variable stands for.
pub(crate) enum StandsFor {
    /// A flag.
    Flag(String),
    /// Something without a flag.
    Text(&'static str),
}

/// Variables without a flag.
const OTHERS: [(&[&str], &str); 5] = [
    (&["CSO_PASSPHRASE"], "the wallet's passphrase itself"),
    (&["CSO_EXPORT_PASSWORD"], "the password of a polkadot-js account file"),
    (&["XDG_DATA_HOME", "HOME"], "where the wallet lies by default"),
    (&["LC_ALL", "LC_MESSAGES", "LANG"], "the language of protocols' texts, without CSO_LANGUAGE"),
    (&["COLUMNS"], "how wide a terminal is that doesn't tell"),
];

/// All variables: those that stand for global flags of `command`, then the others.
pub(crate) fn variables(command: &Command) -> Vec<Variable> {
    let flags = command.get_arguments().filter_map(|flag| {
        let name = flag.get_env()?.to_string_lossy().into_owned();
        let stands_for = StandsFor::Flag(format!("--{}", flag.get_long()?));
        Some(Variable { names: vec![name], stands_for })
    });
    let others = OTHERS.into_iter().map(|(names, text)| Variable {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        stands_for: StandsFor::Text(text),
    });
    flags.chain(others).collect()
}
