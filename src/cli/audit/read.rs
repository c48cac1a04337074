//! What an audit is about: the findings of a scan, or those of a saved report that are still found; and by which salt
//! their fingerprints are keyed, since decisions will be written down by them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use super::super::Global;
use super::super::error::CliError;
use super::super::repository::forced;
use super::super::scan::existing;
use super::super::setup::{Control, Setup};
use super::super::terminal::note;
use super::world::{Ended, Repo};
use crate::audit::Notes;
use crate::baseline::{Baseline, BaselineError};
use crate::catalogue::builtin_rules;
use crate::config;
use crate::engine::{self, Ask, Options};
use crate::finding::{Allowed, Decision, Finding, Position};
use crate::git::{Repository, Start};
use crate::outcome::Outcome;
use crate::policy::Scope;
use crate::progress::{self, Silent};
use crate::random;
use crate::source::Paths;
use crate::yaml::nearest;

/// The repository and what steers a run in it.
pub struct Ground<'g> {
    global: &'g Global,
    control: &'g Control,
    /// None outside of a repository.
    repository: Option<Repository>,
    /// Why there is one, and it cannot be read.
    closed: Option<String>,
    pub salt: String,
    /// The config has none, and no baseline that counts in this run.
    brings_salt: bool,
    /// It stands in no file yet that steers a run.
    pub is_new_salt: bool,
    rules: Vec<String>,
}

/// What was found.
pub struct Found {
    pub findings: Vec<Finding>,
    /// Places of a report where nothing of it is found any more.
    pub gone: Vec<String>,
    pub gaps: usize,
    pub setup: Setup,
    /// Without its findings.
    pub outcome: Outcome,
}

impl<'g> Ground<'g> {
    pub fn new(global: &'g Global, control: &'g Control, paths: &[PathBuf]) -> Result<Self, CliError> {
        let has_git = control.root.join(".git").symlink_metadata().is_ok();
        let opened = has_git.then(|| Repository::open(&Start::Path(control.root.clone()), &control.here, forced()));
        let (repository, closed) = match opened {
            None => (None, None),
            Some(Ok((repository, _))) => (Some(repository), None),
            Some(Err(error)) => (None, Some(error.to_string())),
        };
        let setup = control.setup(control.baseline(global)?, paths)?;
        let rules = builtin_rules().iter().map(|rule| rule.id.to_string());
        let rules = rules.chain(setup.rules.rules().map(|(_, rule)| rule.id.to_string())).collect();
        let salt = setup.policy.salt().to_owned();
        Ok(Self { global, control, repository, closed, salt, brings_salt: false, is_new_salt: false, rules })
    }

    /// Whether the config names values by their fingerprints, which another salt would change.
    fn goes_by_values(&self) -> Result<bool, CliError> {
        let Some(named) = &self.control.config else { return Ok(false) };
        let (raw, _) = config::parse(&named.name, &named.text)?;
        let has_value = raw.allow.iter().any(|allow| allow.value.is_some());
        Ok(has_value || raw.waivers.iter().any(|waiver| waiver.fingerprint.is_some()))
    }

    /// Looks for a salt where the run has none: that of a baseline that does not count here, of an earlier audit, or, if
    /// it `decides`, a new one.
    pub fn find_salt(&mut self, decides: bool) -> Result<(), CliError> {
        if !self.salt.is_empty() || self.global.no_config || self.goes_by_values()? {
            return Ok(());
        }
        let known = self.control.store.read()?.map(|known| known.salt().to_owned()).filter(|salt| !salt.is_empty());
        let noted = match self.git_dir() {
            Some(git_dir) => Notes::salt_of(&git_dir)?.filter(|salt| !salt.is_empty()),
            None => None,
        };
        self.is_new_salt = known.is_none();
        self.salt = match known.or(noted) {
            Some(salt) => salt,
            None if !decides => return Ok(()),
            None => {
                let salt: [u8; 16] = random::bytes().map_err(|why| BaselineError::NoSalt { why })?;
                format!("{:032x}", u128::from_be_bytes(salt))
            }
        };
        self.brings_salt = true;
        Ok(())
    }

    /// Git's own folder for this work tree.
    pub fn git_dir(&self) -> Option<PathBuf> {
        self.repository.as_ref().map(|repository| repository.location().git_dir.clone())
    }

    pub fn repository(&self) -> Option<Repo> {
        self.repository.clone().map(Repo::new)
    }

    pub fn known_rule(&self, id: &str) -> Result<(), CliError> {
        if self.rules.iter().any(|known| known == id) {
            return Ok(());
        }
        let help = match nearest(id, self.rules.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`tightlip rules list` shows all ids".to_owned(),
        };
        Err(CliError::NoSuchRule { id: id.to_owned(), help })
    }

    /// Rules and policy with the salt of this audit.
    fn setup(&self, paths: &[PathBuf]) -> Result<Setup, CliError> {
        let known = self.control.baseline(self.global)?;
        let brought = || Baseline::new(self.control.store.name(), &self.salt);
        let known = if self.brings_salt { Some(brought()) } else { known };
        self.control.setup(known, paths)
    }

