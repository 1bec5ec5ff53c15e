//! Writes the suite of labelled clips: `suite OUT_DIR [--days] [--reseed N] [--fps RATE] [FILTER...]`, or `suite --list`.
//! Clips that are there already are kept; a filter is any part of a name. Another seed (N is added to each) gives the same
//! schedules with other textures, noise and movements: what constants were not chosen on. It needs a folder of its own.
//! With `--days` it is whole working days instead, minutes to render each, whose schedules the seed changes, too.
#![forbid(unsafe_code)]

use pantau_datasets::spec::SceneSpec;
use pantau_datasets::suite::{SuiteError, days, suite, write_clip};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Clips rendered at the same time.
const WORKERS: usize = 2;

const USAGE: &str = "usage: suite OUT_DIR [--days] [--reseed N] [--fps RATE] [FILTER...] | suite --list [--days]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let Some((out, others)) = arguments.split_first() else {
        return Err(USAGE.into());
    };
    let (mut filters, mut reseed, mut fps, mut of_days) = (Vec::new(), 0, None, false);
    let mut others = others.iter();
    while let Some(other) = others.next() {
        match other.as_str() {
            "--reseed" => reseed = others.next().ok_or(USAGE)?.parse::<u64>()?,
            "--days" => of_days = true,
            "--fps" => fps = Some(others.next().ok_or(USAGE)?.parse::<f64>()?),
            filter => filters.push(filter),
        }
    }
    let wanted = |spec: &SceneSpec| filters.is_empty() || filters.iter().any(|filter| spec.name.contains(filter));
    let at_rate = |spec: SceneSpec| {
        let rate = fps.unwrap_or(spec.fps);
        spec.at_fps(rate)
    };
    let reseeded = |spec: SceneSpec| {
        let seed = spec.seed + reseed;
        spec.with_seed(seed)
    };
    let all = if of_days { days(reseed) } else { suite().into_iter().map(reseeded).collect() };
    let clips = all.into_iter().filter(wanted).map(at_rate).collect::<Vec<_>>();
    if out == "--list" {
        clips.iter().for_each(list);
        return Ok(());
    }
    if out.starts_with('-') {
        return Err(USAGE.into());
    }
    if clips.is_empty() {
        return Err("no clip has a name like that; `suite --list` shows them".into());
    }
    write_all(&clips, Path::new(out))?;
    Ok(())
}

fn list(spec: &SceneSpec) {
    let (width, height) = (spec.width, spec.height);
    let SceneSpec { name, fps, duration_s, crf, .. } = spec;
    println!("{name:<34} {width:>4} x {height:<4} {fps:>4} fps {duration_s:>5} s  crf {crf}  {} frames", spec.frames());
}

/// The first failure ends its worker; the other one finishes what is left.
fn write_all(clips: &[SceneSpec], out: &Path) -> Result<(), SuiteError> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(spec) = clips.get(next.fetch_add(1, Ordering::Relaxed)) {
            let begun = Instant::now();
            if write_clip(spec, out)? {
                let spent_s = begun.elapsed().as_secs_f64();
                println!("{:<34} {spent_s:>6.1} s, {:.2} ms a frame", spec.name, spent_s * 1e3 / spec.frames() as f64);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers = (0..WORKERS).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker returns its errors"))
    })
}
