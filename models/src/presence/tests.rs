//! The chain on made seconds.

use super::*;

fn moving(cells: u16) -> SecondEvidence {
    SecondEvidence { cluster: cells, supported: true, moves_at_end: true, ..still() }
}

fn again(evidence: SecondEvidence) -> SecondEvidence {
    SecondEvidence { recurs: true, ..evidence }
}

fn still() -> SecondEvidence {
    SecondEvidence { samples: 5, busy: 5, live_most: 0.1, live_at_end: 0.1, ..SecondEvidence::default() }
}

fn empty() -> SecondEvidence {
    SecondEvidence { samples: 5, ..SecondEvidence::default() }
}

fn run(seconds: impl IntoIterator<Item = SecondEvidence>) -> Vec<f32> {
    let mut presence = Presence::default();
    let mut done = Vec::new();
    for (second, evidence) in seconds.into_iter().enumerate() {
        done.extend(presence.push(second as i64, &evidence));
    }
    done.extend(presence.flush());
    assert!(done.iter().enumerate().all(|(index, done)| index as i64 == done.second));
    done.into_iter().map(|done| done.presence).collect()
}

#[test]
fn what_is_said_rises_with_what_the_chain_says_and_stays_on_its_side() {
    let said: Vec<f64> = (1..1000).map(|part| calibrated(f64::from(part) / 1000.0)).collect();
    assert!(said.windows(2).all(|pair| pair[0] < pair[1]), "{said:?}");
    assert!((said[499] - 0.5).abs() < 1e-9);
    assert!((said[459] - 0.139).abs() < 0.01 && (said[549] - 0.874).abs() < 0.01, "{} {}", said[459], said[549]);
    assert_eq!((calibrated(1e-6) < 1e-6, calibrated(1.0 - 1e-6) <= 1.0), (true, true));
}

/// Somebody walks out; in each of two seconds one sample of five shows what they left of themselves, until the next
/// one comes.
#[test]
fn who_stands_out_in_a_part_of_a_second_is_gone_in_the_rest_of_it() {
    let leaves = SecondEvidence { at_border: true, ..again(moving(40)) };
    let remains = SecondEvidence { busy: 1, live_at_end: 0.0, ..still() };
    let visit = |between: [SecondEvidence; 2]| {
        let seconds = vec![empty(); 20].into_iter().chain(vec![leaves; 8]).chain(between).chain(vec![leaves; 8]);
        run(seconds)[28..30].iter().copied().fold(1.0f32, f32::min)
    };
    assert!(visit([remains, remains]) < 0.5);
    assert!(visit([still(), still()]) > 0.5);
    let shaken = SecondEvidence { shaken: true, ..remains };
    assert!(visit([shaken, shaken]) > 0.5);
}

#[test]
fn what_trembles_behind_whoever_leaves_is_nobody() {
    let leaves = SecondEvidence { at_border: true, ..again(moving(40)) };
    let stays = SecondEvidence { at_border: false, ..leaves };
    let trembles = SecondEvidence { faint: 4, ..again(still()) };
    let seconds = |last: SecondEvidence| {
        let comes = vec![empty(); 20].into_iter().chain(vec![leaves; 4]).chain(vec![stays; 20]);
        comes.chain([last]).chain(vec![trembles; 5]).chain(vec![empty(); 20])
    };
    let gone = run(seconds(leaves));
    assert!(gone[52..].iter().all(|p| *p < 0.5), "{gone:?}");
    let seated = run(seconds(stays));
    assert!(seated[45..55].iter().all(|p| *p > 0.5), "who did not walk out is there: {seated:?}");
}

#[test]
fn nobody_is_likely_from_the_second_after_the_last_one_with_somebody() {
    let mut presence = Presence::default();
    assert_eq!(presence.unlikely(0.12), None);
    let mut spans = Vec::new();
    for second in 0..60 {
        presence.push(second, &if (20..25).contains(&second) { again(moving(30)) } else { empty() });
        spans.push(presence.unlikely(0.12).unwrap());
    }
    assert_eq!(spans[24], 25..25);
    let since = spans[59].start;
    assert!((25..35).contains(&since), "{since}");
    // Told the same once it is known, however late one asks.
    assert!(spans[since as usize..].iter().zip(since..).all(|(span, second)| *span == (since..second + 1)));
    presence.flush();
    assert_eq!(presence.unlikely(0.12), None);
}

