//! Text for people, in one or several languages.

mod range;

use std::fmt;
use std::str::FromStr;

use icu_locale::LocaleExpander;
use icu_locale_core::LanguageIdentifier;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

vocabulary! { closed,
    /// Origin of a variant of a text.
    Origin {
        /// The text as its author wrote it.
        Original = "original",
        /// A translation by an authority.
        OfficialTranslation = "official_translation" | "officialTranslation",
        /// A translation by a person.
        Human = "human",
        /// A translation by a machine. Readers always see this origin.
        Machine = "machine",
    }
}

/// A BCP 47 language tag in canonical case; `und` where the language was not stated.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Locale(String);

/// A text that is not a language tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language tag: write a BCP 47 tag such as \"pl\" or \"de-AT\"")]
pub struct NotALocale(String);

impl Locale {
    /// The tag of a text whose language was not stated.
    pub fn undetermined() -> Self {
        Self("und".to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// True if both have the same language, in any script.
    pub fn shares_language(&self, other: &Self) -> bool {
        self.language() == other.language()
    }

    /// True if both have the same language in the same script, so that a reader of one can read the other.
    pub fn shares_script(&self, other: &Self) -> bool {
        self.shares_language(other) && {
            let [script, others] = [self, other].map(|locale| locale.range().script);
            script.is_none() || others.is_none() || script == others
        }
    }

    /// The parts that lookup compares. If the script is not stated, it is the likely one: `sr` is Cyrillic, `zh-TW` is
    /// traditional.
    fn range(&self) -> Range {
        let identifier = || -> Option<LanguageIdentifier> {
            let mut id = self.0.parse::<icu_locale_core::Locale>().ok()?.id;
            if !id.language.is_unknown() {
                LocaleExpander::new_extended().maximize(&mut id);
            }
            Some(id)
        };
        let script = identifier().and_then(|id| id.script).map(|script| script.to_string());
        let is_script = |part: &str| part.len() == 4 && part.starts_with(|c: char| c.is_ascii_alphabetic());
        let mut rest: Vec<String> = self.0.split('-').skip(1).map(str::to_owned).collect();
        if rest.first().is_some_and(|first| is_script(first)) {
            rest.remove(0);
        }
        Range { script, rest }
    }
}

/// The parts of a language tag after the language, for lookup.
struct Range {
    /// Its script, stated or likely; `None`: the language has no likely script.
    script: Option<String>,
    /// The parts after language and script: region, variants, private use.
    rest: Vec<String>,
}

impl Range {
    /// Removes the last part, and a single-letter part before it; `false`: there is none (RFC 4647, section 3.4).
    fn truncate(&mut self) -> bool {
        let had = self.rest.pop().is_some();
        if self.rest.last().is_some_and(|last| last.len() == 1) {
            self.rest.pop();
        }
        had
    }
}

impl FromStr for Locale {
    type Err = NotALocale;

    fn from_str(tag: &str) -> Result<Self, NotALocale> {
        let wrong = || NotALocale(tag.to_owned());
        let locale: icu_locale_core::Locale = tag.parse().map_err(|_| wrong())?;
        // Extensions concern dates and numbers, not texts.
        let extensions = &locale.extensions;
        if !(extensions.unicode.is_empty() && extensions.transform.is_empty() && extensions.other.is_empty()) {
            return Err(wrong());
        }
        Ok(Self(locale.to_string()))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// One text in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its language.
    pub locale: Locale,
    /// The text.
    pub text: String,
    /// Its origin.
    pub origin: Origin,
    /// The translator.
    pub translator: Option<String>,
    /// Version of the record at which the text was last brought up to date with its original (for the original: last
    /// changed).
    pub based_on_version: Option<u32>,
}

impl Variant {
    /// True for an original with only a language and a text.
    pub fn is_plain_original(&self) -> bool {
        let stated = self.translator.is_some() || self.based_on_version.is_some();
        self.origin == Origin::Original && self.locale == Locale::undetermined() && !stated
    }
}

/// A text with exactly one original and at most one variant per language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    original: usize,
    variants: Vec<Variant>,
}

/// The variant that was chosen for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The variant.
    pub variant: &'a Variant,
    /// True if the reader requested languages and the text has none of them.
    pub is_fallback: bool,
    /// True if the original was changed after this translation.
    pub is_stale: bool,
}

impl Text {
    /// A text in one language.
    pub fn new(locale: Locale, text: impl Into<String>) -> Self {
        Self::from_variants([(locale, text.into())], 0)
    }

    /// A text whose language was not stated.
    pub fn untagged(text: impl Into<String>) -> Self {
        Self::new(Locale::undetermined(), text)
    }

