//! GitLab's routable tokens: random bytes, a routing payload, the length of both, and a CRC-32 over everything before it.

use super::crc::{BASE36, crc32, digits};
use super::encoded::decode;
use super::{Check, fails, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `gitlab-routable`: checksum and stated length of a token such as `glpat-<text>.01.<length><sum>`.
pub struct GitlabRoutable;

const SUM: usize = 7;
const LENGTH: usize = 2;

impl Check for GitlabRoutable {
    fn name(&self) -> &'static str {
        "gitlab-routable"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let token = found.secret().expose();
        let (rest, sum) = token.split_at_checked(token.len().checked_sub(SUM)?)?;
        if digits(u64::from(crc32(rest)), BASE36, SUM) != sum {
            return Some(fails());
        }
        Some(match organisation(rest) {
            Some(number) => holds().noted(format!("organisation {number}")),
            None => holds(),
        })
    }
}

/// The `o:` line of the payload, if the stated length fits and the payload can be read.
fn organisation(rest: &[u8]) -> Option<u64> {
    let (head, stated) = rest.split_at_checked(rest.len().checked_sub(LENGTH)?)?;
    let dot = head.iter().position(|&byte| byte == b'.')?;
    let stated = usize::from_str_radix(std::str::from_utf8(stated).ok()?, 36).ok()?;
    let text = head.get(dot.checked_sub(stated)?..dot)?;
    let bytes = decode(text)?;
    let (&length, before) = bytes.split_last()?;
    let payload = before.get(before.len().checked_sub(usize::from(length))?..)?;
    let line = payload.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(b"o:"))?;
    u64::from_str_radix(std::str::from_utf8(line).ok()?, 36).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::reason;

    #[test]
    fn worked_example_holds_and_names_its_organisation() {
        let token = concat!("gl", "pat-AAECAwQFBgcICQoLDA0OD2M6MQpvOjEKcDoycww.01.131ius49l");
        let found = reason("gitlab-routable", token, &[]).expect("a reason");
        assert_eq!((found.weight, found.note.as_deref()), (25, Some("organisation 1")));
        let edited = token.replace("131", "132");
        assert_eq!(reason("gitlab-routable", &edited, &[]).map(|found| found.weight), Some(-30));
    }
}
