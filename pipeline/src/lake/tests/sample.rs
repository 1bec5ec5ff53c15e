//! Rows to write: a few of every table, and a camera-day with the noise that real cameras make.

use crate::lake::{Lake, Part};
use pantau_models::ids::{CameraId, Place, ZoneId};
use pantau_models::record::{
    CELLS, CELLS_X, Event, EventKind, Gap, GapReason, Observation, Quality, Recording, RecordingStatus, TimeSource,
};
use pantau_models::time::{Span, US_PER_S, UtcMicros};
use std::path::PathBuf;
use std::sync::Arc;

/// 2026-11-23T00:00:00Z.
pub(super) const DAY: UtcMicros = UtcMicros(1_795_392_000 * US_PER_S);
/// Seconds of a day.
pub(super) const DAY_S: i64 = 86_400;

/// The moment that many seconds into the day.
pub(super) fn at(second: i64) -> UtcMicros {
    DAY.plus_us(second * US_PER_S)
}

pub(super) fn span(from: i64, to: i64) -> Span {
    Span::new(at(from), at(to))
}

pub(super) fn place(camera: &str) -> Arc<Place> {
    Arc::new(Place {
        site: "kantor-bupati".into(),
        district: "Kec. Pasir Putih".into(),
        agency: "Dinas Kependudukan".into(),
        room: "Ruang Pelayanan №1 – 受付".into(),
        camera: CameraId::new(camera),
    })
}

/// An interval of ten seconds.
pub(super) fn observation(camera: &str, zone: &str, second: i64) -> Observation {
    let mut cells = [0; CELLS];
    cells[17] = 203;
    Observation {
        start: at(second),
        duration_s: 10.0,
        place: place(camera),
        zone: ZoneId::new(zone),
        observed_s: 9.8,
        samples: 49,
        motion: 0.012_34,
        motion_peak: 0.2,
        active_s: 3.2,
        activity: 41.3,
        presence: 0.975,
        people: Some(2.25),
        people_low: Some(1.0),
        people_high: Some(4.0),
        luma: 117.3,
        quality: Quality::GLARE.union(Quality::WARMUP),
        cells,
    }
}

pub(super) fn event(camera: &str, from: i64, to: i64) -> Event {
    Event {
        span: span(from, to),
        place: place(camera),
        zone: ZoneId::room(),
        kind: EventKind::Presence,
        peak: 0.998,
        mean: 0.75,
        confidence: 0.9,
    }
}

pub(super) fn gap(camera: &str, from: i64, to: i64) -> Gap {
    let detail = "antara \"a.mp4\" dan 'б.mp4'".to_owned();
    Gap { span: span(from, to), place: place(camera), reason: GapReason::NoRecording, detail }
}

pub(super) fn recording(camera: &str, from: i64, to: i64, settings_id: &str) -> Recording {
    Recording {
        place: place(camera),
        path: format!("rekaman/{camera}/{from}.mp4"),
        content_id: format!("{from:016x}"),
        span: span(from, to),
        time_source: TimeSource::NvrName,
        codec: "h264".to_owned(),
        width: 1920,
        height: 1080,
        size_bytes: 5_000_000_000,
        frames: 54_000,
        decode_errors: 3,
        status: RecordingStatus::Done,
        message: String::new(),
        settings_id: settings_id.to_owned(),
        spent_s: 12.5,
    }
}

/// Everything that an hour's recording gives: intervals of the whole view and a counter, an event, a gap.
pub(super) fn part(camera: &str, from: i64, to: i64, settings_id: &str) -> Part {
    let seconds = (from..to).step_by(10);
    Part {
        camera: camera.into(),
        start: at(from),
        identity: format!("content of {from}"),
        settings_id: settings_id.to_owned(),
        observations: seconds.flat_map(|s| ["room", "loket"].map(|zone| observation(camera, zone, s))).collect(),
        events: vec![event(camera, from + 5, to - 5)],
        gaps: vec![gap(camera, to - 3, to)],
        recordings: vec![recording(camera, from, to, settings_id)],
    }
}