    /// A text in several languages; the variant at `original` is its original. An empty list makes an empty text.
    pub fn from_variants(variants: impl IntoIterator<Item = (Locale, String)>, original: usize) -> Self {
        let variants: Vec<Variant> = variants
            .into_iter()
            .enumerate()
            .map(|(at, (locale, text))| Variant {
                locale,
                text,
                origin: if at == original { Origin::Original } else { Origin::Human },
                translator: None,
                based_on_version: None,
            })
            .collect();
        if variants.is_empty() {
            Self::untagged(String::new())
        } else {
            Self { original: original.min(variants.len() - 1), variants }
        }
    }

    /// The original.
    pub fn original(&self) -> &Variant {
        &self.variants[self.original]
    }

    /// All variants, in their original order.
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Makes a text of variants; `None` if not exactly one of them is the original, or if a language occurs twice.
    pub fn of_variants(variants: Vec<Variant>) -> Option<Self> {
        let is_again = |(at, variant): (usize, &Variant)| variants[..at].iter().any(|one| one.locale == variant.locale);
        if variants.iter().enumerate().any(is_again) {
            return None;
        }
        let mut originals = variants.iter().enumerate().filter(|(_, variant)| variant.origin == Origin::Original);
        let (original, _) = originals.next()?;
        if originals.next().is_some() {
            return None;
        }
        Some(Self { original, variants })
    }

    /// The variant for a reader of these languages, in order of preference; or else the original. Languages are looked up
    /// one after the other (RFC 4647, section 3.4). If none of them is found, a variant in another variety of one of them is
    /// used, such as `de-CH` for `de-AT`; a variant in another script is never used.
    pub fn choose<'a>(&'a self, wanted: &[Locale]) -> Choice<'a> {
        let near =
            || wanted.iter().find_map(|locale| self.in_language(locale).find(|v| v.locale.shares_script(locale)));
        let found = wanted.iter().find_map(|locale| self.lookup(locale)).or_else(near);
        let variant = found.unwrap_or_else(|| self.original());
        Choice {
            variant,
            is_fallback: found.is_none() && !wanted.is_empty(),
            is_stale: variant.based_on_version < self.original().based_on_version,
        }
    }

    fn in_language<'a>(&'a self, wanted: &Locale) -> impl Iterator<Item = &'a Variant> {
        self.variants.iter().filter(move |variant| variant.locale.shares_language(wanted))
    }

    /// The variant whose tag matches a language range.
    fn lookup(&self, wanted: &Locale) -> Option<&Variant> {
        if let Some(exact) = self.variants.iter().find(|variant| variant.locale == *wanted) {
            return Some(exact);
        }
        let candidates: Vec<(&Variant, Range)> =
            self.in_language(wanted).map(|variant| (variant, variant.locale.range())).collect();
        if candidates.is_empty() {
            return None;
        }
        let mut range = wanted.range();
        loop {
            let found = candidates.iter().find(|(_, tag)| tag.script == range.script && tag.rest == range.rest);
            if let Some((variant, _)) = found {
                return Some(variant);
            }
            if !range.truncate() {
                return None;
            }
        }
    }
}

/// An empty text of unknown language: the value in an empty draft.
impl Default for Text {
    fn default() -> Self {
        Self::untagged(String::new())
    }
}

/// The stored form of a variant in the list of a text.
#[derive(Serialize, Deserialize)]
struct StoredVariant {
    l: Locale,
    t: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<u32>,
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::vocabulary::Vocabulary;
        match &self.variants[..] {
            [only] if *only == Variant { text: only.text.clone(), ..Self::default().variants.remove(0) } => {
                serializer.serialize_str(&only.text)
            }
            all => serializer.collect_seq(all.iter().map(|variant| StoredVariant {
                l: variant.locale.clone(),
                t: variant.text.clone(),
                // A human translation is the default and is not stored.
                o: (variant.origin != Origin::Human).then(|| variant.origin.label().to_owned()),
                by: variant.translator.clone(),
                v: variant.based_on_version,
            })),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Stored)
    }
}

/// The stored form of a text: a single original of unknown language is a plain string, everything else a list of variants.
struct Stored;

