//! The characters that texts may contain, and the normal form of texts: NFC (UAX #15).
//!
//! Texts are stored and searched in NFC, so that texts that look the same are equal, whichever keyboard or program they come
//! from.

use std::borrow::Cow;
use std::fmt::Write;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Maximum nesting of directional embeddings and isolates in a text.
pub(crate) const MAX_NESTED: usize = 3;

/// A text in NFC.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Like [`nfc`], for an owned text, which is usually in NFC already.
pub fn into_nfc(text: String) -> String {
    match nfc(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(composed) => composed,
    }
}

/// True for characters that are not displayed: joiners, direction marks, variation selectors, fillers of Hangul.
pub(crate) fn is_ignorable(c: char) -> bool {
    c >= '\u{ad}' && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// True for characters that are visible on their own. A mark needs a letter, and the blank pattern of Braille has no dots.
pub(crate) fn is_visible(c: char) -> bool {
    c.is_ascii_graphic()
        || !(c.is_whitespace()
            || c.is_control()
            || c == '\u{2800}'
            || is_combining_mark(c)
            || is_ignorable(c)
            || category(c) == GeneralCategory::Format)
}

pub(crate) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// True for code points that Unicode never assigns: programs use them internally.
fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// True for characters that no text may contain.
pub(crate) fn is_forbidden(c: char) -> bool {
    is_forbidden_control(c) || is_noncharacter(c)
}

/// True for the control characters that a text may not contain: all but line breaks and tabs.
fn is_forbidden_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t' | '\r')
}

/// All errors in the characters of a text, each with the correction.
pub fn flaws(text: &str) -> Vec<String> {
    if text.trim().is_empty() {
        return vec!["the text is empty: leave out the field if the value is not known".to_owned()];
    }
    let mut flaws = Vec::new();
    if !text.chars().any(is_visible) {
        let shown = code_points(text.chars().take(3));
        flaws.push(format!(
            "the text has no visible character (it contains {shown}): leave out the field if the value is not known"
        ));
    }
    if text.chars().any(is_forbidden_control) {
        flaws.push("the text contains a control character other than a line break or a tab: remove it".to_owned());
    }
    if let Some(c) = text.chars().find(|c| is_noncharacter(*c)) {
        flaws.push(format!("the text contains {}, which is not a character: remove it", code_points([c])));
    }
    flaws.extend(unbalanced(text));
    flaws
}

fn code_points(characters: impl IntoIterator<Item = char>) -> String {
    let mut shown = String::new();
    for c in characters {
        // Writing into a String cannot fail.
        let _ = write!(shown, "{}U+{:04X}", if shown.is_empty() { "" } else { ", " }, u32::from(c));
    }
    shown
}

/// The character that closes the direction that a character opens.
pub(crate) fn closing(c: char) -> Option<char> {
    match c {
        '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => Some('\u{202c}'),
        '\u{2066}'..='\u{2068}' => Some('\u{2069}'),
        _ => None,
    }
}

/// Finds embeddings, overrides and isolates that are not closed: they would reverse the text that follows on a page (UAX
/// #9).
fn unbalanced(text: &str) -> Option<String> {
    // All of these characters begin with this byte in UTF-8, so most texts need no further check.
    if !text.as_bytes().contains(&0xE2) {
        return None;
    }
    let mut open: Vec<(char, char)> = Vec::new();
    for c in text.chars() {
        if let Some(end) = closing(c) {
            open.push((c, end));
            if open.len() > MAX_NESTED {
                return Some(format!(
                    "the text nests directional characters more than {MAX_NESTED} deep, at {}: remove some of them",
                    code_points([c])
                ));
            }
        } else if matches!(c, '\u{202c}' | '\u{2069}') && open.pop().is_none_or(|(_, end)| end != c) {
            return Some(format!(
                "the text closes a direction with {} that it did not open: remove that character",
                code_points([c])
            ));
        }
    }
    let (begin, end) = open.pop()?;
    let (begin, end) = (code_points([begin]), code_points([end]));
    Some(format!("the text opens a direction with {begin} and does not close it: remove that character or add {end}"))
}

