//! `pantau doctor`: what this machine and this build can do.

use super::console::{print_data, print_json};
use super::error::CliError;
use super::exit::Exit;
use crate::decode::versions;
use crate::diff::KernelLevel;
use clap::Args;
use serde_json::{Map, Value, json};

/// Tell what this machine and this build can do
#[derive(Args, Debug)]
pub(super) struct DoctorArgs {
    /// Print it as JSON on standard output
    #[arg(long)]
    json: bool,
}

/// One finding: a name, what was found, and whether the program can work with it.
struct Finding {
    name: &'static str,
    value: String,
    fine: bool,
}

fn fine(name: &'static str, value: impl Into<String>) -> Finding {
    Finding { name, value: value.into(), fine: true }
}

impl DoctorArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let findings = findings();
        if self.json {
            print_json(&as_json(&findings))?
        } else {
            print_data(as_text(&findings).as_bytes())?
        }
        Ok(if findings.iter().all(|finding| finding.fine) { Exit::Done } else { Exit::Failed })
    }
}

fn findings() -> Vec<Finding> {
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get);
    let mut findings = vec![
        fine("version", env!("CARGO_PKG_VERSION")),
        fine("machine", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        fine("processors", processors.to_string()),
        fine("kernels", KernelLevel::available().iter().map(|level| level.name()).collect::<Vec<_>>().join(", ")),
        match KernelLevel::choose() {
            Ok(level) => fine("kernel", level.name()),
            Err(unknown) => Finding { name: "kernel", value: unknown.to_string(), fine: false },
        },
    ];
    findings.extend(versions::libraries().map(|(name, version)| fine(name, version)));
    findings.extend(versions::decoders().map(|(name, decoder)| match decoder {
        Some(decoder) => fine(name, decoder),
        None => Finding { name, value: "missing: recordings of this codec will fail".into(), fine: false },
    }));
    findings
}

fn as_text(findings: &[Finding]) -> String {
    findings.iter().map(|Finding { name, value, .. }| format!("{name:<12} {value}\n")).collect()
}

fn as_json(findings: &[Finding]) -> Value {
    let entry = |Finding { name, value, fine }: &Finding| ((*name).to_owned(), json!({ "value": value, "fine": fine }));
    Value::Object(findings.iter().map(entry).collect::<Map<_, _>>())
}