impl<'de> Visitor<'de> for Stored {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of variants")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text::untagged(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
        Ok(Text::untagged(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
        use crate::vocabulary::Vocabulary;
        let mut variants = Vec::with_capacity(list.size_hint().unwrap_or(1));
        while let Some(StoredVariant { l, t, o, by, v }) = list.next_element()? {
            let origin = o.as_deref().map_or(Some(Origin::Human), Origin::from_label);
            let origin = origin.ok_or_else(|| A::Error::custom("unknown origin of a text"))?;
            variants.push(Variant { locale: l, text: t, origin, translator: by, based_on_version: v });
        }
        let original = variants.iter().position(|variant| variant.origin == Origin::Original);
        let original = original.ok_or_else(|| A::Error::custom("a text without an original"))?;
        Ok(Text { original, variants })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(tag: &str) -> Locale {
        tag.parse().unwrap()
    }

    #[test]
    fn readers_get_their_language_or_the_original() {
        let text = Text::from_variants([(locale("de"), "Karwin".into()), (locale("cs"), "Karviná".into())], 1);
        let value = |tags: &[&str]| {
            let wanted: Vec<_> = tags.iter().map(|tag| locale(tag)).collect();
            let choice = text.choose(&wanted);
            (choice.variant.text.clone(), choice.is_fallback)
        };
        assert_eq!(value(&[]), ("Karviná".to_owned(), false));
        assert_eq!(value(&["de-AT", "cs"]), ("Karwin".to_owned(), false));
        assert_eq!(value(&["lv"]), ("Karviná".to_owned(), true));
    }

    #[test]
    fn languages_are_looked_up_and_another_script_never_serves() {
        let found = |tags: &[&str], wanted: &[&str]| {
            let text = Text::from_variants(tags.iter().map(|tag| (locale(tag), (*tag).to_owned())), tags.len() - 1);
            let wanted: Vec<_> = wanted.iter().map(|tag| locale(tag)).collect();
            let choice = text.choose(&wanted);
            (!choice.is_fallback).then(|| choice.variant.text.clone())
        };
        for (tags, wanted, expected) in [
            (&["sr-Cyrl", "sr-Latn", "hu"][..], &["sr-Latn-RS"][..], Some("sr-Latn")),
            (&["sr-Cyrl", "en"], &["sr-Latn"], None),
            (&["sr-Cyrl", "en"], &["sr"], Some("sr-Cyrl")),
            (&["sr-Cyrl", "en"], &["sr-RS"], Some("sr-Cyrl")),
            // In Montenegro, Serbian is written in Latin script.
            (&["sr-Cyrl", "en"], &["sr-ME"], None),
            (&["sr", "en"], &["sr-Latn"], None),
            (&["zh-Hans", "en"], &["zh-TW"], None),
            (&["zh-Hans", "en"], &["zh-Hant"], None),
            (&["zh-Hans", "en"], &["zh-CN"], Some("zh-Hans")),
            (&["zh", "zh-TW", "en"], &["zh-Hant-HK"], Some("zh-TW")),
            (&["zh-Hant", "en"], &["zh-TW"], Some("zh-Hant")),
            (&["az-Cyrl", "en"], &["az"], None),
            (&["ja-Latn", "en"], &["ja"], None),
            (&["uz-Arab", "en"], &["uz-AF"], Some("uz-Arab")),
            (&["de-CH", "de", "fr"], &["de-AT"], Some("de")),
            (&["de-CH", "de", "fr"], &["de-CH-1996"], Some("de-CH")),
            (&["de-CH", "fr"], &["de-CH-x-zueri"], Some("de-CH")),
            // Another variety is used only if none of the requested languages is found.
            (&["de-CH", "cs", "fr"], &["de-AT", "cs"], Some("cs")),
            (&["de-CH", "fr"], &["de-AT"], Some("de-CH")),
            (&["de-CH", "fr"], &["de"], Some("de-CH")),
            (&["und", "fr"], &["en"], None),
            (&["de", "szl"], &["szl-Latn", "de"], Some("szl")),
        ] {
            assert_eq!(found(tags, wanted).as_deref(), expected, "{tags:?} for {wanted:?}");
        }
    }

    #[test]
    fn a_translation_is_stale_when_its_original_has_changed() {
        let mut text = Text::from_variants([(locale("pl"), "Umowa".into()), (locale("de"), "Vertrag".into())], 0);
        assert!(!text.choose(&[locale("de")]).is_stale);
        text.variants[0].based_on_version = Some(3);
        text.variants[1].based_on_version = Some(2);
        assert!(text.choose(&[locale("de")]).is_stale && !text.choose(&[locale("pl")]).is_stale);
    }

    #[test]
    fn storing_preserves_everything() {
        let mut many = Text::from_variants([(locale("de"), "Karwin".into()), (locale("cs"), "Karviná".into())], 1);
        many.variants[0].origin = Origin::Machine;
        many.variants[0].based_on_version = Some(7);
        for text in [many, Text::untagged("plain"), Text::new(locale("pl"), "tagged")] {
            let stored = serde_json::to_string(&text).unwrap();
            assert_eq!(serde_json::from_str::<Text>(&stored).unwrap(), text, "{stored}");
        }
        assert_eq!(serde_json::to_string(&Text::untagged("plain")).unwrap(), "\"plain\"");
    }

    #[test]
    fn tags_are_checked_and_put_in_canonical_case() {
        assert_eq!(locale("DE-at").as_str(), "de-AT");
        assert_eq!(locale("szl").as_str(), "szl");
        assert_eq!(locale("zh-hant-tw-x-own").as_str(), "zh-Hant-TW-x-own");
        for tag in ["p!", "", "de-u-ca-buddhist", "ja-t-it", "de-1996-1996", "en-a-bcd", "de--AT"] {
            assert!(tag.parse::<Locale>().is_err(), "{tag}");
        }
    }
}
