#![allow(clippy::unwrap_used, reason = "a test that cannot go on")]

use std::fs::{create_dir_all, remove_dir_all, remove_file, set_permissions, write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

const KEY: &str = "RWTWIdWvOw7bugGOD4/IVYSiYxM2RmkKLbDWQuWzGMzjrh2qgszpdgrA";
const OTHER_KEY: &str = "RWRblp5s8vK8HR4I0uNqo/sIOyhggu5NK6+o4IkDi1A3tjhERX9/eLvt";

/// A machine of its own, with a repository on it.
struct Machine(PathBuf);

impl Machine {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("tightlip-above-{}-{name}", std::process::id()));
        let _ = remove_dir_all(&dir);
        create_dir_all(dir.join("etc/tightlip")).unwrap();
        create_dir_all(dir.join("repository")).unwrap();
        for folder in ["", "etc", "etc/tightlip"] {
            set_permissions(dir.join(folder), PermissionsExt::from_mode(0o755)).unwrap();
        }
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn policy(&self, text: &str) {
        write(self.path("etc/tightlip/policy.yml"), text).unwrap();
        set_permissions(self.path("etc/tightlip/policy.yml"), PermissionsExt::from_mode(0o644)).unwrap();
    }

    /// A machine's policy that pins a key, and what of `fixtures/policy` stands in the repository.
    fn pins(&self, key: &str, more: &str, signature: &str) {
        self.policy(&format!("organisation: {{key: {key}{more}}}\n"));
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policy");
        std::fs::copy(fixtures.join("organisation.yml"), self.path("repository").join(ORGANISATION)).unwrap();
        std::fs::copy(fixtures.join(signature), self.signature()).unwrap();
    }

    fn signature(&self) -> PathBuf {
        self.path("repository").join(format!("{ORGANISATION}{SIGNATURE}"))
    }

    fn above(&self) -> Result<Above, AboveError> {
        let owner = self.0.metadata().unwrap().uid();
        let system = System { root: &self.0, below: Path::new("etc/tightlip/policy.yml"), owner };
        above(system, Some(&self.path("repository")))
    }

    /// The code of the error; what was found otherwise.
    fn told(&self) -> String {
        match self.above() {
            Ok(Above { machine, organisation, idle }) => {
                let parts = [
                    ("machine", machine.is_some()),
                    ("organisation", organisation.is_some()),
                    ("idle", idle.is_some()),
                ];
                parts.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.code().expect("each has a code").to_string().replace("tightlip::", ""),
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        drop(remove_dir_all(&self.0));
    }
}

#[test]
fn a_machine_without_a_policy_has_none() {
    let machine = Machine::new("none");
    assert_eq!(machine.told(), "");
    write(machine.path("repository").join(ORGANISATION), "version: 1").unwrap();
    // Nobody says whose signature it would have to have.
    assert_eq!(machine.told(), "idle");
    machine.policy("thresholds: {block: 50}\n");
    assert_eq!(machine.told(), "machine idle");
}

#[test]
fn a_machines_policy_that_others_may_write_ends_the_run() {
    let machine = Machine::new("unsafe");
    machine.policy("version: 1\n");
    assert_eq!(machine.told(), "machine");
    for (path, mode, expected) in [
        ("etc/tightlip/policy.yml", 0o666, "control::writable"),
        ("etc/tightlip", 0o777, "control::writable"),
        ("etc", 0o1777, "control::writable"),
    ] {
        let before = machine.path(path).metadata().unwrap().permissions();
        set_permissions(machine.path(path), PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(machine.told(), expected, "{path}");
        set_permissions(machine.path(path), before).unwrap();
    }
    remove_file(machine.path("etc/tightlip/policy.yml")).unwrap();
    write(machine.path("real.yml"), "version: 1\n").unwrap();
    symlink(machine.path("real.yml"), machine.path("etc/tightlip/policy.yml")).unwrap();
    assert_eq!(machine.told(), "control::symlink");
}

#[test]
fn a_policy_that_makes_no_sense_ends_the_run() {
    let machine = Machine::new("hostile");
    let bomb = (1..20).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)
    });
    let rows = [
        (bomb, "config::too_much"),
        (format!("rules: {}1{}", "[".repeat(100), "]".repeat(100)), "config::too_deep"),
        ("allow: []\n".to_owned(), "config::unknown_key"),
        ("leave_out: ['a']\n".to_owned(), "config::unknown_key"),
        ("builtin: {jwt: off}\n".to_owned(), "config::wrong_type"),
        ("permit: some\n".to_owned(), "config::wrong_type"),
        ("permit: {alow: []}\n".to_owned(), "config::unknown_key"),
        ("permit:\n".to_owned(), "config::wrong_type"),
        ("serial: 3\n".to_owned(), "policy::misplaced"),
        ("organisation: {key: abc}\n".to_owned(), "policy::key"),
        (format!("organisation: {{key: {}}}\n", &KEY[..52]), "policy::key"),
        (format!("organisation: {{key: {KEY}AAAA}}\n"), "policy::key"),
        (format!("organisation: {{key: {}}}\n", KEY.replacen('R', "S", 1)), "policy::key"),
        (format!("organisation: {{key: {KEY}, file: policy.yml}}\n"), "policy::path"),
        ("#".repeat((1 << 20) + 1), "control::too_large"),
    ];
    for (text, expected) in rows {
        machine.policy(&text);
        assert_eq!(machine.told(), expected, "{}", &text[..text.len().min(80)]);
    }
}

