//! How the worker is: numbers for Prometheus, and the same for people.

use super::line::Line;
use crate::decode::SegmentReport;
use crate::ingest::StreamInfo;
use pantau_models::record::{GapReason, Quality};
use pantau_models::time::{US_PER_S, UtcMicros};
use prometheus::{
    Counter, CounterVec, Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec,
    IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bounds of decode times, seconds: a small picture takes half a millisecond, a 4K key frame 50.
const DECODE_BUCKETS_S: [f64; 9] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];
/// The rate of frames is a mean over about so many seconds.
const RATE_S: f64 = 10.0;

/// The last final interval tells how a room is for so long after the last frame, seconds: rows are final after a minute.
const KNOWN_S: f64 = 180.0;

/// All numbers of a worker.
pub(super) struct Metrics {
    registry: Registry,
    up: IntGaugeVec,
    frames: IntCounterVec,
    bytes: IntCounterVec,
    dropped: IntCounterVec,
    errors: IntCounterVec,
    decode: HistogramVec,
    last_frame: GaugeVec,
    reconnects: IntCounterVec,
    gap_s: CounterVec,
    spool_bytes: IntGaugeVec,
    presence: GaugeVec,
    activity: GaugeVec,
    quality: IntGaugeVec,
    queued: IntGaugeVec,
    /// Threads that hang and were left behind.
    pub abandoned: IntCounter,
    /// 1 while something can't be written.
    pub disk_full: IntGauge,
    /// Steps of the machine's clock.
    pub clock_steps: IntCounter,
    /// Times the configuration was read anew, by result.
    pub reloads: IntCounterVec,
}

impl Metrics {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let build = IntGaugeVec::new(Opts::new("pantau_build_info", "The program's version; always 1"), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(build))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        let camera = &["camera"];
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            let made = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(made.clone()))?;
            Ok::<_, prometheus::Error>(made)
        };
        let reals = |name: &str, help: &str| {
            let made = GaugeVec::new(Opts::new(name, help), camera)?;
            registry.register(Box::new(made.clone()))?;
            Ok::<_, prometheus::Error>(made)
        };
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let made = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(made.clone()))?;
            Ok::<_, prometheus::Error>(made)
        };
        let gap_s = CounterVec::new(
            Opts::new("pantau_gap_seconds_total", "Time that was not seen, by reason"),
            &["camera", "reason"],
        )?;
        registry.register(Box::new(gap_s.clone()))?;
        let options = HistogramOpts::new("pantau_decode_duration_seconds", "Time to decode and look at a frame");
        let decode = HistogramVec::new(options.buckets(DECODE_BUCKETS_S.to_vec()), camera)?;
        registry.register(Box::new(decode.clone()))?;
        let abandoned = IntCounter::new("pantau_sessions_abandoned_total", "Sessions that hung and were left behind")?;
        registry.register(Box::new(abandoned.clone()))?;
        let disk_full = IntGauge::new("pantau_disk_full", "1 while something can't be written")?;
        registry.register(Box::new(disk_full.clone()))?;
        let clock_steps = IntCounter::new("pantau_clock_steps_total", "Times the machine's clock was set")?;
        registry.register(Box::new(clock_steps.clone()))?;
        let reloads = counters("pantau_config_reloads_total", "Times the configuration was read anew", &["result"])?;
        // From zero on: a counter that appears with its first event hides that event from alerts.
        ["taken", "refused"].iter().for_each(|result| reloads.with_label_values(&[result]).reset());
        Ok(Self {
            up: gauges("pantau_camera_up", "1 while pictures of the camera come", camera)?,
            frames: counters("pantau_frames_decoded_total", "Frames decoded", camera)?,
            bytes: counters("pantau_received_bytes_total", "Bytes of packets received", camera)?,
            dropped: counters("pantau_frames_dropped_total", "Packets not decoded, by reason", &["camera", "reason"])?,
            errors: counters("pantau_decode_errors_total", "Packets and frames that could not be decoded", camera)?,
            decode,
            last_frame: reals(
                "pantau_camera_last_frame_timestamp_seconds",
                "When the last frame was taken, Unix time",
            )?,
            reconnects: counters("pantau_reconnects_total", "Sessions that ended, by reason", &["camera", "reason"])?,
            gap_s,
            spool_bytes: gauges("pantau_spool_bytes", "Bytes seen and not yet in a finished part of the lake", camera)?,
            presence: reals(
                "pantau_presence_ratio",
                "Probability that somebody was there, last final interval; NaN if unknown",
            )?,
            activity: reals("pantau_activity_ratio", "Activity, 0 to 1, last final interval; NaN if unknown")?,
            quality: gauges("pantau_camera_quality", "1 for each thing that troubles the view", &["camera", "flag"])?,
            queued: gauges("pantau_queue_packets", "Packets that wait for the decoder", camera)?,
            abandoned,
            disk_full,
            clock_steps,
            reloads,
            registry,
        })
    }

    /// In Prometheus' text format.
    pub(super) fn as_text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }

    /// A camera is no longer watched: its series end.
    pub(super) fn forget(&self, camera: &str) {
        for vector in [&self.frames, &self.bytes, &self.errors] {
            let _ = vector.remove_label_values(&[camera]);
        }
        for vector in [&self.up, &self.spool_bytes, &self.queued] {
            let _ = vector.remove_label_values(&[camera]);
        }
        for vector in [&self.last_frame, &self.presence, &self.activity] {
            let _ = vector.remove_label_values(&[camera]);
        }
        for (_, flag) in Quality::NAMES {
            let _ = self.quality.remove_label_values(&[camera, flag]);
        }
        for reason in GapReason::ALL {
            let _ = self.gap_s.remove_label_values(&[camera, reason.as_str()]);
        }
        let _ = self.dropped.remove_label_values(&[camera, SLOW]);
        let _ = self.decode.remove_label_values(&[camera]);
    }
}

