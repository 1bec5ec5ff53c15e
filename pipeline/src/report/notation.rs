//! Numbers, dates, clocks and lengths as each language writes them.

use super::words::{Language, Words, fill};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pantau_models::calendar::local_minute;
use pantau_models::kpi::{Kpi, Spell};
use pantau_models::record::{GapReason, Quality};
use pantau_models::time::UtcMicros;

/// Keeps a number and its unit on one line.
const NO_BREAK_SPACE: char = '\u{a0}';

/// How one report writes values.
#[derive(Clone, Debug)]
pub struct Notation {
    /// Its language.
    pub language: Language,
    /// Its words.
    pub words: &'static Words,
    zone: TimeZone,
}

impl Notation {
    /// Values in `language`, clocks in `zone`.
    pub fn new(language: Language, zone: TimeZone) -> Self {
        Self { language, words: language.words(), zone }
    }

    /// `2,1` or `2.1`.
    pub fn number(&self, value: f64, decimals: usize) -> String {
        // A rounded -0.04 is nought, not minus nought.
        let text = format!("{:.decimals$}", if value.abs() < 0.5 / 10_f64.powi(decimals as i32) { 0.0 } else { value });
        match self.language {
            Language::Id => text.replace('.', ","),
            Language::En => text,
        }
    }

    /// `60.480` or `60,480`.
    pub fn count(&self, value: u64) -> String {
        let digits = value.to_string();
        let separator = if self.language == Language::Id { '.' } else { ',' };
        let mut out = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// `92,4 %`.
    pub fn share(&self, share: f64) -> String {
        format!("{}{NO_BREAK_SPACE}%", self.number(share * 100.0, 1))
    }

    /// `98 %`, rounded down: 99.7 % seen is not all, and a minute of a day is more than nothing: `< 1 %`.
    pub fn seen(&self, share: f64) -> String {
        let whole = whole_percent(share);
        let less = if whole == 0 && share > 0.0 { format!("<{NO_BREAK_SPACE}1") } else { whole.to_string() };
        format!("{less}{NO_BREAK_SPACE}%")
    }

    /// `07.41` or `07:41`, from minutes after midnight.
    pub fn clock_of_minute(&self, minute: f64) -> String {
        let minute = minute.max(0.0) as u64;
        let separator = if self.language == Language::Id { '.' } else { ':' };
        format!("{:02}{separator}{:02}", minute / 60, minute % 60)
    }

    /// Local clock.
    pub fn clock(&self, at: UtcMicros) -> String {
        self.clock_of_minute(local_minute(at, &self.zone))
    }

    /// `Senin, 23 November 2026`.
    pub fn date(&self, date: Date) -> String {
        let month = nth(self.words.months, date.month() - 1);
        format!("{}, {} {month} {}", self.weekday(date), date.day(), date.year())
    }

    /// `Sen 23 Nov`.
    pub fn date_short(&self, date: Date) -> String {
        let weekday = nth(self.words.weekdays_short, date.weekday().to_monday_zero_offset());
        format!("{weekday} {}{NO_BREAK_SPACE}{}", date.day(), nth(self.words.months_short, date.month() - 1))
    }

    /// `Senin`.
    pub fn weekday(&self, date: Date) -> &'static str {
        nth(self.words.weekdays, date.weekday().to_monday_zero_offset())
    }

    /// `14 menit`, `1 jam 20 menit`, `40 detik`.
    pub fn length(&self, seconds: f64) -> String {
        let words = self.words;
        let seconds = seconds.max(0.0);
        if seconds < 59.5 {
            return self.plural(seconds.round() as u64, words.second, words.seconds);
        }
        let minutes = (seconds / 60.0).round() as u64;
        let rest = self.plural(minutes % 60, words.minute, words.minutes);
        match (minutes / 60, minutes % 60) {
            (0, _) => rest,
            (hours, 0) => self.plural(hours, words.hour, words.hours),
            (hours, _) => format!("{} {rest}", self.plural(hours, words.hour, words.hours)),
        }
    }

    /// `5 hari`.
    pub fn days(&self, count: usize) -> String {
        self.plural(count as u64, self.words.day, self.words.days)
    }

    fn plural(&self, count: u64, one: &str, many: &str) -> String {
        format!("{}{NO_BREAK_SPACE}{}", self.count(count), if count == 1 { one } else { many })
    }

    /// A spell's length, with `at least` where it borders on unseen time.
    pub fn spell(&self, spell: &Spell) -> String {
        let length = self.length(spell.seen_s);
        if spell.at_least { fill(self.words.at_least, &[("length", &length)]) } else { length }
    }

