//! Passes the version of the compiler and the commit, if it is known, to the program.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=POMOST_COMMIT");
    println!("cargo::rustc-env=POMOST_BUILT_BY={}", rustc().unwrap_or_default());
    println!("cargo::rustc-env=POMOST_BUILT_FROM={}", commit().unwrap_or_default());
}

/// The version, such as "1.95.0".
fn rustc() -> Option<String> {
    let text = said(&mut Command::new(std::env::var_os("RUSTC")?), &["--version"])?;
    text.split(' ').nth(1).map(ToOwned::to_owned)
}

/// The value of `POMOST_COMMIT`, for builds without a repository; or else the commit of the repository. Only release builds
/// read it: other builds would be repeated after each commit.
fn commit() -> Option<String> {
    if let Ok(named) = std::env::var("POMOST_COMMIT")
        && !named.trim().is_empty()
    {
        return Some(named.trim().to_owned());
    }
    if std::env::var("PROFILE").is_ok_and(|profile| profile != "release") {
        return None;
    }
    let log = said(&mut Command::new("git"), &["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    said(&mut Command::new("git"), &["rev-parse", "HEAD"])
}

fn said(command: &mut Command, arguments: &[&str]) -> Option<String> {
    let output = command.args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}
