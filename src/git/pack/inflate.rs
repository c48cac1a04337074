//! Inflates one zlib stream of a known size. The stream's own checksum is verified, and what does not come to exactly that
//! size is refused.

use flate2::{Decompress, FlushDecompress, Status};

/// zlib makes at most so many bytes of one: what claims more is refused before room is made for it.
const MOST_OF_ONE: u64 = 1_032;

/// The state of one thread, used for one stream after the other.
#[derive(Debug)]
pub struct Inflater(Decompress);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompress::new(true))
    }
}

impl Inflater {
    /// Puts what the stream at the start of `packed` holds, `size` bytes, into `out`, in place of what was there; none
    /// where it is damaged.
    pub fn inflate(&mut self, packed: &[u8], size: u64, out: &mut Vec<u8>) -> Option<()> {
        out.clear();
        if size / MOST_OF_ONE > packed.len() as u64 + 16 {
            return None;
        }
        let size = usize::try_from(size).ok()?;
        // A byte more: a stream that goes on past its size is noticed.
        out.try_reserve_exact(size + 1).ok()?;
        self.0.reset(true);
        loop {
            let (read, written) = (self.0.total_in(), self.0.total_out());
            let rest = packed.get(usize::try_from(read).ok()?..)?;
            match self.0.decompress_vec(rest, out, FlushDecompress::Finish).ok()? {
                Status::StreamEnd => return (out.len() == size).then_some(()),
                _ if out.len() > size => return None,
                _ if self.0.total_in() == read && self.0.total_out() == written => return None,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn only_a_whole_stream_of_that_size_is_inflated() {
        let mut inflater = Inflater::default();
        let mut out = Vec::new();
        for text in [vec![], b"some text, some text".to_vec(), vec![7; 100_000]] {
            let stream = packed(&text);
            let size = text.len() as u64;
            assert_eq!(inflater.inflate(&stream, size, &mut out), Some(()));
            assert_eq!(out, text);
            for (stream, size) in [
                (&stream[..stream.len() - 1], size),
                (&stream[..stream.len() / 2], size),
                (&stream[..], size + 1),
                (&stream[..], size + 4_000_000_000),
                (&stream[..], u64::MAX),
            ] {
                assert_eq!(inflater.inflate(stream, size, &mut out), None, "{} for {size}", stream.len());
            }
            if size > 0 {
                assert_eq!(inflater.inflate(&stream, size - 1, &mut out), None);
            }
            let mut wrong = stream.clone();
            *wrong.last_mut().unwrap() ^= 1;
            assert_eq!(inflater.inflate(&wrong, size, &mut out), None);
        }
    }
}
