//! The walk through what is to be decided: from items and keys to what is shown and what is written. It ends when nothing
//! is left to look at or somebody ends it; what was decided until then is written down already.

use std::io;
use std::time::Duration;

use super::books::{Entry, Reason};
use super::{AuditError, Books, Desk, Elsewhere, Item, Key, Note, Past, State, View, World};
use crate::baseline::Store;
use crate::catalogue::RuleSet;
use crate::date::Date;
use crate::engine;
use crate::finding::Allowed;

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was looked at.
    Through,
    /// Somebody ended it.
    Quit,
}

/// So long the first look at an item waits for its history, and so long where it was asked for.
const GLANCE: Duration = Duration::from_millis(1500);
const LOOK: Duration = Duration::from_secs(30);

/// Goes through the items that `again` or nothing has decided yet, and changes their states.
///
/// # Errors
/// The terminal failed. What was decided is written.
pub fn walk(
    items: &mut [Item],
    again: bool,
    books: &mut Books<'_>,
    world: &mut dyn World,
    desk: &mut dyn Desk,
) -> io::Result<Ended> {
    let open = |item: &Item| match item.state {
        State::Open => true,
        State::Skipped { .. } | State::Rotate { .. } => again,
        State::Allowed(_) => false,
    };
    let order: Vec<usize> = (0..items.len()).filter(|number| open(&items[*number])).collect();
    let mut walk = Walk { items, order, at: 0, books, world, desk, done: Vec::new(), last_reason: None };
    let ended = walk.all()?;
    walk.desk.show(&View::Summary(walk.items))?;
    Ok(ended)
}

struct Walk<'w, 'b> {
    items: &'w mut [Item],
    /// The items that are walked through.
    order: Vec<usize>,
    /// The place in `order`.
    at: usize,
    books: &'w mut Books<'b>,
    world: &'w mut dyn World,
    desk: &'w mut dyn Desk,
    done: Vec<Done>,
    last_reason: Option<String>,
}

/// A decision that can be taken back.
struct Done {
    entry: Entry,
    /// Items and their states before.
    before: Vec<(usize, State)>,
    /// Where the walk was.
    at: usize,
}

/// How long an exception counts.
enum Until {
    /// It is not to be made.
    Back,
    Ever,
    Day(Date),
}

/// What follows a key.
enum Next {
    /// The same item once more, drawn anew.
    Again,
    /// Only the prompt.
    Stay,
    Forward,
    Back,
    To(usize),
    Quit,
}

impl Walk<'_, '_> {
    fn all(&mut self) -> io::Result<Ended> {
        if self.order.is_empty() {
            return Ok(Ended::Through);
        }
        loop {
            while self.at < self.order.len() {
                match self.one()? {
                    Next::Quit => return Ok(Ended::Quit),
                    Next::Again | Next::Stay => {}
                    Next::Forward => self.at += 1,
                    Next::Back => self.at = self.at.saturating_sub(1),
                    Next::To(at) => self.at = at,
                }
            }
            self.desk.show(&View::Last { undoes: !self.done.is_empty() })?;
            match self.desk.key()? {
                Key::Letter('u') => match self.take_back()? {
                    Next::To(at) => self.at = at,
                    _ => return Ok(Ended::Through),
                },
                Key::Letter('k') | Key::Up => self.at = self.order.len() - 1,
                _ => return Ok(Ended::Through),
            }
        }
    }

    /// Shows the item, and does what is asked until it is left.
    fn one(&mut self) -> io::Result<Next> {
        let number = self.order[self.at];
        let around = self.world.around(&self.items[number]);
        let patience = if self.at == 0 { GLANCE } else { Duration::ZERO };
        let past = self.world.past(&self.items[number], patience);
        let item = &self.items[number];
        let of = self.order.len();
        let elsewhere = self.elsewhere(number);
        self.desk.show(&View::Item { item, number: self.at + 1, of, around: &around, past: &past, elsewhere })?;
        loop {
            self.desk.show(&View::Prompt { number: self.at + 1, of })?;
            let key = self.desk.key()?;
            match self.press(key, number)? {
                Next::Stay => {}
                next => return Ok(next),
            }
        }
    }

    fn press(&mut self, key: Key, number: usize) -> io::Result<Next> {
        match key {
            Key::Letter('r') => self.rotate(number),
            Key::Letter('a') => self.allow(number),
            Key::Letter('f') => self.false_alarm(number),
            Key::Letter('b') => self.accept(number),
            Key::Letter('s') => self.skip(number),
            Key::Letter('u') => self.take_back(),
            Key::Letter('e') => self.evidence(number),
            Key::Letter('o') => self.places(number),
            Key::Letter('j') | Key::Down => Ok(Next::Forward),
            Key::Letter('k') | Key::Up => Ok(Next::Back),
            Key::Letter('q') | Key::End => Ok(Next::Quit),
            Key::Letter('l') => Ok(Next::Again),
            Key::Letter('?' | 'h') => self.desk.show(&View::Help).map(|()| Next::Stay),
            Key::Letter(_) | Key::Other => self.told("no such key: ? lists them".to_owned()),
        }
    }

