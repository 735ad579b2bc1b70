//! Cursors: places in a list, as opaque texts that belong to it.
//!
//! Clients keep cursors, so nothing in them depends on how the program is written: they are made of names of the schema.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pomost_domain::page::{KeyValue, Position};

/// The list that cursors belong to, and its order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope(u64);

/// The form of cursors. It changes with the names and values in them: a cursor of another form is refused, not misread.
const FORM: &str = "v2";

/// Why a text is no cursor of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoCursor {
    /// It is a cursor of another form.
    OtherForm,
    /// It is no cursor, or that of another list or order.
    OtherList,
}

/// FNV-1a: stable, so that cursors outlive a restart.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Scope {
    /// The scope of a list and its order, both by their names in the schema.
    pub(super) fn of(list: &str, order: &str) -> Self {
        Self(fnv(format!("{list} {order}").as_bytes()))
    }

    /// A position as an opaque text.
    pub(super) fn encode(self, position: &Position) -> String {
        let keys = position.iter().map(|key| match key {
            KeyValue::Null => "-".to_owned(),
            KeyValue::Text(text) => format!("t{text}"),
            KeyValue::Date(day) => format!("d{day}"),
            KeyValue::Integer(number) => format!("n{number}"),
            KeyValue::Instant(micros) => format!("i{micros}"),
            KeyValue::Id(id) => format!("u{}", id.simple()),
        });
        let text: Vec<String> = [FORM.to_owned(), format!("{:x}", self.0)].into_iter().chain(keys).collect();
        URL_SAFE_NO_PAD.encode(serde_json::to_string(&text).unwrap_or_default())
    }

    pub(super) fn decode(self, text: &str) -> Result<Position, NoCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoCursor::OtherList)?;
        let parts: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| NoCursor::OtherList)?;
        let [form, scope, keys @ ..] = &parts[..] else { return Err(NoCursor::OtherList) };
        if form != FORM {
            return Err(NoCursor::OtherForm);
        }
        if *scope != format!("{:x}", self.0) {
            return Err(NoCursor::OtherList);
        }
        keys.iter().map(|key| key_value(key).ok_or(NoCursor::OtherList)).collect()
    }
}

fn key_value(key: &str) -> Option<KeyValue> {
    let mut chars = key.chars();
    let kind = chars.next()?;
    let rest = chars.as_str();
    Some(match kind {
        '-' => KeyValue::Null,
        't' => KeyValue::Text(rest.to_owned()),
        'd' => KeyValue::Date(rest.parse().ok()?),
        'n' => KeyValue::Integer(rest.parse().ok()?),
        'i' => KeyValue::Instant(rest.parse().ok()?),
        'u' => KeyValue::Id(rest.parse().ok()?),
        _ => return None,
    })
}