/// A new lake; the folder lives as long as the first value.
pub(super) fn new_lake() -> (tempfile::TempDir, Lake) {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open_for_writing(dir.path()).unwrap();
    (dir, lake)
}

/// Every file below the lake's folder with its content, sorted.
pub(super) fn contents(lake: &Lake) -> Vec<(PathBuf, Vec<u8>)> {
    let files = walkdir::WalkDir::new(lake.paths().root()).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().to_owned(), std::fs::read(entry.path()).unwrap())).collect()
}

/// xorshift64*: the same noise in every run.
pub(super) struct Noise(pub(super) u64);

impl Noise {
    /// Evenly between 0 and 1.
    pub(super) fn next(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1 << 24) as f32
    }

    /// Around zero, roughly normal, deviation 1.
    pub(super) fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() - 6.0
    }
}

/// A camera's day of intervals of ten seconds: sensor noise all day, daylight, an office that fills from 07:30 to
/// 16:00 local time (UTC+8), frames lost now and then.
pub(super) fn camera_day(camera: &str) -> Vec<Observation> {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let (place, mut occupied) = (place(camera), false);
    let mut rows = Vec::new();
    for index in 0..DAY_S / 10 {
        let local_s = (index * 10 + 8 * 3600) % DAY_S;
        let is_office_time = (27_000..57_600).contains(&local_s);
        if noise.next() < 0.02 {
            occupied = is_office_time && noise.next() < 0.7;
        }
        rows.push(noisy_row(&mut noise, &place, index * 10, occupied));
    }
    rows
}

fn noisy_row(noise: &mut Noise, place: &Arc<Place>, second: i64, occupied: bool) -> Observation {
    let samples = 50 - u32::from(noise.next() < 0.1) - u32::from(noise.next() < 0.05);
    let daylight = ((second as f32 / DAY_S as f32) * std::f32::consts::TAU).sin().max(0.0) * 60.0;
    let motion =
        if occupied { (0.01 + 0.01 * noise.normal()).max(0.0) } else { (0.0003 + 0.0002 * noise.normal()).max(0.0) };
    let active_s = if occupied { (4.0 + 2.0 * noise.normal()).clamp(0.0, 10.0) } else { 0.0 };
    let people = if occupied { (2.0 + noise.normal() * 0.8).max(0.3) } else { (noise.next() * 0.05).abs() };
    let centre = (noise.next() * CELLS as f32) as usize;
    let mut cells = [0_u8; CELLS];
    for (index, cell) in cells.iter_mut().enumerate() {
        let floor = if noise.next() < 0.1 { 1.0 + noise.next() * 2.0 } else { 0.0 };
        let is_near = index % CELLS_X / 4 == centre % CELLS_X / 4 && index / CELLS_X / 3 == centre / CELLS_X / 3;
        let moved = if occupied && is_near { 40.0 + 30.0 * noise.normal() } else { 0.0 };
        *cell = (floor + moved).clamp(0.0, 255.0) as u8;
    }
    Observation {
        start: at(second),
        duration_s: 10.0,
        place: Arc::clone(place),
        zone: ZoneId::room(),
        observed_s: if noise.next() < 0.03 { 10.0 - noise.next() } else { 10.0 },
        samples,
        motion,
        motion_peak: motion * (1.5 + noise.next() * 4.0),
        active_s: if occupied { (active_s * 5.0).round() / 5.0 } else { 0.0 },
        activity: if occupied { (active_s * 8.0 + noise.normal()).clamp(0.0, 100.0) } else { 0.0 },
        presence: if occupied { 1.0 - noise.next() * 0.02 } else { noise.next() * noise.next() * 0.03 },
        people: Some(people),
        people_low: Some((people - 0.9 - noise.next() * 0.2).max(0.0)),
        people_high: Some(people + 1.1 + noise.next() * 0.2),
        luma: 70.0 + daylight + noise.normal() * 0.6,
        quality: Quality::empty(),
        cells,
    }
}
