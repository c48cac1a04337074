//! Files that are endless, go away, shrink, or become something else while a scan is under way: what was not read is a
//! gap, and the run fails.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::symlink;
use std::path::Path;

use common::{Folder, LINE, Memory, fifo};
use tightlip::blob::Windowing;
use tightlip::catalogue::RuleSet;
use tightlip::engine::Options;
use tightlip::outcome::{Exit, Leniency, Outcome};
use tightlip::source::{Entry, Listing, Reader, Source};

/// Bytes that are made while they are read.
struct Made {
    len: usize,
    at: usize,
    part: &'static [u8],
    end: &'static [u8],
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = (self.len + self.end.len()).saturating_sub(self.at).min(buffer.len());
        for (place, byte) in buffer[..left].iter_mut().enumerate() {
            let at = self.at + place;
            *byte = if at < self.len { self.part[at % self.part.len()] } else { self.end[at - self.len] };
        }
        self.at += left;
        Ok(left)
    }
}

/// One entry, with a reader of the test's making.
struct One<F>(&'static str, F);

impl<F: Fn() -> io::Result<Box<dyn Read>> + Sync> Source for One<F> {
    fn list(&self) -> Listing {
        Memory { files: vec![(self.0.to_owned(), Vec::new())] }.list()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(OneReader(&self.1))
    }
}

struct OneReader<'o, F>(&'o F);

impl<F: Fn() -> io::Result<Box<dyn Read>>> Reader for OneReader<'_, F> {
    fn open<'r>(&'r mut self, _: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        (self.0)()
    }
}

fn scan(source: &dyn Source) -> Outcome {
    common::scan(source, &RuleSet::default(), Options::default())
}

fn exit(outcome: &Outcome) -> Exit {
    outcome.exit(Leniency::default())
}

#[test]
fn one_endless_line_is_read_to_its_end() {
    // 64 MB, and not 500: unoptimised code would take minutes. That memory does not grow is for the benches.
    let len = 64 << 20;
    for part in [b"lorem ipsum dolor sit amet, ".as_slice(), b"a", b"password=", b"0123456789abcdef", b"\"", b"\\"] {
        let end = concat!(" key = \"AKIA", "257V5HEDQR4EEHK5\"").as_bytes();
        let len = if part.len() > 20 { len } else { 8 << 20 };
        let source = One("a.txt", move || Ok(Box::new(Made { len, at: 0, part, end }) as Box<dyn Read>));
        let outcome = scan(&source);
        assert_eq!(outcome.covered.bytes, (len + end.len()) as u64);
        let last = outcome.findings.iter().find(|finding| finding.rule == "aws-access-key-id").expect("it is found");
        assert_eq!((last.place.start.line, last.place.start.column), (1, len as u64 + 9));
        assert_eq!(exit(&outcome), Exit::Blocked);
    }
}

#[test]
fn files_that_go_or_change_before_they_are_read_are_gaps() {
    let gone = One("gone.py", || File::open("/nowhere/at/all").map(|file| Box::new(file) as Box<dyn Read>));
    let denied = One("denied.py", || Err(io::ErrorKind::PermissionDenied.into()));
    let broken = One("broken.py", || {
        let text = LINE.as_bytes().chain(Failing);
        Ok(Box::new(text) as Box<dyn Read>)
    });
    let rows: [(&str, &dyn Source); 3] =
        [("not found", &gone), ("permission denied", &denied), ("the disk is on fire", &broken)];
    for (why, source) in rows {
        let outcome = scan(source);
        assert_eq!(outcome.gaps.iter().map(|gap| gap.why.as_str()).collect::<Vec<_>>(), [why]);
        assert_eq!((exit(&outcome), outcome.covered.files), (Exit::Failed, 0));
    }
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is on fire"))
    }
}

#[test]
fn what_was_read_before_an_error_is_still_told() {
    let text = format!("{LINE}{}", "filler\n".repeat(300_000));
    let source = One("a.py", move || Ok(Box::new(io::Cursor::new(text.clone()).chain(Failing)) as Box<dyn Read>));
    let windowing = Windowing { own: 100_000, ..Windowing::default() };
    let outcome = common::scan(&source, &RuleSet::default(), Options { windowing, ..Options::default() });
    assert_eq!((outcome.findings.len(), outcome.gaps.len(), exit(&outcome)), (1, 1, Exit::Failed));
}

/// Does something to each file once it is open.
struct Shrinking<S>(S, fn(&Path));

impl<S: Source> Source for Shrinking<S> {
    fn list(&self) -> Listing {
        self.0.list()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ShrinkingReader(self.0.reader(), self.1))
    }
}

struct ShrinkingReader<'s>(Box<dyn Reader + 's>, fn(&Path));

impl Reader for ShrinkingReader<'_> {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        let file = self.0.open(entry)?;
        (self.1)(Path::new(&entry.path));
        Ok(file)
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_a_gap() {
    let folder = Folder::new("hostile-shrink");
    folder.write("a.py", LINE.repeat(100_000));
    let paths = tightlip::source::Paths::new(vec![folder.path().to_owned()], true, 1);
    let outcome = scan(&Shrinking(paths, |path| {
        OpenOptions::new().write(true).open(path).unwrap().set_len(70_000).unwrap();
    }));
    assert_eq!(outcome.gaps.len(), 1, "{outcome:?}");
    assert_eq!(outcome.gaps[0].why, "it shrank while it was read");
    assert_eq!(exit(&outcome), Exit::Failed);
}

#[test]
fn what_takes_the_place_of_a_listed_file_is_not_followed() {
    type Replace = fn(&Path);
    let rows: &[(&str, Replace)] = &[
        ("a symlink", |path| symlink("/etc/hostname", path).unwrap()),
        ("a pipe", fifo),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("nothing", |_| ()),
    ];
    for (name, replace) in rows {
        let folder = Folder::new("hostile-replaced");
        folder.write("a.py", LINE);
        let source = Replaced(tightlip::source::Paths::new(vec![folder.path().to_owned()], true, 1), *replace);
        let outcome = scan(&source);
        assert_eq!((outcome.gaps.len(), outcome.findings.len(), exit(&outcome)), (1, 0, Exit::Failed), "{name}");
    }
}

/// Puts something else where each listed file was.
struct Replaced<S>(S, fn(&Path));

impl<S: Source> Source for Replaced<S> {
    fn list(&self) -> Listing {
        let listing = self.0.list();
        for entry in &listing.entries {
            fs::remove_file(&entry.path).unwrap();
            (self.1)(Path::new(&entry.path));
        }
        listing
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        self.0.reader()
    }
}
