//! Filters the bytes of a file before the JSON reader: converts what JSON allows and the reader does not support.
//!
//! - Removes the byte order mark that some editors put before UTF-8.
//! - Converts lone carriage returns to line feeds, because lines are counted by line feeds.
//! - Converts a number beyond 64 bits, which is valid JSON, to a marked string (see [`Json::huge`]), so that it is a fault
//!   of its field and does not end the reading of the file.
//!
//! [`Json::huge`]: super::json::Json::huge

use std::io::{self, Cursor, Read};

use serde::de::IgnoredAny;

use super::foreign::START;
use super::json::HUGE;

/// The start of a file without leading blank lines, and the whole file.
pub(super) fn begin(mut input: impl Read) -> io::Result<(Vec<u8>, impl Read)> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let mut start = next(&mut input)?;
    let mut is_full = start.len() == START;
    if start.starts_with(MARK) {
        start.drain(..MARK.len());
    }
    // Leading blanks may be endless, so they are counted, not stored.
    let (mut lines, mut spaces, mut last) = (0, 0, 0);
    while is_full && start.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
        for byte in start {
            match byte {
                b'\n' if last == b'\r' => {}
                b'\n' | b'\r' => (lines, spaces) = (lines + 1, 0),
                _ => spaces += 1,
            }
            last = byte;
        }
        start = next(&mut input)?;
        is_full = start.len() == START;
        if start.is_empty() {
            start.push(b' ');
        } else if last == b'\r' && start[0] == b'\n' {
            start[0] = b' ';
        }
    }
    let blanks = io::repeat(b'\n').take(lines).chain(io::repeat(b' ').take(spaces));
    let all = blanks.chain(Cursor::new(start.clone())).chain(input);
    Ok((start, Translated::of(all)))
}

fn next(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(START);
    input.by_ref().take(START as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Number of bytes that are read at once.
const PORTION: usize = 1 << 14;

/// Number of characters of a number that are shown.
const SHOWN: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    String,
    Escape,
    Number,
}

struct Translated<R> {
    input: R,
    raw: Box<[u8]>,
    ready: Vec<u8>,
    taken: usize,
    inside: Inside,
    /// The number that is being read.
    number: Vec<u8>,
    after_return: bool,
}

impl<R: Read> Translated<R> {
    fn of(input: R) -> Self {
        Self {
            input,
            raw: vec![0; PORTION].into_boxed_slice(),
            ready: Vec::with_capacity(PORTION),
            taken: 0,
            inside: Inside::Nothing,
            number: Vec::new(),
            after_return: false,
        }
    }

    /// Translates the next portion; `false`: there is none.
    fn fill(&mut self) -> io::Result<bool> {
        self.ready.clear();
        self.taken = 0;
        let length = self.input.read(&mut self.raw)?;
        let raw = std::mem::take(&mut self.raw);
        raw[..length].iter().for_each(|byte| self.translate(*byte));
        self.raw = raw;
        if length == 0 {
            self.end_number();
        }
        Ok(length > 0 || !self.ready.is_empty())
    }

    fn translate(&mut self, byte: u8) {
        match self.inside {
            Inside::String | Inside::Escape => {
                self.inside = match (self.inside, byte) {
                    (Inside::String, b'\\') => Inside::Escape,
                    (Inside::String, b'"') => Inside::Nothing,
                    _ => Inside::String,
                };
                self.ready.push(byte);
                return;
            }
            Inside::Number if matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') => {
                self.number.push(byte);
                return;
            }
            Inside::Number => self.end_number(),
            Inside::Nothing => {}
        }
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        match byte {
            b'-' | b'0'..=b'9' => {
                self.inside = Inside::Number;
                self.number.push(byte);
            }
            b'\r' => self.ready.push(b'\n'),
            b'\n' if after_return => {}
            b'"' => {
                self.inside = Inside::String;
                self.ready.push(byte);
            }
            _ => self.ready.push(byte),
        }
    }

    fn end_number(&mut self) {
        if self.inside == Inside::Number {
            self.inside = Inside::Nothing;
        }
        match huge(&self.number) {
            Some(text) => {
                self.ready.push(b'"');
                self.ready.extend(HUGE.encode_utf8(&mut [0; 4]).bytes());
                self.ready.extend(&text.as_bytes()[..text.len().min(SHOWN)]);
                self.ready.extend(if text.len() > SHOWN { "…" } else { "" }.bytes());
                self.ready.push(b'"');
            }
            None => self.ready.extend(&self.number),
        }
        self.number.clear();
    }
}

/// A number of JSON that is beyond 64 bits.
fn huge(number: &[u8]) -> Option<&str> {
    // A shorter number without an exponent always fits.
    if number.len() < 300 && !number.iter().any(|byte| matches!(byte, b'e' | b'E')) {
        return None;
    }
    let text = std::str::from_utf8(number).ok()?;
    let is_huge = text.parse::<f64>().is_ok_and(f64::is_infinite) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_huge.then_some(text)
}

impl<R: Read> Read for Translated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() {
            if buffer.is_empty() || !self.fill()? {
                return Ok(0);
            }
        }
        let length = buffer.len().min(self.ready.len() - self.taken);
        buffer[..length].copy_from_slice(&self.ready[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.0.len().min(buffer.len()).min(1);
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn translated(text: &str) -> String {
        let read = |input: Box<dyn Read + '_>| {
            let mut all = String::new();
            begin(input).unwrap().1.read_to_string(&mut all).unwrap();
            all
        };
        let at_once = read(Box::new(text.as_bytes()));
        assert_eq!(read(Box::new(Slow(text.as_bytes()))), at_once);
        at_once
    }

    #[test]
    fn supported_json_is_unchanged() {
        for text in [
            "",
            "{}",
            "[1, -2.5e3,0.1E-7 ,1e308]",
            "{\"a\\\"1e999\": \"-1e999\\\\\"}",
            "\"\r\n\r\"",
            "1e400x",
            "[1e400.5, --1e400, 01e400, 1e-400]",
        ] {
            let expected = if text == "1e400x" { "\"\u{ffff}1e400\"x" } else { text };
            assert_eq!(translated(text), expected);
        }
        assert_eq!(translated("\u{feff}{}"), "{}");
    }

    #[test]
    fn numbers_beyond_64_bits_are_marked() {
        assert_eq!(translated("[1e400,-1E+999 ]"), "[\"\u{ffff}1e400\",\"\u{ffff}-1E+999\" ]");
        assert_eq!(translated("-1e309"), "\"\u{ffff}-1e309\"");
        let long = "9".repeat(400);
        assert_eq!(translated(&long), format!("\"\u{ffff}{}…\"", "9".repeat(40)));
    }

    #[test]
    fn all_line_ends_become_line_feeds() {
        assert_eq!(translated("{\r\"a\":\r\n1\n,\r\r\n}"), "{\n\"a\":\n1\n,\n\n}");
    }

    #[test]
    fn blanks_are_counted() {
        for blank in [" ", "\n", "\r", "\r\n", "\t\r\n "] {
            let blanks = blank.repeat(3 * START);
            let found = translated(&format!("{blanks}{{}}"));
            let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
            assert_eq!(
                lines(&found),
                if blank.trim_matches([' ', '\t']).is_empty() { 0 } else { 3 * START },
                "{blank:?}"
            );
            assert!(found.trim_start() == "{}", "{blank:?}");
            let (start, _) = begin(blanks.as_bytes()).unwrap();
            assert!(start.len() < START && !start.is_empty(), "{blank:?}");
        }
    }
}
