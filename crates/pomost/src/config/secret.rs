//! Secrets in files, as container platforms provide them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Maximum size of a secret, so that a wrong path does not fill the memory.
const MOST: u64 = 64 << 10;

/// The secret in a file, without the final line end.
///
/// # Errors
/// The file cannot be read, is empty, or contains more than one line. The message names the file and never its content.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text));
    read.map_err(|error| format!("cannot read the file {shown}: {error}"))?;
    // Some editors write a byte order mark, which is invisible.
    let secret = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_end_matches(['\r', '\n']);
    match secret {
        _ if text.len() as u64 > MOST => Err(format!("the file {shown} is too long for a secret")),
        secret if secret.trim().is_empty() => Err(format!("the file {shown} is empty")),
        secret if secret.contains(['\r', '\n']) => {
            Err(format!("the file {shown} has several lines: write only the secret"))
        }
        secret => Ok(secret.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_end_is_not_part_of_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for (written, secret) in
            [("a b", "a b"), ("a\n", "a"), ("a\r\n", "a"), (" a \n\n", " a "), ("\u{feff}a\r\n", "a")]
        {
            std::fs::write(&path, written).unwrap();
            assert_eq!(read(&path).as_deref(), Ok(secret), "{written:?}");
        }
        for (written, problem) in
            [("", "is empty"), ("\u{feff}\n", "is empty"), (" \n", "is empty"), ("hidden\nb\n", "several lines")]
        {
            std::fs::write(&path, written).unwrap();
            let error = read(&path).unwrap_err();
            assert!(error.contains(problem) && error.contains("secret") && !error.contains("hidden"), "{error}");
        }
        std::fs::write(&path, "x".repeat(70_000)).unwrap();
        assert!(read(&path).unwrap_err().contains("too long"));
        assert!(read(&folder.path().join("none")).unwrap_err().contains("cannot read the file"));
    }
}
