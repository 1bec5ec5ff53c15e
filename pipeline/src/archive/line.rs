//! One camera being worked on: its feed of segments, its tail of state, and whose turn it is.

use super::checkpoint::Checkpoint;
use super::empty::EmptyView;
use super::feed::{Feed, Item};
use super::plan::CameraPlan;
use super::schedule::Schedule;
use super::tail::Tail;
use crate::lake::LakeError;
use crate::triage::Strictness;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A waiting worker looks this often whether the batch was stopped.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A camera's work.
pub(super) struct Line {
    camera: CameraPlan,
    feed: Mutex<Feed>,
    tail: Mutex<Tail>,
    turn: Mutex<u64>,
    turn_changed: Condvar,
    /// The same number as in `turn`, to be read without a lock.
    turn_now: AtomicU64,
    has_more: AtomicBool,
    bytes_left: AtomicU64,
    is_broken: AtomicBool,
    expected: Mutex<Expected>,
}

/// How the last segment ended, whichever that was: hints, which rows don't depend on.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// What the view is like without anybody, if somebody was there.
    pub somebody: Option<Arc<EmptyView>>,
    /// How strict plans were.
    pub strictness: Strictness,
    /// Cells of a burnt-in clock.
    pub clock: Vec<usize>,
}

impl Line {
    pub(super) fn new(schedule: &Schedule<'_>, camera: CameraPlan) -> Result<Self, LakeError> {
        let checkpoint = Checkpoint::load(schedule, &camera)?;
        let mut feed = schedule.feed(&camera);
        if let Some(checkpoint) = &checkpoint {
            feed.resume_at(checkpoint.position());
        }
        let bytes_left = AtomicU64::new(camera.bytes());
        let camera = CameraPlan { files: Vec::new(), ..camera };
        let tail = Tail::new(schedule.kernel, camera.clone(), checkpoint);
        Ok(Self {
            camera,
            feed: Mutex::new(feed),
            tail: Mutex::new(tail),
            turn: Mutex::new(0),
            turn_changed: Condvar::new(),
            turn_now: AtomicU64::new(0),
            has_more: AtomicBool::new(true),
            bytes_left,
            is_broken: AtomicBool::new(false),
            expected: Mutex::new(Expected { somebody: Some(Arc::default()), ..Expected::default() }),
        })
    }

    /// Identity and settings; its files are in the feed.
    pub(super) fn camera(&self) -> &CameraPlan {
        &self.camera
    }

    /// Length of a sample's slot of time, microseconds.
    pub(super) fn slot_us(&self) -> i64 {
        self.camera.analysis.slot_us()
    }

    /// The next ticket, and the locked feed if the same worker must take the one after it too.
    pub(super) fn next_item(&self, schedule: &Schedule<'_>) -> Option<(Item, Option<MutexGuard<'_, Feed>>)> {
        let mut feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        let item = self.take(&mut feed, schedule)?;
        let continues = item.continues();
        Some((item, continues.then_some(feed)))
    }

    /// The next ticket from a feed that is locked already.
    pub(super) fn take(&self, feed: &mut Feed, schedule: &Schedule<'_>) -> Option<Item> {
        let item = if self.is_broken.load(Relaxed) { None } else { feed.next(schedule) };
        self.bytes_left.store(feed.bytes_left(), Relaxed);
        if item.is_none() {
            self.has_more.store(false, Relaxed);
        }
        item
    }

    pub(super) fn has_more(&self) -> bool {
        self.has_more.load(Relaxed) && !self.is_broken.load(Relaxed)
    }

    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes_left.load(Relaxed)
    }

    /// True if it is the ticket's turn.
    pub(super) fn is_turn(&self, ticket: u64) -> bool {
        self.turn_now.load(SeqCst) == ticket
    }

    /// Waits for the ticket's turn; false if the batch or the camera was given up meanwhile.
    pub(super) fn wait_for(&self, ticket: u64, schedule: &Schedule<'_>) -> bool {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while *turn != ticket {
            if schedule.is_stopped() || self.is_broken.load(Relaxed) {
                return false;
            }
            (turn, _) = self.turn_changed.wait_timeout(turn, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner);
        }
        !self.is_broken.load(Relaxed)
    }

    /// The camera's state. Only whoever has the turn may lock it.
    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ticket is done; the next one has its turn.
    pub(super) fn pass_turn(&self) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        *turn += 1;
        self.turn_now.store(*turn, SeqCst);
        self.turn_changed.notify_all();
    }

    /// True if every ticket was given out and done: asked by each worker as it leaves, true for the last one.
    pub(super) fn is_finished(&self) -> bool {
        let feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_given_out = !self.has_more.load(Relaxed) && !self.is_broken.load(Relaxed);
        is_given_out && feed.tickets() == self.turn_now.load(SeqCst)
    }

    /// What the segments that come next are likely to be like.
    pub(super) fn expected(&self) -> Expected {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells how the segment whose turn it is has ended.
    pub(super) fn expect(&self, expected: Expected) {
        *self.expected.lock().unwrap_or_else(PoisonError::into_inner) = expected;
    }

    /// Nothing more can be done for this camera in this run.
    pub(super) fn give_up(&self) {
        self.is_broken.store(true, Relaxed);
        self.turn_changed.notify_all();
    }
}
