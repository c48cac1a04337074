//! What a policy above repositories lets them let pass. What it does not name, it does not permit.

use crate::config::{Flag, RawPermit};
use crate::policy::tier::fits;
use crate::policy::{Paths, PolicyProblem};
use crate::rule::Text;
use crate::yaml::{ConfigError, Document, Step, nearest, shown};

/// The checked form of `permit`.
#[derive(Debug, Default)]
pub struct Permit {
    allow: Ids,
    off: Ids,
    waivers: Ids,
    /// All paths.
    any_path: bool,
    paths: Paths,
    pub own_rules: bool,
    pub root_license: bool,
    flags: Vec<Flag>,
}

/// Ids of rules.
#[derive(Debug)]
enum Ids {
    All,
    These(Vec<String>),
}

impl Default for Ids {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl Ids {
    fn admit(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(patterns) => patterns.iter().any(|pattern| fits(pattern, id)),
        }
    }
}

impl Permit {
    /// # Errors
    /// A pattern that no rule fits, or a glob that is none.
    pub fn new(raw: Option<&RawPermit>, document: &Document, ids: &[Text]) -> Result<Self, ConfigError> {
        let permitted = match raw {
            None => return Ok(Self::default()),
            Some(RawPermit::All) => {
                let (allow, off, waivers) = (Ids::All, Ids::All, Ids::All);
                let (paths, flags) = (Paths::default(), Flag::ALL.to_vec());
                return Ok(Self {
                    allow,
                    off,
                    waivers,
                    any_path: true,
                    paths,
                    own_rules: true,
                    root_license: true,
                    flags,
                });
            }
            Some(RawPermit::Some(permitted)) => permitted,
        };
        let paths = Paths::new(permitted.leave_out.iter().map(String::as_str)).map_err(|(place, why)| {
            let path = [Step::Key("permit"), Step::Key("leave_out"), Step::Item(place)];
            document.refuse(&path, PolicyProblem::BadGlob { why })
        })?;
        Ok(Self {
            allow: checked(&permitted.allow, "allow", document, ids)?,
            off: checked(&permitted.off, "off", document, ids)?,
            waivers: Ids::These(permitted.waivers.clone()),
            any_path: false,
            paths,
            own_rules: permitted.own_rules,
            root_license: permitted.root_license,
            flags: permitted.flags.clone(),
        })
    }

    /// Whether findings of the rule may be allowed.
    #[must_use]
    pub fn allows(&self, rule: &str) -> bool {
        self.allow.admit(rule)
    }

    /// Whether the rule may be switched off or made less severe.
    #[must_use]
    pub fn off(&self, rule: &str) -> bool {
        self.off.admit(rule)
    }

    /// Whether the waiver may count.
    #[must_use]
    pub fn waives(&self, id: &str) -> bool {
        self.waivers.admit(id)
    }

    /// Whether the flag counts.
    #[must_use]
    pub fn flag(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// Whether the path may be left out.
    #[must_use]
    pub fn leaves_out(&self, path: &str) -> bool {
        self.any_path || self.paths.admit(path)
    }
}

/// A misspelt id would permit nothing, and nobody would know why.
fn checked(patterns: &[String], key: &str, document: &Document, ids: &[Text]) -> Result<Ids, ConfigError> {
    let names = |pattern: &String| ids.iter().any(|id| fits(pattern, id));
    match patterns.iter().position(|pattern| !names(pattern)) {
        None => Ok(Ids::These(patterns.to_vec())),
        Some(place) => {
            let pattern = &patterns[place];
            let help = match nearest(pattern, ids.iter().map(AsRef::as_ref)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`tightlip rules list` shows all ids; `*` stands for any letters".to_owned(),
            };
            let problem = PolicyProblem::UnknownRule { what: "rule", id: shown(pattern), help };
            Err(document.refuse(&[Step::Key("permit"), Step::Key(key), Step::Item(place)], problem))
        }
    }
}
