//! One worker: takes tickets, decodes them on its thread, and hands the results over in turn.

use super::eye::{Eye, View};
use super::feed::{Facts, Feed, Item};
use super::follow::Attention;
use super::line::{Expected, Line};
use super::look::Look;
use super::schedule::Schedule;
use super::selective::{Covered, Selection, decode_slots};
use super::tail::{Ended, Sample, Tail};
use super::tally::Tally;
use crate::decode::{DecodeError, DecodeSettings, DecodeTrouble, Decoder, Luma, SegmentReport, TroubleKind};
use crate::diff::{Blackout, Geometry, Grid, Kernel};
use crate::ingest::{ReadReport, Segment};
use crate::lake::LakeError;
use crate::triage::{Plan, Strictness};
use pantau_models::settings::Effort;
use pantau_models::time::UtcMicros;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};

/// Reduced samples that a worker keeps while others have the turn: 20 s at 5 samples a second, 13 MB at 1080p. When
/// they are full it waits.
const WAITING_SAMPLES_MAX: usize = 100;

/// Works until nothing is left or the batch is stopped.
pub(super) fn work(schedule: &Schedule<'_>) {
    let mut worker = Worker { schedule, decoder: None, kernel: Kernel::new(schedule.kernel), spare: Vec::new() };
    while let Some(line) = schedule.next_line() {
        match catch_unwind(AssertUnwindSafe(|| worker.work_on(&line))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => schedule.stop(error.into()),
            Err(_) => {
                let path = worker.decoder.take().map(|open| open.facts.path.clone()).unwrap_or_default();
                schedule.give_up(&line, &path);
            }
        }
    }
}

struct Worker<'a, 'b> {
    schedule: &'a Schedule<'b>,
    decoder: Option<OpenDecoder>,
    kernel: Kernel,
    /// Grids to be used again.
    spare: Vec<Grid>,
}

/// A decoder of one recording. Holding its facts makes them tell it from every other one.
struct OpenDecoder {
    facts: Arc<Facts>,
    decoder: Decoder,
    /// The key frame after the segment that was looked at last.
    next: Option<(View, Look)>,
}

/// A sample that waits for its turn.
struct Waiting {
    at: UtcMicros,
    grid: Grid,
}

/// What is to be looked at of a segment, as far as its worker can tell before its turn.
struct Choice<'a> {
    selection: Selection<'a>,
    /// What it was chosen by.
    expected: Expected,
    /// The key frame after the segment before, then that after this one.
    next: &'a mut Option<(View, Look)>,
    /// The segment's plan.
    plan: &'a dyn Fn(Strictness) -> Option<Plan>,
    is_adaptive: bool,
}

/// Samples of a segment: straight into the tail once it is our turn, kept until then.
struct Delivery<'l> {
    line: &'l Line,
    ticket: u64,
    segment: u64,
    facts: Arc<Facts>,
    tail: Option<MutexGuard<'l, Tail>>,
    waiting: Vec<Waiting>,
    geometry: Option<(Geometry, Blackout)>,
    last_slot: Option<i64>,
    slot_us: i64,
    /// Its groups of pictures, if it is decoded as a whole though it has a plan.
    tally: Tally,
    frames_us: Vec<i64>,
    error: Option<LakeError>,
    /// Time spent waiting for the turn.
    waited: Duration,
}

impl Worker<'_, '_> {
    fn work_on(&mut self, line: &Arc<Line>) -> Result<(), LakeError> {
        while !self.schedule.is_stopped() {
            let Some((item, feed)) = line.next_item(self.schedule) else { break };
            self.process(line, item, feed)?;
        }
        if line.is_finished() && !self.schedule.is_stopped() {
            line.tail().close(self.schedule)?;
            self.schedule.leave(line);
        }
        Ok(())
    }

