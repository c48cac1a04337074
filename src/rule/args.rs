//! The parameters a rule gives to a check.

use std::borrow::Cow;

/// Text that is static for built-in rules and owned for a user's.
pub type Text = Cow<'static, str>;

/// Name and value pairs, in the order of the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(pub Cow<'static, [(Text, Text)]>);

impl Args {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.get(name).and_then(|value| value.parse().ok())
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_ref())
    }
}
