//! Where everybody is and what they do, as a function of time: in at the door, walk, sit, stay, rise, out.

use crate::chance::{mix, smoothstep, unit};
use crate::micro::{self, Micro};
use crate::office::SceneError;
use crate::rooms::{CORRIDOR_LANE_M, Room, Spot};
use crate::spec::{PersonSpec, VisitSpec};
use std::f32::consts::{PI, TAU};

/// Sitting down and rising take this long.
const SETTLE_S: f64 = 1.3;
/// Walking speed: the slowest, and how much faster the fastest is.
const WALK_M_PER_S: (f32, f32) = (0.9, 0.45);
/// Length of two steps.
const STRIDE_M: f32 = 1.3;
/// Time to turn at the end of a walk, and to blend between poses.
const TURN_S: f64 = 0.6;

/// How a body is held at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pose {
    /// x and z of the feet, or of the seat's middle.
    pub(crate) at: [f32; 2],
    pub(crate) heading_rad: f32,
    /// 0 standing, 1 seated.
    pub(crate) seated: f32,
    /// Phase of the steps.
    pub(crate) stride_rad: f32,
    /// 0 still, 1 walking.
    pub(crate) walking: f32,
    pub(crate) micro: Micro,
}

/// A part of a visit.
#[derive(Clone, Debug)]
enum Phase {
    Walk { way: Vec<[f32; 2]>, from_rad: Option<f32>, towards_rad: Option<f32> },
    Stay { spot: &'static Spot },
}

/// A person with a compiled schedule.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    seed: u64,
    speed_m_per_s: f32,
    /// Phases with their first second, in order; gaps between visits hold `None`.
    phases: Vec<(f64, Option<Phase>)>,
    /// First and last second of each visit, hidden walk in the corridor included.
    pub(crate) visits: Vec<(f64, f64)>,
}

impl Actor {
    pub(crate) fn new(spec: &PersonSpec, room: &Room, seed: u64) -> Result<Self, SceneError> {
        let speed_m_per_s = WALK_M_PER_S.0 + WALK_M_PER_S.1 * unit(seed, 0, 0);
        let mut actor = Self { seed: mix(seed), speed_m_per_s, phases: Vec::new(), visits: Vec::new() };
        for visit in &spec.visits {
            actor.add_visit(visit, room)?;
        }
        Ok(actor)
    }

    fn add_visit(&mut self, visit: &VisitSpec, room: &Room) -> Result<(), SceneError> {
        if let Some(&(_, end_s)) = self.visits.last()
            && visit.enter_s < end_s
        {
            return Err(SceneError::VisitsOverlap { enter_s: visit.enter_s, end_s });
        }
        let mut t_s = visit.enter_s;
        let mut before: Option<&'static Spot> = None;
        for stop in &visit.stops {
            let spot = room.spot(&stop.spot).ok_or_else(|| SceneError::UnknownSpot {
                spot: stop.spot.clone(),
                known: room.spots.iter().map(|spot| spot.name).collect::<Vec<_>>().join(", "),
            })?;
            t_s = self.walk(t_s, room, before, Some(spot));
            let stay_s = (stop.until_s - t_s).max(2.0 * SETTLE_S);
            self.phases.push((t_s, Some(Phase::Stay { spot })));
            t_s += stay_s;
            before = Some(spot);
        }
        t_s = self.walk(t_s, room, before, None);
        self.phases.push((t_s, None));
        self.visits.push((visit.enter_s, t_s));
        Ok(())
    }

    /// Appends a walk and returns when it ends.
    fn walk(&mut self, start_s: f64, room: &Room, from: Option<&Spot>, to: Option<&Spot>) -> f64 {
        let way = way(room, from, to);
        let [from_rad, towards_rad] = [from, to].map(|spot| spot.map(|spot| spot.facing_rad));
        let walk_s = f64::from(length_m(&way) / self.speed_m_per_s);
        self.phases.push((start_s, Some(Phase::Walk { way, from_rad, towards_rad })));
        start_s + walk_s
    }

    /// The pose at a time; `None` while the person is away.
    pub(crate) fn pose(&self, t_s: f64) -> Option<Pose> {
        let next = self.phases.partition_point(|(start_s, _)| *start_s <= t_s);
        let (start_s, phase) = self.phases.get(next.checked_sub(1)?)?;
        let end_s = self.phases.get(next).map_or(f64::INFINITY, |(end_s, _)| *end_s);
        match phase.as_ref()? {
            Phase::Walk { way, from_rad, towards_rad } => {
                Some(self.walking(way, [*from_rad, *towards_rad], t_s - start_s, end_s - t_s))
            }
            Phase::Stay { spot } => Some(self.staying(spot, t_s, t_s - start_s, end_s - t_s)),
        }
    }

