//! The engine behind the `tightlip` command: list, read, prefilter, match, weigh, redact, settle, report.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make and read files of their own"))]

pub mod assign;
pub mod audit;
pub mod baseline;
pub mod blob;
pub mod cache;
pub mod catalogue;
pub mod cli;
pub mod compare;
pub mod config;
pub mod control;
pub mod date;
pub mod decode;
pub mod engine;
pub mod excerpt;
pub mod finding;
pub mod git;
pub mod hooks;
pub mod init;
pub mod judge;
pub mod marker;
pub mod migrate;
pub mod outcome;
pub mod policy;
pub mod progress;
mod random;
pub mod report;
pub mod rule;
pub mod secret;
pub mod source;
pub mod span;
pub mod trace;
pub mod yaml;