    /// Why time was not seen.
    pub fn reason(&self, reason: Option<GapReason>) -> &'static str {
        match reason {
            Some(GapReason::NoLink) => self.words.no_link,
            Some(GapReason::CameraSilent) => self.words.camera_silent,
            Some(GapReason::Decode) => self.words.decode,
            Some(GapReason::Paused) => self.words.paused,
            Some(GapReason::Disk) => self.words.disk,
            Some(GapReason::NoRecording) => self.words.no_recording,
            None => self.words.no_reason,
        }
    }

    /// What a trouble is called; `None` for a bit without a name.
    pub fn trouble(&self, bit: Quality) -> Option<&'static str> {
        let words = self.words;
        let names = [
            (Quality::DARK, words.dark),
            (Quality::GLARE, words.glare),
            (Quality::COVERED, words.covered),
            (Quality::BLURRED, words.blurred),
            (Quality::FROZEN, words.frozen),
            (Quality::LIGHT_CHANGE, words.light_change),
            (Quality::CAMERA_MOVED, words.camera_moved),
            (Quality::INFRARED, words.infrared),
            (Quality::DECODE_ERRORS, words.decode_errors),
            (Quality::CLOCK_SUSPECT, words.clock_suspect),
            (Quality::WARMUP, words.warmup),
            (Quality::RESTLESS, words.restless),
        ];
        names.into_iter().find(|(known, _)| *known == bit).map(|(_, name)| name)
    }

    /// What a figure rests on: the text behind it.
    pub fn basis(&self, kpi: &Kpi, definition: &str) -> String {
        let seen = fill(self.words.day_seen, &[("seen", &self.seen(kpi.observed_share))]);
        let rows = fill(self.words.rows, &[("count", &self.count(kpi.rows))]);
        format!("{definition} ({seen}; {rows})")
    }
}

/// Whole per cent, rounded down; a hair below a whole number from adding floats counts as that number.
pub(super) fn whole_percent(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 100.0 + 1e-6).floor() as u64
}

fn nth(list: &'static str, index: i8) -> &'static str {
    list.split(' ').nth(usize::try_from(index).unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn both() -> [Notation; 2] {
        [Language::Id, Language::En].map(|language| Notation::new(language, TimeZone::get("Asia/Makassar").unwrap()))
    }

    fn written(write: impl Fn(&Notation) -> String) -> [String; 2] {
        both().map(|notation| write(&notation).replace(NO_BREAK_SPACE, " "))
    }

    #[test]
    fn values_as_each_language_writes_them() {
        assert_eq!(written(|n| n.share(0.924)), ["92,4 %", "92.4 %"]);
        assert_eq!(written(|n| n.seen(0.9999)), ["99 %", "99 %"]);
        assert_eq!(written(|n| n.seen(0.0029)), ["< 1 %", "< 1 %"]);
        assert_eq!(written(|n| n.seen(0.0)), ["0 %", "0 %"]);
        assert_eq!(written(|n| n.number(-0.01, 1)), ["0,0", "0.0"]);
        assert_eq!(written(|n| n.count(1_060_480)), ["1.060.480", "1,060,480"]);
        assert_eq!(written(|n| n.date(date(2026, 11, 23))), ["Senin, 23 November 2026", "Monday, 23 November 2026"]);
        assert_eq!(written(|n| n.date_short(date(2026, 8, 7))), ["Jum 7 Agu", "Fri 7 Aug"]);
        let moment = UtcMicros::from_timestamp("2026-11-22T23:41:59Z".parse().unwrap());
        assert_eq!(written(|n| n.clock(moment)), ["07.41", "07:41"]);
    }

    #[test]
    fn lengths_in_words() {
        assert_eq!(written(|n| n.length(40.0)), ["40 detik", "40 seconds"]);
        assert_eq!(written(|n| n.length(59.8)), ["1 menit", "1 minute"]);
        assert_eq!(written(|n| n.length(14.0 * 60.0)), ["14 menit", "14 minutes"]);
        assert_eq!(written(|n| n.length(3600.0)), ["1 jam", "1 hour"]);
        assert_eq!(written(|n| n.length(4800.0)), ["1 jam 20 menit", "1 hour 20 minutes"]);
    }

    #[test]
    fn every_trouble_and_reason_has_words() {
        for notation in both() {
            assert!(Quality::NAMES.iter().all(|(bit, _)| notation.trouble(*bit).is_some()));
            let reasons: std::collections::HashSet<_> =
                GapReason::ALL.iter().map(|reason| notation.reason(Some(*reason))).collect();
            assert_eq!(reasons.len(), GapReason::ALL.len());
        }
    }
}
