//! `[calendar]` from as written to as meant. A key that is not there keeps the civil service's hours.

use super::refusal::{Problem, Refusal};
use super::resolve::Resolver;
use super::written;
use jiff::civil::Date;
use pantau_models::calendar::{Calendar, ClockRange, DateRange, Holiday};
use toml::Spanned;

impl Resolver<'_> {
    pub(super) fn calendar(&mut self, written: written::Calendar) -> Calendar {
        let usual = Calendar::default();
        let mut hours = |key, written: Option<Vec<Spanned<String>>>, usual| match written {
            Some(ranges) => self.clock_ranges(key, &ranges),
            None => usual,
        };
        let calendar = Calendar {
            monday_to_thursday: hours("monday_to_thursday", written.monday_to_thursday, usual.monday_to_thursday),
            friday: hours("friday", written.friday, usual.friday),
            saturday: hours("saturday", written.saturday, usual.saturday),
            sunday: hours("sunday", written.sunday, usual.sunday),
            ramadan_monday_to_thursday: hours(
                "ramadan_monday_to_thursday",
                written.ramadan_monday_to_thursday,
                usual.ramadan_monday_to_thursday,
            ),
            ramadan_friday: hours("ramadan_friday", written.ramadan_friday, usual.ramadan_friday),
            ..Calendar::default()
        };
        Calendar { ramadan: self.ramadan(&written.ramadan), holidays: self.holidays(written.holidays), ..calendar }
    }

    fn clock_ranges(&mut self, key: &'static str, written: &[Spanned<String>]) -> Vec<ClockRange> {
        let mut ranges = Vec::with_capacity(written.len());
        for range in written {
            let line = self.line(range);
            let read = range.get_ref().parse::<ClockRange>().map(Some);
            ranges.extend(self.accept(line, read.map_err(|source| Problem::ServiceHours { key, source })));
        }
        ranges
    }

    fn ramadan(&mut self, written: &[written::DateRange]) -> Vec<DateRange> {
        const TABLE: &str = "in [[calendar.ramadan]]";
        let mut ranges = Vec::with_capacity(written.len());
        for range in written {
            let (first, last) = (self.day("first", TABLE, &range.first), self.day("last", TABLE, &range.last));
            let (Some(first), Some(last)) = (first, last) else { continue };
            if last < first {
                let problem = Problem::RamadanBackwards { first, last };
                self.refusals.push(Refusal { line: self.line(&range.last), problem });
            }
            ranges.push(DateRange { first, last });
        }
        ranges
    }

    fn holidays(&mut self, written: Vec<written::Holiday>) -> Vec<Holiday> {
        let mut holidays = Vec::with_capacity(written.len());
        for holiday in written {
            let date = self.day("date", "in [[calendar.holidays]]", &holiday.date);
            holidays.extend(date.map(|date| Holiday { date, name: holiday.name }));
        }
        holidays
    }

    fn day(&mut self, key: &'static str, table: &'static str, written: &Spanned<toml::Value>) -> Option<Date> {
        let line = self.line(written);
        let text = match written.get_ref() {
            toml::Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        // Not `parse`, to which a moment is a day too: its hours would be lost without a word.
        let read = Date::strptime("%Y-%m-%d", &text);
        self.accept(line, read.map(Some).map_err(|source| Problem::Day { key, table, text, source }))
    }
}
