//! Tests of the binary: exit codes, messages, logs and metrics.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets what it did not expect stops there")]
#![allow(clippy::pedantic, reason = "tables and checks are written for the reader of a failure")]
#![allow(clippy::disallowed_methods, reason = "a test waits for processes by the clock of the machine")]

mod databases;
mod health;
mod logs;
mod program;
mod settings;
