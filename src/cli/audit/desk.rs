//! The terminal as a desk: pages go to standard output; keys come one by one where the terminal gives them so, else as the
//! first letter of a line. Between two keys the terminal is as it was found.

use std::io::{self, BufRead, Write};

use console::Term;

use crate::audit::{Desk, Key, View};
use crate::report::{self, Style};

pub struct Tty {
    style: Style,
    /// None where answers end with Enter.
    keys: Option<Term>,
}

impl Tty {
    pub fn new(style: &Style, single: bool) -> Self {
        Self { style: style.clone(), keys: single.then(Term::stdout) }
    }

    fn say(bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    fn read_line() -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_until(b'\n', &mut bytes)?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned()))
    }
}

impl Desk for Tty {
    fn show(&mut self, view: &View<'_>) -> io::Result<()> {
        let mut page = Vec::new();
        report::audit::show(view, &self.style, &mut page)?;
        Self::say(&page)
    }

    fn key(&mut self) -> io::Result<Key> {
        let Some(term) = &self.keys else {
            let line = Self::read_line()?;
            let first = |line: String| line.trim().chars().next().map_or(Key::Other, Key::Letter);
            return Ok(line.map_or(Key::End, first));
        };
        let key = match term.read_key_raw() {
            Ok(key) => meant(&key),
            // The terminal is gone.
            Err(_) => Key::End,
        };
        match key {
            Key::Letter(letter) if !letter.is_control() => Self::say(format!("{letter}\n").as_bytes())?,
            _ => Self::say(b"\n")?,
        }
        Ok(key)
    }

    fn line(&mut self, question: &str) -> io::Result<Option<String>> {
        Self::say(format!("  {question}").as_bytes())?;
        Self::read_line()
    }
}

fn meant(key: &console::Key) -> Key {
    match key {
        console::Key::Char('\u{4}') | console::Key::CtrlC => Key::End,
        console::Key::Char(letter) => Key::Letter(*letter),
        console::Key::ArrowDown | console::Key::ArrowRight | console::Key::PageDown => Key::Down,
        console::Key::ArrowUp | console::Key::ArrowLeft | console::Key::PageUp => Key::Up,
        _ => Key::Other,
    }
}
