//! Language ranges: the tags by which clients request texts. Every well-formed tag of BCP 47 is a range (RFC 5646, section
//! 2.1); the tags of texts are a subset.

use super::{Locale, NotALocale};

/// Tags that precede the present rules, each with its replacement (RFC 5646, section 2.2.8).
const GRANDFATHERED: [(&str, &str); 26] = [
    ("art-lojban", "jbo"),
    ("cel-gaulish", "xtg"),
    ("en-GB-oed", "en-GB-oxendict"),
    ("i-ami", "ami"),
    ("i-bnn", "bnn"),
    ("i-default", ""),
    ("i-enochian", ""),
    ("i-hak", "hak"),
    ("i-klingon", "tlh"),
    ("i-lux", "lb"),
    ("i-mingo", ""),
    ("i-navajo", "nv"),
    ("i-pwn", "pwn"),
    ("i-tao", "tao"),
    ("i-tay", "tay"),
    ("i-tsu", "tsu"),
    ("no-bok", "nb"),
    ("no-nyn", "nn"),
    ("sgn-BE-FR", "sfb"),
    ("sgn-BE-NL", "vgt"),
    ("sgn-CH-DE", "sgg"),
    ("zh-guoyu", "cmn"),
    ("zh-hakka", "hak"),
    ("zh-min", ""),
    ("zh-min-nan", "nan"),
    ("zh-xiang", "hsn"),
];

fn grandfathered(tag: &str) -> Option<(&'static str, &'static str)> {
    GRANDFATHERED.into_iter().find(|(old, _)| old.eq_ignore_ascii_case(tag))
}

impl Locale {
    /// The language range of a well-formed tag. Extensions are removed: they concern dates and numbers, and lookup would
    /// remove them first.
    ///
    /// # Errors
    /// The text is not a well-formed tag, or it contains a variant or an extension twice.
    pub fn of_range(tag: &str) -> Result<Self, NotALocale> {
        // Most ranges are valid tags of texts.
        if let Ok(locale) = tag.parse() {
            return Ok(locale);
        }
        if let Some((old, _)) = grandfathered(tag) {
            return Ok(Self(old.to_owned()));
        }
        let range = without_extensions(tag).ok_or_else(|| NotALocale(tag.to_owned()))?;
        Ok(range.parse().unwrap_or(Self(range)))
    }

    /// The tags to look up for a range, most specific first: usually only itself. A tag with an extended language, such as
    /// `zh-yue`, is looked up as `yue` and as `zh`; a grandfathered tag as its replacement, and truncated.
    pub fn alternatives(&self) -> Vec<Self> {
        let locale = |tag: String| tag.parse().unwrap_or(Self(tag));
        if let Some((old, new)) = grandfathered(&self.0) {
            let cut = old.rsplit_once('-').map(|(cut, _)| cut).filter(|cut| *cut != "i");
            let mut found: Vec<Self> =
                Some(new).filter(|new| !new.is_empty()).map(|tag| locale(tag.to_owned())).into_iter().collect();
            found.extend(cut.into_iter().flat_map(|cut| locale(cut.to_owned()).alternatives()));
            return if found.is_empty() { vec![self.clone()] } else { found };
        }
        let parts: Vec<&str> = self.0.split('-').collect();
        let extended = parts.iter().skip(1).take_while(|part| is_extended_language(part)).count();
        if extended == 0 || parts[0] == "x" {
            return vec![self.clone()];
        }
        let rest = &parts[1 + extended..];
        let tag = |language: &str| locale([&[language], rest].concat().join("-"));
        vec![tag(parts[1]), tag(parts[0])]
    }
}

