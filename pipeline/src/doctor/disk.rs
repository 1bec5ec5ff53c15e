//! The lake's folder: whether it can be written, how fast, and how much is left.

use super::{Finding, Problem};
use crate::lake::{LakeError, speed};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Less than this and the next hour may not fit.
const FREE_BYTES_MIN: u64 = 64 << 20;
/// Less than this and somebody should look: some weeks of ten cameras.
const FREE_BYTES_LOW: u64 = 1 << 30;
/// Slower than this and publishing takes longer than it should.
const SPEED_LOW: f64 = 1e6;
/// A worker syncs each camera's spool every few seconds: slower than this, twenty cameras keep the disk busy.
const SMALL_LOW: Duration = Duration::from_millis(250);

pub(super) fn findings(lake: &Path) -> Vec<Finding> {
    let dir = existing(lake);
    let is_there = dir == lake;
    let mut findings = Vec::new();
    if !is_there {
        findings.push(Finding::fine("lake", format!("{} will be made", lake.display())));
    }
    findings.push(match speed::free_bytes(&dir) {
        Ok(free) => space(free),
        Err(error) => unwritable("space", &error),
    });
    findings.push(match speed::measure(&dir) {
        Ok(speed) => pace(speed.bytes_per_s, speed.small),
        Err(error) => unwritable("disk", &error),
    });
    findings
}

/// The folder, or the nearest one above it that is there.
fn existing(lake: &Path) -> PathBuf {
    let found = lake.ancestors().find(|dir| dir.is_dir()).unwrap_or(Path::new("."));
    if found.as_os_str().is_empty() { PathBuf::from(".") } else { found.to_owned() }
}

fn unwritable(name: &'static str, error: &LakeError) -> Finding {
    let fix = "give the worker's user the right to write there, mount it writable, or choose another --lake";
    Finding { name, value: "the lake can't be written".into(), problem: Some(Problem::broken(error.to_string(), fix)) }
}

fn space(free: u64) -> Finding {
    let value = format!("{} free", size(free));
    let fix = "free or add space; `pantau watch` stops writing when the disk is full, says so, and goes on alone";
    let problem = if free < FREE_BYTES_MIN {
        Some(Problem::broken(format!("the lake's disk is full: {value}"), fix))
    } else if free < FREE_BYTES_LOW {
        Some(Problem::doubtful(format!("the lake's disk is nearly full: {value}"), fix))
    } else {
        None
    };
    Finding { name: "space", value, problem }
}

fn pace(bytes_per_s: f64, small: Duration) -> Finding {
    let small_ms = small.as_secs_f64() * 1000.0;
    let value = format!("{:.0} MB/s, a small file is durable in {small_ms:.1} ms", bytes_per_s / 1e6);
    let is_slow = bytes_per_s < SPEED_LOW || small > SMALL_LOW;
    let problem = is_slow.then(|| {
        Problem::doubtful(
            format!("the lake's disk is slow: {value}"),
            "use another disk: memory cards and shares over a bad link are slow to make data durable",
        )
    });
    Finding { name: "disk", value, problem }
}

fn size(bytes: u64) -> String {
    let gb = bytes as f64 / 1e9;
    if gb >= 10.0 { format!("{gb:.0} GB") } else { format!("{gb:.2} GB") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_lake_that_is_to_come_is_measured_where_it_will_be_and_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let lake = dir.path().join("site/lake");
        let found = findings(&lake);
        assert_eq!(found.iter().map(|finding| finding.name).collect::<Vec<_>>(), ["lake", "space", "disk"]);
        assert!(found.iter().all(|finding| finding.level() < Level::Broken), "{found:?}");
        assert!(!lake.exists() && std::fs::read_dir(dir.path()).unwrap().count() == 0);
    }

    #[test]
    fn full_and_slow_disks_are_told_with_the_fix() {
        assert_eq!(
            [1 << 20, 1 << 29, 1 << 40].map(|free| space(free).level()),
            [Level::Broken, Level::Doubtful, Level::Fine]
        );
        assert_eq!(pace(5e5, Duration::from_millis(1)).level(), Level::Doubtful);
        assert_eq!(pace(1e8, Duration::from_millis(300)).level(), Level::Doubtful);
        assert_eq!(pace(1e8, Duration::from_millis(8)).level(), Level::Fine);
    }
}