    /// One ticket, and those that must follow it on the same decoder.
    fn process<'l>(
        &mut self,
        line: &'l Line,
        item: Item,
        mut feed: Option<MutexGuard<'l, Feed>>,
    ) -> Result<(), LakeError> {
        let mut next = Some(item);
        while let Some(item) = next.take() {
            let continues = item.continues();
            self.process_one(line, item)?;
            if continues && !self.schedule.is_stopped() {
                next = feed.as_mut().and_then(|feed| line.take(feed, self.schedule));
            }
        }
        drop(feed);
        Ok(())
    }

    fn process_one(&mut self, line: &Line, item: Item) -> Result<(), LakeError> {
        let ticket = item.ticket();
        match item {
            Item::Verdict { recording, mtime_us, .. } => {
                if !line.wait_for(ticket, self.schedule) {
                    return Ok(());
                }
                line.tail().verdict(*recording, mtime_us, self.schedule)?;
            }
            Item::Segment { facts, segment, ending, .. } => {
                if !self.segment(line, ticket, facts, &segment, ending)? {
                    return Ok(());
                }
            }
        }
        line.pass_turn();
        Ok(())
    }

    /// Decodes and delivers a segment; false if the batch was stopped meanwhile.
    fn segment(
        &mut self,
        line: &Line,
        ticket: u64,
        facts: Arc<Facts>,
        segment: &Segment,
        ending: Option<ReadReport>,
    ) -> Result<bool, LakeError> {
        let started = Instant::now();
        let mut delivery = Delivery::new(line, ticket, segment.index, facts.clone());
        let decoded = match self.decode_selected(line, segment, &facts, &mut delivery) {
            Ok(Some(selected)) => Ok(selected),
            Ok(None) => self.decode(line, segment, &facts, &mut delivery).map(|report| (report, delivery.tally)),
            Err(error) => Err(error),
        };
        let (report, tally) = decoded.unwrap_or_else(|error| (undecodable(segment, &error), Tally::default()));
        let spent_s = started.elapsed().saturating_sub(delivery.waited).as_secs_f64();
        if !delivery.take_turn(self.schedule, &mut self.spare) {
            return delivery.error.map_or(Ok(false), Err);
        }
        let Some(mut tail) = delivery.tail.take() else { return Ok(false) };
        let frames_us = &delivery.frames_us;
        let continues = segment.continues_next;
        let ended = Ended { frames_us, report: &report, tally, read: ending.as_ref(), continues, spent_s };
        tail.finish(&facts, &ended, self.schedule)?;
        let expects_somebody = !matches!(tail.attention(facts.start.plus_us(segment.end_us), true), Attention::Plan);
        line.expect(Expected {
            somebody: expects_somebody.then(|| Arc::new(tail.empty_view())),
            strictness: tail.audit().strictness(),
            clock: tail.clock(),
        });
        Ok(true)
    }

    /// Decodes only what is worth it; `None` if that is the whole segment.
    fn decode_selected(
        &mut self,
        line: &Line,
        segment: &Segment,
        facts: &Arc<Facts>,
        delivery: &mut Delivery<'_>,
    ) -> Result<Option<(SegmentReport, Tally)>, DecodeError> {
        let analysis = &line.camera().analysis;
        let parameters = &facts.parameters;
        let is_adaptive = analysis.effort == Effort::Adaptive;
        let plan = |strictness: Strictness| match (analysis.effort, &facts.scores) {
            _ if parameters.intra_only || parameters.counts_frames => None,
            (Effort::Keyframes, _) => Plan::key_frames(segment),
            (Effort::Adaptive, Some(scores)) => Plan::new(segment, scores, facts.lot(), strictness),
            _ => None,
        };
        let by_slots = parameters.intra_only && !parameters.counts_frames && analysis.effort != Effort::Full;
        let expected = line.expected();
        let selection =
            plan(expected.strictness).and_then(|plan| Selection::new(segment, plan, expected.clock.clone()));
        if selection.is_none() && !by_slots {
            return Ok(None);
        }
        let mut open = self.open(line, facts)?;
        let (masks, slot_us) = (analysis.masks.as_slice(), line.slot_us());
        let interval_us = analysis.interval.length_us();
        let (decoder, kernel) = (&mut open.decoder, &mut self.kernel);
        let eye = Eye { decoder, kernel, masks, slot_us, interval_us, start: facts.start };
        let selected = match selection {
            Some(selection) => {
                let choice = Choice { selection, expected, next: &mut open.next, plan: &plan, is_adaptive };
                delivery.groups(choice, eye, self.schedule, &mut self.spare)
            }
            None => decode_slots(eye, segment).map(|selected| {
                selected.map(|selected| {
                    delivery.geometry = Some(selected.view);
                    delivery.wait_with(selected.looks);
                    (delivery.covered(selected.span), Tally::default())
                })
            }),
        };
        self.decoder = Some(open);
        selected
    }

    fn decode(
        &mut self,
        line: &Line,
        segment: &Segment,
        facts: &Arc<Facts>,
        delivery: &mut Delivery<'_>,
    ) -> Result<SegmentReport, DecodeError> {
        let mut open = self.open(line, facts)?;
        let report = open.decoder.decode_segment(segment, |luma| delivery.frame(&luma, self));
        self.decoder = Some(open);
        report
    }

    /// The recording's decoder, if it is the one used last; else a new one.
    fn open(&mut self, line: &Line, facts: &Arc<Facts>) -> Result<OpenDecoder, DecodeError> {
        match self.decoder.take() {
            Some(open) if Arc::ptr_eq(&open.facts, facts) => Ok(open),
            _ => {
                let settings = DecodeSettings {
                    loop_filter: line.camera().analysis.loop_filter,
                    camera: line.camera().place.clone(),
                    recording_start: facts.start,
                };
                let decoder = Decoder::new(&facts.parameters, settings)?;
                Ok(OpenDecoder { facts: facts.clone(), decoder, next: None })
            }
        }
    }
}

