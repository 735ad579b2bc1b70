//! Recognises files of other formats by their first bytes, to name the format in the message.

use serde::de::IgnoredAny;

/// The number of bytes that are examined.
pub(super) const START: usize = 4096;

/// The message for a file that is not JSON in UTF-8: its format, and what to do with it.
pub(super) fn foreign(start: &[u8]) -> Option<String> {
    if start.is_empty() {
        return Some("the file is empty: download or write it again".to_owned());
    }
    if let Some(encoding) = wide(start) {
        return Some(format!("the file is in {encoding}: save it as UTF-8"));
    }
    binary(start).or_else(|| text(start))
}

/// The encoding of a file whose characters have two or four bytes each.
fn wide(start: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 4] = [
        (&[0xFF, 0xFE, 0, 0], "UTF-32 (little-endian)"),
        (&[0, 0, 0xFE, 0xFF], "UTF-32 (big-endian)"),
        (&[0xFF, 0xFE], "UTF-16 (little-endian)"),
        (&[0xFE, 0xFF], "UTF-16 (big-endian)"),
    ];
    if let Some((_, encoding)) = MARKS.iter().find(|(mark, _)| start.starts_with(mark)) {
        return Some(encoding);
    }
    // Without a byte order mark: a file begins with ASCII characters, whose other bytes are zero.
    let zeros: Vec<bool> = start.iter().take(4).map(|byte| *byte == 0).collect();
    match zeros[..] {
        [true, true, true, false] => Some("UTF-32 (big-endian)"),
        [false, true, true, true] => Some("UTF-32 (little-endian)"),
        [true, false, true, false] | [true, false] => Some("UTF-16 (big-endian)"),
        [false, true, false, true] | [false, true] => Some("UTF-16 (little-endian)"),
        _ => None,
    }
}

fn binary(start: &[u8]) -> Option<String> {
    const TABLE: &str = "the format is JSON: write its rows as records, as data/README.md describes";
    const PACKED: [(&[u8], &str, &str); 5] = [
        (&[0x1F, 0x8B], "gzip", "gunzip -c FILE | pomost import -"),
        (b"BZh", "bzip2", "bunzip2 -c FILE | pomost import -"),
        (&[0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstdcat FILE | pomost import -"),
        (&[0xFD, b'7', b'z', b'X', b'Z', 0], "xz", "xzcat FILE | pomost import -"),
        (&[b'7', b'z', 0xBC, 0xAF], "7z", "unpack it first"),
    ];
    const OTHERS: [(&[u8], &str); 5] = [
        (&[0xD0, 0xCF, 0x11, 0xE0], "a document or workbook of an old version of Office (XLS, DOC)"),
        (b"%PDF", "a PDF document"),
        (b"{\\rtf", "a document in RTF"),
        (b"SQLite format 3\0", "an SQLite database: name it with --database, and export it from there"),
        (&[0x89, b'P', b'N', b'G'], "a picture (PNG)"),
    ];
    let holds = |part: &str| start.windows(part.len()).any(|window| window == part.as_bytes());
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Some(if holds("xl/") {
            format!("the file is a workbook of a spreadsheet (XLSX); {TABLE}")
        } else if holds("vnd.oasis.opendocument.spreadsheet") {
            format!("the file is a workbook of a spreadsheet (ODS); {TABLE}")
        } else {
            "the file is a ZIP archive, the container of spreadsheets (XLSX) and documents: unpack it, and import the JSON file inside, if there is one".to_owned()
        });
    }
    if let Some((_, name, how)) = PACKED.iter().find(|(magic, ..)| start.starts_with(magic)) {
        return Some(format!("the file is compressed ({name}): unpack it, for example with `{how}`"));
    }
    let (_, name) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic))?;
    Some(format!("the file is {name}; {TABLE}"))
}

