//! Values that are names: of what follows them, of a thing in a store, of a field or a member of a program. Each is
//! told by how it is spelt or by what stands beside it.

use super::is_bare_key;
use crate::assign::{Candidate, Quote};
use crate::judge::words::wordiness;

/// Whether the quoted value is itself the name of what follows: `PASSWORD_VERIFIER "ChallengeName": …`.
pub(super) fn names_next(text: &[u8], candidate: &Candidate) -> bool {
    let rest = text.get(candidate.value.end + 1..).unwrap_or_default();
    candidate.quote != Quote::None && rest.iter().take(3).find(|byte| **byte != b' ') == Some(&b':')
}

/// Whether the quoted value is the first name in the braces of a map: `access_token: {"claim": …`.
pub(super) fn is_first_key(text: &[u8], candidate: &Candidate) -> bool {
    let before = text.get(candidate.value.start.saturating_sub(80)..candidate.value.start).unwrap_or_default();
    let opened = before.split_last().is_some_and(|(_, before)| before.trim_ascii_end().ends_with(b"{"));
    opened && names_next(text, candidate)
}

/// Lower case and digits in three parts or more, each of two or more: `net.if2.mac`.
pub(super) fn dotted_name(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.');
    value.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(byte))
        && parts.clone().count() >= 3
        && parts.all(|part| part.len() >= 2)
}

/// Whether the value names the block that stands on the next line.
pub(super) fn names_block(text: &[u8], candidate: &Candidate) -> bool {
    let rest = text.get(candidate.value.end..).unwrap_or_default();
    rest.get(..20).unwrap_or(rest).trim_ascii_start().starts_with(b"-----BEGIN")
        && !candidate.value.of(text).starts_with(b"-----")
}

/// Whether it is the key of a label in a selector: `operator` and `values` stand beside it.
pub(super) fn selects_labels(text: &[u8], candidate: &Candidate) -> bool {
    let near = text.get(candidate.name.start.saturating_sub(80)..(candidate.value.end + 80).min(text.len()));
    let near = near.unwrap_or_default();
    is_bare_key(candidate.name.of(text)) && memchr::memmem::find(near, b"operator").is_some()
}

/// Whether the bucket of a store is named beside it.
pub(super) fn names_bucket(text: &[u8], candidate: &Candidate) -> bool {
    let near = text.get(candidate.name.start.saturating_sub(100)..(candidate.value.end + 60).min(text.len()));
    ["Bucket", "bucket"].iter().any(|word| memchr::memmem::find(near.unwrap_or_default(), word.as_bytes()).is_some())
}

/// Words in lower case, joined as programs join the parts of a name: `app.session.id`, `aws:asset:secrets`.
pub(super) fn joined_names(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| b".:".contains(byte));
    value.iter().all(|byte| byte.is_ascii_lowercase() || b".:-_*".contains(byte))
        && parts.clone().count() >= 2
        && parts.all(|part| part.len() >= 2)
}

/// Three words or more with dots between, spelt as programs spell members: `http2.client.sessionListener`.
pub(super) fn is_member_path(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.');
    let member =
        |part: &[u8]| part.len() >= 3 && part[0].is_ascii_lowercase() && part.iter().all(u8::is_ascii_alphanumeric);
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits <= 1 && parts.clone().count() >= 3 && parts.all(member) && wordiness(value) >= 0.6
}

/// What a field is called, given as its value: `client-id`, `tenant_id`, `auth-code`.
pub(super) fn is_named_value(value: &[u8]) -> bool {
    let parts = || value.split(|byte| b"-_".contains(byte));
    parts().count() == 2
        && parts().next().is_some_and(|part| part.len() >= 4 && part.iter().all(u8::is_ascii_lowercase))
        && parts().next_back().is_some_and(|part| FIELDS.contains(&part))
}

/// `org.matrix.msc3077.sdp_stream_metadata`: a domain from its end, and what it names.
pub(super) fn is_reverse_domain(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.');
    let domain = parts.next().is_some_and(|first| [b"org".as_slice(), b"com", b"net", b"io", b"dev"].contains(&first));
    let name = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(byte);
    domain && parts.count() >= 2 && value.iter().all(name)
}

/// Whether the name holds the value and more: `auth_htpasswd = {"htpasswd", …`.
pub(super) fn is_part_of_name(name: &[u8], value: &[u8]) -> bool {
    value.len() >= 4
        && name.len() > value.len()
        && name.windows(value.len()).any(|part| part.eq_ignore_ascii_case(value))
}

/// Two names or more with blanks between: `SystemGroupAuthKey system.print.admin`.
pub(super) fn is_phrase_of_names(value: &[u8]) -> bool {
    value.contains(&b' ') && value.iter().all(|byte| byte.is_ascii_alphabetic() || b"._- ".contains(byte))
}

/// A place in a tree: `/cockpit`, `/uwsgi-bin/`, one whose slashes are encoded, what a `…_file` is called, and the folder
/// that a shell calls `PWD`.
pub(super) fn is_place(name: &[u8], value: &[u8]) -> bool {
    let spelt = |byte: &u8| byte.is_ascii_lowercase() || b"-_/+".contains(byte);
    let file = name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b"file")
        || [b"PWD".as_slice(), b"OLDPWD"].contains(&name);
    value.starts_with(b".%2F")
        || value.starts_with(b"%2F")
        || value.starts_with(b"/") && (file || value.len() >= 4 && value.iter().all(spelt))
}

/// Words with bars or commas between, eight or more: a list of them, as programs spell sets.
pub(super) fn is_list(value: &[u8]) -> bool {
    [b'|', b','].iter().any(|mark| value.iter().filter(|byte| *byte == mark).count() >= 7)
}

/// How names of fields end.
static FIELDS: [&[u8]; 8] = [b"id", b"key", b"code", b"secret", b"token", b"name", b"password", b"url"];
