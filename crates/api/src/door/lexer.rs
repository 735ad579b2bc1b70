//! Counts the tokens of a document, and how deeply its brackets are nested, before a parser has to.

/// What a glance at the text of a document tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Glance {
    /// Lexical tokens, as the GraphQL specification defines them.
    pub(super) tokens: u64,
    /// The most brackets of any kind that are open at once.
    pub(super) nesting: u64,
}

/// Looks at a text. What is no GraphQL is counted somehow: the parser will say what is wrong with it.
pub(super) fn glance(text: &str) -> Glance {
    let bytes = text.as_bytes();
    let mut glance = Glance::default();
    let mut open = 0_u64;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += run(bytes, at, |byte| byte != b'\n' && byte != b'\r');
                continue;
            }
            b'"' => at += string(bytes, at),
            b'.' => at += run(bytes, at, |byte| byte == b'.'),
            byte if is_word(byte) => at += run(bytes, at, |byte| is_word(byte) || byte == b'.'),
            other => {
                match other {
                    b'{' | b'(' | b'[' => open += 1,
                    b'}' | b')' | b']' => open = open.saturating_sub(1),
                    _ => {}
                }
                glance.nesting = glance.nesting.max(open);
                at += 1;
            }
        }
        glance.tokens += 1;
    }
    glance
}

/// Bytes of names and numbers, and whatever is not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'+' || !byte.is_ascii()
}

fn run(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().take_while(|byte| belongs(**byte)).count()
}

/// The length of a string, with its quotes, that starts here; to the end of the text if it has none.
fn string(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    let block = rest.starts_with(b"\"\"\"");
    let quotes: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = quotes.len();
    while at < rest.len() {
        if block && rest[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if !block && rest[at] == b'\\' {
            at += 2;
        } else if rest[at..].starts_with(quotes) {
            return at + quotes.len();
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> u64 {
        glance(text).tokens
    }

    #[test]
    fn tokens_are_those_of_the_specification() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("{ a }"), 3);
        assert_eq!(tokens("query Q($a: Int! = -1.5e3) { b(x: $a) @c ...D }"), 24);
        assert_eq!(tokens("# a comment { a }\n{ a, b,, c }"), 5);
        assert_eq!(tokens("{ a(s: \"one \\\" { token\") }"), 8);
        assert_eq!(tokens("{ a(s: \"\"\"one \\\"\"\" \" token\"\"\") }"), 8);
    }

    #[test]
    fn brackets_of_strings_and_comments_do_not_count() {
        assert_eq!(glance("{ a(b: [[1]]) { c } }").nesting, 4);
        assert_eq!(glance("{ a(b: \"[[[[\") # {{{{\n }").nesting, 2);
        assert_eq!(glance("}}}} {").nesting, 1);
    }

    #[test]
    fn broken_texts_are_looked_at_to_their_end() {
        for text in ["\"", "\"\\", "\"\"\"", "\"\"\"\\\"\"\"", "…ż", "\u{0}"] {
            assert!(tokens(text) <= 2, "{text}");
        }
    }
}
