//! One more exception in a config that somebody wrote: its comments, its order and its layout stay as they are, and what
//! is added is a few whole lines. The outcome is read once more and held against what was there: anything but the old
//! config and the new entry is refused, with the lines to add by hand.

use crate::audit::AuditError;
use crate::config::{self, RawConfig};
use crate::date::Date;
use crate::finding::Fingerprint;
use crate::yaml;

/// What is to be added under `allow:`.
#[derive(Clone, Debug)]
pub struct Exception<'e> {
    pub rule: &'e str,
    /// A glob.
    pub path: Option<&'e str>,
    pub value: Fingerprint,
    pub reason: &'e str,
    pub until: Option<Date>,
}

/// The config with an exception more; `salt` is to be written down with it, where the config has none.
///
/// # Errors
/// The config is no config, or has a form to which no lines can be added.
pub fn with_exception(
    name: &str,
    before: Option<&str>,
    exception: &Exception<'_>,
    salt: Option<&str>,
) -> Result<String, AuditError> {
    let lines = exception.lines()?;
    let written = before.filter(|text| !text.trim_start_matches('\u{feff}').lines().all(is_idle));
    let old = written.map(|text| config::parse(name, text)).transpose()?.map(|(raw, _)| raw).unwrap_or_default();
    let form = || AuditError::Form { name: name.to_owned(), help: by_hand(&lines) };
    let mut text = Text::of(before.unwrap_or_default());
    if let Some(salt) = salt.filter(|_| old.salt.is_none()) {
        text.salt(salt);
    }
    text.entry(&lines).ok_or_else(form)?;
    let after = text.joined();
    let (new, _) = config::parse(name, &after).map_err(|_| form())?;
    if says(&new, &old, exception, salt) { Ok(after) } else { Err(form()) }
}

impl Exception<'_> {
    /// The entry, a key a line, without its indent.
    fn lines(&self) -> Result<Vec<String>, AuditError> {
        let mut lines = vec![format!("rule: {}", self.rule)];
        if let Some(path) = self.path {
            lines.push(format!("path: {}", yaml::quoted(path).ok_or(AuditError::Path)?));
        }
        lines.push(format!("value: '{}'", self.value));
        lines.push(format!("reason: {}", yaml::quoted(self.reason).ok_or(AuditError::Reason)?));
        lines.extend(self.until.map(|until| format!("until: {until}")));
        Ok(lines)
    }
}

fn by_hand(lines: &[String]) -> String {
    format!("add this under `allow:` by hand: {{{}}}", lines.join(", "))
}

/// Whether the new config is the old one with that entry, and nothing else.
fn says(new: &RawConfig, old: &RawConfig, exception: &Exception<'_>, salt: Option<&str>) -> bool {
    let mut rest = new.clone();
    let Some(added) = rest.allow.pop() else { return false };
    if old.salt.is_none() && rest.salt.as_deref() == salt {
        rest.salt = None;
    }
    if old.version.is_none() {
        rest.version = None;
    }
    format!("{rest:?}") == format!("{old:?}")
        && added.rule == exception.rule
        && added.path.as_deref() == exception.path
        && added.value == Some(exception.value.to_string())
        && added.reason == exception.reason
        && added.until == exception.until.map(|until| until.to_string())
}

/// A file as lines, each with its end.
struct Text {
    lines: Vec<String>,
    ending: &'static str,
}

