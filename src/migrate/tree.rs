//! Configs of other tools as trees of values, whatever format they are written in. Keys count in either case, as the tools
//! themselves have it; a key that nobody asked for is told, so that nothing is passed over in silence.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::yaml::Document;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Toml,
    Json,
    Yaml,
}

/// Reads a file.
///
/// # Errors
/// It is not of its format; the text quotes nothing of it.
pub fn parse(format: Format, name: &str, text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Toml => toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                1 + text.as_bytes()[..span.start.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
            });
            format!("it is not TOML: {}, line {line}", error.message())
        }),
        Format::Json => serde_json::from_str(text)
            .map_err(|error| format!("it is not JSON: line {}, column {}", error.line(), error.column())),
        Format::Yaml => Document::new(name, text).parse_foreign().map_err(|error| {
            error
                .line()
                .map_or_else(|| "it is not plain YAML".to_owned(), |line| format!("it is not plain YAML: line {line}"))
        }),
    }
}

/// A mapping of a config, and which of its keys were asked for.
pub struct Table<'v> {
    value: &'v Value,
    /// Where it stands, as `rules[2].allowlist`; empty at the top.
    pub place: String,
    asked: RefCell<BTreeSet<String>>,
}

impl<'v> Table<'v> {
    /// None where the value is no mapping.
    pub fn of(value: &'v Value, place: &str) -> Option<Self> {
        value.is_object().then(|| Self { value, place: place.to_owned(), asked: RefCell::default() })
    }

    /// A key's value, in whatever case, with `-` for `_`; none where it is not there or empty.
    pub fn get(&self, key: &str) -> Option<&'v Value> {
        let plain = |key: &str| key.to_ascii_lowercase().replace('-', "_");
        self.asked.borrow_mut().insert(plain(key));
        let found = self.value.as_object()?.iter().find(|(name, _)| plain(name) == plain(key));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// A text, also where a number or a boolean stands.
    pub fn text(&self, key: &str) -> Option<String> {
        text(self.get(key)?)
    }

    /// The texts of a list, or the only one.
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
            Some(one) => text(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The mappings of a list, or the only one, with their places.
    pub fn tables(&self, key: &str) -> Vec<Table<'v>> {
        match self.get(key) {
            Some(Value::Array(list)) => {
                let at = |number| format!("{}[{number}]", self.place_of(key));
                list.iter().enumerate().filter_map(|(number, value)| Table::of(value, &at(number))).collect()
            }
            Some(one) => Table::of(one, &self.place_of(key)).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The place of a key in it.
    pub fn place_of(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    /// The places of keys that have a value and were not asked for.
    pub fn rest(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        let keys = self.value.as_object().into_iter().flatten();
        let is_left = |key: &str| !asked.contains(&key.to_ascii_lowercase().replace('-', "_"));
        keys.filter(|(key, value)| is_left(key) && !value.is_null()).map(|(key, _)| self.place_of(key)).collect()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_gives_the_same_tree() {
        let rows = [
            (Format::Toml, "a = 1\n[b]\nC = ['x']\n"),
            (Format::Json, "{\"a\": 1, \"b\": {\"C\": [\"x\"]}}"),
            (Format::Yaml, "a: 1\nb:\n  C: [x]\n  d:\n"),
        ];
        for (format, text) in rows {
            let value = parse(format, "x", text).expect(text);
            let table = Table::of(&value, "").expect("a mapping");
            let inner = table.tables("B");
            assert_eq!((inner[0].texts("c"), inner[0].place.as_str()), (vec!["x".to_owned()], "B"), "{text}");
            assert_eq!(table.rest(), ["a"], "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_quoting_it() {
        let rows = [
            (Format::Toml, "a = 1\nhunter2", 2),
            (Format::Json, "{\n\"hunter2\" 1}", 2),
            (Format::Yaml, "a: 1\nb: *hunter2\n", 2),
        ];
        for (format, text, line) in rows {
            let why = parse(format, "x", text).expect_err(text);
            assert!(why.contains(&format!("line {line}")) && !why.contains("hunter2"), "{text}: {why}");
        }
        let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(Format::Toml, "x", &deep).is_err());
        assert!(parse(Format::Json, "x", &deep[4..]).is_err());
    }
}
