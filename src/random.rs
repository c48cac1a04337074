//! Random bytes from the operating system, for salts and keys. No generator of our own, and no state.

/// Bytes that nobody can foretell.
///
/// # Errors
/// The system gives none.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "a device of the system, not a file of a repository")]
pub fn bytes<const LEN: usize>() -> std::io::Result<[u8; LEN]> {
    use std::io::Read;
    let mut bytes = [0; LEN];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Bytes that are unlike any others: the standard library keys each hash map with bytes that the system makes at random.
///
/// # Errors
/// None; the twin for unix has some.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the twin for unix can fail")]
pub fn bytes<const LEN: usize>() -> std::io::Result<[u8; LEN]> {
    use std::hash::{BuildHasher, RandomState};
    let mut bytes = [0; LEN];
    for part in bytes.chunks_mut(8) {
        let random = RandomState::new().hash_one(part.len()).to_le_bytes();
        part.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
    }
    Ok(bytes)
}
