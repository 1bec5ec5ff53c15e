//! What is watched: a camera's place, settings, and where its pictures come from.

use crate::config::{Camera, Config, SecretError, settings_id};
use crate::ingest::Transport;
use pantau_models::ids::Place;
use pantau_models::settings::{Analysis, Effort};
use std::fmt;
use std::sync::Arc;

/// A camera that is watched over the network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WatchedCamera {
    pub place: Arc<Place>,
    pub analysis: Analysis,
    pub settings_id: String,
    pub address: Address,
    pub transport: Transport,
}

/// An address that may hold a password: never printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address(String);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}

impl Address {
    /// The address itself, for the one who connects.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// With user and password put in as addresses want them.
    fn with_login(self, user: &str, password: &str) -> Self {
        match self.0.split_once("://") {
            Some((scheme, rest)) => Self(format!("{scheme}://{}:{}@{rest}", percent(user), percent(password))),
            None => self,
        }
    }
}

/// Everything but letters, digits and `-._~` as `%XX` (RFC 3986, 2.1).
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let code = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(code).collect()
}

impl WatchedCamera {
    /// The camera as configured; `None` if it has no address. Reads its secrets.
    pub(super) fn of(config: &Config, camera: &Camera) -> Result<Option<Self>, SecretError> {
        let Some(url) = &camera.url else { return Ok(None) };
        let mut address = Address(url.read()?);
        if let Some(login) = &camera.login {
            address = address.with_login(&login.user, &login.password.read()?);
        }
        // A stream is decoded whole: what comes next is not known yet.
        let analysis = Analysis { effort: Effort::Full, ..config.analysis_for(&camera.id) };
        Ok(Some(Self {
            place: Arc::new(config.place(&camera.id)),
            settings_id: settings_id(&analysis),
            analysis,
            address,
            transport: camera.transport,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_put_into_the_address_and_never_shown() {
        let address = Address("rtsp://10.0.0.2:554/ch1".into()).with_login("admin", "p@ss:w/rd?");
        assert_eq!(address.reveal(), "rtsp://admin:p%40ss%3Aw%2Frd%3F@10.0.0.2:554/ch1");
        assert_eq!(format!("{address:?}"), "Address(..)");
    }

    #[test]
    fn only_cameras_with_an_address_are_watched() {
        let config =
            "[[camera]]\nid = \"a\"\nurl = \"rtsp://10.0.0.2/1\"\ntransport = \"udp\"\n[[camera]]\nid = \"b\"\n";
        let config = Config::parse(config, "pantau.toml").unwrap();
        let watched = |index: usize| WatchedCamera::of(&config, &config.cameras[index]).unwrap();
        assert_eq!(watched(0).unwrap().transport, Transport::Udp);
        assert!(watched(1).is_none());
    }
}
