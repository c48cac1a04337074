//! One file of a diff, from its first header to its last hunk: what it is called, and whether all of it was shown.

use super::binary::Literal;
use super::header::is_changed;
use super::hunk::Hunk;
use super::names::{agrees, named, of_git_line, whole, without_prefix};
use crate::source::Lines;
use crate::source::parts::{Block, Content, Part};

/// How a file's headers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Git,
    Combined,
    /// `diff -u …`, of which nothing but the names below it counts.
    Command,
    /// Subversion's and CVS's `Index: …`.
    Index,
    /// `---` and `+++` alone.
    Bare,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a header that has come or has not")]
pub struct Section {
    form: Form,
    /// From the line that began it.
    told: Option<String>,
    renamed: Option<String>,
    old: Option<String>,
    new: Option<String>,
    /// Both names have been read.
    named: bool,
    /// The path was not there before.
    is_new: bool,
    deleted: bool,
    /// Its content has changed, so something must show it.
    changed: bool,
    has_mode: bool,
    /// Hunks or content have come, or a gap stands for them.
    shown: bool,
    blocks: Vec<Block>,
    added: Vec<(u64, u64)>,
    literal: Option<Literal>,
}

impl Section {
    /// The section that a line begins, if it does.
    pub fn begun(line: &[u8]) -> Option<Self> {
        let (form, told) = if let Some(rest) = line.strip_prefix(b"diff --git ") {
            (Form::Git, of_git_line(rest))
        } else if let Some(rest) = line.strip_prefix(b"diff --cc ").or_else(|| line.strip_prefix(b"diff --combined ")) {
            (Form::Combined, Some(whole(rest)))
        } else if let Some(rest) = line.strip_prefix(b"Index: ") {
            (Form::Index, Some(whole(rest)))
        } else if line.starts_with(b"diff -") {
            (Form::Command, None)
        } else {
            return None;
        };
        Some(Self::new(form, told))
    }

    pub fn new(form: Form, told: Option<String>) -> Self {
        Self {
            form,
            told,
            renamed: None,
            old: None,
            new: None,
            named: false,
            is_new: false,
            deleted: false,
            changed: false,
            has_mode: false,
            shown: false,
            blocks: Vec::new(),
            added: Vec::new(),
            literal: None,
        }
    }

    /// Whether `---` and `+++` belong to this file, and not to the next.
    pub const fn awaits_names(&self) -> bool {
        !self.named && !self.shown
    }

    /// Whether the line that began it named the file.
    pub const fn is_told(&self) -> bool {
        self.told.is_some()
    }

    pub const fn is_combined(&self) -> bool {
        matches!(self.form, Form::Combined)
    }

    /// What stands behind `---` and `+++`.
    pub fn name(&mut self, old: &[u8], new: &[u8]) {
        self.old = named(old);
        self.new = named(new);
        self.named = true;
        self.is_new |= self.old.is_none();
        self.deleted |= self.new.is_none();
    }

    /// Takes one of git's own headers; false if the line is none.
    pub fn header(&mut self, line: &[u8]) -> bool {
        if self.shown {
            return false;
        }
        let after = |start: &str| line.strip_prefix(start.as_bytes());
        match self.form {
            Form::Index if !line.is_empty() && line.iter().all(|byte| *byte == b'=') => true,
            Form::Git | Form::Combined => {
                if let Some(name) = ["rename to ", "copy to ", "rename new "].into_iter().find_map(after) {
                    self.renamed = Some(whole(name));
                    self.is_new = true;
                } else if let Some(ids) = after("index ") {
                    self.changed |= is_changed(ids);
                } else if after("new file mode ").is_some() {
                    self.is_new = true;
                } else if after("deleted file mode ").is_some() {
                    self.deleted = true;
                } else if after("old mode ").or_else(|| after("new mode ")).or_else(|| after("mode ")).is_some() {
                    self.has_mode = true;
                } else {
                    let known =
                        ["rename from ", "copy from ", "rename old ", "similarity index ", "dissimilarity index "];
                    return known.into_iter().any(|start| line.starts_with(start.as_bytes()));
                }
                true
            }
            _ => false,
        }
    }

    pub fn hunk(&mut self, hunk: Hunk) {
        self.shown = true;
        self.blocks.push(hunk.block);
        self.added.extend(hunk.added);
    }

    pub fn literal(&mut self, literal: Literal) {
        self.shown = true;
        self.literal = Some(literal);
    }

    /// Whatever is missing here has been told.
    pub fn told(&mut self) {
        self.shown = true;
    }

    pub const fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// The path of the new side, or of the old one where there is none; `name` where nothing tells.
    pub fn path(&self, name: &str) -> String {
        let new = self.new.as_ref().or(self.old.as_ref()).map(|new| without_prefix(self.old.as_deref(), new));
        let of_new = |told: &&String| self.new.as_ref().is_none_or(|new| agrees(new, told));
        let path = match self.form {
            // CVS writes the whole path there, and the last part of it below.
            Form::Index => {
                let is_longer = |told: &&String| new.is_none_or(|new| agrees(told, new));
                self.told.as_ref().filter(is_longer).map(String::as_str).or(new)
            }
            _ => self.renamed.as_ref().or(self.told.as_ref()).filter(of_new).map(String::as_str).or(new),
        };
        path.map_or_else(|| name.to_owned(), str::to_owned)
    }

    /// What is wrong with the section as a whole, now that it has ended.
    pub fn fault(&self) -> Option<&'static str> {
        let told =
            self.renamed.as_ref().or(self.told.as_ref()).filter(|_| matches!(self.form, Form::Git | Form::Combined));
        if let (Some(told), Some(new)) = (told, &self.new)
            && !agrees(new, told)
        {
            return Some("its headers name two files");
        }
        let unseen = match self.form {
            Form::Git => self.changed,
            Form::Combined => self.changed && !self.has_mode,
            Form::Command => true,
            Form::Index => self.named,
            Form::Bare => true,
        };
        (unseen && !self.shown && !self.deleted).then_some("the diff does not show its lines")
    }

    /// The entry for it, if there is anything of the new side.
    pub fn part(mut self, name: &str) -> Option<Part> {
        let path = self.path(name);
        if let Some(literal) = self.literal {
            return Some(Part { path, lines: Lines::All, content: Content::Binary(literal) });
        }
        if self.is_new && !self.deleted {
            self.added.push(Lines::PATH);
        }
        // A file that goes, or only changes its mode, brings nothing.
        if self.added.is_empty() && (self.deleted || self.blocks.is_empty()) {
            return None;
        }
        Some(Part { path, lines: Lines::added(self.added), content: Content::Lines(self.blocks) })
    }
}