#[test]
fn a_person_who_moves_once_in_fifty_seconds_stays() {
    let p = run((0..300).map(|second| if second % 50 == 0 { again(moving(4)) } else { still() }));
    assert!(p.iter().all(|p| *p > 0.5), "{p:?}");
}

#[test]
fn somebody_half_hidden_who_moves_once_a_minute_stays() {
    let seconds = (0..900).map(|second| match second {
        60..=64 => again(moving(30)),
        _ if second > 64 && second % 70 < 2 => again(moving(4)),
        _ => empty(),
    });
    let p = run(seconds);
    assert!(p[..60].iter().all(|p| *p < 0.2), "{:?}", &p[..60]);
    let found = p[60..830].iter().filter(|p| **p > 0.5).count();
    assert!(found >= 750, "{found} of 770");
}

#[test]
fn who_stands_out_when_the_light_changes_is_there_after_it_and_light_that_settles_is_nobody() {
    let relit = SecondEvidence { relit: true, ..SecondEvidence::default() };
    let after = |before: SecondEvidence, relit: SecondEvidence, then: SecondEvidence| {
        let p = run((0..300).map(|second| match second {
            ..20 => empty(),
            20..=24 => again(moving(30)),
            25..=96 => before,
            97..=99 => still(),
            100 => relit,
            101..=102 => then,
            _ => empty(),
        }));
        [130, 180, 240].map(|second| p[second])
    };
    let sits = again(moving(3));
    let [_, soon, later] = after(sits, relit, empty());
    assert!(soon > 0.9 && later > 0.5, "learned with the room: {soon} {later}");
    let [_, soon, _] = after(sits, SecondEvidence::default(), again(moving(14)));
    assert!(soon < 0.5, "somebody walked, and nothing says that it was light: {soon}");
    let [_, soon, _] = after(sits, relit, again(moving(14)));
    assert!(soon > 0.9, "a pane that brightens is not somebody who leaves: {soon}");
    let [soon, ..] = after(again(moving(30)), relit, empty());
    assert!(soon < 0.5, "whoever walks and switches the light off has gone: {soon}");
    let p = run((0..200).map(|second| match second {
        100 => relit,
        101..=102 => again(moving(14)),
        _ => empty(),
    }));
    assert!(p.iter().all(|p| *p < 0.1), "nor somebody who comes: {p:?}");
    let enters = SecondEvidence { at_border: true, ..again(moving(30)) };
    let p = run((0..200).map(|second| match second {
        100 | 102 => enters,
        101 => SecondEvidence { relit: true, ..enters },
        _ => empty(),
    }));
    let stayed = (0..200).filter(|second| p[*second] > 0.5).collect::<Vec<_>>();
    assert_eq!(stayed, [100, 101, 102], "a camera follows whoever passes: {p:?}");
}

#[test]
fn who_leans_stays_and_who_walks_off_is_gone() {
    let after = |last: SecondEvidence, rest: [SecondEvidence; 2]| {
        let p = run((0..160).map(|second| match second {
            ..20 => empty(),
            20..=24 => again(moving(30)),
            25..=99 => again(moving(3)),
            100 => again(last),
            101..=139 => rest[0],
            _ => rest[1],
        }));
        p[115]
    };
    let leant = after(moving(7), [still(), again(moving(3))]);
    let left = after(moving(30), [empty(); 2]);
    assert!(leant > 0.5 && left < 0.2, "{leant} {left}");
}

#[test]
fn who_leaves_while_nobody_looks_is_gone() {
    let seconds = (0..300).map(|second| match second {
        60..=62 => again(moving(30)),
        63..=99 => again(moving(8)),
        100..=109 => SecondEvidence::default(),
        _ => empty(),
    });
    let p = run(seconds);
    assert!(p[..60].iter().all(|p| *p < 0.5) && p[62..99].iter().all(|p| *p > 0.9), "{p:?}");
    assert!(p[130] < 0.4, "{}", p[130]);
}

