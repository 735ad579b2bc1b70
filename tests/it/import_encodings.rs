//! Files that are not complete JSON: truncated, in another encoding, or of another format.

use pomost_domain::exchange::Fault;
use pomost_tests::SAMPLE;

use crate::registry::{Registry, assert_fault, assert_faults};

#[tokio::test]
async fn a_truncated_file_has_one_clear_fault_wherever_it_ends() {
    let registry = Registry::empty().await;
    for end in (1..SAMPLE.len() - 2).step_by(997).chain(SAMPLE.len() - 20..SAMPLE.len() - 2) {
        let faults = registry.refused(&SAMPLE.as_bytes()[..end]).await;
        assert_eq!(faults.len(), 1, "cut at {end}: {faults:?}");
        assert!(faults[0].message.contains("download or write it again"), "cut at {end}: {}", faults[0]);
    }
}

#[tokio::test]
async fn faults_before_the_truncation_are_reported() {
    let registry = Registry::with(SAMPLE).await;
    let file = SAMPLE.replacen("\"country\": \"PL\"", "\"country\": \"XX\"", 1);
    let place = file.find("\"projects\": [").unwrap() + 40;
    let faults = registry.refused(&file.as_bytes()[..place]).await;
    assert_faults(
        &faults,
        &[
            ("/cities/0/country".to_owned(), "\"XX\" is not a country".to_owned()),
            ("/projects/0".to_owned(), "the file is truncated".to_owned()),
        ],
    );
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_reported_as_such() {
    let registry = Registry::empty().await;
    let place = SAMPLE.find("Jastrzębie").unwrap();
    let mut file = SAMPLE.as_bytes().to_vec();
    // The letter in ISO 8859-2.
    file.splice(place + 6..place + 8, [0xEA]);
    assert_fault(&registry.refused(file).await, "/cities/0", "the text is not valid UTF-8 at line ");
    let half = r#"{"cities":[{"slug":"a","country":"PL","names":{"pl":"\ud800"}}]}"#;
    assert_fault(&registry.refused(half).await, "/cities/0", "the text contains half of a surrogate pair at line 1");
    // The same in UTF-16, which some editors write, and files of other formats.
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain("{}".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_fault(&registry.refused(wide).await, "", "the file is in UTF-16 (little-endian): save it as UTF-8");
    assert_fault(
        &registry.refused("{\"cities\":[]}".bytes().flat_map(|b| [0, b]).collect::<Vec<u8>>()).await,
        "",
        "UTF-16 (big",
    );
    assert_fault(&registry.refused("slug,country\nkarvina,CZ\n").await, "", "the file is a table (CSV)");
    assert_fault(&registry.refused(&b"PK\x03\x04..xl/workbook.xml"[..]).await, "", "(XLSX)");
}

#[tokio::test]
async fn files_of_other_formats_are_refused_with_one_clear_fault() {
    let registry = Registry::with(SAMPLE).await;
    let deep = "[".repeat(10_000);
    let deep_record = format!("{{\"cities\":{deep}");
    let deep_field = format!("{{\"cities\":[{{\"slug\":{deep}");
    let deep_unknown = format!("{{\"unknown\":{deep}{}}}", "]".repeat(10_000));
    for (file, pointer, words) in [
        ("", "", "the file is empty"),
        (" \n", "", "the file contains only spaces and line breaks"),
        (" \r\n ".repeat(5_000).as_str(), "", "the file contains only spaces"),
        ("[]", "", "expected an object of collections"),
        ("[{\"slug\": \"a\"}]", "", "expected an object of collections, found a list: put the list under the name"),
        ("slug|country\nkarvina|CZ\n", "", "the file is a table (CSV)"),
        ("slug\nkarvina\nhavirov\n", "", "a table of one column (CSV)"),
        ("{\"cities\":1e400}", "/cities", "expected a list of records, found a number"),
        ("\"x\"", "", "expected an object of collections"),
        ("7", "", "expected an object of collections"),
        ("null", "", "expected an object of collections"),
        ("{}}", "", "trailing characters at line 1"),
        ("{} {}", "", "trailing characters at line 1"),
        ("{},", "", "trailing characters at line 1"),
        ("{\"cities\":[],}", "", "trailing comma"),
        ("{\"cities\":[{\"slug\"}]}", "/cities/0", "this is not valid JSON"),
        ("{'cities':[]}", "", "this is not valid JSON"),
        ("{\"cities\":\"x\"}", "/cities", "expected a list of records, found a string"),
        ("{\"cities\":7}", "/cities", "expected a list of records, found a number"),
        ("{\"cities\":-7}", "/cities", "expected a list of records, found a number"),
        ("{\"cities\":7.5}", "/cities", "expected a list of records, found a number"),
        ("{\"cities\":true}", "/cities", "expected a list of records, found a boolean"),
        ("{\"a/b\":[]}", "/a~1b", "\"a/b\" is unknown"),
        (&deep, "", "expected an object of collections"),
        (&deep_record, "/cities/0", "recursion limit"),
        (&deep_field, "/cities/0", "recursion limit"),
        (&deep_unknown, "/unknown", "is unknown"),
    ] {
        let faults = registry.refused(file).await;
        let shown: String = file.chars().take(30).collect();
        assert_eq!(faults.len(), 1, "{shown}: {faults:?}");
        let Fault { pointer: found, message, .. } = &faults[0];
        assert!(message.contains(words) && found.starts_with(pointer), "{shown}: {}", faults[0]);
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_accepted() {
    let plain = Registry::with(SAMPLE).await;
    let marked = Registry::with(format!("\u{feff}{SAMPLE}")).await;
    assert!(marked.export().await == plain.export().await);
    assert_fault(&marked.refused("\u{feff}").await, "", "the file is empty");
    assert_fault(&marked.refused("\u{feff}\u{feff}{}").await, "", "this is not valid JSON");
}