/// What an unindented line is.
fn is_key(line: &str, key: &str) -> bool {
    let rest = line.trim_start_matches('\u{feff}').strip_prefix(key).and_then(|rest| rest.strip_prefix(':'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// Nothing, or a comment.
fn is_idle(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

impl Text {
    fn of(text: &str) -> Self {
        let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let lines = text.split_inclusive('\n').map(str::to_owned).collect();
        let mut all = Self { lines, ending };
        if all.lines.iter().all(|line| is_idle(line)) {
            // A config that is new names its form.
            let at = all.lines.len();
            all.insert(at, &["version: 1".to_owned()]);
        }
        all
    }

    fn joined(self) -> String {
        self.lines.concat()
    }

    /// Puts whole lines before the line `at`.
    fn insert(&mut self, at: usize, lines: &[String]) {
        if let Some(last) = at.checked_sub(1).and_then(|last| self.lines.get_mut(last)).filter(|it| !it.ends_with('\n'))
        {
            last.push_str(self.ending);
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}{}", self.ending)).collect();
        self.lines.splice(at..at, lines);
    }

    /// The salt stands behind the version, or before all keys.
    fn salt(&mut self, salt: &str) {
        let version = self.lines.iter().position(|line| is_key(line, "version"));
        let first = || self.lines.iter().position(|line| !is_idle(line) && !line.starts_with("---"));
        let at = version.map(|at| at + 1).or_else(first).unwrap_or(self.lines.len());
        let lines = [
            "# Keys the fingerprints of values found here; with another one, no `value:` below fits any more.",
            "# tightlip: allow generic-nonce-or-salt -- it is public, and opens nothing",
        ];
        let lines: Vec<String> = lines.map(str::to_owned).into_iter().chain([format!("salt: {salt}")]).collect();
        self.insert(at, &lines);
    }

    /// Adds the entry; none where the form of the list is not known.
    fn entry(&mut self, lines: &[String]) -> Option<()> {
        let Some(at) = self.lines.iter().position(|line| is_key(line, "allow")) else {
            let at = self.lines.len();
            let gap = self.lines.last().is_some_and(|line| !line.trim().is_empty());
            let mut block = if gap { vec![String::new()] } else { Vec::new() };
            block.push("allow:".to_owned());
            block.extend(indented(lines, "  "));
            self.insert(at, &block);
            return Some(());
        };
        let line = &self.lines[at];
        let rest = line.split_once(':')?.1;
        let (value, comment) = split_comment(rest);
        match value.trim() {
            "" => {
                let end = self.end_of_list(at);
                let indent = self.indent_of_list(at, end)?;
                self.insert(end, &indented(lines, &indent));
            }
            "[]" => {
                let comment = comment.trim_end();
                self.lines[at] = format!("allow:{}{comment}{}", if comment.is_empty() { "" } else { " " }, self.ending);
                self.insert(at + 1, &indented(lines, "  "));
            }
            list if list.starts_with('[') && list.ends_with(']') => {
                let close = rest[..value.len()].rfind(']')? + (line.len() - rest.len());
                let (before, after) = line.split_at(close);
                let comma = if before.trim_end().ends_with(',') { " " } else { ", " };
                self.lines[at] = format!("{}{comma}{{{}}}{after}", before.trim_end(), lines.join(", "));
            }
            _ => return None,
        }
        Some(())
    }

    /// The line behind the last one of the list whose key stands on the line `at`. Comments behind it are the next key's.
    fn end_of_list(&self, at: usize) -> usize {
        let is_of_list = |line: &&String| {
            is_idle(line) || line.starts_with([' ', '\t']) || line.starts_with("- ") || line.trim_end() == "-"
        };
        let of_list = self.lines[at + 1..].iter().take_while(is_of_list);
        of_list.enumerate().filter(|(_, line)| !is_idle(line)).last().map_or(at + 1, |(last, _)| at + 2 + last)
    }

    /// What stands before the dash of an item.
    fn indent_of_list(&self, at: usize, end: usize) -> Option<String> {
        let first = self.lines.get(at + 1..end)?.iter().find(|line| !is_idle(line))?;
        let indent = first.len() - first.trim_start().len();
        first[indent..].starts_with('-').then(|| first[..indent].to_owned())
    }
}

/// A value, and the comment behind it. In quotes a `#` is none, and neither is one without a blank before it.
fn split_comment(rest: &str) -> (&str, &str) {
    let mut quote = None;
    let mut before = ' ';
    for (at, letter) in rest.char_indices() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '#') if before.is_whitespace() => return rest.split_at(at),
            _ => {}
        }
        before = letter;
    }
    (rest, "")
}

fn indented(lines: &[String], indent: &str) -> Vec<String> {
    let mark = |number: usize| if number == 0 { "- " } else { "  " };
    lines.iter().enumerate().map(|(number, line)| format!("{indent}{}{line}", mark(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: Fingerprint = Fingerprint([0xab; 12]);

    fn exception<'e>(path: Option<&'e str>, reason: &'e str) -> Exception<'e> {
        Exception { rule: "generic-password", path, value: VALUE, reason, until: None }
    }

    fn added(before: &str) -> Result<String, AuditError> {
        with_exception(".tightlip.yml", Some(before), &exception(Some("src/a.py"), "it's a test"), None)
    }

    const ENTRY: &str = "- rule: generic-password\n    path: 'src/a.py'\n    value: 'abababababababababababab'\n    reason: 'it''s a test'\n";

    #[test]
    fn an_entry_is_added_and_nothing_else_changes() {
        let old = "- rule: json-web-token  # here\n    reason: old\n";
        let rows = [
            ("no list", "version: 1\n".to_owned(), format!("version: 1\n\nallow:\n  {ENTRY}")),
            ("no end", "version: 1".to_owned(), format!("version: 1\n\nallow:\n  {ENTRY}")),
            ("nothing", String::new(), format!("version: 1\n\nallow:\n  {ENTRY}")),
            ("comments alone", "# mine\n".to_owned(), format!("# mine\nversion: 1\n\nallow:\n  {ENTRY}")),
            (
                "a list, and a key behind it",
                format!("# top\nallow:  # known\n  # first\n  {old}\n# of leave_out\nleave_out: [vendor]  # x\n"),
                format!(
                    "# top\nallow:  # known\n  # first\n  {old}  {ENTRY}\n# of leave_out\nleave_out: [vendor]  # x\n"
                ),
            ),
            (
                "an empty list",
                "allow: []  # none\nversion: 1\n".to_owned(),
                format!("allow: # none\n  {ENTRY}version: 1\n"),
            ),
            (
                "a list without indent",
                format!("allow:\n{}", old.replace("\n    ", "\n  ")),
                format!("allow:\n{}{}", old.replace("\n    ", "\n  "), ENTRY.replace("\n    ", "\n  ")),
            ),
            (
                "a list on one line",
                "allow: [{rule: json-web-token, reason: 'a # b'}]  # one\n".to_owned(),
                "allow: [{rule: json-web-token, reason: 'a # b'}, {rule: generic-password, path: 'src/a.py', value: \
                 'abababababababababababab', reason: 'it''s a test'}]  # one\n"
                    .to_owned(),
            ),
        ];
        for (name, before, expected) in rows {
            assert_eq!(added(&before).expect(name), expected, "{name}");
        }
    }

    #[test]
    fn line_ends_and_byte_order_marks_stay() {
        let after = added("\u{feff}version: 1\r\nallow:\r\n  - rule: json-web-token\r\n    reason: x\r\n").unwrap();
        assert!(
            after
                .starts_with("\u{feff}version: 1\r\nallow:\r\n  - rule: json-web-token\r\n    reason: x\r\n  - rule: ")
        );
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    }

    #[test]
    fn a_salt_goes_where_it_is_looked_for() {
        let salt = "ab".repeat(16);
        for before in [
            None,
            Some("version: 1\nleave_out: [vendor]\n"),
            Some("# c\nleave_out: [vendor]\n"),
            Some("---\nversion: 1\n"),
        ] {
            let after = with_exception("c", before, &exception(None, "x"), Some(&salt)).expect("a config");
            let (raw, _) = config::parse("c", &after).expect("a config");
            assert_eq!((raw.salt.as_deref(), raw.allow.len()), (Some(&*salt), 1), "{after}");
            let lines: Vec<&str> = after.lines().collect();
            assert!(before.unwrap_or_default().lines().all(|line| lines.contains(&line)), "{after}");
        }
        // One that is there stays.
        let own = format!("salt: {}\n", "cd".repeat(16));
        let after = with_exception("c", Some(&own), &exception(None, "x"), Some(&salt)).expect("a config");
        assert!(after.starts_with(&own) && !after.contains(&salt));
    }

    #[test]
    fn what_cannot_be_added_to_is_refused_with_what_to_write() {
        let rows = [
            "{version: 1}\n",
            "\"allow\": []\n",
            "allow: [{rule: json-web-token,\n  reason: x}]\n",
            "version: 1\n...\n",
            "allow: &a []\n",
        ];
        for before in rows {
            let error = added(before).expect_err(before);
            let help = miette::Diagnostic::help(&error).map(|help| help.to_string()).unwrap_or_default();
            assert!(matches!(error, AuditError::Form { .. } | AuditError::Config(_)), "{before}: {error:?}");
            assert!(matches!(error, AuditError::Config(_)) || help.contains("path: 'src/a.py'"), "{before}: {help}");
        }
        assert!(matches!(with_exception("c", None, &exception(Some("a\u{1b}b"), "x"), None), Err(AuditError::Path)));
    }
}
