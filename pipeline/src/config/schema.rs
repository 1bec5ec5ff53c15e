//! The key list as a JSON schema (draft 2020-12), for editors and programs that write configurations.

use super::keys::{Key, Kind, ROOT};
use serde_json::{Map, Value, json};

/// What editors accept as a range of clock times; the program judges it more closely.
const CLOCK_RANGE: &str = r"^\s*\d{1,2}[:.]\d{2}\s*-\s*\d{1,2}[:.]\d{2}\s*$";

/// The JSON schema of a configuration.
pub fn json_schema() -> Value {
    let mut schema = table(ROOT);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Pantau configuration");
    schema
}

fn table(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(key: &Key) -> Value {
    let mut schema = kind(key.kind);
    schema["description"] = json!(match key.default {
        "" => key.meaning.to_owned(),
        default => format!("{} (default: {default})", key.meaning),
    });
    schema
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Number(low, high) => json!({ "type": "number", "minimum": low, "maximum": high }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Moment => json!({ "type": "string", "format": "date-time" }),
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::ClockRanges => json!({ "type": "array", "items": { "type": "string", "pattern": CLOCK_RANGE } }),
        Kind::Secret => {
            json!({ "anyOf": [{ "type": "string" }, named_by("env"), named_by("file"), named_by("credential")] })
        }
        Kind::Hidden => json!({ "anyOf": [named_by("env"), named_by("file"), named_by("credential")] }),
        Kind::Polygon => json!({ "type": "array", "minItems": 3, "items": corner() }),
        Kind::Table(keys) => table(keys),
        Kind::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
    }
}

fn named_by(key: &str) -> Value {
    json!({
        "type": "object", "properties": { key: { "type": "string" } }, "required": [key], "additionalProperties": false
    })
}

fn corner() -> Value {
    let axis = json!({ "type": "number", "minimum": 0, "maximum": 1 });
    json!({ "type": "array", "items": axis, "minItems": 2, "maxItems": 2 })
}