const SLOW: &str = "slow";

/// A camera as people see it; `/status` gives a list of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CameraReport {
    /// Its id.
    pub camera: String,
    /// The room that it sees.
    pub room: String,
    /// Pictures come.
    pub up: bool,
    /// Why none come; empty if they do.
    pub trouble: String,
    /// FFmpeg's name of the codec; empty before the first connection.
    pub codec: String,
    /// Width of the picture, pixels.
    pub width: u32,
    /// Height of the picture, pixels.
    pub height: u32,
    /// Frames a second, lately.
    pub fps: f64,
    /// Kilobits a second, lately.
    pub kbit_s: f64,
    /// Time since the last frame was taken, seconds; `None` before the first.
    pub last_frame_age_s: Option<f64>,
    /// Probability that somebody was there, last final interval.
    pub presence: Option<f32>,
    /// Activity, 0 to 100, last final interval.
    pub activity: Option<f32>,
    /// What troubles the view.
    pub flags: Vec<String>,
    /// Frames decoded since the worker began.
    pub frames: u64,
    /// Packets that the decoder could not follow.
    pub dropped: u64,
    /// Sessions that ended.
    pub reconnects: u64,
    /// Time not seen since the worker began, seconds.
    pub gap_s: f64,
    /// Bytes of the spool.
    pub spool_bytes: u64,
}

/// What `/status` gives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusReport {
    /// The program's version.
    pub version: String,
    /// The site's id.
    pub site: String,
    /// Time since the worker began, seconds.
    pub running_s: f64,
    /// The machine's clock is doubted.
    pub clock_suspect: bool,
    /// Something can't be written.
    pub disk_full: bool,
    /// In the configuration's order.
    pub cameras: Vec<CameraReport>,
}

/// One camera's numbers.
pub(super) struct CameraStatus {
    up: IntGauge,
    frames: IntCounter,
    bytes: IntCounter,
    dropped: IntCounter,
    errors: IntCounter,
    decode: Histogram,
    last_frame: Gauge,
    spool_bytes: IntGauge,
    presence: Gauge,
    activity: Gauge,
    queued: IntGauge,
    gaps: [Counter; GapReason::ALL.len()],
    reconnects: IntCounterVec,
    quality: IntGaugeVec,
    told: Mutex<Told>,
}