fn text(start: &[u8]) -> Option<String> {
    const ROWS: &str = "the format is JSON in UTF-8: write its rows as records, as data/README.md describes";
    // Decoding is lossy: a character that is cut at the end, or one of another encoding, becomes U+FFFD.
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start();
    if text.is_empty() && start.len() < START {
        return Some("the file contains only spaces and line breaks: download or write it again".to_owned());
    }
    if let Some(markup) = text.strip_prefix('<') {
        let markup = markup.to_ascii_lowercase();
        return Some(
            if markup.starts_with("!doctype html") || markup.starts_with("html") || markup.contains("<html") {
                "the file is a web page (HTML): the address is that of a page about the file; use the address of the file itself".to_owned()
            } else {
                "the file is XML or another kind of markup; the format is JSON, as data/README.md describes".to_owned()
            },
        );
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let mut lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default();
    if text.starts_with("---") || line.strip_suffix(':').is_some_and(|key| key.chars().all(char::is_alphanumeric)) {
        return Some("the file is YAML; the format is JSON: convert it, for example with `yq -o json`".to_owned());
    }
    // A string can also be the first field of a table with quoted fields.
    let begins_like_a_table =
        text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '#' | ';' | ',' | '|' | OTHER));
    if begins_like_a_table && line.contains([',', ';', '\t', '|']) {
        return Some(format!("the file is a table (CSV); {ROWS}"));
    }
    // Lines of JSON numbers, literals or fragments are left to the JSON reader, which reports them.
    let is_cell = |line: &str| {
        let is_word = !line.starts_with('"') && serde_json::from_str::<IgnoredAny>(line).is_ok();
        !is_word && !line.starts_with(['{', '[', '}', ']', ':', ','])
    };
    if begins_like_a_table && is_cell(line) && lines.next().is_some_and(is_cell) {
        return Some(format!("the file is a table of one column (CSV), or other text; {ROWS}"));
    }
    let other = "the file is text in an older encoding, such as ISO 8859-2 (Latin-2) or Windows-1250, and not JSON; the format \
                 is JSON in UTF-8, as data/README.md describes";
    text.starts_with(OTHER).then(|| other.to_owned())
}

/// The replacement character for bytes that are not UTF-8.
const OTHER: char = '\u{fffd}';

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, width: usize, big: bool, mark: bool) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        let bytes = |c: char| {
            let mut bytes = u32::from(c).to_be_bytes()[4 - width..].to_vec();
            if !big {
                bytes.reverse();
            }
            bytes
        };
        mark.into_iter().chain(text.chars()).flat_map(bytes).collect()
    }

    #[test]
    fn other_encodings_are_recognised_with_and_without_a_mark() {
        for text in ["{\n \"cities\": []}", "{}", " {\"a\":1}"] {
            for (width, big, mark, name) in [
                (2, false, true, "UTF-16 (little-endian)"),
                (2, true, true, "UTF-16 (big-endian)"),
                (2, false, false, "UTF-16 (little-endian)"),
                (2, true, false, "UTF-16 (big-endian)"),
                (4, false, true, "UTF-32 (little-endian)"),
                (4, true, true, "UTF-32 (big-endian)"),
                (4, false, false, "UTF-32 (little-endian)"),
                (4, true, false, "UTF-32 (big-endian)"),
            ] {
                let found = foreign(&encoded(text, width, big, mark)).unwrap_or_default();
                assert!(found.contains(name) && found.contains("save it as UTF-8"), "{text:?} in {name}: {found}");
            }
        }
    }

    #[test]
    fn other_formats_are_recognised() {
        for (start, name) in [
            (&b""[..], "empty"),
            (b" \r\n\t\n", "only spaces and line breaks"),
            (b"PK\x03\x04\x14\0\x06\0..[Content_Types].xml..xl/workbook.xml", "XLSX"),
            (b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ODS"),
            (b"PK\x03\x04..cooperation.json", "ZIP"),
            (b"\x1f\x8b\x08\0", "gzip"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "XLS"),
            (b"<!DOCTYPE html><html>", "HTML"),
            (b"\n<html lang=\"pl\">", "HTML"),
            (b"<?xml version=\"1.0\"?><cities/>", "XML"),
            (b"slug,country,name\nkarvina,CZ,Karvin\xe1\n", "CSV"),
            (b"\"slug\";\"country\"\r\n\"karvina\";\"CZ\"\r\n", "CSV"),
            (b"slug\tcountry\n", "CSV"),
            (b"slug|country\nkarvina|CZ\n", "CSV"),
            (b"slug|country", "CSV"),
            (b"slug\nkarvina\nhavirov\n", "one column"),
            (b"slug\rkarvina\r", "one column"),
            (b"\r\n\"slug\"\r\nkarvina\r\n\"havirov\"", "CSV"),
            (b"\xa3\xf3d\xbc;PL\n", "CSV"),
            (b"\xb6wi\xeatoch\xb3owice\nzory\n", "one column"),
            (b"\xb6wi\xeatoch\xb3owice", "ISO 8859-2"),
            (b"cities:\n  - slug: karvina\n", "YAML"),
            (b"%PDF-1.7", "PDF"),
            (b"SQLite format 3\0", "SQLite"),
        ] {
            let found = foreign(start).unwrap_or_default();
            assert!(found.contains(name), "{name}: {found}");
        }
    }

    #[test]
    fn json_is_not_taken_for_something_else() {
        for start in [
            "7\n8\n",
            "true\nfalse",
            "{\n\"a\"",
            "\"x\"\n{",
            "{",
            "{}",
            "[",
            "[1,2]",
            "\"x\"",
            "7",
            "null",
            "true",
            "{'cities':[]}",
            "-7.5",
            "é",
            "nonsense",
        ] {
            assert_eq!(foreign(start.as_bytes()), None, "{start}");
        }
    }
}
