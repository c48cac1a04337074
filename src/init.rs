//! `tightlip init`: writes a config to start from, with a salt of its own. It never replaces a file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::config::NAME;
use crate::random;

const TEMPLATE: &str = include_str!("init.yml");

/// No config could be written.
#[derive(Debug, Error, Diagnostic)]
pub enum InitError {
    #[error("`{}` is there already", path.display())]
    #[diagnostic(code(tightlip::init::exists), help("edit it, or remove it first"))]
    Exists { path: PathBuf },
    #[error("`{}` cannot be written: {why}", path.display())]
    #[diagnostic(code(tightlip::init::unwritable), help("check that you may write to this folder"))]
    Unwritable { path: PathBuf, why: std::io::Error },
}

/// Writes the config into `folder`, and says where.
///
/// # Errors
/// There is one already, or the folder cannot be written to.
pub fn write(folder: &Path) -> Result<PathBuf, InitError> {
    let path = folder.join(NAME);
    let wrong = |why: std::io::Error| match why.kind() {
        ErrorKind::AlreadyExists => InitError::Exists { path: path.clone() },
        _ => InitError::Unwritable { path: path.clone(), why },
    };
    let salt = random::bytes().map_err(wrong)?;
    // `create_new` follows no symlink, not even one to nowhere.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(wrong)?;
    file.write_all(text(&salt).as_bytes()).map_err(wrong)?;
    Ok(path)
}

/// The template with this salt in it.
fn text(salt: &[u8; 16]) -> String {
    TEMPLATE.replacen("{salt}", &format!("{:032x}", u128::from_be_bytes(*salt)), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::builtin_rules;
    use crate::config;
    use crate::date::Date;
    use crate::policy::Policy;

    fn checked(text: &str) -> Policy {
        let (raw, document) = config::parse(NAME, text).expect("the template is valid YAML");
        let known: Vec<&str> = builtin_rules().iter().map(|rule| rule.id.as_ref()).collect();
        Policy::new(raw, &document, &known, Date::default()).expect("the template makes sense")
    }

    #[test]
    fn the_template_is_a_config_and_so_are_its_examples() {
        let written = text(&[0xab; 16]);
        assert_eq!(checked(&written).salt(), "ab".repeat(16));
        let is_example =
            |line: &&str| line.starts_with("#   ") || (line.ends_with(':') && line.matches(' ').count() == 1);
        let examples = written.lines().filter(|line| !line.contains("tightlip: allow"));
        let examples: String = examples.filter(is_example).map(|line| format!("{}\n", &line[2..])).collect();
        let policy = checked(&examples);
        assert_eq!((policy.rules.len(), policy.changes.len(), policy.stale().len()), (1, 2, 1));
        assert!(policy.leaves_out("vendor/a"));
    }

    #[test]
    fn a_config_is_written_once() {
        let dir = std::env::temp_dir().join(format!("tightlip-init-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let path = write(&dir).expect("an empty folder");
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(matches!(write(&dir), Err(InitError::Exists { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
        std::fs::remove_file(&path).unwrap();
        write(&dir).expect("an empty folder again");
        assert_ne!(std::fs::read_to_string(&path).unwrap(), first, "each salt is new");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
