//! A secret's identity: the only thing besides its masked excerpt that outlives the scan of its blob.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::finding::Fingerprint;
use crate::secret::Secret;

/// Makes fingerprints under a repository's salt.
#[derive(Clone, Debug)]
pub struct Fingerprinter {
    keyed: Hmac<Sha256>,
}

impl Fingerprinter {
    #[must_use]
    pub fn new(salt: &str) -> Self {
        Self { keyed: Hmac::new_from_slice(salt.as_bytes()).expect("HMAC takes a key of any length") }
    }

    /// The same for a text that is no secret.
    #[must_use]
    pub fn of_text(&self, rule: &str, text: &str) -> Fingerprint {
        self.of(rule, Secret::new(text.as_bytes()))
    }

    /// Rule and value, and nothing of the place.
    #[must_use]
    pub fn of(&self, rule: &str, secret: Secret<'_>) -> Fingerprint {
        let mut hash = self.keyed.clone();
        hash.update(rule.as_bytes());
        hash.update(&[0]);
        // A key of many lines is the same key where a checkout writes CRLF.
        secret.expose().split(|byte| *byte == b'\r').for_each(|part| hash.update(part));
        let digest = hash.finalize().into_bytes();
        let mut fingerprint = Fingerprint([0; 12]);
        fingerprint.0.copy_from_slice(&digest[..12]);
        fingerprint
    }
}
