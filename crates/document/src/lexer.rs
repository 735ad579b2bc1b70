//! Counts the tokens of a document and the nesting of its brackets before it is parsed.

/// Lexical figures of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Lexical tokens, as the GraphQL specification defines them.
    pub tokens: u64,
    /// The maximum number of brackets of any kind that are open at once.
    pub nesting: u64,
}

/// Counts the tokens of a text and the nesting of its brackets. If the text is not GraphQL, the figures are approximate and
/// the parser reports the error.
#[must_use]
pub fn glance(text: &str) -> Glance {
    let mut glance = Glance::default();
    let mut open = 0_u64;
    for token in Tokens::of(text) {
        match token.text {
            "{" | "(" | "[" => open += 1,
            "}" | ")" | "]" => open = open.saturating_sub(1),
            _ => {}
        }
        glance.nesting = glance.nesting.max(open);
        glance.tokens += 1;
    }
    glance
}

/// A token and its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl Token<'_> {
    /// True for a string that continues on the next line, which only a block string may do.
    pub(crate) fn is_broken_string(&self) -> bool {
        self.text.starts_with('"') && !self.text.starts_with("\"\"\"") && self.text.contains(['\n', '\r'])
    }

    /// The text of the token, independent of the notation of strings.
    pub(crate) fn meaning(&self) -> &str {
        if self.text.starts_with('"') { "\"" } else { self.text }
    }
}

/// The tokens of a text, without white space, commas, comments and byte order marks.
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        loop {
            let at = self.at;
            let length = match *bytes.get(at)? {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.at += run(bytes, at, |byte| byte != b'\n' && byte != b'\r');
                    continue;
                }
                _ if bytes[at..].starts_with(BYTE_ORDER_MARK) => {
                    self.at += BYTE_ORDER_MARK.len();
                    continue;
                }
                b'"' => string(bytes, at),
                b'.' => run(bytes, at, |byte| byte == b'.').min(3),
                byte if is_word(byte) => word(bytes, at),
                _ => 1,
            };
            self.at += length;
            // An unterminated string that ends with an escape may end within a character.
            while !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
            return Some(Token { text: &self.text[at..self.at], at });
        }
    }
}

/// Replaces each comma between tokens by a space, because the parser does not look past commas. Offsets do not change.
pub(crate) fn without_commas(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for token in Tokens::of(text) {
        // Comments between tokens stay in place and may contain anything.
        spaced.extend(text[spaced.len()..token.at].chars().map(|char| if char == ',' { ' ' } else { char }));
        spaced.push_str(token.text);
    }
    spaced.push_str(&text[spaced.len()..]);
    spaced
}

/// True for bytes of names and numbers, and for all bytes that are not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'+' || !byte.is_ascii()
}

/// The length of the name or number at this offset. A dot ends a name, and so does a byte order mark, although its bytes are
/// not ASCII.
fn word(bytes: &[u8], from: usize) -> usize {
    let is_number = bytes[from].is_ascii_digit() || bytes[from] == b'-';
    let length = run(bytes, from, |byte| is_word(byte) || (is_number && byte == b'.'));
    let mark = bytes[from..from + length].windows(BYTE_ORDER_MARK.len()).position(|window| window == BYTE_ORDER_MARK);
    mark.unwrap_or(length)
}

fn run(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().take_while(|byte| belongs(**byte)).count()
}

/// The length of the string at this offset, with its quotes; up to the end of the text if it is not terminated.
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
    fn invalid_texts_are_read_to_their_end() {
        for text in ["\"", "\"\\", "\"\\ż", "\"\"\"", "\"\"\"\\\"\"\"", "…ż", "\u{0}"] {
            assert!(tokens(text) <= 2, "{text}");
        }
    }

    #[test]
    fn a_byte_order_mark_separates_tokens() {
        assert_eq!(tokens("\u{feff}{ a\u{feff}{ b(c: 1\u{feff}) }\u{feff}}"), tokens("{ a { b(c: 1) } }"));
    }

    #[test]
    fn dots_end_a_name_and_not_a_number() {
        assert_eq!(tokens("{ a...F...on B { c(d: -1.5e3) } }"), tokens("{ a ... F ... on B { c (d: 7) } }"));
    }

    #[test]
    fn commas_between_tokens_become_spaces() {
        let text = "{ a,: b(c: \",\", d: [1,2]), # x, y\n,...,f \"\"\",\"\"\" },";
        assert_eq!(without_commas(text), "{ a : b(c: \",\"  d: [1 2])  # x  y\n ... f \"\"\",\"\"\" },");
        assert_eq!(without_commas("ż,ż"), "ż ż");
    }
}
