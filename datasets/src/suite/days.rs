//! Whole working days: what an hour never shows, such as chairs that end elsewhere, who comes back to a place known for its
//! fan, and everybody gone in the evening.

use crate::chance::unit;
use crate::scenes::visit;
use crate::spec::{
    Clothing, FanKind, LampSwitch, LightSpec, MoverSpec, PersonSpec, RoomKind, SceneSpec, Seconds, ThingKind,
    ThingSpec, VisitSpec,
};

/// Local time of a day's first picture, hours.
const FIRST_H: f64 = 7.25;
/// Length of a day, hours.
const LENGTH_H: f64 = 8.5;

/// Seconds of the scene at an hour of the day.
fn at(hour: f64) -> f64 {
    (hour - FIRST_H) * 3600.0
}

/// Draws of one day, one after the other.
struct Dice {
    seed: u64,
    channel: i64,
    drawn: i64,
}

impl Dice {
    fn new(seed: u64, channel: i64) -> Self {
        Self { seed, channel, drawn: 0 }
    }

    /// Evenly from a range.
    fn within(&mut self, low: f64, high: f64) -> f64 {
        self.drawn += 1;
        low + (high - low) * f64::from(unit(self.seed, self.channel, self.drawn))
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.within(0.0, of.len() as f64) as usize;
        of[index.min(of.len() - 1)]
    }
}

/// Somebody who works here from one hour to another: at the seat for a while, then at another spot or out of the room,
/// and away for lunch.
fn clerk(
    dice: &mut Dice,
    looks: (Clothing, f32),
    seat: &str,
    others: &[&str],
    [from_h, until_h]: [f64; 2],
) -> PersonSpec {
    let lunch_s = [at(12.0) + dice.within(-600.0, 600.0), at(13.0) + dice.within(-600.0, 600.0)];
    let until_s = at(until_h) + dice.within(-300.0, 300.0);
    let (mut visits, mut stops) = (Vec::new(), Vec::new());
    let (mut enter_s, mut now_s) = (at(from_h), at(from_h));
    while now_s < until_s {
        let sits_until_s = (now_s + dice.within(300.0, 2700.0)).min(until_s);
        let before_lunch = now_s < lunch_s[0];
        let lunch = before_lunch && sits_until_s >= lunch_s[0];
        now_s = if lunch { lunch_s[0] } else { sits_until_s };
        stops.push((seat, now_s));
        let stays = dice.within(0.0, 1.0) < 0.45 && !lunch && !others.is_empty();
        if stays {
            now_s += dice.within(30.0, 240.0);
            stops.push((dice.one(others), now_s));
        } else {
            visits.push(visit(enter_s, &std::mem::take(&mut stops)));
            now_s = if lunch { lunch_s[1] } else { now_s + dice.within(120.0, 1200.0) };
            enter_s = now_s;
        }
    }
    if !stops.is_empty() {
        visits.push(visit(enter_s, &stops));
    }
    PersonSpec { clothing: looks.0, height_m: looks.1, visits }
}

/// Visitors between two hours, one each few minutes: some wait first, some only look in.
fn visitors(dice: &mut Dice, spots: &[&str], benches: &[&str], hours: [f64; 2], every_s: [f64; 2]) -> Vec<PersonSpec> {
    let mut now_s = at(hours[0]);
    let mut people = Vec::new();
    while now_s < at(hours[1]) {
        let mut stops = Vec::new();
        let mut until_s = now_s;
        if !benches.is_empty() && dice.within(0.0, 1.0) < 0.4 {
            until_s += dice.within(60.0, 600.0);
            stops.push((dice.one(benches), until_s));
        }
        until_s += if dice.within(0.0, 1.0) < 0.3 { dice.within(5.0, 25.0) } else { dice.within(40.0, 500.0) };
        stops.push((dice.one(spots), until_s + 8.0));
        let height_m = dice.within(1.5, 1.78) as f32;
        people.push(PersonSpec { clothing: dice.one(&Clothing::ALL), height_m, visits: vec![visit(now_s, &stops)] });
        now_s += dice.within(every_s[0], every_s[1]);
    }
    people
}

/// The lamps are on while anybody works here, and off at lunch.
fn lit(dice: &mut Dice, hours: [f64; 2]) -> LightSpec {
    let mut switch = |hour, level| LampSwitch { at_s: at(hour) + dice.within(5.0, 9.0), level };
    let switches = vec![switch(hours[0], 1.0), switch(12.3, 0.0), switch(12.9, 1.0), switch(hours[1], 0.0)];
    LightSpec {
        lamp: 0.0,
        switches,
        daylight: 0.45,
        daylight_per_h: 0.05,
        cloud_depth: 0.4,
        cloud_period_s: 400.0,
        ..LightSpec::default()
    }
}

fn thing(kind: ThingKind, at_m: [f32; 2], up_m: f32, hours: [f64; 2]) -> ThingSpec {
    ThingSpec { kind, at_m, up_m, there: Seconds::new(at(hours[0]), at(hours[1])) }
}