#[test]
fn a_flash_in_an_empty_room_is_nobody() {
    let flash = SecondEvidence { busy: 1, ..again(moving(8)) };
    let p = run((0..200).map(|second| if second % 60 == 50 { flash } else { empty() }));
    assert!(p.iter().all(|p| *p < 0.5), "{p:?}");
}

#[test]
fn what_trembles_under_a_camera_that_shakes_is_nobody() {
    let faint = SecondEvidence { faint: 3, shaken: true, ..again(empty()) };
    let p = run((0..300).map(|_| faint));
    assert!(p[30..].iter().all(|p| *p < 0.5), "{p:?}");
}

/// Who is gone within a second was there for less than half of it; who stops in front of the background stays.
#[test]
fn movement_that_outlasts_somebody_by_half_a_second_is_nobodys() {
    let walks = SecondEvidence { at_border: true, ..again(moving(30)) };
    let ending = |live_at_end| SecondEvidence { live_at_end, moves_at_end: false, ..walks };
    let at_exit = |last: SecondEvidence, then: SecondEvidence| {
        let p = run((0..60).map(|second| match second {
            20..=29 => walks,
            30 => last,
            31.. => then,
            _ => empty(),
        }));
        (p[29] > 0.5, p[30] > 0.5, p[31] > 0.5)
    };
    assert_eq!(at_exit(ending(0.01), empty()), (true, false, false));
    assert_eq!(at_exit(walks, empty()), (true, true, false));
    assert_eq!(at_exit(ending(0.09), still()), (true, true, true));
}

#[test]
fn an_entry_and_an_exit_are_found_to_the_second() {
    let at_border = |evidence: SecondEvidence| SecondEvidence { at_border: true, ..evidence };
    let seconds = (0..200).map(|second| match second {
        60 | 119 => at_border(moving(9)),
        61..=118 => {
            if second % 7 == 0 {
                moving(3)
            } else {
                still()
            }
        }
        _ => empty(),
    });
    for (second, p) in run(seconds).into_iter().enumerate() {
        assert_eq!(p > 0.5, (60..120).contains(&second), "second {second}: {p}");
    }
}

#[test]
fn seconds_that_say_nothing_keep_what_was_known() {
    let disturbed = SecondEvidence::default();
    let p = run((0..120).map(|second| if (40..80).contains(&second) { disturbed } else { empty() }));
    assert!(p.iter().all(|p| *p < 0.05), "{p:?}");
}

#[test]
fn a_second_is_final_after_the_lag_and_unseen_ones_are_marked() {
    let mut presence = Presence::default();
    presence.push(0, &moving(5));
    assert_eq!(presence.push(LAG_S - 1, &still()), []);
    let done = presence.push(LAG_S + 1, &still());
    assert_eq!(done.iter().map(|done| (done.second, done.seen)).collect::<Vec<_>>(), [(0, true), (1, false)]);
}

#[test]
fn a_long_silence_of_the_camera_ends_the_chain() {
    let mut presence = Presence::default();
    for second in 0..30 {
        assert!(presence.push(second, &moving(5)).is_empty());
    }
    assert_eq!(presence.push(1000, &empty()).len(), 30);
    let rest = presence.flush();
    assert!(rest.len() == 1 && rest[0].second == 1000 && rest[0].presence < 0.4, "{rest:?}");
}

/// A lamp blinks in an empty room each twenty seconds, or somebody sits there whom it gives away; then the lamp is known.
#[test]
fn what_a_screen_said_is_taken_back() {
    let blinks = |second: i64, known_at: i64| SecondEvidence {
        mistaken_since: (second == known_at).then_some(100),
        ..if second >= 100 && second < known_at && second % 20 == 0 { again(moving(4)) } else { empty() }
    };
    let lamp = |known_at: i64| run((0..300).map(|second| blinks(second, known_at)));
    let (known, unknown) = (lamp(201), lamp(1000));
    assert!(unknown[110..].iter().all(|presence| *presence > 0.5), "{unknown:?}");
    // What is final is said.
    assert_eq!(known[..141], unknown[..141]);
    assert!(known[142..].iter().all(|presence| *presence < 0.1), "{known:?}");
}

