//! Shows a recording to a scene around one moment, and keeps that moment's picture, masks blackened.

use super::{LookError, Request};
use crate::decode::{DecodeSettings, Decoder, Luma};
use crate::diff::{Geometry, Kernel, KernelLevel, is_masked};
use crate::ingest::{Recording, Segment};
use crate::scene::{Scene, ViewReport};
use pantau_models::ids::Place;
use pantau_models::settings::{Analysis, Polygon};
use pantau_models::time::{US_PER_S, UtcMicros};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The scene learns from so much before the moment, seconds.
const BEFORE_S: f64 = 60.0;

/// The moment to be drawn.
pub(super) struct Moment {
    /// Seconds since the recording's start.
    pub at_s: f64,
    /// Seconds that the scene had seen before it.
    pub learned_s: f64,
    /// Brightness, row by row, masks black.
    pub picture: Vec<u8>,
    pub width: usize,
    pub view: ViewReport,
}

/// The frame wanted: the first at or after the moment.
struct Kept {
    at_us: i64,
    picture: Vec<u8>,
    width: usize,
    height: usize,
}

/// Goes through the recording until the moment is known.
pub(super) fn watch(request: &Request) -> Result<Moment, LookError> {
    let wanted_us = ((request.at_s.unwrap_or(BEFORE_S)) * US_PER_S as f64) as i64;
    let mut watching = Watching::new(&request.analysis, wanted_us)?;
    let mut opened = Recording::open(&request.clip)?;
    let settings = DecodeSettings {
        loop_filter: request.analysis.loop_filter,
        camera: Arc::new(Place { camera: request.camera.clone(), ..Place::default() }),
        recording_start: UtcMicros(0),
    };
    let mut decoder = Decoder::new(&opened.parameters, settings)?;
    while let Some(segment) = opened.reader.next_segment() {
        if is_too_early(&segment, watching.from_us) {
            continue;
        }
        if decoder.decode_segment(&segment, |luma| watching.take(&luma))?.was_stopped {
            break;
        }
    }
    watching.into_moment(request)
}

/// True for what ends before the scene begins to look, unless its decoder must go on.
fn is_too_early(segment: &Segment, from_us: i64) -> bool {
    segment.end_us < from_us && !segment.continues_previous && !segment.continues_next
}

struct Watching {
    scene: Scene,
    kernel: Kernel,
    slot_us: i64,
    last_slot: Option<i64>,
    from_us: i64,
    wanted_us: i64,
    first_us: Option<i64>,
    last_us: Option<i64>,
    kept: Option<Kept>,
    view: Option<ViewReport>,
}

impl Watching {
    fn new(analysis: &Analysis, wanted_us: i64) -> Result<Self, LookError> {
        Ok(Self {
            scene: Scene::new(analysis.clone()),
            kernel: Kernel::new(KernelLevel::choose()?),
            slot_us: (US_PER_S as f64 / f64::from(analysis.samples_per_s)).round() as i64,
            last_slot: None,
            from_us: wanted_us - (BEFORE_S * US_PER_S as f64) as i64,
            wanted_us,
            first_us: None,
            last_us: None,
            kept: None,
            view: None,
        })
    }

    fn take(&mut self, luma: &Luma<'_>) -> ControlFlow<()> {
        let at_us = luma.pts_us();
        self.last_us = Some(at_us);
        let slot = at_us.div_euclid(self.slot_us);
        if at_us < self.from_us || self.last_slot.replace(slot) == Some(slot) {
            return ControlFlow::Continue(());
        }
        self.first_us.get_or_insert(at_us);
        self.scene.observe_plane(&mut self.kernel, luma.wall(), luma.plane());
        // The picture is one that the scene saw, and the last one if none comes at or after the moment.
        if self.kept.as_ref().is_none_or(|kept| kept.at_us < self.wanted_us) {
            self.kept = Some(Kept::of(luma));
        }
        self.view = self.judged();
        if self.view.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The view at the moment, once the scene has seen enough after it.
    fn judged(&self) -> Option<ViewReport> {
        let at = self.kept.as_ref().filter(|kept| kept.at_us >= self.wanted_us)?.at_us;
        self.scene.view_at(UtcMicros(at)).filter(|view| view.is_judged)
    }

    fn into_moment(mut self, request: &Request) -> Result<Moment, LookError> {
        let no_picture = || LookError::NoPicture { clip: request.clip.clone() };
        let last_us = self.last_us.ok_or_else(no_picture)?;
        // A frame lasts until the next one: the last one speaks for a sample's time more.
        if let Some(at_s) = request.at_s.filter(|_| last_us + self.slot_us < self.wanted_us) {
            let end_s = last_us as f64 / US_PER_S as f64;
            return Err(LookError::Beyond { clip: request.clip.clone(), at_s, end_s });
        }
        let mut kept = self.kept.ok_or_else(no_picture)?;
        let view = match self.view {
            Some(view) => view,
            None => {
                self.scene.flush();
                self.scene.view_at(UtcMicros(kept.at_us)).ok_or_else(no_picture)?
            }
        };
        blacken(&mut kept.picture, &view.geometry, kept.width, kept.height, &request.analysis.masks);
        Ok(Moment {
            at_s: kept.at_us as f64 / US_PER_S as f64,
            learned_s: (kept.at_us - self.first_us.unwrap_or(kept.at_us)) as f64 / US_PER_S as f64,
            picture: kept.picture,
            width: kept.width,
            view,
        })
    }
}

impl Kept {
    fn of(luma: &Luma<'_>) -> Self {
        let (width, height) = (luma.width(), luma.height());
        let mut picture = vec![0; width * height];
        for (y, row) in picture.chunks_exact_mut(width).enumerate() {
            luma.copy_row_8_bits(y, row);
        }
        Self { at_us: luma.pts_us(), picture, width, height }
    }
}

/// Blackens what the analysis does not see: whole grid pixels, and what a mask touches at the right and the bottom,
/// where no whole grid pixel fits.
pub(super) fn blacken(picture: &mut [u8], geometry: &Geometry, width: usize, height: usize, masks: &[Polygon]) {
    if masks.is_empty() {
        return;
    }
    let factor = geometry.factor();
    for top in (0..height).step_by(factor) {
        for left in (0..width).step_by(factor) {
            if is_masked(masks, geometry.pixel(left / factor, top / factor)) {
                let right = (left + factor).min(width);
                for y in top..(top + factor).min(height) {
                    picture[y * width + left..y * width + right].fill(0);
                }
            }
        }
    }
}
