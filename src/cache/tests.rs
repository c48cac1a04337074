use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

const RULES: [u8; 32] = [7; 32];

fn identity() -> Identity<'static> {
    Identity { program: "1.0", rules: &RULES, report: 40, repository: b"/r/.git" }
}

/// A folder of its own, which is not there yet.
fn fresh(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("tightlip-cache-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    dir
}

fn opened(folder: &Path) -> Cache {
    Cache::open(folder, &identity()).expect("a folder of our own")
}

fn id(number: u32) -> [u8; 20] {
    let mut id = [0; 20];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

#[test]
fn a_marked_blob_is_known_to_the_next_run_at_its_path_and_to_no_other() {
    let dir = fresh("marked");
    let first = opened(&dir);
    assert!(!first.is_clean(&id(1), "a"));
    first.mark_clean(&id(1), "a");
    first.save();
    let next = opened(&dir);
    assert!(next.is_clean(&id(1), "a"));
    assert!(!next.is_clean(&id(2), "a") && !next.is_clean(&id(1), "b") && !next.is_clean(&id(1)[..19], "\0a"));
    assert_eq!(next.hits(), 1);
    let others = [
        Identity { program: "1.1", ..identity() },
        Identity { rules: &[8; 32], ..identity() },
        Identity { report: 39, ..identity() },
        Identity { repository: b"/other/.git", ..identity() },
        Identity { program: "1.", rules: &RULES, report: 40, repository: b"/r/.git" },
    ];
    for other in others {
        assert!(!Cache::open(&dir, &other).unwrap().is_clean(&id(1), "a"), "{other:?}");
    }
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_cache_that_is_off_knows_nothing() {
    let off = Cache::off();
    off.mark_clean(&id(1), "a");
    off.save();
    assert!(!off.is_clean(&id(1), "a") && off.hits() == 0);
}

#[test]
fn it_grows_and_loses_nothing_until_it_is_full() {
    let dir = fresh("grows");
    for run in 0..40 {
        let cache = opened(&dir);
        (run * 1_000..(run + 1) * 1_000).for_each(|number| cache.mark_clean(&id(number), "a"));
        cache.save();
        // In place, too.
        let cache = opened(&dir);
        cache.mark_clean(&id(1_000_000 + run), "a");
        cache.save();
    }
    let cache = opened(&dir);
    assert!((0..40_000).chain(1_000_000..1_000_040).all(|number| cache.is_clean(&id(number), "a")));
    assert!(!(50_000..90_000).any(|number| cache.is_clean(&id(number), "a")));
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn it_is_bounded_and_the_oldest_go_first() {
    let dir = fresh("bounded");
    let cache = opened(&dir);
    (0..1_500_000).for_each(|number| cache.mark_clean(&id(number), "a"));
    cache.save();
    let cache = opened(&dir);
    (1_500_000..1_510_000).for_each(|number| cache.mark_clean(&id(number), "a"));
    cache.save();
    assert_eq!(fs::metadata(dir.join("clean")).unwrap().len(), table::LARGEST);
    let cache = opened(&dir);
    assert!((1_500_000..1_510_000).all(|number| cache.is_clean(&id(number), "a")), "the newest are there");
    assert!(!(0..1_500_000).all(|number| cache.is_clean(&id(number), "a")), "not all of the oldest");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn nothing_that_stands_in_the_table_is_trusted() {
    let dir = fresh("hostile");
    let cache = opened(&dir);
    (0..2_000).for_each(|number| cache.mark_clean(&id(number), "a"));
    cache.save();
    let table = dir.join("clean");
    let whole = fs::read(&table).unwrap();
    // Each byte of it holds some tag or none, so turning bits makes no new one.
    for turn in [1_u8, 0x80, 0xff] {
        fs::write(&table, whole.iter().map(|byte| byte ^ turn).collect::<Vec<u8>>()).unwrap();
        let cache = opened(&dir);
        assert!(!(0..10_000).any(|number| cache.is_clean(&id(number), "a")), "{turn}");
    }
    for torn in [Vec::new(), whole[..whole.len() - 1].to_vec(), vec![0; 1 << 16], vec![0xff; 1 << 16], b"x".repeat(99)]
    {
        fs::write(&table, &torn).unwrap();
        let cache = opened(&dir);
        assert!(!(0..3_000).any(|number| cache.is_clean(&id(number), "a")), "{} bytes", torn.len());
        cache.mark_clean(&id(5), "a");
        cache.save();
        assert!(opened(&dir).is_clean(&id(5), "a"), "and it is written anew: {} bytes", torn.len());
    }
    // With another key, what was written before is not known.
    fs::write(&table, &whole).unwrap();
    fs::write(dir.join("key"), [1; 32]).unwrap();
    assert!(!opened(&dir).is_clean(&id(5), "a"));
    fs::write(dir.join("key"), [1; 31]).unwrap();
    assert!(!opened(&dir).is_clean(&id(5), "a"), "a torn key is made anew");
    assert_ne!(fs::read(dir.join("key")).unwrap(), [1; 31]);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_folder_that_is_not_ours_alone_is_not_used() {
    let dir = fresh("folder");
    drop(opened(&dir));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&dir.join("key"))), (0o700, 0o600));
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for open in [0o755, 0o770, 0o702, 0o500] {
        set(&dir, open);
        assert!(matches!(Cache::open(&dir, &identity()), Err(CacheOff::OpenToOthers { .. })), "{open:o}");
    }
    set(&dir, 0o700);
    set(&dir.join("key"), 0o640);
    assert!(matches!(Cache::open(&dir, &identity()), Err(CacheOff::OpenToOthers { .. })));
    fs::remove_file(dir.join("key")).unwrap();
    symlink("/dev/zero", dir.join("key")).unwrap();
    assert!(matches!(Cache::open(&dir, &identity()), Err(CacheOff::Unusable { .. })));
    let link = dir.with_extension("link");
    let _ = fs::remove_file(&link);
    symlink(&dir, &link).unwrap();
    assert!(matches!(Cache::open(&link, &identity()), Err(CacheOff::NoFolder { .. })));
    fs::remove_file(&link).unwrap();
    fs::write(&link, "").unwrap();
    assert!(matches!(Cache::open(&link, &identity()), Err(CacheOff::NoFolder { .. })));
    fs::remove_file(&link).unwrap();
    // The root of the file system is root's, and no user's own mode 700 either.
    assert!(Cache::open(Path::new("/"), &identity()).is_err());
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_table_that_is_a_symlink_or_a_pipe_is_passed_over() {
    let dir = fresh("symlink");
    drop(opened(&dir));
    let target = dir.join("victim");
    fs::write(&target, vec![0; 1 << 16]).unwrap();
    symlink("victim", dir.join("clean")).unwrap();
    let cache = opened(&dir);
    cache.mark_clean(&id(1), "a");
    cache.save();
    assert_eq!(fs::read(&target).unwrap(), vec![0; 1 << 16], "what it points to is as it was");
    fs::remove_file(dir.join("clean")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(dir.join("clean")).status().unwrap().success());
    let cache = opened(&dir);
    assert!(!cache.is_clean(&id(2), "a"));
    cache.mark_clean(&id(2), "a");
    cache.save();
    assert!(opened(&dir).is_clean(&id(2), "a"), "and is replaced");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn runs_at_once_make_no_wrong_answer() {
    let dir = fresh("at-once");
    std::thread::scope(|scope| {
        for run in 0..6_u32 {
            let dir = &dir;
            scope.spawn(move || {
                for round in 0..20 {
                    let cache = opened(dir);
                    assert!(!(900_000..900_100).any(|number| cache.is_clean(&id(number), "a")));
                    (0..200).for_each(|number| cache.mark_clean(&id(run * 10_000 + round * 200 + number), "a"));
                    cache.save();
                }
            });
        }
    });
    let cache = opened(&dir);
    let known = (0..60_000).filter(|number| cache.is_clean(&id(*number), "a")).count();
    assert!(known > 12_000, "{known} of 24,000: some may be lost to a lock that took too long");
    let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["clean", "key", "lock"]);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_environment_names_the_folder() {
    type Row = (&'static [(&'static str, &'static str)], Option<&'static str>);
    let rows: &[Row] = &[
        (&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")], Some("/x/tightlip")),
        (&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")], Some("/h/.cache/tightlip")),
        (&[("XDG_CACHE_HOME", ""), ("HOME", "/h")], Some("/h/.cache/tightlip")),
        (&[("HOME", "")], None),
        (&[], None),
    ];
    for (variables, expected) in rows {
        let value = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        if cfg!(target_os = "linux") {
            assert_eq!(folder(&value), expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