/// The ranges of the characters that meet a condition, as the inside of a character class of a regular expression.
pub(crate) fn class(holds: impl Fn(char) -> bool) -> String {
    let mut class = String::new();
    let mut range: Option<(char, char)> = None;
    let mut close = |range: Option<(char, char)>| {
        for (at, c) in range.into_iter().flat_map(|(first, last)| [first, last]).enumerate() {
            if at == 1 && range.is_some_and(|(first, last)| first == last) {
                break;
            }
            if at == 1 {
                class.push('-');
            }
            if matches!(c, '\\' | ']' | '[' | '^' | '-' | '&' | '~') {
                class.push('\\');
            }
            class.push(c);
        }
    };
    for c in '\0'..=char::MAX {
        match (holds(c), range) {
            (true, Some((first, last))) if u32::from(last) + 1 == u32::from(c) => range = Some((first, c)),
            (true, _) => close(range.replace((c, c))),
            (false, _) => {}
        }
    }
    close(range);
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_composed() {
        assert_eq!(nfc("karvina\u{301}"), "karviná");
        assert_eq!(nfc("\u{212b}"), "Å");
        assert!(matches!(nfc("karviná"), Cow::Borrowed(_)));
        assert_eq!(into_nfc("Zielone Lo\u{301}dzkie".to_owned()), "Zielone Lódzkie");
    }

    #[test]
    fn a_text_has_a_visible_character() {
        for text in [
            "",
            " \t\n",
            "\u{a0}",
            "\u{200b}",
            "\u{200d}\u{feff}",
            "\u{301}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{ad}",
            "\u{e0001}",
            "\u{fe0f}",
            "\u{2066}\u{2069}",
            "\u{2028}",
            "\u{93f}",
            "\u{20dd}",
            "\u{180e}",
        ] {
            assert!(!flaws(text).is_empty(), "{text:?}");
        }
        for text in ["a", "1", "?", "日本", "दि", "🐝", "a\u{200b}", "\u{e000}", "نابل", "서울", "क\u{94d}\u{200d}ष"]
        {
            assert_eq!(flaws(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn noncharacters_are_refused() {
        for c in ['\u{fdd0}', '\u{fdef}', '\u{fffe}', '\u{ffff}', '\u{1fffe}', '\u{10ffff}', '\0', '\u{85}', '\u{1b}'] {
            assert_eq!(flaws(&format!("a{c}")).len(), 1, "{c:?}");
        }
        for c in ['\u{fdcf}', '\u{fdf0}', '\u{fffd}', '\n'] {
            assert!(flaws(&format!("a{c}b")).is_empty(), "{c:?}");
        }
    }

    #[test]
    fn directions_are_closed_in_order() {
        for text in [
            "a\u{202e}b",
            "a\u{202b}b\u{2069}",
            "\u{2067}a",
            "a\u{202c}",
            "a\u{2069}b",
            "\u{202a}a\u{2066}b\u{202c}c\u{2069}",
            "\u{202d}a\nb",
            "\u{2068}\u{2068}\u{2068}\u{2068}a\u{2069}\u{2069}\u{2069}\u{2069}",
        ] {
            assert!(!flaws(text).is_empty(), "{text:?}");
        }
        for text in [
            "\u{202e}cba\u{202c}",
            "a \u{2067}b\u{2069} c \u{202b}d\u{202c}",
            "\u{2067}a\u{202b}b\u{202c}\u{2069}",
            "\u{200e}a\u{200f}",
            "– “a” ‘b’ …",
        ] {
            assert_eq!(flaws(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn a_class_names_ranges() {
        assert_eq!(class(|c| c.is_ascii_digit() || matches!(c, 'a' | ']' | '-')), "\\-0-9\\]a");
    }
}