/// What is told in words, and rates.
#[derive(Default)]
struct Told {
    report: CameraReport,
    quality: Quality,
    gap_s: [f64; GapReason::ALL.len()],
    last: Option<UtcMicros>,
    rate: Rate,
}

/// Frames and bytes a second.
#[derive(Default)]
struct Rate {
    at: Option<UtcMicros>,
    frames: u64,
    bytes: u64,
}

impl CameraStatus {
    pub(super) fn new(metrics: &Metrics, camera: &str, room: &str) -> Self {
        let one = &[camera];
        let report = CameraReport { camera: camera.to_owned(), room: room.to_owned(), ..CameraReport::default() };
        let quality = metrics.quality.clone();
        // Not known yet, which is not 0.
        [&metrics.presence, &metrics.activity].iter().for_each(|gauge| gauge.with_label_values(one).set(f64::NAN));
        Quality::NAMES.iter().for_each(|(_, flag)| quality.with_label_values(&[camera, flag]).set(0));
        let status = Self {
            up: metrics.up.with_label_values(one),
            frames: metrics.frames.with_label_values(one),
            bytes: metrics.bytes.with_label_values(one),
            dropped: metrics.dropped.with_label_values(&[camera, SLOW]),
            errors: metrics.errors.with_label_values(one),
            decode: metrics.decode.with_label_values(one),
            last_frame: metrics.last_frame.with_label_values(one),
            spool_bytes: metrics.spool_bytes.with_label_values(one),
            presence: metrics.presence.with_label_values(one),
            activity: metrics.activity.with_label_values(one),
            queued: metrics.queued.with_label_values(one),
            gaps: GapReason::ALL.map(|reason| metrics.gap_s.with_label_values(&[camera, reason.as_str()])),
            reconnects: metrics.reconnects.clone(),
            quality,
            told: Mutex::new(Told { report, ..Told::default() }),
        };
        status.unknown(&mut status.told());
        status
    }

    /// What was not seen is unknown, not empty.
    fn unknown(&self, told: &mut Told) {
        self.presence.set(f64::NAN);
        self.activity.set(f64::NAN);
        (told.report.presence, told.report.activity) = (None, None);
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True while pictures come.
    pub(super) fn is_up(&self) -> bool {
        self.up.get() > 0
    }

    /// The camera told what it sends.
    pub(super) fn connected(&self, info: &StreamInfo) {
        let report = &mut self.told().report;
        (report.width, report.height) = (info.width, info.height);
        report.codec.clone_from(&info.codec);
    }

    pub(super) fn received(&self, bytes: u64, at: UtcMicros) {
        self.bytes.inc_by(bytes);
        self.told().rate.receive(bytes, at);
    }

    pub(super) fn dropped(&self, packets: u64) {
        self.dropped.inc_by(packets);
        self.told().report.dropped += packets;
    }

    pub(super) fn decoded(&self, report: &SegmentReport, spent_us: i64, queued: usize) {
        self.frames.inc_by(report.frames);
        self.errors.inc_by(report.error_count);
        self.queued.set(queued as i64);
        if report.frames > 0 {
            self.decode.observe(spent_us as f64 / US_PER_S as f64 / report.frames as f64);
        }
    }

    /// A frame was taken up.
    pub(super) fn seen(&self, line: &Line, at: UtcMicros) {
        self.last_frame.set(at.0 as f64 / US_PER_S as f64);
        self.up.set(1);
        let mut told = self.told();
        told.last = Some(at);
        told.report.up = true;
        told.report.trouble.clear();
        told.report.frames += 1;
        told.rate.frames += 1;
        if let Some((presence, activity)) = line.last_row {
            self.presence.set(presence.into());
            self.activity.set(f64::from(activity) / 100.0);
            (told.report.presence, told.report.activity) = (Some(presence), Some(activity));
        }
        if told.quality != line.last_quality {
            told.quality = line.last_quality;
            told.report.flags = line.last_quality.names().map(str::to_owned).collect();
            for (bit, flag) in Quality::NAMES {
                let is_set = i64::from(line.last_quality.contains(bit));
                self.quality.with_label_values(&[&told.report.camera, flag]).set(is_set);
            }
        }
    }

    /// A session ended, for this reason; true if that is news.
    pub(super) fn lost(&self, kind: &str, text: &str) -> bool {
        self.up.set(0);
        let mut told = self.told();
        self.reconnects.with_label_values(&[&told.report.camera, kind]).inc();
        told.report.reconnects += 1;
        told.report.up = false;
        let is_news = told.report.trouble != text;
        text.clone_into(&mut told.report.trouble);
        is_news
    }

    /// Looks at the line, about once a second.
    pub(super) fn look(&self, line: &Line) {
        self.spool_bytes.set(line.spool_bytes() as i64);
        let mut told = self.told();
        told.report.spool_bytes = line.spool_bytes();
        for (index, gap) in self.gaps.iter().enumerate() {
            gap.inc_by((line.gap_s[index] - told.gap_s[index]).max(0.0));
        }
        told.gap_s = line.gap_s;
        told.report.gap_s = line.gap_s.iter().sum();
    }

    pub(super) fn report(&self, now: UtcMicros) -> CameraReport {
        let told = self.told();
        let mut report = told.report.clone();
        report.last_frame_age_s = told.last.map(|last| now.seconds_since(last).max(0.0));
        if !report.up {
            (report.fps, report.kbit_s) = (0.0, 0.0);
        }
        report
    }

    /// Numbers that need two looks.
    pub(super) fn pace(&self, now: UtcMicros) {
        let mut told = self.told();
        if told.last.is_some_and(|last| now.seconds_since(last) > KNOWN_S) {
            self.unknown(&mut told);
        }
        if let Some((fps, kbit_s)) = told.rate.look(now) {
            (told.report.fps, told.report.kbit_s) = (fps, kbit_s);
        }
    }
}

impl Rate {
    fn receive(&mut self, bytes: u64, at: UtcMicros) {
        self.at.get_or_insert(at);
        self.bytes += bytes;
    }

