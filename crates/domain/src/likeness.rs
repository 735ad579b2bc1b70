//! Compares folded names and words that are similar.

/// Minimum length of names that may differ in a letter: many different short names differ in one letter only.
pub const LONG: usize = 6;

/// True if long names differ in one letter, or in the order of two adjacent letters.
pub fn is_nearly(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().min(other.len()) < LONG || one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let begin = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[begin..], &other[begin..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[..one.len() - end], &other[..other.len() - end]);
    match (one, other) {
        ([a, b], [c, d]) => a == d && b == c,
        _ => one.len().max(other.len()) <= 1,
    }
}

/// True if two words are forms of one word: equal, nearly equal, or with different endings.
pub(crate) fn is_same_word(one: &str, other: &str) -> bool {
    const STEM: usize = 4;
    if one == other || is_nearly(one, other) {
        return true;
    }
    let begin = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    begin >= STEM && 3 * begin >= 2 * one.chars().count().max(other.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_may_differ_in_a_letter() {
        for (one, other, expected) in [
            ("havirov", "havirrov", true),
            ("havirov", "haviro", true),
            ("havirov", "havirow", true),
            ("havirov", "havriov", true),
            ("havirov", "havirov", true),
            ("havirov", "havor", false),
            ("zory", "zora", false),
            ("karwina", "karviny", false),
        ] {
            assert_eq!(is_nearly(one, other), expected, "{one} {other}");
            assert_eq!(is_nearly(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn words_may_have_other_endings() {
        for (one, other, expected) in [
            ("partnerska", "partnerstwie", true),
            ("wspolpraca", "wspolpracy", true),
            ("meeting", "meetings", true),
            ("2011", "2012", false),
            ("agreement", "agenda", false),
            ("karvina", "karlovy", false),
        ] {
            assert_eq!(is_same_word(one, other), expected, "{one} {other}");
        }
    }
}