impl<'l> Delivery<'l> {
    fn new(line: &'l Line, ticket: u64, segment: u64, facts: Arc<Facts>) -> Self {
        Self {
            line,
            ticket,
            segment,
            facts,
            tail: None,
            waiting: Vec::new(),
            geometry: None,
            last_slot: None,
            slot_us: line.slot_us(),
            tally: Tally::default(),
            frames_us: Vec::new(),
            error: None,
            waited: Duration::ZERO,
        }
    }

    /// A decoded frame: the first of each slot of time is a sample.
    fn frame(&mut self, luma: &Luma<'_>, worker: &mut Worker<'_, '_>) -> ControlFlow<()> {
        self.frames_us.push(luma.pts_us());
        let slot = luma.wall().0.div_euclid(self.slot_us);
        if self.last_slot.is_some_and(|last| slot <= last) {
            return ControlFlow::Continue(());
        }
        self.last_slot = Some(slot);
        let is_full = self.waiting.len() >= WAITING_SAMPLES_MAX;
        if (self.tail.is_some() || is_full || self.line.is_turn(self.ticket))
            && !self.take_turn(worker.schedule, &mut worker.spare)
        {
            return ControlFlow::Break(());
        }
        match &mut self.tail {
            Some(tail) => tail.sample(luma.wall(), &Sample::Picture(luma.plane())),
            None => self.keep(luma, worker),
        }
        ControlFlow::Continue(())
    }

    /// Group by group, as much as is worth it: the plan's choice where nobody is, everything where somebody is, which is
    /// known when it is our turn. `None` if the segment must be decoded as a whole.
    fn groups(
        &mut self,
        choice: Choice<'_>,
        mut eye: Eye<'_>,
        schedule: &Schedule<'_>,
        spare: &mut Vec<Grid>,
    ) -> Result<Option<(SegmentReport, Tally)>, DecodeError> {
        let Choice { mut selection, expected, next, plan, is_adaptive } = choice;
        if let Some(first) = next.take() {
            selection.offer_first(first);
        }
        // Either is only work done ahead: what is handed out depends on what the tail knows then.
        let is_turn = self.line.is_turn(self.ticket);
        if is_adaptive && is_turn {
            // It knows already.
        } else if is_adaptive && let Some(empty) = expected.somebody {
            selection.decode_beforehand(&mut eye, &empty)?;
        } else if !selection.look(&mut eye, is_adaptive)? && !is_adaptive {
            return Ok(None);
        }
        let mut tally = Tally::default();
        if !self.take_turn(schedule, spare) {
            return Ok(Some((self.covered(selection.into_covered()), tally)));
        }
        let Some(tail) = &mut self.tail else { return Ok(None) };
        if is_adaptive && is_turn && tail.is_whole() {
            for group in 0..selection.len() {
                self.tally.add(true, false, false);
                tail.group(self.facts.start.plus_us(selection.start_us(group)), true, None);
            }
            return Ok(None);
        }
        let clock = tail.clock();
        if is_adaptive && (tail.audit().strictness() != expected.strictness || expected.clock != clock) {
            let Some(plan) = plan(tail.audit().strictness()) else { return Ok(None) };
            selection.replan(plan, clock);
        }
        let budget = f64::from(self.line.camera().analysis.miss_budget);
        let mut is_planned = false;
        for group in 0..selection.len() {
            let is_followed = match tail.attention(self.facts.start.plus_us(selection.start_us(group)), is_adaptive) {
                Attention::Whole => Some(true),
                // Only once the plan had its turn: what it asks for may or may not have been looked at ahead before.
                Attention::UnlessEmpty if is_planned && selection.is_busy(group) => Some(false),
                Attention::UnlessEmpty => selection.follow(&mut eye, group, &tail.empty_view())?,
                Attention::Plan => Some(false),
            };
            let Some(is_followed) = is_followed else { return Ok(None) };
            is_planned |= !is_followed;
            let mut is_looked = is_followed || selection.look(&mut eye, is_adaptive)?;
            while is_looked && !is_followed && is_adaptive {
                let Some((geometry, _)) = selection.view() else { return Ok(None) };
                selection.judge(group, |looks, own| tail.moves(&geometry, looks, &own));
                if !tail.audit().tightens(selection.tally(), budget) {
                    break;
                }
                let Some(plan) = plan(tail.audit().strictness()) else { return Ok(None) };
                selection.replan(plan, tail.clock());
                is_looked = selection.look(&mut eye, is_adaptive)?;
            }
            let is_whole = is_followed
                || is_adaptive && tail.audit().strictness().is_whole()
                || is_adaptive && is_looked && selection.is_strange(&mut eye, group, || tail.empty_view());
            let is_drawn = !is_whole && selection.is_drawn(group);
            if is_whole {
                is_looked = selection.take_whole(&mut eye, group, &mut tally)?;
            } else if is_looked {
                selection.take_planned(group, &mut tally);
            }
            let Some((geometry, _)) = selection.view().filter(|_| is_looked) else { return Ok(None) };
            let looks = selection.looks(group, is_whole);
            if is_adaptive && let Some(first) = looks.first() {
                let is_decoded = looks.len() > 1;
                tail.group(first.at, is_decoded && !is_drawn, (!is_whole).then_some(is_decoded));
            }
            if let (Some(key), true) = (looks.first(), is_adaptive) {
                tail.keep_if_empty(key);
            }
            for look in looks {
                tail.sample(look.at, &Sample::Reduced(&geometry, &look.grid));
            }
        }
        *next = selection.take_next();
        Ok(Some((self.covered(selection.into_covered()), tally)))
    }

