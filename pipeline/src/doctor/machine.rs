//! The machine and the build: processors, kernels, FFmpeg, the clock, the worker's port.

use super::{Finding, Problem};
use crate::config::Config;
use crate::decode::versions;
use crate::diff::KernelLevel;
use crate::live::{AskError, WorkerAddress};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Codecs without which hardly any camera can be watched.
const NEEDED: [&str; 2] = ["h264", "hevc"];
/// systemd's own clock client leaves this once it has set the clock.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// `timedatectl` asks over a bus that may not answer.
const CLOCK_WITHIN: Duration = Duration::from_secs(3);

pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

pub(super) fn findings() -> Vec<Finding> {
    let kernels = KernelLevel::available().iter().map(|level| level.name()).collect::<Vec<_>>().join(", ");
    let mut findings = vec![
        Finding::fine("version", env!("CARGO_PKG_VERSION")),
        Finding::fine("machine", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        Finding::fine("processors", processors().to_string()),
        Finding::fine("kernels", kernels.clone()),
        match KernelLevel::choose() {
            Ok(level) => Finding::fine("kernel", level.name()),
            Err(unknown) => {
                let fix = format!("unset PANTAU_KERNEL, or set it to one of: {kernels}");
                Finding {
                    name: "kernel",
                    value: unknown.to_string(),
                    problem: Some(Problem::broken(unknown.to_string(), fix)),
                }
            }
        },
    ];
    findings.extend(versions::libraries().map(|(name, version)| Finding::fine(name, version)));
    findings.extend(versions::decoders().map(|(name, decoder)| match decoder {
        Some(decoder) => Finding::fine(name, decoder),
        None => missing_decoder(name),
    }));
    findings.push(clock(is_clock_set()));
    findings
}

fn missing_decoder(name: &'static str) -> Finding {
    let what = format!("FFmpeg has no decoder for {name}");
    let problem = if NEEDED.contains(&name) {
        Problem::broken(what, "install an FFmpeg with it: Fedora and openSUSE keep it in a repository of their own")
    } else {
        Problem::doubtful(what, "set cameras and recorders to H.264, or install an FFmpeg with it")
    };
    Finding { name, value: "missing: recordings of this codec will fail".into(), problem: Some(problem) }
}

fn clock(is_set: Option<bool>) -> Finding {
    match is_set {
        Some(true) => Finding::fine("clock", "synchronised"),
        None => Finding::fine("clock", "this system doesn't tell whether it is synchronised"),
        Some(false) => Finding {
            name: "clock",
            value: "not synchronised".into(),
            problem: Some(Problem::doubtful(
                "the machine's clock is not synchronised: rows may be at the wrong time",
                "timedatectl set-ntp true, or install chrony; the site's network must let NTP (UDP 123) out",
            )),
        },
    }
}

/// Whether something keeps the clock right; `None` if nobody tells.
fn is_clock_set() -> Option<bool> {
    if Path::new(SYNCHRONISED).exists() {
        return Some(true);
    }
    let mut asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let began = Instant::now();
    while asked.try_wait().ok()?.is_none() {
        if began.elapsed() > CLOCK_WITHIN {
            let _ = asked.kill();
            let _ = asked.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    match String::from_utf8_lossy(&asked.wait_with_output().ok()?.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Where a worker will tell how it is; `None` if nothing is to be watched.
pub(super) fn listen(config: &Config) -> Option<Finding> {
    config.cameras.iter().find(|camera| camera.url.is_some() || camera.folder.is_some())?;
    let address = config.watch.listen;
    let Err(error) = std::net::TcpListener::bind(address) else {
        return Some(Finding::fine("listen", format!("{address} is free")));
    };
    Some(match WorkerAddress::from(address).ask() {
        Ok(status) => Finding::fine("listen", format!("{address}: a worker runs, version {}", status.version)),
        Err(AskError::Unreachable { .. } | AskError::NotAWorker { .. } | AskError::Address | AskError::Tls) => {
            Finding {
                name: "listen",
                value: format!("{address} can't be had"),
                problem: Some(Problem::broken(
                    format!("a worker can't listen on {address}: {error}"),
                    "set another `listen` in [watch]; ports below 1024 need rights",
                )),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_clock_that_nobody_tells_of_is_no_problem_and_a_wrong_one_is() {
        assert_eq!(
            [Some(true), None, Some(false)].map(|is_set| clock(is_set).level()),
            [Level::Fine, Level::Fine, Level::Doubtful]
        );
    }

    #[test]
    fn a_missing_decoder_is_as_bad_as_its_codec_is_common() {
        assert_eq!(missing_decoder("hevc").level(), Level::Broken);
        assert_eq!(missing_decoder("mpeg4").level(), Level::Doubtful);
    }

    #[test]
    fn a_port_that_another_program_holds_is_told() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let text = format!("[[camera]]\nid = \"a\"\nurl = \"rtsp://10.0.0.9/1\"\n[watch]\nlisten = \"{address}\"\n");
        let config = Config::parse(&text, "pantau.toml").unwrap();
        std::thread::spawn(move || drop(taken.accept()));
        assert_eq!(listen(&config).unwrap().level(), Level::Broken);
        assert!(listen(&Config::default()).is_none());
    }
}
