//! Hashes of texts.

use sha2::{Digest, Sha256};

/// The SHA-256 of a text, in lower-case hexadecimal digits.
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_specification() {
        let text = "query($id:ID!){user(id:$id){name}}";
        assert_eq!(hash(text), "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b");
    }
}
