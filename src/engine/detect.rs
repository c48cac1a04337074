//! Candidates to hits: every place that wakes a rule is matched and weighed, in the text and in what is wrapped in it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::echo::Echo;
use super::fingerprint::Fingerprinter;
use super::hit::{Hit, Specific};
use crate::assign::{self, Candidate};
use crate::catalogue::{NearSeen, RuleIndex, RuleSet, Wakes};
use crate::decode::{Budget, Seen, View, views_at};
use crate::finding::Fingerprint;
use crate::judge::generic::Depth;
use crate::judge::standing::Standing;
use crate::judge::surroundings::Role;
use crate::judge::{Verdict, generic, hotspot, weigh};
use crate::rule::{Found, Literal, Match, Pattern, Wake, line_starts, pieces, places_of, signs, token_runs};
use crate::span::Span;

/// A payload in a payload in a payload is looked into, and no further.
const DEEPEST: usize = 3;

/// What a scanner of text needs and keeps between texts.
#[derive(Debug)]
pub struct Detector<'r> {
    pub rules: &'r RuleSet,
    pub fingerprints: &'r Fingerprinter,
    /// Use the slow twin of the prefilter, and look at every place: the findings must be the same.
    pub slowly: bool,
    pub depth: Depth,
    found: Found,
    pub(super) marker_found: Found,
}

/// What to look for, and where.
#[derive(Clone, Copy, Debug)]
pub struct Task<'b> {
    pub text: &'b [u8],
    /// Payloads that touch this part are decoded.
    pub unwrapped: Span,
    pub file: &'b File<'b>,
    pub binary: bool,
}

/// What a file's path says of all texts in it; found out when it is first asked.
#[derive(Debug)]
pub struct File<'p> {
    path: &'p str,
    role: Role<'p>,
    /// Of the rules that look into some files only, those that look into this one.
    rules: OnceCell<Vec<RuleIndex>>,
}

impl<'p> File<'p> {
    #[must_use]
    pub const fn of(path: &'p str) -> Self {
        Self { path, role: Role::of(path), rules: OnceCell::new() }
    }

    fn rules(&self, rules: &RuleSet) -> &[RuleIndex] {
        self.rules.get_or_init(|| rules.for_file(self.path))
    }

    fn admits(&self, index: RuleIndex, rules: &RuleSet) -> bool {
        self.rules(rules).contains(&index)
    }
}