    fn walking(&self, way: &[[f32; 2]], facing_rad: [Option<f32>; 2], since_s: f64, left_s: f64) -> Pose {
        let gone_m = self.speed_m_per_s * since_s as f32;
        let (at, mut heading_rad) = along(way, gone_m);
        if let Some(from_rad) = facing_rad[0] {
            heading_rad = turn(from_rad, heading_rad, smoothstep((since_s / TURN_S) as f32));
        }
        if let Some(towards_rad) = facing_rad[1] {
            heading_rad = turn(heading_rad, towards_rad, smoothstep(1.0 - (left_s / TURN_S) as f32));
        }
        let edge_s = since_s.min(left_s) / 0.4;
        let stride_rad = gone_m / STRIDE_M * TAU;
        let bob = Micro { head_pitch_rad: 0.05 * stride_rad.sin(), lean_rad: 0.06, ..Micro::default() };
        Pose { at, heading_rad, seated: 0.0, stride_rad, walking: smoothstep(edge_s as f32), micro: bob }
    }

    fn staying(&self, spot: &Spot, t_s: f64, since_s: f64, left_s: f64) -> Pose {
        let settled = smoothstep((since_s.min(left_s) / SETTLE_S) as f32);
        // The seed shifts everybody's rhythm.
        let own_s = t_s + (self.seed % 1009) as f64;
        let micro = if spot.seated { micro::seated(self.seed, own_s) } else { micro::standing(self.seed, own_s) };
        Pose {
            at: spot.at,
            heading_rad: spot.facing_rad,
            seated: if spot.seated { settled } else { 0.0 },
            stride_rad: 0.0,
            walking: 0.0,
            micro: faded(micro, settled),
        }
    }
}

/// Small movements that grow from rest, so that nothing jumps at the ends of a stay.
fn faded(micro: Micro, share: f32) -> Micro {
    Micro {
        head_yaw_rad: micro.head_yaw_rad * share,
        head_pitch_rad: micro.head_pitch_rad * share,
        lean_rad: 0.06 + (micro.lean_rad - 0.06) * share,
        sway_m: micro.sway_m * share,
        reach: micro.reach.map(|reach| reach * share),
        typing_m: micro.typing_m.map(|typing_m| typing_m * share),
        breath_m: micro.breath_m,
    }
}

/// The way between two spots, or from and to the corridor (`None`).
fn way(room: &Room, from: Option<&Spot>, to: Option<&Spot>) -> Vec<[f32; 2]> {
    let lane_m = room.depth_m + CORRIDOR_LANE_M;
    let entrance = [[room.hidden_x_m, lane_m], [room.door_x_m(), lane_m], [room.door_x_m(), room.depth_m - 0.6]];
    let reach = |spot: Option<&Spot>| {
        let mut way = Vec::new();
        if let Some(spot) = spot {
            way.extend_from_slice(spot.via);
            way.push(spot.at);
        }
        way
    };
    let mut way = reach(from);
    way.reverse();
    if from.is_none() {
        way.extend(entrance);
    }
    if to.is_none() {
        way.extend(entrance.iter().rev());
    }
    way.extend(reach(to));
    way
}

fn length_m(way: &[[f32; 2]]) -> f32 {
    way.windows(2).map(|leg| distance_m(leg[0], leg[1])).sum()
}

fn distance_m(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Place and heading after `gone_m` of a way; corners are rounded in heading only.
fn along(way: &[[f32; 2]], gone_m: f32) -> ([f32; 2], f32) {
    const ROUND_M: f32 = 0.3;
    let (mut left_m, mut heading_rad) = (gone_m, None);
    let mut last = (way.first().copied().unwrap_or_default(), 0.0);
    for leg in way.windows(2) {
        let length = distance_m(leg[0], leg[1]);
        if length < 1e-4 {
            continue;
        }
        let ahead_rad = (leg[1][0] - leg[0][0]).atan2(leg[1][1] - leg[0][1]);
        let turned = turn(heading_rad.unwrap_or(ahead_rad), ahead_rad, smoothstep(left_m / ROUND_M));
        let share = (left_m / length).min(1.0);
        let at = [leg[0][0] + (leg[1][0] - leg[0][0]) * share, leg[0][1] + (leg[1][1] - leg[0][1]) * share];
        last = (at, turned);
        if left_m <= length {
            break;
        }
        left_m -= length;
        heading_rad = Some(ahead_rad);
    }
    last
}

/// The shorter way round between two headings.
fn turn(from_rad: f32, to_rad: f32, share: f32) -> f32 {
    let difference = (to_rad - from_rad + PI).rem_euclid(TAU) - PI;
    from_rad + difference * share
}