    fn look(&mut self, now: UtcMicros) -> Option<(f64, f64)> {
        let passed_s = now.seconds_since(self.at?);
        if passed_s < RATE_S {
            return None;
        }
        let rates = (self.frames as f64 / passed_s, self.bytes as f64 * 8.0 / 1000.0 / passed_s);
        *self = Self { at: Some(now), ..Self::default() };
        Some(rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::proto::MetricType;

    const REFERENCE: &str = include_str!("../../../docs/reference.md");

    #[test]
    fn every_metric_is_in_the_reference() {
        let metrics = Metrics::new().unwrap();
        let status = CameraStatus::new(&metrics, "a", "A");
        assert!(status.lost("silent", "nothing came"));
        let mut missing = String::new();
        for family in metrics.registry.gather().iter().filter(|family| family.name().starts_with("pantau_")) {
            let kind = match family.get_field_type() {
                MetricType::COUNTER => "counter",
                MetricType::GAUGE => "gauge",
                _ => "histogram",
            };
            let labels: Vec<&str> = family.get_metric()[0].get_label().iter().map(|label| label.name()).collect();
            let row = format!("| {} | {kind} | {} | {} |\n", family.name(), labels.join(", "), family.help());
            if !REFERENCE.contains(&row) {
                missing.push_str(&row);
            }
        }
        assert!(missing.is_empty(), "docs/reference.md should say:\n{missing}");
    }

    #[test]
    fn a_room_that_was_not_seen_is_unknown_and_not_empty() {
        let metrics = Metrics::new().unwrap();
        let status = CameraStatus::new(&metrics, "a", "A");
        let at = |seconds: i64| UtcMicros(seconds * US_PER_S);
        assert!(status.presence.get().is_nan() && status.report(at(0)).presence.is_none());
        {
            let mut told = status.told();
            (told.last, told.report.presence) = (Some(at(100)), Some(0.9));
        }
        status.presence.set(0.9);
        status.pace(at(200));
        assert_eq!((status.presence.get(), status.report(at(200)).presence), (0.9, Some(0.9)));
        status.pace(at(300));
        assert!(status.presence.get().is_nan() && status.report(at(300)).presence.is_none());
    }
}