/// Is told of every literal that woke something and came to nothing, for `explain`.
pub type Missed<'m> = &'m mut dyn FnMut(Wakes, Span, Cow<'static, str>);

impl<'r> Detector<'r> {
    #[must_use]
    pub fn new(rules: &'r RuleSet, fingerprints: &'r Fingerprinter, slowly: bool) -> Self {
        Self {
            rules,
            fingerprints,
            slowly,
            depth: Depth::Enough { report: 40 },
            found: Found::default(),
            marker_found: Found::default(),
        }
    }

    /// All hits in a text, several on the same bytes included.
    pub fn hits(&mut self, task: Task<'_>, budget: &mut Budget, missed: Missed<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.plain(task, &mut hits, missed);
        if !task.binary {
            let mut views = Vec::new();
            views_at(task.text, task.unwrapped, self.seen(), budget, &mut |view| views.push(view));
            for view in views {
                hits.extend(self.wrapped(task, &view, budget, 1));
            }
        }
        hits
    }

    /// Where the text looked at last may have something wrapped in it.
    fn seen(&self) -> Seen<'_> {
        Seen { runs: &self.found.runs, signs: &self.found.signs }
    }

    fn plain(&mut self, task: Task<'_>, hits: &mut Vec<Hit>, missed: Missed<'_>) {
        let mut found = std::mem::take(&mut self.found);
        let rules = self.rules;
        let mut echo = Echo::default();
        let mut each = |at: usize, literal: &Literal<Wakes>| match literal.wakes {
            Wakes::Rule(index) => self.try_rule(task, index, at, literal.text.clone(), hits, missed),
            Wakes::Assignments if task.binary => {}
            Wakes::Assignments if !self.slowly && echo.repeats(task.text, at) => {
                echo.silent(task.text, at);
                missed(Wakes::Assignments, Span::new(at, at + literal.text.len()), literal.text.clone());
            }
            Wakes::Assignments => {
                let before = hits.len();
                self.assignments(task, at, literal, hits);
                if hits.len() == before {
                    echo.silent(task.text, at);
                    missed(Wakes::Assignments, Span::new(at, at + literal.text.len()), literal.text.clone());
                }
            }
        };
        if self.slowly {
            rules.probe().find_slowly(task.text, &mut each);
            token_runs(task.text, &mut found.runs);
            signs(task.text, &mut found.signs);
        } else {
            rules.probe().find(task.text, &mut found, &mut each);
        }
        for index in task.file.rules(rules) {
            self.in_some_files(task, *index, hits, missed);
        }
        let mut near = NearSeen::default();
        for run in found.runs.iter().filter(|_| !task.binary) {
            self.token_run(task, *run, &mut near, hits);
        }
        self.found = found;
    }

    /// A rule that looks into this file and few others: at its lines, or where its literals stand.
    fn in_some_files(&self, task: Task<'_>, index: RuleIndex, hits: &mut Vec<Hit>, missed: Missed<'_>) {
        let rule = self.rules.rule(index);
        let ignore_case = rule.pattern().is_some_and(Pattern::ignores_case);
        match &rule.wake {
            Wake::Lines(_) => {
                for start in line_starts(task.text) {
                    self.try_rule(task, index, start, "line".into(), hits, &mut |_, _, _| ());
                }
            }
            Wake::Literals { literals, .. } => {
                for literal in literals.iter() {
                    for at in places_of(task.text, literal, ignore_case) {
                        self.try_rule(task, index, at, literal.clone(), hits, missed);
                    }
                }
            }
            Wake::Run { .. } | Wake::Path | Wake::Scanner(_) | Wake::Marks(_) => {}
        }
    }

    /// A place where a rule's literal stands, or a line begins.
    fn try_rule(
        &self,
        task: Task<'_>,
        index: RuleIndex,
        at: usize,
        woken_by: Cow<'static, str>,
        hits: &mut Vec<Hit>,
        missed: Missed<'_>,
    ) {
        let rule = self.rules.rule(index);
        if !rule.files.is_empty() && !task.file.admits(index, self.rules) {
            return;
        }
        let Some(found) = rule.matches(task.text, at) else {
            missed(Wakes::Rule(index), Span::new(at, at + woken_by.len()), woken_by);
            return;
        };
        // Several literals in one match, or several candidates in it, are one hit.
        if hits.iter().rev().take(8).any(|hit| hit.rule == index && hit.whole == found.whole) {
            return;
        }
        hits.push(self.hit(index, &found, weigh::weigh(rule, &found), Specific::Literal, woken_by));
    }

    /// A token run with a rule's words near. What cannot be reported is told only where all is: beside many digests a
    /// vendor's name stands by chance.
    fn try_run(
        &self,
        task: Task<'_>,
        index: RuleIndex,
        words: &[Span],
        standing: &Standing<'_>,
        piece: Span,
        hits: &mut Vec<Hit>,
    ) {
        let rule = self.rules.rule(index);
        if !rule.files.is_empty() && !task.file.admits(index, self.rules) {
            return;
        }
        let most = self.rules.most_of_run(index);
        if most.is_some_and(|most| !self.depth.counts(most.at(words, standing))) {
            return;
        }
        let Some(found) = rule.matches_run(task.text, piece.start) else { return };
        let verdict = weigh::weigh_run(rule, &found, words, standing);
        if most.is_none() || self.depth.counts(verdict.score()) {
            hits.push(self.hit(index, &found, verdict, Specific::Run, "token run".into()));
        }
    }

    fn assignments(&self, task: Task<'_>, at: usize, keyword: &Literal<Wakes>, hits: &mut Vec<Hit>) {
        assign::candidates_at(task.text, at, &mut |candidate: Candidate| {
            let Some((id, verdict)) = generic::weigh(task.text, &candidate, &task.file.role, self.depth) else {
                return;
            };
            let Some(index) = self.rules.scanner_rule(id) else { return };
            let found = Match::new(task.text, candidate.value, candidate.value);
            hits.push(self.hit(index, &found, verdict, Specific::Assignment, keyword.text.clone()));
        });
    }

    fn token_run(&self, task: Task<'_>, run: Span, near: &mut NearSeen, hits: &mut Vec<Hit>) {
        let bytes = run.of(task.text);
        if !has_digit(bytes.get(..256).unwrap_or(bytes)) {
            return;
        }
        pieces(task.text, run, |piece| {
            let standing = Standing::of(task.text, piece);
            self.rules.for_run(task.text, piece, near, |index, words| {
                self.try_run(task, index, words, &standing, piece, hits);
            });
        });
        if let Some(verdict) = hotspot::weigh(task.text, run)
            && let Some(index) = self.rules.scanner_rule(hotspot::RULE)
        {
            let found = Match::new(task.text, run, run);
            hits.push(self.hit(index, &found, verdict, Specific::Hotspot, "token run".into()));
        }
    }

    pub(super) fn hit(
        &self,
        rule: RuleIndex,
        found: &Match<'_>,
        verdict: Verdict,
        specific: Specific,
        woken_by: Cow<'static, str>,
    ) -> Hit {
        Hit {
            rule,
            whole: found.whole,
            secret: found.secret,
            place: found.secret,
            partner: None,
            masked: found.secret,
            wrapped: Vec::new(),
            // Most candidates come to nothing, and a keyed hash costs more than all else that is done for them.
            fingerprint: if verdict.score() == 0 {
                Fingerprint::default()
            } else {
                self.fingerprints.of(&self.rules.rule(rule).id, found.secret())
            },
            verdict,
            specific,
            woken_by,
        }
    }

    /// Hits in a payload, with their places in the text that holds it.
    fn wrapped(&self, task: Task<'_>, view: &View, budget: &mut Budget, depth: usize) -> Vec<Hit> {
        let mut inner = Self::new(self.rules, self.fingerprints, self.slowly);
        inner.depth = self.depth;
        let all = Span::new(0, view.bytes.len());
        let inside = Task { text: &view.bytes, unwrapped: all, ..task };
        let mut hits = Vec::new();
        inner.plain(inside, &mut hits, &mut |_, _, _| ());
        if depth < DEEPEST {
            let mut views = Vec::new();
            views_at(&view.bytes, all, inner.seen(), budget, &mut |view| views.push(view));
            for nested in views {
                hits.extend(inner.wrapped(inside, &nested, budget, depth + 1));
            }
        }
        for hit in &mut hits {
            hit.whole = view.origin(hit.whole);
            hit.secret = view.origin(hit.secret);
            hit.place = hit.secret;
            hit.masked = view.span;
            hit.wrapped.insert(0, view.wrapping);
        }
        hits
    }
}

/// Sixteen bytes at a time, without a branch for each: most runs are names, and have none.
fn has_digit(run: &[u8]) -> bool {
    let any = |part: &[u8; 16]| part.iter().fold(false, |any, byte| any | byte.is_ascii_digit());
    run.as_chunks().0.iter().any(any) || run.last_chunk().is_some_and(any)
}