    fn rotate(&mut self, number: usize) -> io::Result<Next> {
        // One rotation is for all copies of the value.
        let all = self.others(number, |item| item.state.is_undecided());
        let put_off: Vec<Note> = all.iter().map(|number| self.books.notes.skip(&self.items[*number])).collect();
        let since = self.books.today;
        let written = self.books.note(&[Note::Rotate(self.items[number].finding.fingerprint)], &put_off);
        if written.is_ok() {
            self.desk.show(&View::Advice(&self.items[number].finding))?;
        }
        let told = format!("to be rotated, in {}; it blocks until the value is gone", self.files(&all));
        self.settle(written, &all, |_| State::Rotate { since }, told)
    }

    fn allow(&mut self, number: usize) -> io::Result<Next> {
        let Some(all) = self.how_many(number, "allow it in")? else {
            return self.told("nothing was decided".to_owned());
        };
        let Some(text) = self.reason("why is it safe?")? else { return self.told("nothing was decided".to_owned()) };
        let until = match self.until()? {
            Until::Back => return self.told("nothing was decided".to_owned()),
            Until::Ever => None,
            Until::Day(day) => Some(day),
        };
        self.write_allow(&all, Reason { text, until, everywhere: false }, "allowed")
    }

    fn false_alarm(&mut self, number: usize) -> io::Result<Next> {
        let Some(text) = self.reason("what is it, if it is no secret?")? else {
            return self.told("nothing was decided".to_owned());
        };
        let all = self.others(number, |item| !matches!(item.state, State::Allowed(_)));
        let text = format!("false alarm: {text}");
        self.write_allow(&all, Reason { text, until: None, everywhere: true }, "a false alarm")
    }

    fn write_allow(&mut self, all: &[usize], reason: Reason, word: &str) -> io::Result<Next> {
        let items: Vec<&Item> = all.iter().map(|number| &self.items[*number]).collect();
        let written = self.books.allow(&items, &reason);
        let name = self.books.config.as_ref().map_or("", |(_, name)| name);
        let told = format!("{word}, in {}: written to {name}", self.files(all));
        let allowed = Allowed::Config { entry: 0, reason: reason.text };
        self.settle(written, all, |_| State::Allowed(allowed.clone()), told)
    }

    fn accept(&mut self, number: usize) -> io::Result<Next> {
        // An entry covers the value wherever it stands; of a file that is one by its name, that file.
        let counts = |item: &Item| !matches!(item.state, State::Allowed(_)) && !item.has_no_line();
        let all = if self.items[number].has_no_line() { vec![number] } else { self.others(number, counts) };
        let items: Vec<&Item> = all.iter().map(|number| &self.items[*number]).collect();
        let written = self.books.accept(&items);
        let name = self.books.baseline.as_ref().map_or("", Store::name);
        let told = format!("known from now on, in {}: written to {name}", self.files(&all));
        let since = self.books.today;
        self.settle(written, &all, |_| State::Allowed(Allowed::Baseline { since }), told)
    }

    fn skip(&mut self, number: usize) -> io::Result<Next> {
        let Some(all) = self.how_many(number, "skip it in")? else { return Ok(Next::Stay) };
        let notes: Vec<Note> = all.iter().map(|number| self.books.notes.skip(&self.items[*number])).collect();
        let since = self.books.today;
        let written = self.books.note(&notes, &[Note::Rotate(self.items[number].finding.fingerprint)]);
        let told = format!("skipped, in {}; `--again` asks once more", self.files(&all));
        self.settle(written, &all, |_| State::Skipped { since }, told)
    }

    /// Makes a decision of what was written, or tells why it was not.
    fn settle(
        &mut self,
        written: Result<Entry, AuditError>,
        all: &[usize],
        state: impl Fn(&Item) -> State,
        told: String,
    ) -> io::Result<Next> {
        let entry = match written {
            Ok(entry) => entry,
            Err(error) => return self.desk.show(&View::Refused(&error)).map(|()| Next::Stay),
        };
        let mut before = Vec::new();
        for number in all {
            let item = &mut self.items[*number];
            let new = state(item);
            before.push((*number, std::mem::replace(&mut item.state, new)));
        }
        self.done.push(Done { entry, before, at: self.at });
        self.desk.show(&View::Told(told))?;
        Ok(self.to_the_next())
    }

    /// The next item that is not decided yet; what lies between was decided along with another.
    fn to_the_next(&self) -> Next {
        let is_done =
            |number: usize| self.done.iter().any(|done| done.before.iter().any(|(decided, _)| *decided == number));
        let next = (self.at + 1..self.order.len()).find(|at| !is_done(self.order[*at]));
        Next::To(next.unwrap_or(self.order.len()))
    }

