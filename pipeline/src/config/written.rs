//! The configuration as written: the file's own shape, with the position of all that is judged later.
//!
//! Keys, types and bounds are judged here, against the list in `keys`; what values mean together is judged in
//! `resolve`.

use super::keys::{Key, Kind, ROOT, tables};
use super::refusal::{Problem, Refusal, did_you_mean, line_of};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) site: Site,
    pub(super) analysis: Analysis,
    pub(super) time: Time,
    pub(super) camera: Vec<Camera>,
    pub(super) watch: Watch,
    pub(super) mqtt: Option<Mqtt>,
    pub(super) calendar: Calendar,
    pub(super) report: Report,
    pub(super) privacy: Privacy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Site {
    pub(super) id: Option<String>,
    pub(super) timezone: Option<Spanned<String>>,
    pub(super) district: Option<String>,
    pub(super) agency: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Analysis {
    pub(super) interval_s: Option<u32>,
    pub(super) samples_per_s: Option<f32>,
    pub(super) effort: Option<String>,
    pub(super) loop_filter: Option<bool>,
    pub(super) miss_budget: Option<f32>,
    pub(super) jobs: Option<usize>,
    pub(super) io_jobs: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Time {
    pub(super) name_patterns: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Watch {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) publish_s: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mqtt {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) password: Option<Spanned<Secret>>,
    pub(super) topic: Option<String>,
    pub(super) discovery: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Camera {
    pub(super) id: Spanned<String>,
    pub(super) room: Option<String>,
    pub(super) agency: Option<String>,
    pub(super) district: Option<String>,
    #[serde(default, rename = "match")]
    pub(super) globs: Vec<Spanned<String>>,
    pub(super) url: Option<Spanned<Secret>>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) password: Option<Spanned<Secret>>,
    pub(super) transport: Option<String>,
    pub(super) folder: Option<std::path::PathBuf>,
    pub(super) start: Option<Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) name_patterns: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) zones: Vec<Zone>,
    #[serde(default)]
    pub(super) masks: Vec<Mask>,
    pub(super) calibration: Option<Spanned<std::path::PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zone {
    pub(super) id: Spanned<String>,
    pub(super) polygon: Vec<[f32; 2]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mask {
    pub(super) polygon: Vec<[f32; 2]>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Secret {
    Plain(String),
    Env { env: String },
    File { file: std::path::PathBuf },
    Credential { credential: String },
}

/// Never prints what it holds.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Calendar {
    pub(super) monday_to_thursday: Option<Vec<Spanned<String>>>,
    pub(super) friday: Option<Vec<Spanned<String>>>,
    pub(super) saturday: Option<Vec<Spanned<String>>>,
    pub(super) sunday: Option<Vec<Spanned<String>>>,
    pub(super) ramadan_monday_to_thursday: Option<Vec<Spanned<String>>>,
    pub(super) ramadan_friday: Option<Vec<Spanned<String>>>,
    pub(super) ramadan: Vec<DateRange>,
    pub(super) holidays: Vec<Holiday>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateRange {
    pub(super) first: Spanned<toml::Value>,
    pub(super) last: Spanned<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holiday {
    pub(super) date: Spanned<toml::Value>,
    #[serde(default)]
    pub(super) name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Report {
    pub(super) language: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Privacy {
    pub(super) single_person_rooms: Vec<SinglePersonRoom>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SinglePersonRoom {
    pub(super) room: Spanned<String>,
    #[serde(default)]
    pub(super) allowed: bool,
    #[serde(default)]
    pub(super) reason: String,
}

/// Reads the file's shape; every key that is unknown, missing or of the wrong kind is told, not only the first.
pub(super) fn parse(text: &str) -> Result<File, Vec<Refusal>> {
    let tree = DeTable::parse(text).map_err(|error| vec![refusal(text, &error, Problem::Syntax)])?;
    let mut check = Check { text, refusals: Vec::new() };
    check.table(tree.get_ref(), ROOT, tree.span().start, "");
    if !check.refusals.is_empty() {
        return Err(check.refusals);
    }
    toml::from_str(text).map_err(|error| vec![refusal(text, &error, Problem::Unreadable)])
}

/// Only the error's message is kept: its own display would show the line, and with it perhaps a password.
fn refusal(text: &str, error: &toml::de::Error, problem: fn(String) -> Problem) -> Refusal {
    let offset = error.span().map_or(0, |span| span.start);
    Refusal { line: line_of(text, offset), problem: problem(error.message().to_owned()) }
}

struct Check<'a> {
    text: &'a str,
    refusals: Vec<Refusal>,
}

impl Check<'_> {
    fn refuse(&mut self, offset: usize, problem: Problem) {
        self.refusals.push(Refusal { line: line_of(self.text, offset), problem });
    }

    fn table(&mut self, table: &DeTable<'_>, keys: &'static [Key], offset: usize, header: &str) {
        let place = if header.is_empty() { "at the top of the file".to_owned() } else { format!("in {header}") };
        for (name, value) in table {
            match keys.iter().find(|key| key.name == name.get_ref().as_ref()) {
                Some(key) => self.value(key, value, &place, header),
                None => {
                    let key = name.get_ref().to_string();
                    let hint = hint_for(&key, keys);
                    self.refuse(name.span().start, Problem::UnknownKey { key, table: place.clone(), hint });
                }
            }
        }
        for key in keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
            self.refuse(offset, Problem::MissingKey { key: key.name, table: place.clone() });
        }
    }

    fn value(&mut self, key: &'static Key, value: &Spanned<DeValue<'_>>, place: &str, header: &str) {
        let path = format!("{}{}", header.trim_matches(['[', ']']), if header.is_empty() { "" } else { "." });
        match (key.kind, value.get_ref()) {
            (Kind::Table(inner), DeValue::Table(table)) => {
                self.table(table, inner, value.span().start, &format!("[{path}{}]", key.name));
            }
            (Kind::Tables(inner), DeValue::Array(entries))
                if entries.iter().all(|entry| entry.get_ref().is_table()) =>
            {
                for (entry, table) in entries.iter().filter_map(|entry| Some((entry, entry.get_ref().as_table()?))) {
                    self.table(table, inner, entry.span().start, &format!("[[{path}{}]]", key.name));
                }
            }
            (kind, found) => {
                if let Some(found) = misfit(kind, found) {
                    let expected = kind.describe();
                    let table = place.to_owned();
                    self.refuse(value.span().start, Problem::WrongValue { key: key.name, table, expected, found });
                }
            }
        }
    }
}

/// A suggestion from the same table, or the other table where the key belongs.
fn hint_for(key: &str, keys: &[Key]) -> String {
    let near = did_you_mean(key, keys.iter().map(|key| key.name));
    if !near.is_empty() {
        return near;
    }
    let elsewhere = tables().into_iter().find(|(_, keys)| keys.iter().any(|known| known.name == key));
    match elsewhere {
        Some((header, _)) => format!("; it belongs in {header}"),
        None => format!("; known here: {}", keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", ")),
    }
}

/// What was found instead, for people; `None` if the value fits. Text is not repeated where it may be a secret.
fn misfit(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    let fits = match (kind, value) {
        (Kind::Text, DeValue::String(text)) => !text.trim().is_empty(),
        (Kind::Texts | Kind::ClockRanges, DeValue::Array(entries)) => {
            entries.iter().all(|entry| entry.get_ref().is_str())
        }
        (Kind::Whole(low, high), DeValue::Integer(_)) => {
            number(value).is_some_and(|number| (low as f64..=high as f64).contains(&number))
        }
        (Kind::Number(low, high), _) => number(value).is_some_and(|number| (low..=high).contains(&number)),
        (Kind::Flag, DeValue::Boolean(_)) => true,
        (Kind::Moment | Kind::Day, DeValue::String(_) | DeValue::Datetime(_)) => true,
        (Kind::Choice(words), DeValue::String(text)) => words.contains(&text.as_ref()),
        (Kind::Secret, DeValue::String(_)) => true,
        (Kind::Secret | Kind::Hidden, DeValue::Table(table)) => {
            let names = |key: &str| ["env", "file", "credential"].contains(&key);
            table.len() == 1 && table.iter().all(|(key, value)| names(key.get_ref()) && value.get_ref().is_str())
        }
        (Kind::Polygon, DeValue::Array(corners)) => {
            corners.len() >= 3 && corners.iter().all(|corner| is_corner(corner.get_ref()))
        }
        _ => false,
    };
    (!fits).then(|| found(kind, value))
}

fn found(kind: Kind, value: &DeValue<'_>) -> String {
    match (kind, value) {
        (Kind::Secret | Kind::Hidden, _) => format!("such a {}", value.type_str()),
        (_, DeValue::String(text)) => format!("\"{text}\""),
        (_, DeValue::Integer(number)) => number.to_string(),
        (_, DeValue::Float(number)) => number.to_string(),
        (_, DeValue::Boolean(flag)) => flag.to_string(),
        (Kind::Polygon, DeValue::Array(corners)) if corners.len() < 3 => format!("a list of {}", corners.len()),
        (Kind::Polygon, DeValue::Array(_)) => "corners outside the picture or of another form".into(),
        _ => format!("this {}", value.type_str()),
    }
}

fn is_corner(value: &DeValue<'_>) -> bool {
    value.as_array().is_some_and(|pair| {
        pair.len() == 2
            && pair.iter().all(|axis| number(axis.get_ref()).is_some_and(|axis| (0.0..=1.0).contains(&axis)))
    })
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix()).ok().map(|whole| whole as f64),
        DeValue::Float(real) => real.as_str().parse().ok(),
        _ => None,
    }
}
