//! Finds the texts that mention a record by one of its present or former names, for the erasure of the record.
//!
//! Names are compared in the spelling of [`fold`], and only as whole words: `Anna` does not mention `Ann`. A slug may also
//! be an ordinary word (`home`), so in prose it counts only in the contexts in which slugs are written.

use crate::fold;

/// The names of one or several records, prepared for the search.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    phrases: Vec<String>,
    slugs: Vec<String>,
    written: Vec<String>,
}

/// Minimum length of a name that is searched for: shorter ones occur in too many texts. Two characters of a script without
/// spaces are a word.
const SHORTEST: usize = 3;

impl Mentions {
    /// Prepares a search for names and slugs.
    pub fn new(names: impl IntoIterator<Item = String>, slugs: impl IntoIterator<Item = String>) -> Self {
        let (mut phrases, mut written): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for name in names {
            let spelled = fold::search_text([name.clone()]);
            let before = phrases.len();
            phrases.extend(spelled.split(fold::BETWEEN).filter(|phrase| is_word(phrase)).map(ToOwned::to_owned));
            written.extend((phrases.len() > before).then_some(name));
        }
        let mut slugs: Vec<String> = slugs.into_iter().filter(|slug| !slug.is_empty()).collect();
        for list in [&mut phrases, &mut slugs, &mut written] {
            list.sort();
            list.dedup();
        }
        Self { phrases, slugs, written }
    }

    /// True if there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty() && self.slugs.is_empty()
    }

    /// The slugs, unchanged.
    pub fn slugs(&self) -> &[String] {
        &self.slugs
    }

    /// The names, unchanged, without those that are too short.
    pub fn written(&self) -> &[String] {
        &self.written
    }

    /// The names, folded.
    pub fn phrases(&self) -> &[String] {
        &self.phrases
    }

    /// The names that a text mentions.
    pub fn named_in(&self, text: &str) -> Vec<&str> {
        let spelled = spelled(text);
        self.phrases.iter().filter(|phrase| stands_in(&spelled, phrase)).map(String::as_str).collect()
    }

    /// True if a text mentions one of the slugs: alone, in quotation marks, in an address, or with a character that words do
    /// not have.
    pub fn has_slug_in(&self, text: &str) -> bool {
        self.slugs.iter().any(|slug| text.contains(slug.as_str()) && is_slug_in(text, slug))
    }

    /// True if a text mentions the record.
    pub fn are_in(&self, text: &str) -> bool {
        self.has_slug_in(text) || !self.named_in(text).is_empty()
    }

    /// True if an idempotency key mentions the record. Finding too much is harmless there.
    pub fn are_in_key(&self, key: &str) -> bool {
        let spelled = spelled(key);
        let mut slugs = self.slugs.iter().map(|slug| fold::fold(slug));
        self.are_in(key) || slugs.any(|slug| is_word(&slug) && stands_in(&spelled, &slug))
    }
}

/// All spellings of a text, each word between spaces.
fn spelled(text: &str) -> String {
    format!(" {} ", fold::search_text([text.to_owned()]))
}

fn is_word(phrase: &str) -> bool {
    let letters = phrase.chars().filter(|c| c.is_alphabetic()).count();
    letters > 0 && (phrase.chars().count() >= SHORTEST || (letters > 1 && is_unspaced(phrase)))
}

/// True if a folded name occurs in a text that [`spelled`] made.
fn stands_in(spelled: &str, phrase: &str) -> bool {
    if is_unspaced(phrase) { spelled.contains(phrase) } else { spelled.contains(&format!(" {phrase} ")) }
}

/// True if a name is in a script without spaces between words.
fn is_unspaced(phrase: &str) -> bool {
    phrase.chars().any(|c| {
        matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
    })
}

/// The number of words of a folded name; `None`: its script has no spaces.
pub fn words_of(phrase: &str) -> Option<usize> {
    (!is_unspaced(phrase)).then(|| phrase.split(' ').count())
}

/// All sequences of this many words in a text, folded.
pub fn runs(text: &str, words: usize) -> Vec<String> {
    let mut found = Vec::new();
    for spelling in fold::search_text([text.to_owned()]).split(fold::BETWEEN) {
        let all: Vec<&str> = spelling.split(' ').collect();
        found.extend(all.windows(words.max(1)).map(|run| run.join(" ")));
    }
    found
}

/// True if a slug occurs in a text as a slug, not as a part of a longer one.
fn is_slug_in(text: &str, slug: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let is_no_word = slug.chars().count() >= SHORTEST && !slug.chars().all(char::is_alphabetic);
    text.match_indices(slug).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + slug.len()..].chars().next());
        let is_marked =
            (before.is_none() && after.is_none()) || matches!(before, Some('"' | '/' | '“' | '„' | '«' | '`'));
        !is_part(before) && !is_part(after) && (is_no_word || is_marked)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], slugs: &[&str]) -> Mentions {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Mentions::new(owned(names), owned(slugs))
    }

    #[test]
    fn names_are_found_as_whole_words_in_every_spelling() {
        let jan = of(&["Jan Müller"], &[]);
        for text in ["jan muller came", "(JAN MÜLLER)", "by Jan  Mueller.", "https://a.example/jan-müller/"] {
            assert!(jan.are_in(text), "{text}");
        }
        for text in ["Jana Müller", "Jan and Müller", "Jan Müllerová", "Jan", ""] {
            assert!(!jan.are_in(text), "{text}");
        }
        assert!(of(&["東京"], &[]).are_in("昨日東京に行った"));
        assert!(!of(&["I", "12/2004", ""], &[]).are_in("I was there, 12/2004"));
    }

    #[test]
    fn a_slug_counts_only_in_the_context_of_a_slug() {
        let home = of(&[], &["home", "ann", "1", "nowy-sacz"]);
        for text in [
            "cities/ann: website",
            "there is no city with the slug \"ann\": add it",
            "ann",
            "cities/1: x",
            "to nowy-sacz",
        ] {
            assert!(home.are_in(text), "{text}");
        }
        for text in
            ["they went home", "1 more of the same kind", "cities/anna: x", "\"ann-arbor\"", "x_ann", "nowy-sacz-2"]
        {
            assert!(!home.are_in(text), "{text}");
        }
        for key in ["make ann", "ann", "for-home-7"] {
            assert!(home.are_in_key(key), "{key}");
        }
        for key in ["make anna", "1", "joann"] {
            assert!(key == "1" || !home.are_in_key(key), "{key}");
        }
    }

    #[test]
    fn runs_of_words_are_those_of_the_folded_text() {
        assert_eq!(runs("Ján came, late", 2), ["jan came", "came late"]);
        assert_eq!((words_of("jan came"), words_of("東京")), (Some(2), None));
    }
}
