//! A camera that shakes: its samples are moved back onto the background before anything compares them.
//!
//! A still camera pays for one look a second. Once a shift is seen every sample is looked at, until the camera has
//! stood still for a while. A camera that was pushed a little stays usable at once: its view is moved back for good.

use crate::diff::{Geometry, Grid, Kernel, Model, Shift, find_shift, move_back};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// Shifts below this are not worth a smoothing of the picture, pixels of the grid.
const SHIFT_PX: f32 = 0.2;
/// Every sample is looked at for so long after a shift, seconds: gusts, doors and lorries come again.
const WARY_S: f64 = 60.0;
/// Time between two looks at a still camera, seconds.
const LOOK_S: f64 = 1.0;
/// More of the view than this differs from the background: the shift may be larger than a pixel.
const FAR_SHARE: f32 = 0.1;
/// So much more of it than at the sample before: the camera may have been pushed, and is looked at at once.
const PUSHED_SHARE: f32 = 0.05;
/// A still camera that moves by more than this was pushed, pixels of the grid.
const PUSH_PX: f32 = 1.0;
/// Where the view stood at the sample before is where it stands, if that is found so near, pixels of the grid: a camera
/// that was pushed once stands still, and edges must not tremble for what finding it leaves open.
const STANDS_PX: f32 = 0.1;
/// Moves that follow one another for so long without a pause of so many seconds are no push.
const TREMBLES_S: f64 = 1.0;
const PAUSE_S: f64 = 10.0;
/// Rows taken together with a move are told as moved for so long, seconds.
const TOLD_S: f64 = 2.0;

/// What is known of the camera's stand.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Shake {
    /// Every sample is looked at until then.
    wary_until: UtcMicros,
    looked_at: UtcMicros,
    /// It may have been pushed, and is looked at at once.
    is_suspect: bool,
    /// It was pushed at the last sample.
    is_pushed: bool,
    moved_at: UtcMicros,
    /// Since when it has moved, with pauses shorter than [`PAUSE_S`].
    moves_since: UtcMicros,
    /// Where the view stood at the last look.
    shift: Shift,
    /// Share of the view that differed from the background at the last sample.
    differs: f32,
}

/// What the camera looked at before it moved.
#[derive(Clone, Copy)]
pub(super) struct Stand<'a> {
    pub geometry: &'a Geometry,
    pub model: &'a Model,
    /// Rows of cells with text that is no part of the view.
    pub written: &'a [bool],
}

impl Stand<'_> {
    fn find(&self, kernel: &Kernel, grid: &Grid, is_far: bool) -> Option<Shift> {
        find_shift(kernel, self.geometry, grid, &self.model.background, self.written, is_far)
    }
}

impl Shake {
    pub(super) fn new() -> Self {
        let never = UtcMicros::NEVER;
        Self {
            wary_until: never,
            looked_at: never,
            is_suspect: false,
            is_pushed: false,
            moved_at: never,
            moves_since: never,
            shift: Shift::default(),
            differs: 0.0,
        }
    }

    /// True if samples must be moved back before they are compared.
    pub(super) fn is_wary(&self, at: UtcMicros) -> bool {
        at <= self.wary_until
    }

    /// True if the camera shakes, and was not only pushed.
    pub(super) fn trembles(&self, at: UtcMicros) -> bool {
        let moved_for_s = self.moved_at.seconds_since(self.moves_since);
        moved_for_s >= TREMBLES_S && at.seconds_since(self.moved_at) <= WARY_S
    }

    /// True if the view has just moved.
    pub(super) fn has_moved(&self, at: UtcMicros) -> bool {
        at.seconds_since(self.moved_at) <= TOLD_S
    }

    /// Takes the share of the view that differs from the background.
    pub(super) fn set_differs(&mut self, share: f32) {
        self.is_suspect |= share - self.differs > PUSHED_SHARE;
        self.differs = share;
    }

    /// Looks whether a still camera has begun to shake. If so, since when it may have: after the look before.
    pub(super) fn watch(&mut self, kernel: &Kernel, grid: &Grid, stand: Stand<'_>, at: UtcMicros) -> Option<UtcMicros> {
        if self.is_wary(at) || at.seconds_since(self.looked_at) < LOOK_S && !self.is_suspect {
            return None;
        }
        self.is_suspect = false;
        let before = std::mem::replace(&mut self.looked_at, at);
        let shift = stand.find(kernel, grid, self.differs > FAR_SHARE);
        self.take(shift.unwrap_or_default(), at);
        self.is_pushed = self.shift.length() > PUSH_PX;
        self.is_wary(at).then_some(before)
    }

    /// True once after a push.
    pub(super) fn take_pushed(&mut self) -> bool {
        std::mem::take(&mut self.is_pushed)
    }

    /// Moves a sample back onto the background; `spare` holds it as it was.
    pub(super) fn steady(
        &mut self,
        kernel: &Kernel,
        stand: Stand<'_>,
        at: UtcMicros,
        grid: &mut Grid,
        spare: &mut Grid,
    ) {
        let is_far = self.differs > FAR_SHARE || self.shift.length() > 1.0;
        let shift = stand.find(kernel, grid, is_far).unwrap_or_default();
        self.take(shift, at);
        if self.shift.length() > SHIFT_PX / 2.0 {
            std::mem::swap(grid, spare);
            move_back(stand.geometry, spare, self.shift, &stand.model.background, grid);
        }
    }

    fn take(&mut self, shift: Shift, at: UtcMicros) {
        let step = Shift { dx: shift.dx - self.shift.dx, dy: shift.dy - self.shift.dy };
        if step.length() > STANDS_PX {
            self.shift = shift;
        }
        if step.length() > SHIFT_PX {
            if at.seconds_since(self.moved_at) > PAUSE_S {
                self.moves_since = at;
            }
            self.moved_at = at;
        }
        if shift.length() > SHIFT_PX {
            self.wary_until = at.plus_s(WARY_S);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the view is said to stand after looks 0.2 s apart that find it there.
    fn after(found: impl IntoIterator<Item = [f32; 2]>) -> (Shake, UtcMicros) {
        let (mut shake, mut at) = (Shake::new(), UtcMicros(0));
        for [dx, dy] in found {
            at = at.plus_s(0.2);
            shake.take(Shift { dx, dy }, at);
        }
        (shake, at)
    }

    #[test]
    fn a_pushed_camera_stands_where_it_was_found_first_and_does_not_tremble() {
        let (shake, at) = after((0..100).map(|look| [-1.46 + (look % 3) as f32 * 0.03, 0.9]));
        assert_eq!(shake.shift, Shift { dx: -1.46, dy: 0.9 });
        assert!(shake.is_wary(at) && !shake.trembles(at) && !shake.has_moved(at));
    }

    #[test]
    fn a_camera_that_shakes_trembles_until_it_has_stood_still_for_a_while() {
        let swings = || (0..50).map(|look| [if look % 2 == 0 { 0.8 } else { -0.6 }, 0.1]);
        let (shake, at) = after(swings());
        assert!(shake.trembles(at) && shake.has_moved(at));
        let (shake, at) = after(swings().chain(std::iter::repeat_n([0.0; 2], 250)));
        assert!(shake.trembles(at) && !shake.has_moved(at));
        assert!(!shake.trembles(at.plus_s(WARY_S)));
    }
}
