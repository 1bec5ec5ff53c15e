//! `pantau watch`: live cameras in, lake out.

use super::error::CliError;
use super::exit::Exit;
use super::site::SiteArgs;
use crate::live::{self, Request};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  pantau watch --config pantau.toml --lake lake
      every camera with a `url` or a `folder`, until SIGTERM; SIGHUP reads the configuration anew
  curl -s http://127.0.0.1:9470/status
      how each camera is; /metrics is for Prometheus, /healthz and /readyz for supervisors

Rows are in the lake some minutes after they were seen; what was seen survives kill -9 but for the last 2 s.";

/// Watch live cameras for weeks
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct WatchArgs {
    /// The lake's folder; made if missing
    #[arg(long, value_name = "DIR", env = "PANTAU_LAKE", hide_env_values = true)]
    lake: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    /// Address and port where the worker tells how it is (otherwise: [watch] of the configuration)
    #[arg(long, value_name = "ADDRESS", env = "PANTAU_LISTEN", hide_env_values = true)]
    listen: Option<SocketAddr>,
}

impl WatchArgs {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let Self { lake, site, listen } = self;
        let read = move || {
            let mut config = site.config()?;
            config.watch.listen = listen.unwrap_or(config.watch.listen);
            Ok::<_, CliError>(config)
        };
        let config = read()?;
        let request = Request { config, lake, reload: Box::new(move || read().map_err(|error| error.to_string())) };
        live::run(&request)?;
        Ok(Exit::Done)
    }
}