fn day(name: &str, room: RoomKind, seed: u64) -> SceneSpec {
    let spec = SceneSpec::empty(&format!("day-{name}"), room).sized(640, 360).at_fps(4.0).with_crf(28).with_seed(seed);
    spec.lasting(LENGTH_H * 3600.0)
}

/// Three desks, a fan in the heat of the day, a curtain at noon, a chair that is moved, a bag and a coat for hours.
fn office(seed: u64) -> SceneSpec {
    use Clothing::{Batik, Khaki, Wall, White};
    let mut dice = Dice::new(seed, 1);
    let others = ["shelf", "window", "floor"];
    let mut people = vec![
        clerk(&mut dice, (White, 1.7), "desk-a", &others, [7.6, 14.9]),
        clerk(&mut dice, (Khaki, 1.62), "desk-b", &others, [7.8, 15.2]),
        clerk(&mut dice, (Wall, 1.66), "desk-c", &others, [8.3, 14.5]),
    ];
    people.extend(visitors(&mut dice, &["floor", "window", "shelf"], &[], [8.5, 14.5], [900.0, 2400.0]));
    people.push(PersonSpec {
        clothing: Batik,
        height_m: 1.58,
        visits: vec![visit(at(15.5), &[("window", at(15.55))])],
    });
    let things = vec![
        thing(ThingKind::Bag, [5.5, 2.9], 0.0, [7.85, 15.15]),
        thing(ThingKind::Coat, [5.0, 5.2], 0.0, [7.83, 12.0]),
        thing(ThingKind::Chair, [2.8, 3.5], 0.0, [0.0, 10.4]),
        thing(ThingKind::Chair, [1.4, 3.2], 0.0, [10.4, 24.0]),
    ];
    let fan = vec![Seconds::new(at(9.8), at(12.1)), Seconds::new(at(13.05), at(14.8))];
    let movers = vec![
        MoverSpec::Fan { kind: FanKind::Stand, at_m: [5.9, 1.2, 2.1], on: fan },
        MoverSpec::Curtain { sways: vec![Seconds::new(at(11.2), at(13.7))], wind: 0.8 },
    ];
    SceneSpec { people, things, movers, light: lit(&mut dice, [7.6, 15.22]), ..day("office", RoomKind::Office, seed) }
}

/// A counter with two clerks and many visitors, a ceiling fan all day, cartons that come and go.
fn counter(seed: u64) -> SceneSpec {
    let mut dice = Dice::new(seed, 2);
    let mut people = vec![
        clerk(&mut dice, (Clothing::Khaki, 1.66), "staff-a", &[], [7.5, 15.1]),
        clerk(&mut dice, (Clothing::Khaki, 1.56), "staff-b", &[], [7.9, 14.9]),
    ];
    let spots = ["visitor-a", "visitor-b", "visitor-c"];
    people.extend(visitors(&mut dice, &spots, &["bench-a", "bench-b"], [8.0, 11.8], [120.0, 900.0]));
    people.extend(visitors(&mut dice, &spots, &["bench-a", "bench-b"], [13.1, 14.7], [200.0, 1500.0]));
    let things = vec![
        thing(ThingKind::Bag, [2.55, 3.58], 0.96, [9.3, 11.2]),
        thing(ThingKind::Carton, [1.6, 2.2], 0.0, [10.1, 14.0]),
    ];
    let movers = vec![MoverSpec::Fan {
        kind: FanKind::Ceiling,
        at_m: [3.4, 2.45, 3.6],
        on: vec![Seconds::new(at(8.0), at(12.25)), Seconds::new(at(13.0), at(15.0))],
    }];
    let light = lit(&mut dice, [7.5, 15.1]);
    SceneSpec { people, things, movers, light, ..day("counter", RoomKind::Counter, seed) }
}

/// Records that somebody looks for now and then, by the light that comes in; long empty hours, noise.
fn records(seed: u64) -> SceneSpec {
    let mut dice = Dice::new(seed, 3);
    let mut people =
        visitors(&mut dice, &["shelf-a", "shelf-b", "table-a", "table-b"], &[], [8.0, 15.0], [600.0, 3000.0]);
    let reads: Vec<VisitSpec> = vec![visit(at(10.0), &[("shelf-a", at(10.05)), ("table-a", at(11.1))])];
    people.push(PersonSpec { clothing: Clothing::Khaki, height_m: 1.64, visits: reads });
    let things = vec![
        thing(ThingKind::Carton, [1.6, 4.35], 0.0, [0.0, 9.0]),
        thing(ThingKind::Bag, [3.1, 2.55], 0.75, [10.5, 24.0]),
    ];
    let mut spec =
        SceneSpec { people, things, light: lit(&mut dice, [7.9, 15.1]), ..day("records", RoomKind::Records, seed) };
    spec.noise.sigma = 3.5;
    spec.with_crf(31)
}

pub(super) fn days(reseed: u64) -> Vec<SceneSpec> {
    vec![office(901 + reseed), counter(902 + reseed), records(903 + reseed)]
}
