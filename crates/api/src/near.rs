//! Suggestions for misspelt words.

/// The known word that is nearest to a word, if one is near at all: a slip of the keys, not another word.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&lower, &known.to_lowercase());
    let most = (word.chars().count() / 5).clamp(1, 2);
    let near = known.into_iter().map(|known| (distance(known), known)).filter(|(distance, _)| *distance <= most);
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// The end of a sentence about an unknown word: what it may have been.
pub fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(|| ".".to_owned(), |near| format!(": did you mean {near:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognized_and_another_word_is_not() {
        let levels = ["error", "warn", "info"];
        for (word, found) in [
            ("inof", Some("info")),
            ("INFO", Some("info")),
            ("eror", Some("error")),
            ("warning", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, levels), found, "{word}");
        }
        assert_eq!(hint("inof", levels), ": did you mean \"info\"?");
        assert_eq!(hint("nonsense", levels), ".");
    }
}