fn is_alphabetic(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_extended_language(part: &str) -> bool {
    part.len() == 3 && is_alphabetic(part)
}

fn is_variant(part: &str) -> bool {
    part.len() >= 5 || part.len() == 4 && part.starts_with(|c: char| c.is_ascii_digit())
}

/// A well-formed tag in canonical case, without its extensions; `None`: it is not well-formed.
fn without_extensions(tag: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('-').collect();
    if !parts.iter().all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        return None;
    }
    let mut rest = parts.iter().copied().peekable();
    let mut used: Vec<String> = Vec::new();
    if rest.peek() != Some(&"x") {
        let language = rest.next().filter(|part| part.len() >= 2 && is_alphabetic(part))?;
        used.push(language.to_owned());
        if language.len() <= 3 {
            for _ in 0..3 {
                used.extend(rest.next_if(|part| is_extended_language(part)).map(str::to_owned));
            }
        }
        let script = rest.next_if(|part| part.len() == 4 && is_alphabetic(part));
        used.extend(script.map(|script| script[..1].to_ascii_uppercase() + &script[1..]));
        let is_region = |part: &&str| match part.len() {
            2 => is_alphabetic(part),
            3 => part.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        used.extend(rest.next_if(is_region).map(str::to_ascii_uppercase));
        let first = used.len();
        while let Some(variant) = rest.next_if(|part| is_variant(part)) {
            if used[first..].iter().any(|known| known == variant) {
                return None;
            }
            used.push(variant.to_owned());
        }
        let mut singletons = Vec::new();
        while let Some(singleton) = rest.next_if(|part| part.len() == 1 && *part != "x") {
            if singletons.contains(&singleton) {
                return None;
            }
            singletons.push(singleton);
            rest.next_if(|part| part.len() >= 2)?;
            while rest.next_if(|part| part.len() >= 2).is_some() {}
        }
    }
    if rest.next_if_eq(&"x").is_some() {
        rest.peek()?;
        used.push("x".to_owned());
        used.extend(rest.by_ref().map(str::to_owned));
    }
    rest.next().is_none().then(|| used.join("-"))
}

#[cfg(test)]
mod tests {
    use super::super::Text;
    use super::*;

    #[test]
    fn every_well_formed_tag_is_a_range() {
        for (tag, looked_up) in [
            ("pl", &["pl"][..]),
            ("PT-pt-u-nu-latn", &["pt-PT"]),
            ("de-DE-u-co-phonebk", &["de-DE"]),
            ("de-1996-a-foo-b-bar-x-own", &["de-1996-x-own"]),
            ("sl-nedis-rozaj", &["sl-nedis-rozaj"]),
            ("zh-cmn-hans", &["cmn-Hans", "zh-Hans"]),
            ("zh-yue", &["yue", "zh"]),
            ("zh-yue-Hant-HK", &["yue-Hant-HK", "zh-Hant-HK"]),
            ("en-GB-oed", &["en-GB-oxendict", "en-GB"]),
            ("EN-gb-OED", &["en-GB-oxendict", "en-GB"]),
            ("i-klingon", &["tlh"]),
            ("i-default", &["i-default"]),
            ("no-bok", &["nb", "no"]),
            ("zh-min-nan", &["nan", "zh"]),
            ("x-klingon", &["x-klingon"]),
            ("x-a-b-12345678", &["x-a-b-12345678"]),
            ("abcd", &["abcd"]),
            ("abcdefgh", &["abcdefgh"]),
            ("abcdefgh-LATN-de", &["abcdefgh-Latn-DE"]),
            ("ab-abc-def-ghi-Latn", &["abc-Latn", "ab-Latn"]),
        ] {
            let range = Locale::of_range(tag).unwrap();
            let found = range.alternatives();
            assert_eq!(found.iter().map(Locale::as_str).collect::<Vec<_>>(), looked_up, "{tag}");
        }
        for tag in [
            "",
            "-",
            "p",
            "p!",
            "*",
            "pl-",
            "-pl",
            "pl--PL",
            "pl_PL",
            "de-A",
            "sr-RS-Latn",
            "x",
            "x-",
            "i",
            "i-none",
            "en-u",
            "en-x",
            "en-u-x-a",
            "abcdefghi",
            "język",
            "de AT",
            "sl-rozaj-rozaj",
            "en-a-bcd-a-efg",
            "de-abc-def-ghi-jkl",
            "abcd-efg",
            "12",
        ] {
            assert!(Locale::of_range(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn ranges_are_truncated_until_a_text_is_found() {
        let text = |tags: &[&str]| {
            let variant = |tag: &&str| (tag.parse::<Locale>().unwrap(), (*tag).to_owned());
            Text::from_variants(tags.iter().map(variant), tags.len() - 1)
        };
        for (tags, range, expected) in [
            (&["pt", "pl"][..], "pt-PT-u-nu-latn", Some("pt")),
            (&["de", "pl"], "de-DE-u-co-phonebk", Some("de")),
            (&["en", "pl"], "en-GB-oed", Some("en")),
            (&["en-GB", "en", "pl"], "en-GB-oed", Some("en-GB")),
            (&["zh-Hans", "pl"], "zh-cmn-Hans", Some("zh-Hans")),
            (&["zh-Hant", "pl"], "zh-cmn-Hans", None),
            (&["zh", "yue", "pl"], "zh-yue", Some("yue")),
            (&["zh", "pl"], "zh-yue", Some("zh")),
            (&["lb", "pl"], "i-lux", Some("lb")),
            (&["nb", "no", "pl"], "no-bok", Some("nb")),
            (&["de", "pl"], "x-klingon", None),
            (&["de", "pl"], "abcdefgh", None),
        ] {
            let text = text(tags);
            let choice = text.choose(&Locale::of_range(range).unwrap().alternatives());
            assert_eq!(
                (!choice.is_fallback).then_some(choice.variant.text.as_str()),
                expected,
                "{range} among {tags:?}"
            );
        }
    }
}
