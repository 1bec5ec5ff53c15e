//! Samples are brought back to where, and in what light, the background was seen, before anything compares them.

use super::blobs::Blobs;
use super::history::Moment;
use super::observe::compare_again;
use super::shake::Stand;
use super::{View, Working, ghost};
use crate::diff::{Kernel, MICRO_CELLS};
use pantau_models::record::Quality;
use pantau_models::time::UtcMicros;

impl View {
    /// True if a sample must be brought back.
    pub(super) fn is_wary(&self, at: UtcMicros) -> bool {
        self.shake.is_wary(at) || self.swing.is_wary(at)
    }

    /// Brings a sample back: the light first, which is found whatever the camera does.
    pub(super) fn steady(&mut self, kernel: &Kernel, at: UtcMicros, working: &mut Working) {
        if self.swing.is_wary(at) {
            self.steady_light(at, working);
        }
        if self.shake.is_wary(at) {
            let stand = Stand { geometry: &self.geometry, model: &self.model, written: self.burnt.written() };
            self.shake.steady(kernel, stand, at, &mut working.grid, &mut working.shaken);
        }
    }

    fn steady_light(&mut self, at: UtcMicros, working: &mut Working) {
        let Some(darkened) = self.swing.steady(&self.geometry, &self.model, at, &mut working.grid) else { return };
        working.darkened = darkened;
        working.grid.blacken(&working.blackout, 0..self.geometry.height());
        if self.swing.take_new() {
            // While nothing brought it back, the light left more and less of itself in the background, cell by cell.
            let is_same = |cell: &u16| ghost::is_same(&self.geometry, &working.grid, &self.model, *cell);
            let cells: Vec<u16> = (0..MICRO_CELLS as u16).filter(is_same).collect();
            ghost::absorb(&self.geometry, &working.grid, &mut self.model, &cells);
        }
    }

    /// A camera that begins to shake was compared without being moved back: such samples say nothing.
    pub(super) fn watch_shake(&mut self, kernel: &Kernel, blobs: &Blobs, moment: &mut Moment, working: &Working) {
        self.shake.set_differs(blobs.share);
        let stand = Stand { geometry: &self.geometry, model: &self.model, written: self.burnt.written() };
        if !moment.disturbed
            && let Some(since) = self.shake.watch(kernel, &working.grid, stand, moment.at)
        {
            moment.disturbed = true;
            self.history.disturb_after(since);
        }
        if self.shake.has_moved(moment.at) {
            moment.quality.insert(Quality::CAMERA_MOVED);
        }
    }

    /// The first sample that is moved back after a push.
    pub(super) fn settle_pushed(&mut self, kernel: &mut Kernel, working: &mut Working) {
        if !self.shake.take_pushed() {
            return;
        }
        let settled = (0..self.history.len()).rev().map(|index| self.history.get(index)).find(|last| !last.disturbed);
        if let Some(last) = settled {
            let before: Vec<bool> = last.blobs.iter().map(|blob| *blob > 0).collect();
            self.take_over(&before, working);
            compare_again(kernel, self, working);
        }
    }
}
