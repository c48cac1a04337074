//! What stands behind the raw bytes of a file: the text of another encoding, and payloads wrapped in text.
//! Nothing here judges what it finds; it says where decoded bytes come from, so that a finding can name its true place.

pub mod encoding;
pub mod unwrap;
mod utf16;

pub use encoding::{Encoding, HEAD};
pub use unwrap::{Budget, Seen, View, Wrapping, may_begin, views, views_at};
pub use utf16::{Decoded, Decoder};
