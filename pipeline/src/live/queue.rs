//! Packets between a camera's reader and its decoder: bounded, and fair to time rather than to packets.

use crate::ingest::LivePacket;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Packets that wait at most: 8 s at 25 a second, more than a burst after a stall of a healthy link.
const PACKETS_MAX: usize = 200;
/// Their bytes at most: 8 s of a 4K camera at 16 Mb/s.
const BYTES_MAX: usize = 16 << 20;

/// A decoder that waits is not woken for each packet: it gets those of so long together, or so many, or so many bytes of
/// them: a second of 30 pictures or of 16 Mb/s, an eighth of what the queue holds. 16 cameras of 5 pictures a second take
/// 6 % less of the processor so than picture by picture.
const GATHERED_WITHIN: Duration = Duration::from_secs(1);
const GATHERED_PACKETS: usize = 30;
const GATHERED_BYTES: usize = 2 << 20;

/// A packet, with what to add to its media time to get wall time.
pub(super) struct Arrived {
    pub packet: LivePacket,
    pub shift_us: i64,
    /// Packets before it were dropped, or it is the first: a decoder starts anew.
    pub starts_anew: bool,
    /// ... because the decoder could not follow.
    pub after_drop: bool,
}

/// What the decoder takes.
pub(super) enum Taken {
    Packets(Vec<Arrived>),
    /// Nothing came for a while.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

#[derive(Default)]
struct State {
    packets: VecDeque<Arrived>,
    bytes: usize,
    is_closed: bool,
    /// Until the next packet that a decoder can start at, everything is dropped.
    is_dropping: bool,
    /// ... because the queue was full.
    was_full: bool,
}

impl State {
    fn is_enough(&self) -> bool {
        self.is_closed || self.packets.len() >= GATHERED_PACKETS || self.bytes >= GATHERED_BYTES
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Waits,
    /// No decoder can start here.
    BeforeStart,
    /// The decoder can't follow.
    Full,
}

/// The queue.
pub(super) struct Queue {
    state: Mutex<State>,
    came: Condvar,
}

impl Queue {
    pub(super) fn new() -> Self {
        let state = State { is_dropping: true, ..State::default() };
        Self { state: Mutex::new(state), came: Condvar::new() }
    }

    /// Puts a packet in. A decoder that can't follow loses whole groups of pictures: what it decodes is whole.
    pub(super) fn put(&self, packet: LivePacket, shift_us: i64) -> Put {
        let mut state = self.lock();
        let is_full = state.packets.len() >= PACKETS_MAX || state.bytes >= BYTES_MAX;
        let (starts_anew, after_drop) = (state.is_dropping, state.was_full);
        state.is_dropping = is_full || (starts_anew && !packet.is_start);
        state.was_full = is_full || (state.was_full && state.is_dropping);
        if state.is_dropping {
            return if state.was_full { Put::Full } else { Put::BeforeStart };
        }
        state.bytes += packet.bytes();
        state.packets.push_back(Arrived { packet, shift_us, starts_anew, after_drop });
        let is_enough = state.is_enough();
        drop(state);
        if is_enough {
            self.came.notify_one();
        }
        Put::Waits
    }

    /// Takes what comes within a while, up to the next packet that starts anew.
    pub(super) fn take(&self) -> Taken {
        let is_short = |state: &mut State| !state.is_enough();
        let waited = self.came.wait_timeout_while(self.lock(), GATHERED_WITHIN, is_short);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let Some(first) = state.packets.pop_front() else {
            return if state.is_closed { Taken::Closed } else { Taken::Nothing };
        };
        let mut bytes = first.packet.bytes();
        let mut packets = vec![first];
        while let Some(next) = state.packets.pop_front_if(|next| !next.starts_anew) {
            bytes += next.packet.bytes();
            packets.push(next);
        }
        state.bytes -= bytes;
        Taken::Packets(packets)
    }

    /// Nothing comes any more; what is there is still taken.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.came.notify_all();
    }

    /// Packets that wait.
    pub(super) fn len(&self) -> usize {
        self.lock().packets.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
