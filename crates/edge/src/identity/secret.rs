//! The secrets of tokens. A registry stores only their hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The prefix of each token, by which secret scanners recognise it.
const PREFIX: &str = "pomost_";
/// Random bytes in a token.
const BYTES: usize = 32;

/// A new secret.
///
/// # Errors
/// The operating system provides no random bytes.
pub fn generate() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The hash under which a secret is stored. A plain hash is sufficient, because a secret has 256 random bits.
pub fn hash(secret: &str) -> String {
    crate::hash(secret)
}

/// True if a text has the form of a secret: others are not looked up.
pub fn is_well_formed(text: &str) -> bool {
    let bytes = text.strip_prefix(PREFIX).and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok());
    bytes.is_some_and(|bytes| bytes.len() == BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_new_each_time() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert!(is_well_formed(&one) && one != other);
        assert_eq!(hash(&one).len(), 64);
        for wrong in ["", "pomost_", "pomost_abc", "eyJhbGciOiJub25lIn0.e30."] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }
}
