// SPDX-License-Identifier: Apache-2.0
//! The profiles in which a protocol is served, as its description names them.

use cso_fhe::Profile;
use serde::{Deserialize, Serialize};

/// Profiles of records, `Private` first and always there: it hides a model better than any other,
/// and a model that it can't hide isn't published.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub(super) struct Profiles(Vec<Profile>);

impl Profiles {
    /// Those among which a protocol is served; `Private` is always one.
    pub(super) fn new(served: impl Fn(Profile) -> bool) -> Self {
        let others = Profile::ALL.into_iter().filter(|other| *other != Profile::Private);
        let mut profiles = vec![Profile::Private];
        profiles.extend(others.filter(|other| served(*other)));
        Self(profiles)
    }

    /// Whether it is no more than what descriptions without profiles promise.
    pub(super) fn is_private_alone(&self) -> bool {
        self.0 == [Profile::Private]
    }

    pub(super) fn contains(&self, profile: Profile) -> bool {
        self.0.contains(&profile)
    }
}

impl Default for Profiles {
    /// Descriptions that name none promise `Private` alone.
    fn default() -> Self {
        Self(vec![Profile::Private])
    }
}

impl TryFrom<Vec<String>> for Profiles {
    type Error = &'static str;

    fn try_from(words: Vec<String>) -> Result<Self, Self::Error> {
        let profiles = Self::new(|profile| words.iter().any(|word| word == profile.word()));
        // Equal descriptions have equal bytes, so there is one order. A word that stands for no
        // profile isn't among them either.
        match words == Vec::<String>::from(profiles.clone()) {
            true => Ok(profiles),
            false => Err("`profiles` names `private` first, and each profile once"),
        }
    }
}

impl From<Profiles> for Vec<String> {
    fn from(profiles: Profiles) -> Self {
        profiles.0.into_iter().map(|profile| profile.word().to_owned()).collect()
    }
}