    pub fn of_scan(&self, paths: &[PathBuf], obey_gitignore: bool) -> Result<Found, CliError> {
        existing(paths)?;
        let setup = self.setup(paths)?;
        let mut outcome = scanned(&Paths::new(paths.to_vec(), obey_gitignore, 0), &setup);
        let findings = std::mem::take(&mut outcome.findings);
        Ok(Found { findings, gone: Vec::new(), gaps: outcome.gaps.len(), setup, outcome })
    }

    /// The findings of a report that files still have, and those of commits, which stay.
    pub fn of_report(&self, told: Outcome) -> Result<Found, CliError> {
        let (in_commits, in_files): (Vec<Finding>, Vec<Finding>) =
            told.findings.into_iter().partition(|finding| finding.commit.is_some());
        let files: BTreeSet<PathBuf> = in_files.iter().map(|finding| PathBuf::from(&finding.place.path)).collect();
        let files: Vec<PathBuf> = files.into_iter().filter(|path| path.symlink_metadata().is_ok()).collect();
        let source = Paths::new(files.clone(), false, 0);
        let as_then = self.control.setup(self.control.baseline(self.global)?, &files)?;
        let mut outcome = scanned(&source, &as_then);
        let key = |finding: &Finding| (finding.rule.to_string(), finding.fingerprint, finding.place.path.clone());
        let told_keys: HashSet<_> = in_files.iter().map(key).collect();
        let found_keys: HashSet<_> = outcome.findings.iter().map(key).collect();
        let gone: Vec<String> = in_files
            .iter()
            .filter(|finding| !found_keys.contains(&key(finding)))
            .map(|finding| format!("{}:{} ({})", finding.place.path, finding.place.start.line, finding.rule))
            .collect();
        if !in_files.is_empty() && gone.len() == in_files.len() && !outcome.findings.is_empty() {
            note(
                "note: nothing of the report is found as it tells; was it saved in another folder, or under another `salt:`?",
            );
        }
        let at = |finding: &Finding| -> (String, String, Position) {
            (finding.rule.to_string(), finding.place.path.clone(), finding.place.start)
        };
        let kept: HashSet<_> = outcome.findings.iter().filter(|it| told_keys.contains(&key(it))).map(at).collect();
        let setup = self.setup(&files)?;
        if self.brings_salt {
            outcome = scanned(&source, &setup);
        }
        let mut findings = std::mem::take(&mut outcome.findings);
        findings.retain(|finding| kept.contains(&at(finding)));
        findings.extend(self.settled(in_commits, &setup));
        outcome.gaps.extend(told.gaps);
        Ok(Found { findings, gone, gaps: outcome.gaps.len(), setup, outcome })
    }

    /// What is in a commit is settled by the policy as it is now. A comment that let it pass then stands in that commit too.
    fn settled(&self, findings: Vec<Finding>, setup: &Setup) -> Vec<Finding> {
        let by_comment = |finding: &Finding| matches!(finding.decision, Decision::Allow(Allowed::Inline { .. }));
        let settle = |mut finding: Finding| {
            if !by_comment(&finding) {
                let shown = finding.place.path.clone();
                finding.place.path = self.control.root.join(&shown).to_string_lossy().into_owned();
                let counts = setup.policy.decide(&mut finding, None);
                finding.place.path = shown;
                return counts.then_some(finding);
            }
            Some(finding)
        };
        findings.into_iter().filter_map(settle).collect()
    }

    /// Begins to read the history; none where there is none to read.
    pub fn past(&self) -> Option<mpsc::Receiver<Ended>> {
        let (sender, receiver) = mpsc::channel();
        if let Some(why) = &self.closed {
            drop(sender.send(Err(why.clone())));
            return Some(receiver);
        }
        let repository = self.repository.clone()?;
        // Its paths start from the root, wherever this runs.
        let mut setup = self.setup(&[]).ok()?;
        setup.policy.scope = Scope::default();
        let read = move || {
            // With nobody to listen any more, the audit is over.
            drop(sender.send(history(&repository, &setup)));
        };
        thread::Builder::new().name("history".to_owned()).spawn(read).ok()?;
        Some(receiver)
    }
}

fn history(repository: &Repository, setup: &Setup) -> Ended {
    let mut store = repository.store().map_err(|error| error.to_string())?;
    let ask = Ask {
        objects: repository.location().common_dir.join("objects"),
        id_len: store.id_len(),
        refs: store.refs().map_err(|error| error.to_string())?,
        shallow: repository.shallow().map_err(|error| error.to_string())?,
        unreachable: false,
    };
    drop(store);
    let outcome = engine::history(&ask, &setup.rules, &setup.policy, Options::default(), &Silent);
    let outcome = outcome.map_err(|error| error.to_string())?;
    let is_whole = outcome.gaps.is_empty();
    let mut first = BTreeMap::new();
    for finding in outcome.findings {
        let Some(commit) = finding.commit else { continue };
        // They come in the order of their commits.
        first.entry(finding.fingerprint).or_insert(((*commit).clone(), finding.place));
    }
    Ok((first, is_whole))
}

fn scanned(source: &Paths, setup: &Setup) -> Outcome {
    let bar = progress::on_terminal(true);
    let options = Options { partial: true, ..Options::default() };
    engine::scan(source, &setup.rules, &setup.policy, options, bar.as_ref())
}