#[test]
fn who_sat_there_before_the_screen_stays_when_it_is_known() {
    let comes = (0..20).map(|_| empty()).chain((0..6).map(|_| SecondEvidence { at_border: true, ..again(moving(40)) }));
    let sits = (26..200).map(|second| if second % 25 == 0 { again(moving(4)) } else { empty() });
    let screen = (200..260).map(|second| if second % 20 == 0 { again(moving(4)) } else { empty() });
    let known = [SecondEvidence { mistaken_since: Some(200), ..empty() }];
    let said = run(comes.chain(sits).chain(screen).chain(known).chain((0..30).map(|_| empty())));
    assert!(said[30..].iter().all(|presence| *presence > 0.5), "{said:?}");
    assert_eq!(said.len(), 291);
}

#[test]
fn who_left_by_a_door_that_nobody_knew_is_gone_once_their_ghost_is() {
    let trail = SecondEvidence { faint: 3, ..again(still()) };
    let presence = |left_at: Option<i64>| {
        let p = run((0..45).map(|second| match second {
            ..30 => again(moving(60)),
            30 => again(moving(12)),
            31 => trail,
            32 => SecondEvidence { left_at, mistaken_since: left_at.map(|at| at + 1), ..trail },
            _ => empty(),
        }));
        [20, 36].map(|second| p[second])
    };
    let [before, soon] = presence(Some(30));
    assert!(before > 0.9 && soon < 0.05, "{before} {soon}");
    let [_, unknown] = presence(None);
    assert!(unknown > 0.5, "else they may hide there: {unknown}");
}

/// Somebody far away, a quarter as large as who is near, comes in by a door inside the view, stands about and goes; another one
/// comes half a minute later. `walks` says whether they were seen to walk there, `gone` whether they were lost sight of.
fn far_visits(walks: bool, gone: bool) -> Vec<f32> {
    run((0..140).map(|second| {
        let since = |from: i64| SecondEvidence { walks_since: walks.then_some(from), ..again(moving(6)) };
        match second {
            ..5 => moving(24),
            5..30 => empty(),
            30..36 | 80..86 => again(moving(6)),
            36..40 => since(30),
            40..44 => again(moving(6)),
            44..50 => since(40),
            50 => SecondEvidence { faint: 2, ..again(empty()) },
            51 => SecondEvidence { gone_at: gone.then_some(49), faint: 2, ..again(empty()) },
            86..110 => since(80),
            _ => empty(),
        }
    }))
}

#[test]
fn who_walks_far_away_inside_comes_and_goes() {
    let seen = far_visits(true, true);
    assert!(seen[32..49].iter().all(|presence| *presence > 0.9), "{seen:?}");
    assert!(seen[51..78].iter().all(|presence| *presence < 0.3), "{seen:?}");
    let unseen = far_visits(false, false);
    assert!(unseen[51..78].iter().all(|presence| *presence > 0.5), "who only moved may sit there: {unseen:?}");
}

#[test]
fn who_was_lost_sight_of_and_moves_again_had_sat_down() {
    let sits = |moves: bool| {
        run((0..160).map(|second| match second {
            ..20 => empty(),
            20..26 => SecondEvidence { at_border: true, ..again(moving(40)) },
            26..=36 => SecondEvidence { walks_since: Some(22), ..again(moving(40)) },
            37 => SecondEvidence { gone_at: Some(35), ..empty() },
            _ if moves && second % 19 == 0 => again(moving(4)),
            _ => empty(),
        }))
    };
    assert!(sits(true)[25..150].iter().all(|presence| *presence > 0.5), "{:?}", sits(true));
    assert!(sits(false)[60..].iter().all(|presence| *presence < 0.3), "{:?}", sits(false));
}

#[test]
fn a_fan_takes_back_nothing_of_what_was_seen_before_it_was_alone() {
    let p = run((0..200).map(|second| match second {
        ..10 => again(moving(30)),
        10 => SecondEvidence { at_border: true, ..again(moving(30)) },
        70 => SecondEvidence { mistaken_since: Some(12), ..again(moving(9)) },
        11..70 => again(moving(9)),
        _ => empty(),
    }));
    assert!(p[..10].iter().all(|p| *p > 0.9), "{:?}", &p[..10]);
    assert!(p[15..].iter().all(|p| *p < 0.1), "{:?}", &p[15..]);
}