    /// Keeps what was looked at until it is our turn.
    fn wait_with(&mut self, looks: Vec<Look>) {
        self.waiting.extend(looks.into_iter().map(|look| Waiting { at: look.at, grid: look.grid }));
    }

    /// Takes the segment's frames.
    fn covered(&mut self, covered: Covered) -> SegmentReport {
        self.frames_us = covered.frames_us;
        covered.report
    }

    /// Reduces a sample for later.
    fn keep(&mut self, luma: &Luma<'_>, worker: &mut Worker<'_, '_>) {
        let (width, height) = (luma.width(), luma.height());
        if self.geometry.as_ref().is_none_or(|(geometry, _)| !geometry.fits(width, height)) {
            // What waits has the former size.
            if !self.waiting.is_empty() && !self.take_turn(worker.schedule, &mut worker.spare) {
                return;
            }
            if let Some(tail) = &mut self.tail {
                return tail.sample(luma.wall(), &Sample::Picture(luma.plane()));
            }
            let Some(geometry) = Geometry::of(width, height) else { return };
            let blackout = Blackout::new(&geometry, &self.line.camera().analysis.masks);
            self.geometry = Some((geometry, blackout));
        }
        let Some((geometry, blackout)) = &self.geometry else { return };
        let mut grid = worker.spare.pop().filter(|grid| grid.fits(geometry)).unwrap_or_else(|| Grid::new(geometry));
        worker.kernel.reduce(geometry, luma.plane(), blackout, &mut grid);
        self.waiting.push(Waiting { at: luma.wall(), grid });
    }

    /// Waits for the turn if need be and hands over what was kept; false if the batch was stopped meanwhile.
    fn take_turn(&mut self, schedule: &Schedule<'_>, spare: &mut Vec<Grid>) -> bool {
        if self.tail.is_some() {
            return true;
        }
        let began = Instant::now();
        let is_turn = self.line.wait_for(self.ticket, schedule);
        self.waited += began.elapsed();
        if !is_turn {
            return false;
        }
        let mut tail = self.line.tail();
        if let Err(error) = tail.begin(&self.facts, self.segment, schedule) {
            self.error = Some(error);
            return false;
        }
        if let Some((geometry, _)) = &self.geometry {
            for sample in self.waiting.drain(..) {
                tail.sample(sample.at, &Sample::Reduced(geometry, &sample.grid));
                if spare.len() < WAITING_SAMPLES_MAX {
                    spare.push(sample.grid);
                }
            }
        }
        self.tail = Some(tail);
        true
    }
}

/// A segment whose decoder fails altogether: nothing of it was seen.
fn undecodable(segment: &Segment, error: &DecodeError) -> SegmentReport {
    let trouble = DecodeTrouble { pts_us: segment.start_us, kind: TroubleKind::Packet, message: error.to_string() };
    SegmentReport {
        index: segment.index,
        error_count: 1,
        troubles: vec![trouble],
        unseen: vec![crate::decode::UnseenSpan { from_us: segment.start_us, until_us: segment.end_us }],
        ..SegmentReport::default()
    }
}
