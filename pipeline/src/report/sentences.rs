//! The sentences that open a report: what an official should know if nothing else is read.

use super::model::{Detail, Model, RoomReport};
use super::notation::Notation;
use super::words::fill;
use pantau_models::calendar::local_date;

/// A delay below this is on time: half a minute is below what ten-second rows and clocks of cameras can tell.
const LATE_MIN: f64 = 1.0;

/// One to four sentences.
pub(super) fn sentences(model: &Model, notation: &Notation) -> Vec<String> {
    let words = notation.words;
    let shown: Vec<Shown<'_>> = model.rooms().filter_map(|room| Some((room, room.detail.as_ref()?))).collect();
    if model.rooms().next().is_none() {
        return vec![words.say_nothing.to_owned()];
    }
    if model.rooms().all(|room| room.observed.value.is_none()) {
        let alone = if let [(_, only)] = shown[..] { all_seen(only, notation) } else { None };
        return std::iter::once(words.say_no_service.to_owned()).chain(alone).collect();
    }
    let mut out = if let [only] = shown[..] { one_room(only, notation) } else { all_rooms(model, &shown, notation) };
    out.extend(longest_spell(model, &shown, notation));
    out
}

type Shown<'a> = (&'a RoomReport, &'a Detail);

fn judged((_, detail): &&Shown<'_>) -> bool {
    detail.kpis.occupied.value.is_some()
}

fn name(room: &RoomReport, notation: &Notation) -> String {
    if room.room.is_empty() { notation.words.unnamed.to_owned() } else { room.room.to_string() }
}

fn one_room((room, detail): Shown<'_>, notation: &Notation) -> Vec<String> {
    let words = notation.words;
    let name = name(room, notation);
    let seen = notation.seen(room.observed.observed_share);
    let Some(occupied) = detail.kpis.occupied.value else {
        let reason = notation.reason(room.observed.reason);
        let not_enough = fill(words.say_not_enough, &[("room", &name), ("seen", &seen), ("reason", reason)]);
        return std::iter::once(not_enough).chain(all_seen(detail, notation)).collect();
    };
    let share = notation.share(occupied);
    let mut out = vec![fill(words.say_room, &[("room", &name), ("share", &share), ("seen", &seen)])];
    out.extend(opening((room, detail), words.say_late, notation).or_else(|| {
        let known = detail.kpis.opening_delay_min.value.is_some();
        known.then(|| fill(words.say_punctual, &[("room", &name)]))
    }));
    out.extend(never_opened((room, detail), notation));
    out
}

fn all_rooms(model: &Model, shown: &[Shown<'_>], notation: &Notation) -> Vec<String> {
    let words = notation.words;
    let mut out = vec![overall(model, shown, notation)];
    let worst = shown.iter().filter(judged).min_by(|a, b| {
        let share = |(_, detail): &Shown<'_>| detail.kpis.occupied.value.unwrap_or(1.0);
        share(a).total_cmp(&share(b))
    });
    if let Some((room, detail)) = worst {
        let share = notation.share(detail.kpis.occupied.value.unwrap_or_default());
        let seen = notation.seen(room.observed.observed_share);
        out.push(fill(words.say_least, &[("room", &name(room, notation)), ("share", &share), ("seen", &seen)]));
    }
    let delay = |(_, detail): &Shown<'_>| detail.kpis.opening_delay_min.value;
    let latest = shown.iter().filter(|room| delay(room).is_some());
    let latest = latest.max_by(|a, b| delay(a).unwrap_or(0.0).total_cmp(&delay(b).unwrap_or(0.0)));
    if let Some(latest) = latest {
        let late = opening(*latest, words.say_latest, notation);
        out.push(late.unwrap_or_else(|| words.say_all_punctual.to_owned()));
    }
    let never = shown.iter().filter(judged).max_by_key(|(_, detail)| detail.kpis.never_opened_days);
    // Four sentences are what people read: a day without anybody outweighs a late opening.
    if let Some(never) = never.and_then(|room| never_opened(*room, notation)) {
        out.truncate(2);
        out.push(never);
    }
    out
}

fn overall(model: &Model, shown: &[Shown<'_>], notation: &Notation) -> String {
    let words = notation.words;
    let rooms: Vec<&RoomReport> = model.rooms().collect();
    // All rooms are asked about the same seconds, so that the mean of their shares is the share of the sums.
    let mean = rooms.iter().filter_map(|room| room.observed.value).sum::<f64>() / rooms.len().max(1) as f64;
    let days = model.dates.iter().filter(|date| model.calendar.hours(**date).is_some()).count();
    let values =
        [("rooms", notation.count(rooms.len() as u64)), ("days", notation.days(days)), ("seen", notation.seen(mean))];
    let mut text = fill(words.say_overall, &values.each_ref().map(|(key, value)| (*key, value.as_str())));
    let unjudged = shown.iter().filter(|room| !judged(room));
    let names: Vec<String> = unjudged
        .map(|(room, _)| format!("{} ({})", name(room, notation), notation.reason(room.observed.reason)))
        .collect();
    if !names.is_empty() {
        text.push(' ');
        text.push_str(&fill(words.say_unjudged, &[("names", &names.join(", "))]));
    }
    text
}

/// What is known although the service hours can't be judged; `None` where nothing was seen.
pub(super) fn all_seen(detail: &Detail, notation: &Notation) -> Option<String> {
    let (words, seen) = (notation.words, &detail.seen);
    let share = (seen.observed_s >= 1.0).then(|| notation.share(seen.occupied_s / seen.observed_s))?;
    let length = notation.length(seen.observed_s);
    let mut text = fill(words.say_seen, &[("length", &length), ("share", &share)]);
    if let Some(most) = seen.most_people() {
        text.push(' ');
        text.push_str(&fill(words.say_seen_people, &[("count", &notation.number(most.into(), 0))]));
    }
    Some(text)
}

/// `None` for a room that opens on time or whose opening is unknown.
fn opening((room, detail): Shown<'_>, template: &str, notation: &Notation) -> Option<String> {
    let delay_min = detail.kpis.opening_delay_min.value.filter(|delay| *delay >= LATE_MIN)?;
    let clock = notation.clock_of_minute(detail.kpis.opening_clock_min.value?);
    // Rounded down like the clock, so that both agree.
    let late = notation.length(delay_min.floor() * 60.0);
    Some(fill(template, &[("room", &name(room, notation)), ("clock", &clock), ("late", &late)]))
}

fn never_opened((room, detail): Shown<'_>, notation: &Notation) -> Option<String> {
    let days = detail.kpis.never_opened_days;
    let values = [("days", notation.days(days)), ("room", name(room, notation))];
    let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
    (days > 0).then(|| fill(notation.words.say_never, &values))
}

/// Over the rooms that were seen enough.
fn longest_spell(model: &Model, shown: &[Shown<'_>], notation: &Notation) -> Option<String> {
    let spells = shown.iter().filter(judged).filter_map(|(room, detail)| Some((room, detail.kpis.unattended?)));
    let (room, spell) = spells.max_by(|a, b| a.1.seen_s.total_cmp(&b.1.seen_s))?;
    let values = [
        ("length", notation.spell(&spell)),
        ("room", name(room, notation)),
        ("date", notation.date(local_date(spell.span.start, &model.zone))),
        ("clock", notation.clock(spell.span.start)),
    ];
    Some(fill(notation.words.say_spell, &values.each_ref().map(|(key, value)| (*key, value.as_str()))))
}
