//! The secrets of tokens: made once, shown once, and known again by their hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How a token starts, so that it is known for one wherever it turns up.
const PREFIX: &str = "pomost_";
/// Bytes of chance in a token.
const BYTES: usize = 32;

/// A new secret.
///
/// # Errors
/// The operating system gives no chance.
pub fn generate() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The hash under which a secret is kept. It holds 256 bits of chance, so that a plain hash tells nothing of it.
pub fn hash(secret: &str) -> String {
    crate::door::hash(secret)
}

/// Whether a text could be a secret: nothing is looked up for one that could not.
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
