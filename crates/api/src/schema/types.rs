//! The schema as documents are read against it.

use std::sync::LazyLock;

use async_graphql::{InputType, Value};
use chrono::DateTime;
use pomost_document::{Scalar, Scalars, TypeSystem};

use super::SDL;
use super::change::{ChangeCursor, JsonValue};
use crate::schema::machinery::input::{MapInput, TextInput};
use crate::schema::machinery::values::{Date, Locale, PartialDateInput};

static TYPES: LazyLock<TypeSystem> = LazyLock::new(|| {
    let read = TypeSystem::new(SDL, scalars());
    #[expect(clippy::expect_used, reason = "the schema is compiled in, and a test reads and validates it")]
    read.expect("the schema of the program can be read")
});

/// The schema as documents are read against it. The first call takes tens of milliseconds.
pub fn types() -> &'static TypeSystem {
    &TYPES
}

/// What the scalars of the schema accept: what their types parse.
pub(super) fn scalars() -> Scalars {
    let scalars: [(&'static str, Scalar); 8] = [
        ("ChangeCursor", parsed::<ChangeCursor>),
        ("Date", parsed::<Date>),
        ("DateTime", instant),
        ("JSON", parsed::<JsonValue>),
        ("Locale", parsed::<Locale>),
        ("MapInput", parsed::<MapInput>),
        ("PartialDateInput", parsed::<PartialDateInput>),
        ("TextInput", parsed::<TextInput>),
    ];
    scalars.into_iter().collect()
}

fn parsed<T: InputType>(value: &Value) -> Result<(), String> {
    T::parse(Some(value.clone()))
        .map(drop)
        .map_err(|error| error.into_server_error(async_graphql::Pos::default()).message)
}

/// The library takes more than RFC 3339 does: a space for the `T`, and a year 0.
fn instant(value: &Value) -> Result<(), String> {
    let is_one = |text: &str| {
        matches!(text.as_bytes().get(10), Some(b'T' | b't'))
            && !text.starts_with("0000")
            && DateTime::parse_from_rfc3339(text).is_ok()
    };
    match value {
        Value::String(text) if is_one(text) => Ok(()),
        _ => Err("write a date, a time and an offset as RFC 3339 does, such as 2018-06-21T10:00:00Z".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn the_schema_is_valid_and_all_of_its_scalars_are_known() {
        TypeSystem::validated(SDL, scalars()).unwrap();
        let known = format!("{:?}", scalars());
        for line in SDL.lines().filter_map(|line| line.strip_prefix("scalar ")) {
            let name = line.split(' ').next().unwrap();
            assert!(known.contains(&format!("{name:?}")), "{name} accepts anything: name it in scalars()");
        }
    }

    #[test]
    fn values_of_scalars_are_checked_to_the_letter() {
        let text = |text: &str| Value::String(text.to_owned());
        for good in ["2012-06-30", "0001-01-01"] {
            assert!(parsed::<Date>(&text(good)).is_ok(), "{good}");
        }
        for bad in [
            "2012-6-3",
            " 2012-06-30",
            "2012-06-30 ",
            "-0001-06-30",
            "+2012-06-30",
            "2012-02-30",
            "12012-06-30",
            "0000-01-01",
            "２012-06-30",
            "",
        ] {
            assert!(parsed::<Date>(&text(bad)).is_err(), "{bad}");
            assert!(parsed::<PartialDateInput>(&text(bad)).is_err(), "{bad}");
        }
        for good in ["2018-06-21T10:00:00Z", "2018-06-21T10:00:00.5+02:00"] {
            assert!(instant(&text(good)).is_ok(), "{good}");
        }
        for bad in [
            "2018-06-21",
            "2018-06-21T10:00",
            "2018-6-21T10:00:00Z",
            "2018-06-21T25:00:00Z",
            "2018-06-21 10:00:00Z",
            "0000-06-21T10:00:00Z",
            "now",
        ] {
            assert!(instant(&text(bad)).is_err(), "{bad}");
        }
        let cursor = |place: &str| parsed::<ChangeCursor>(&text(&URL_SAFE_NO_PAD.encode(format!("change:{place}"))));
        assert!(cursor("0").is_ok() && cursor("17").is_ok());
        for bad in ["+1", "00", "-1", " 1", "1 ", ""] {
            assert!(cursor(bad).is_err(), "{bad}");
        }
    }
}
