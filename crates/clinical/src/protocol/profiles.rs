// SPDX-License-Identifier: Apache-2.0
//! The profiles in which a protocol is served, as its description names them.

use cso_fhe::Profile;
use serde::{Deserialize, Serialize};

/// Profiles of records, `Private` first and always there: it hides a model better than any other,
/// and a model that it can't hide isn't published.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(try_from = "Vec<Name>", into = "Vec<Name>")]
pub(super) struct Profiles(Vec<Profile>);

/// How descriptions and command lines write a profile.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Private,
    Fast,
}

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

impl TryFrom<Vec<Name>> for Profiles {
    type Error = &'static str;

    fn try_from(names: Vec<Name>) -> Result<Self, Self::Error> {
        let profiles = Self::new(|profile| names.contains(&profile.into()));
        // Equal descriptions have equal bytes, so there is one order.
        let canonical: Vec<Name> = profiles.clone().into();
        match names == canonical {
            true => Ok(profiles),
            false => Err("`profiles` names `private` first, and each profile once"),
        }
    }
}

impl From<Profiles> for Vec<Name> {
    fn from(profiles: Profiles) -> Self {
        profiles.0.into_iter().map(Name::from).collect()
    }
}

impl From<Profile> for Name {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Private => Self::Private,
            Profile::Fast => Self::Fast,
        }
    }
}

/// How descriptions and command lines write a profile.
pub(crate) fn name(profile: Profile) -> &'static str {
    match Name::from(profile) {
        Name::Private => "private",
        Name::Fast => "fast",
    }
}
