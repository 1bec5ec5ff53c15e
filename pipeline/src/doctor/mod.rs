//! What this machine and this build can do, and what stands in the way of watching: each trouble with its fix.
//!
//! It looks and measures; it changes nothing. No finding tells an address or a password.

mod cameras;
mod disk;
mod machine;

pub use cameras::CameraFinding;

use crate::config::Config;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// How good a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    #[default]
    Fine,
    /// It works, but worse than it could.
    Doubtful,
    /// It stops work.
    Broken,
}

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad.
    pub level: Level,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl Problem {
    fn doubtful(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { level: Level::Doubtful, what: what.into(), fix: fix.into() }
    }

    fn broken(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { level: Level::Broken, what: what.into(), fix: fix.into() }
    }
}

/// One fact about the machine.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is about.
    pub name: &'static str,
    /// What was found.
    pub value: String,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

impl Finding {
    fn fine(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), problem: None }
    }

    /// How good it is.
    pub fn level(&self) -> Level {
        self.problem.as_ref().map_or(Level::Fine, |problem| problem.level)
    }
}

/// Everything that was found.
pub struct Examination {
    /// The machine.
    pub findings: Vec<Finding>,
    /// The cameras that have an address, in the configuration's order.
    pub cameras: Vec<CameraFinding>,
    /// Problems of all cameras together.
    pub together: Vec<Problem>,
}

impl Examination {
    /// Every problem, with what it is about.
    pub fn problems(&self) -> impl Iterator<Item = (String, &Problem)> {
        let machine =
            self.findings.iter().filter_map(|finding| Some((finding.name.to_owned(), finding.problem.as_ref()?)));
        let cameras = self
            .cameras
            .iter()
            .flat_map(|camera| camera.problems.iter().map(|problem| (format!("camera {}", camera.camera), problem)));
        machine.chain(cameras).chain(self.together.iter().map(|problem| ("cameras".to_owned(), problem)))
    }

    /// The worst of it. Cameras stop watching only if none is left: the others are watched without it.
    pub fn level(&self) -> Level {
        let machine = self.findings.iter().map(Finding::level).max().unwrap_or_default();
        let is_broken = |camera: &CameraFinding| camera.level() == Level::Broken;
        let cameras = match self.cameras.iter().filter(|camera| is_broken(camera)).count() {
            0 => self.cameras.iter().map(CameraFinding::level).max().unwrap_or_default(),
            broken if broken == self.cameras.len() => Level::Broken,
            _ => Level::Doubtful,
        };
        let together = self.together.iter().map(|problem| problem.level).max().unwrap_or_default();
        machine.max(cameras).max(together)
    }
}

/// Looks at the machine; at the lake's folder and the cameras if they are given, each of these for about `time`.
pub fn examine(config: Option<&Config>, lake: Option<&Path>, time: Duration) -> Examination {
    let mut findings = machine::findings();
    findings.extend(lake.map(disk::findings).unwrap_or_default());
    findings.extend(config.and_then(machine::listen));
    let cameras = config.map(|config| cameras::findings(config, time)).unwrap_or_default();
    let together = cameras::load(&cameras, machine::processors()).into_iter().collect();
    Examination { findings, cameras, together }
}
