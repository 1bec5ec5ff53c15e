//! `pantau top`: how a running worker's cameras are, for people at a terminal.

use super::console::{print_data, print_json};
use super::error::CliError;
use super::exit::Exit;
use super::site::SiteArgs;
use super::table::{Paint, table};
use crate::live::{AskError, WorkerAddress};
use clap::Args;
use console::Term;
use std::io::IsTerminal;
use std::time::Duration;

/// The view is made anew this often.
const REFRESH: Duration = Duration::from_secs(2);
/// Lines and columns where the terminal doesn't tell.
const HEIGHT: u16 = 24;
/// Home, and nothing below: lines are written over those before, without a flicker.
const HOME: &str = "\x1b[H";
const CLEAR_LINE_END: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
const CLEAR_ALL: &str = "\x1b[2J";

const EXAMPLES: &str = "\
Examples:
  pantau top
      the worker of this machine, every 2 s, cameras in trouble first; end it with Ctrl-C
  pantau top --config pantau.toml --once
      one table of the worker that listens where [watch] says
  pantau top --json | jq -r '.cameras[] | select(.up | not) | .camera'
      for programs: what /status tells";

/// Show how a running worker's cameras are
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct TopArgs {
    /// Where the worker tells how it is (otherwise: [watch] of the configuration)
    #[arg(long, value_name = "URL", env = "PANTAU_URL", hide_env_values = true)]
    url: Option<String>,
    #[command(flatten)]
    site: SiteArgs,
    /// Print one table and end
    #[arg(long)]
    once: bool,
    /// Print what the worker tells as JSON, once
    #[arg(long, conflicts_with = "once")]
    json: bool,
}

impl TopArgs {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let address = match &self.url {
            Some(url) => WorkerAddress::parse(url)?,
            None => self.site.config()?.watch.listen.into(),
        };
        let status = address.ask()?;
        if self.json {
            let value = serde_json::to_value(&status).expect("invariant: a status is plain numbers and texts");
            print_json(&value)?;
        } else if self.once || !is_terminal() {
            print_data(table(&status, Paint::plain()).join("\n").as_bytes())?;
            print_data(b"\n")?;
        } else {
            print_data(CLEAR_ALL.as_bytes())?;
            let mut answer = Ok(status);
            loop {
                print_data(screen(&answer, &address).as_bytes())?;
                std::thread::sleep(REFRESH);
                answer = address.ask();
            }
        }
        Ok(Exit::Done)
    }
}

/// Whether somebody watches a terminal that can redraw.
fn is_terminal() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// One screen: what fits of the table, or why there is none; a worker that restarts comes back by itself.
fn screen(answer: &Result<crate::live::StatusReport, AskError>, address: &WorkerAddress) -> String {
    let (height, width) = Term::stdout().size_checked().unwrap_or((HEIGHT, 0));
    let has_color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = (width > 0).then_some(usize::from(width));
    let mut lines = match answer {
        Ok(status) => table(status, Paint { has_color, width }),
        Err(error) => vec![format!("{address}: {error}"), "asking again every 2 s".to_owned()],
    };
    // The last line stays free: the cursor stands there.
    let most = usize::from(height).saturating_sub(1).max(3);
    if lines.len() > most {
        let hidden = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(format!("... and {hidden} more: make the window taller, or use --once"));
    }
    let ends = format!("{CLEAR_LINE_END}\n");
    format!("{HOME}{}{ends}{CLEAR_BELOW}", lines.join(&ends))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{CameraReport, StatusReport};

    #[test]
    fn a_screen_is_written_over_the_one_before_and_never_higher_than_the_terminal() {
        let camera = |number| CameraReport { camera: format!("cam-{number}"), ..CameraReport::default() };
        let status = StatusReport { cameras: (0..500).map(camera).collect(), ..StatusReport::default() };
        let address = WorkerAddress::parse("127.0.0.1").unwrap();
        let text = screen(&Ok(status), &address);
        assert!(text.starts_with(HOME) && text.ends_with(CLEAR_BELOW));
        assert!(text.contains("more: make the window taller") && text.lines().count() < 500);
        assert!(screen(&Err(AskError::Tls), &address).contains("asking again"));
    }
}
