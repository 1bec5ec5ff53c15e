//! Decodes an excerpt of a segment and reduces its pictures.

use super::look::Look;
use crate::decode::{DecodeError, Decoder, Luma};
use crate::diff::{Blackout, Geometry, Grid, Kernel};
use crate::ingest::Segment;
use pantau_models::settings::Polygon;
use pantau_models::time::UtcMicros;
use std::ops::ControlFlow;

/// How a picture is reduced, and what of it is black.
pub(super) type View = (Geometry, Blackout);

/// What looks.
pub(super) struct Eye<'a> {
    pub decoder: &'a mut Decoder,
    pub kernel: &'a mut Kernel,
    pub masks: &'a [Polygon],
    pub slot_us: i64,
    /// A row's time.
    pub interval_us: i64,
    /// When the recording begins.
    pub start: UtcMicros,
}

impl Eye<'_> {
    /// The slot of time of a moment of the recording.
    pub(super) fn slot(&self, at_us: i64) -> i64 {
        self.start.plus_us(at_us).0.div_euclid(self.slot_us)
    }

    /// Decodes packets and keeps of each slot of time the first picture if `by_slots`, else all, until `is_over` is
    /// true: it is told what was kept. `None` if something is not whole.
    pub(super) fn decode(
        &mut self,
        excerpt: &Segment,
        view: &mut Option<View>,
        by_slots: bool,
        mut is_over: impl FnMut(&mut Kernel, &Geometry, &[Look]) -> bool,
    ) -> Result<Option<Vec<Look>>, DecodeError> {
        let Self { decoder, kernel, masks, slot_us, .. } = self;
        let mut looks = Vec::new();
        let (mut last_slot, mut frames, mut is_whole) = (None, 0, true);
        let report = decoder.decode_segment(excerpt, |luma: Luma<'_>| {
            frames += 1;
            let slot = luma.wall().0.div_euclid(*slot_us);
            if by_slots && last_slot.is_some_and(|last| slot <= last) {
                return ControlFlow::Continue(());
            }
            last_slot = Some(slot);
            let (width, height) = (luma.width(), luma.height());
            if view.is_none() {
                let geometry = Geometry::of(width, height);
                *view = geometry.map(|geometry| (geometry.clone(), Blackout::new(&geometry, masks)));
            }
            let Some((geometry, blackout)) = view.as_ref().filter(|(geometry, _)| geometry.fits(width, height)) else {
                is_whole = false;
                return ControlFlow::Break(());
            };
            let mut grid = Grid::new(geometry);
            kernel.reduce(geometry, luma.plane(), blackout, &mut grid);
            looks.push(Look { at: luma.wall(), pts_us: luma.pts_us(), frame: frames - 1, grid });
            if is_over(kernel, geometry, &looks) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok((is_whole && report.error_count == 0 && report.damaged_frames == 0).then_some(looks))
    }
}