#[test]
fn only_what_the_pinned_key_signed_is_an_organisations_policy() {
    let machine = Machine::new("signed");
    let rows = [
        (KEY, "", "organisation.yml.minisig", "machine organisation"),
        (KEY, ", serial: 7", "organisation.yml.minisig", "machine organisation"),
        (KEY, ", serial: 8", "organisation.yml.minisig", "policy::serial"),
        (OTHER_KEY, "", "organisation.yml.minisig", "policy::signature"),
        (KEY, "", "other-key.minisig", "policy::signature"),
        (KEY, "", "other-file.minisig", "policy::signature"),
        (KEY, "", "old-form.minisig", "policy::signature"),
        (KEY, "", "minisign.pub", "policy::signature"),
    ];
    for (key, more, signature, expected) in rows {
        machine.pins(key, more, signature);
        assert_eq!(machine.told(), expected, "{more} {signature}");
    }
    remove_file(machine.signature()).unwrap();
    assert_eq!(machine.told(), "policy::unsigned");
    symlink("/dev/zero", machine.signature()).unwrap();
    assert_eq!(machine.told(), "control::symlink");
    remove_file(machine.signature()).unwrap();
    write(machine.signature(), vec![b'a'; 17 << 10]).unwrap();
    assert_eq!(machine.told(), "control::too_large");
    remove_file(machine.path("repository").join(ORGANISATION)).unwrap();
    assert_eq!(machine.told(), "policy::missing");
    // One that is named stands anywhere.
    machine.pins(KEY, &format!(", file: {}", machine.path("elsewhere.yml").display()), "organisation.yml.minisig");
    assert_eq!(machine.told(), "policy::missing");
    let beside = machine.path("repository").join(ORGANISATION);
    std::fs::rename(&beside, machine.path("elsewhere.yml")).unwrap();
    std::fs::rename(machine.signature(), machine.path("elsewhere.yml.minisig")).unwrap();
    assert_eq!(machine.told(), "machine organisation");
}

#[test]
fn no_changed_byte_of_policy_or_signature_is_believed() {
    let machine = Machine::new("changed");
    machine.pins(KEY, "", "organisation.yml.minisig");
    let policy = machine.path("repository").join(ORGANISATION);
    for path in [policy, machine.signature()] {
        let whole = control::read(&path).unwrap().expect("a file");
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            // Nobody signs the first line of a signature, nor the words before what is signed in the third.
            let line = whole[..at].iter().filter(|byte| **byte == b'\n').count();
            if path == machine.signature() && line == 0 && changed[at] != b'\n' && whole[at] != b'\n' {
                continue;
            }
            write(&path, &changed).unwrap();
            assert_eq!(machine.told(), "policy::signature", "{} {at}", path.display());
        }
        for end in 0..whole.len() {
            write(&path, &whole[..end]).unwrap();
            let told = machine.told();
            // Its last line end is no part of a signature.
            assert!(told == "policy::signature" || end + 1 == whole.len(), "{} {end}: {told}", path.display());
        }
        write(&path, &whole).unwrap();
        assert_eq!(machine.told(), "machine organisation");
    }
}
