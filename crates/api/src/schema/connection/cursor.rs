//! Cursors: places in a list, as opaque texts that belong to it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pomost_domain::page::{KeyValue, Position};

/// The list that cursors belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope(pub(super) u64);

/// FNV-1a: stable, so that cursors outlive a restart.
pub(super) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Scope {
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
        let text: Vec<String> = std::iter::once(format!("{:x}", self.0)).chain(keys).collect();
        URL_SAFE_NO_PAD.encode(serde_json::to_string(&text).unwrap_or_default())
    }

    pub(super) fn decode(self, text: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let parts: Vec<String> = serde_json::from_slice(&bytes).ok()?;
        let (scope, keys) = parts.split_first()?;
        if *scope != format!("{:x}", self.0) {
            return None;
        }
        keys.iter()
            .map(|key| {
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
            })
            .collect()
    }
}
