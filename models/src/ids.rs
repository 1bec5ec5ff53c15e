//! Who and where: identifiers as newtypes, so that a zone can't be passed for a camera.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Any text is a valid id; white space at the ends is dropped.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(text.as_ref().trim().to_owned())
            }

            /// The id as written in the lake.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// True where nothing is known.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

id!(
    /// The place whose machine runs the worker.
    SiteId
);
id!(
    /// Kecamatan: the district that an agency serves.
    DistrictId
);
id!(
    /// SKPD: an agency of the regency.
    AgencyId
);
id!(
    /// A room of an agency.
    RoomId
);
id!(
    /// One camera. Unique in a lake.
    CameraId
);
id!(
    /// A polygon of a camera's view; [`ZoneId::room`] is the whole unmasked view.
    ZoneId
);

impl ZoneId {
    /// The zone that every camera has: its whole unmasked view.
    pub fn room() -> Self {
        Self::new("room")
    }
}

/// Where a camera is: the identity columns that every row of the lake carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Whose machine looked.
    pub site: SiteId,
    /// Kecamatan.
    pub district: DistrictId,
    /// SKPD.
    pub agency: AgencyId,
    /// Room.
    pub room: RoomId,
    /// Camera.
    pub camera: CameraId,
}