    fn take_back(&mut self) -> io::Result<Next> {
        let Some(done) = self.done.pop() else { return self.told("there is nothing to take back".to_owned()) };
        if let Err(error) = self.books.take_back(&done.entry) {
            // It stays done, and is not asked for again.
            return self.desk.show(&View::Refused(&error)).map(|()| Next::Stay);
        }
        for (number, state) in done.before {
            self.items[number].state = state;
        }
        self.desk.show(&View::Told("taken back".to_owned()))?;
        Ok(Next::To(done.at))
    }

    fn evidence(&mut self, number: usize) -> io::Result<Next> {
        match self.world.evidence(&self.items[number]) {
            Ok(traces) => self.desk.show(&View::Evidence(&traces))?,
            Err(why) => self.desk.show(&View::Told(format!("there is no more to tell: {why}")))?,
        }
        Ok(Next::Stay)
    }

    fn places(&mut self, number: usize) -> io::Result<Next> {
        if self.world.past(&self.items[number], Duration::ZERO) == Past::Reading {
            self.desk.show(&View::Told("the history is being read".to_owned()))?;
        }
        let past = self.world.past(&self.items[number], LOOK);
        self.desk.show(&View::Places { item: &self.items[number], all: self.items, past: &past })?;
        Ok(Next::Stay)
    }

    fn told(&mut self, text: String) -> io::Result<Next> {
        self.desk.show(&View::Told(text)).map(|()| Next::Stay)
    }

    /// This item and all others of its value, as far as `counts` says.
    fn others(&self, number: usize, counts: impl Fn(&Item) -> bool) -> Vec<usize> {
        let fingerprint = self.items[number].finding.fingerprint;
        let is_one =
            |other: &usize| *other == number || (self.items[*other].is_of(fingerprint) && counts(&self.items[*other]));
        (0..self.items.len()).filter(is_one).collect()
    }

    fn elsewhere(&self, number: usize) -> Elsewhere {
        let fingerprint = self.items[number].finding.fingerprint;
        let others = self.items.iter().enumerate().filter(|(other, item)| *other != number && item.is_of(fingerprint));
        others.fold(Elsewhere::default(), |sum, (_, item)| Elsewhere {
            files: sum.files + 1,
            places: sum.places + item.places.len(),
        })
    }

    /// Whether a decision is for this file, or for all with the value: asked where there is a choice. None goes back.
    fn how_many(&mut self, number: usize, verb: &str) -> io::Result<Option<Vec<usize>>> {
        let all = self.others(number, |item| item.state.is_undecided());
        if all.len() == 1 {
            return Ok(Some(all));
        }
        let question = format!("{verb} this file alone (Enter), or in all {} files with this value (all)? ", all.len());
        Ok(match self.desk.line(&question)?.as_deref().map(str::trim) {
            Some("") => Some(vec![number]),
            Some("all" | "a") => Some(all),
            _ => None,
        })
    }

    /// Why; none goes back. What was said last need not be typed again.
    fn reason(&mut self, question: &str) -> io::Result<Option<String>> {
        loop {
            let hint = match &self.last_reason {
                Some(last) => format!("Enter: {last}; - goes back"),
                None => "Enter goes back".to_owned(),
            };
            let Some(line) = self.desk.line(&format!("{question} ({hint}) "))? else { return Ok(None) };
            let typed = tidy(&line);
            let reason = match (typed.as_str(), &self.last_reason) {
                ("-", _) | ("", None) => return Ok(None),
                ("", Some(last)) => last.clone(),
                _ => typed,
            };
            if engine::masked(&reason, &RuleSet::default()) != reason {
                self.desk.show(&View::Refused(&AuditError::Reason))?;
                continue;
            }
            self.last_reason = Some(reason.clone());
            return Ok(Some(reason));
        }
    }

    /// The last day, if there is to be one.
    fn until(&mut self) -> io::Result<Until> {
        loop {
            let line = self.desk.line("until which day, as 2027-01-31? (Enter: no end; - goes back) ")?;
            match line.as_deref().map(str::trim) {
                Some("") => return Ok(Until::Ever),
                Some("-") | None => return Ok(Until::Back),
                Some(day) => match day.parse::<Date>() {
                    Ok(day) if day >= self.books.today => return Ok(Until::Day(day)),
                    Ok(_) => self.desk.show(&View::Told("that day has passed".to_owned()))?,
                    Err(_) => self.desk.show(&View::Told("a day is written as 2027-01-31".to_owned()))?,
                },
            }
        }
    }

    /// `1 file`, or `3 files`.
    fn files(&self, all: &[usize]) -> String {
        let mut paths: Vec<&str> = all.iter().map(|number| self.items[*number].path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        if paths.len() == 1 { "1 file".to_owned() } else { format!("{} files", paths.len()) }
    }
}

/// A typed line as a reason: of one line, without what nobody sees, and not longer than a config keeps.
fn tidy(line: &str) -> String {
    const LONGEST: usize = 200;
    let visible = crate::yaml::visible(line.chars()).replace('\u{fffd}', "");
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect::<String>().trim_end().to_owned()
}
