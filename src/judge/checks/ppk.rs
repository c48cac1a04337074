//! Key files of `PuTTY` without a passphrase: fields by name, lines of base64, and a MAC whose key is then known.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::encoded::decode;
use super::{Check, PROVEN, STRUCTURE, fails};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `putty-key`: the fields are there, and the MAC over them holds.
pub struct PuttyKey;

impl Check for PuttyKey {
    fn name(&self) -> &'static str {
        "putty-key"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        // The block of the rule ends before the MAC, so the text is read on.
        let text = found.text().get(found.whole.start..)?;
        let text = String::from_utf8_lossy(text.get(..16_384).unwrap_or(text)).replace("\\r", "").replace("\\n", "\n");
        let key = Key::of(&text)?;
        let Some(mac) = &key.mac else { return Some(Reason::new("structure-holds", STRUCTURE)) };
        Some(if key.proves(mac)? { Reason::new("key-parses", PROVEN) } else { fails() })
    }
}

struct Key {
    version: u8,
    kind: String,
    comment: String,
    public: Vec<u8>,
    private: Vec<u8>,
    mac: Option<Vec<u8>>,
}

impl Key {
    fn of(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let (version, kind) = lines.next()?.strip_prefix("PuTTY-User-Key-File-")?.split_once(": ")?;
        if lines.next()? != "Encryption: none" {
            return None;
        }
        let comment = lines.next()?.strip_prefix("Comment:")?.trim_start().to_owned();
        let mut block = |name: &str| {
            let count = lines.by_ref().find_map(|line| line.strip_prefix(name))?.trim().parse::<usize>().ok()?;
            decode(lines.by_ref().take(count.min(400)).collect::<String>().as_bytes())
        };
        let (public, private) = (block("Public-Lines:")?, block("Private-Lines:")?);
        let mac = lines.find_map(|line| line.strip_prefix("Private-MAC:")).and_then(|mac| hex(mac.trim()));
        Some(Self { version: version.parse().ok()?, kind: kind.to_owned(), comment, public, private, mac })
    }

    /// Version 2 derives its key from the empty passphrase, version 3 uses none.
    fn proves(&self, mac: &[u8]) -> Option<bool> {
        let parts = [self.kind.as_bytes(), b"none", self.comment.as_bytes(), &self.public, &self.private];
        let mut data = Vec::new();
        for part in parts {
            data.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
            data.extend(part);
        }
        match self.version {
            2 => {
                let key = Sha1::digest(b"putty-private-key-file-mac-key");
                Some(Hmac::<Sha1>::new_from_slice(&key).ok()?.chain_update(data).verify_slice(mac).is_ok())
            }
            3 => Some(Hmac::<Sha256>::new_from_slice(b"").ok()?.chain_update(data).verify_slice(mac).is_ok()),
            _ => None,
        }
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks_exact(2);
    let whole = pairs.remainder().is_empty() && !text.is_empty();
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    bytes.filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::tests::weight;
    use super::*;

    /// A file whose blobs are so many bytes of 7 and 9.
    fn file(version: u8) -> String {
        let (public, private) = (vec![7; 51], vec![9; 36]);
        let key = Key {
            version,
            kind: "ssh-ed25519".into(),
            comment: "me@box".into(),
            public: public.clone(),
            private: private.clone(),
            mac: None,
        };
        let mut data = Vec::new();
        for part in [b"ssh-ed25519".as_slice(), b"none", b"me@box", &public, &private] {
            data.extend(u32::try_from(part.len()).expect("short").to_be_bytes());
            data.extend(part);
        }
        let mac = if version == 2 {
            let secret = Sha1::digest(b"putty-private-key-file-mac-key");
            Hmac::<Sha1>::new_from_slice(&secret).expect("any").chain_update(data).finalize().into_bytes().to_vec()
        } else {
            Hmac::<Sha256>::new_from_slice(b"").expect("any").chain_update(data).finalize().into_bytes().to_vec()
        };
        assert_eq!(key.proves(&mac), Some(true));
        let mac: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        let (public, private) = (STANDARD.encode(public), STANDARD.encode(private));
        let (one, two) = public.split_at(64);
        format!(
            "PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: none\nComment: me@box\nPublic-Lines: 2\n{one}\n{two}\n\
             Private-Lines: 1\n{private}\nPrivate-MAC: {mac}\n"
        )
    }

    #[test]
    fn the_mac_holds_in_both_versions_and_every_surrounding() {
        for version in [2, 3] {
            let file = file(version);
            assert_eq!(weight("putty-key", &file, &[]), 25, "{version}");
            assert_eq!(weight("putty-key", &file.replace('\n', "\r\n"), &[]), 25, "{version}");
            assert_eq!(weight("putty-key", &file.replace('\n', "\n  "), &[]), 25, "{version}");
            assert_eq!(weight("putty-key", &file.replace('\n', "\\n"), &[]), 25, "{version}");
            assert_eq!(weight("putty-key", &file.replace("me@box", "me@bax"), &[]), -30, "{version}");
            let (without, _) = file.split_once("Private-MAC").expect("a MAC");
            assert_eq!(weight("putty-key", without, &[]), 10, "{version}");
            assert_eq!(weight("putty-key", &file.replace(": none", ": aes256-cbc"), &[]), 0, "{version}");
        }
    }
}
