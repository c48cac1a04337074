//! The engine behind the `tightlip` command: list, read, prefilter, match, weigh, redact, settle, report.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make and read files of their own"))]

pub mod assign;
pub mod catalogue;
pub mod decode;
pub mod judge;
pub mod rule;
pub mod secret;
pub mod span;
pub mod yaml;
