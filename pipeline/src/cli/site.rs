//! Flags that every command with a configuration shares.

use super::error::CliError;
use crate::config::{Config, time_zone};
use clap::Args;
use pantau_models::ids::SiteId;
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
pub(super) struct SiteArgs {
    /// Configuration of the site (TOML); see `pantau config example`
    #[arg(long, value_name = "FILE", env = "PANTAU_CONFIG", hide_env_values = true)]
    pub(super) config: Option<PathBuf>,
    /// Id of the place whose machine runs this
    #[arg(long, value_name = "ID", env = "PANTAU_SITE", hide_env_values = true)]
    pub(super) site: Option<String>,
    /// IANA time zone of recordings, calendar and reports, such as Asia/Makassar
    #[arg(long, value_name = "ZONE", env = "PANTAU_TIMEZONE", hide_env_values = true)]
    pub(super) timezone: Option<String>,
}

impl SiteArgs {
    /// The file's configuration under these flags. The file is read with its own zone: a `start` in it is meant there.
    pub(super) fn config(&self) -> Result<Config, CliError> {
        let mut config = match &self.config {
            Some(path) => Config::load(path)?,
            None => Config::default(),
        };
        if let Some(name) = &self.timezone {
            config.site.timezone = time_zone(name).map_err(CliError::TimeZone)?;
        }
        if let Some(id) = &self.site {
            config.site.id = SiteId::new(id);
        }
        Ok(config)
    }
}
