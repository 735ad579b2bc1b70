//! Writes JSON members in call order.
//!
//! `serde_json::Value` sorts its members unless a feature of the whole build changes that; a generated file must not depend
//! on it, and a value tree per record would be slower than the text.

/// Text of records, written member by member.
#[derive(Debug, Default)]
pub(super) struct Json(String);

impl Json {
    /// The text since the last [`Json::clear`].
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Removes the text and keeps the allocation.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds text other than values: brackets and line ends between records.
    pub(super) fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Opens a record. The caller writes line ends and commas between records.
    pub(super) fn open_record(&mut self) {
        self.0.push('{');
    }

    /// Closes a record.
    pub(super) fn close_record(&mut self) {
        self.0.push('}');
    }

    /// A member that is an object.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.0.push('{');
        fill(self);
        self.0.push('}');
    }

    /// A member that is a list.
    pub(super) fn list(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.0.push('[');
        fill(self);
        self.0.push(']');
    }

    /// An object inside a list.
    pub(super) fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.comma();
        self.0.push('{');
        fill(self);
        self.0.push('}');
    }

    /// A member that is text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.quote(value);
    }

    /// A member that is text, left out when there is none.
    pub(super) fn text_if(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A member that is a whole number.
    pub(super) fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        self.0.push_str(&value.to_string());
    }

    /// A member that is a number with decimals, passed as digits, so that no float is formatted.
    pub(super) fn decimal(&mut self, key: &str, digits: &str) {
        self.key(key);
        self.0.push_str(digits);
    }

    /// A member that is `true`; `false` is expressed by leaving it out.
    pub(super) fn yes(&mut self, key: &str) {
        self.key(key);
        self.0.push_str("true");
    }

    /// A member that is a list of texts.
    pub(super) fn texts<T: AsRef<str>>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        self.list(key, |json| {
            for value in values {
                json.comma();
                json.quote(value.as_ref());
            }
        });
    }

    /// A list of texts, left out when it is empty.
    pub(super) fn texts_if_any<T: AsRef<str>>(&mut self, key: &str, values: &[T]) {
        if !values.is_empty() {
            self.texts(key, values);
        }
    }

    fn key(&mut self, key: &str) {
        self.comma();
        self.quote(key);
        self.0.push(':');
    }

    /// No comma is needed only after an opening bracket, and no value ends with one.
    fn comma(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[')) {
            self.0.push(',');
        }
    }

    fn quote(&mut self, text: &str) {
        self.0.push('"');
        for letter in text.chars() {
            match letter {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                control if control < ' ' => self.0.push(' '),
                plain => self.0.push(plain),
            }
        }
        self.0.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_brackets_and_escapes() {
        let mut json = Json::default();
        json.item(|json| {
            json.text("a", "x \"y\" \\ z\n\u{1}");
            json.list("b", |json| {
                json.item(|json| json.number("n", 7));
                json.item(|_| ());
            });
            json.texts("c", ["{", "["]);
            json.object("d", |json| json.decimal("e", "0.85"));
            json.yes("f");
        });
        let expected = r#"{"a":"x \"y\" \\ z\n ","b":[{"n":7},{}],"c":["{","["],"d":{"e":0.85},"f":true}"#;
        assert_eq!(json.as_str(), expected);
    }
}
