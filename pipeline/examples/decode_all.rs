//! Decodes recordings and prints frames and CPU seconds: `decode_all [--loop-filter] [--threads N] FILE...`.
//! Compare with `ffmpeg -threads 1 -v error -i FILE -an -f null -`.

use pantau::decode::{DecodeSettings, Decoder, decode_next};
use pantau::ingest::{OpenRecording, Recording, StreamInfo};
use pantau_models::time::UtcMicros;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut loop_filter, mut threads) = (false, 1_usize);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--loop-filter" => loop_filter = true,
            "--threads" => threads = arguments.next().ok_or("--threads needs a number")?.parse()?,
            file => decode(Path::new(file), loop_filter, threads)?,
        }
    }
    Ok(())
}

fn decode(path: &Path, loop_filter: bool, threads: usize) -> Result<(), Box<dyn Error>> {
    let (started, cpu_before_s) = (Instant::now(), cpu_s()?);
    let OpenRecording { info, parameters, reader } = Recording::open(path)?;
    let reader = Mutex::new(reader);
    let settings =
        DecodeSettings { loop_filter: Some(loop_filter), camera: Arc::default(), recording_start: UtcMicros(0) };
    let totals = Mutex::new((0_u64, 0_u64, 0_i64));
    std::thread::scope(|scope| {
        let worker = || -> Result<(), pantau::decode::DecodeError> {
            let mut decoder = Decoder::new(&parameters, settings.clone())?;
            while let Some(reports) = decode_next(&reader, &mut decoder, |_, _| ControlFlow::Continue(()))? {
                let mut totals = totals.lock().expect("invariant: no worker panics with the lock");
                for report in reports {
                    totals.0 += report.frames;
                    totals.1 += report.error_count;
                    totals.2 += report.unseen_us();
                }
            }
            Ok(())
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("invariant: decoding does not panic"))
    })?;
    let (frames, errors, unseen_us) = *totals.lock().expect("invariant: the workers have ended");
    let report = reader.into_inner()?.report().clone();
    let StreamInfo { codec, width, height, .. } = info;
    println!(
        "{}: {codec} {width} x {height}: {frames} frames, {errors} errors, {:.1} s unseen of {:.1} s; {:.2} s CPU, {:.2} s wall; {:?}",
        path.display(),
        unseen_us as f64 / 1e6,
        report.end_us as f64 / 1e6,
        cpu_s()? - cpu_before_s,
        started.elapsed().as_secs_f64(),
        report.ending,
    );
    Ok(())
}

/// CPU seconds of the process so far. Linux counts them in hundredths, whatever the kernel's own tick.
fn cpu_s() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) / 100.0)
}
