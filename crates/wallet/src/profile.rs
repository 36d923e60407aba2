// SPDX-License-Identifier: Apache-2.0
//! Encryption profiles as values of a flag.

use clap::ValueEnum;

/// How a record is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Twice the size; hides the expert's model better, and allows finer outputs
    Private,
    /// Half the size, half the time
    Fast,
}

impl Profile {
    /// The same for the engine.
    pub(crate) fn fhe(self) -> cso_fhe::Profile {
        match self {
            Self::Private => cso_fhe::Profile::Private,
            Self::Fast => cso_fhe::Profile::Fast,
        }
    }

    /// How it is written.
    pub(crate) fn word(self) -> &'static str {
        cso_client::profile::word(self.fhe())
    }
}
