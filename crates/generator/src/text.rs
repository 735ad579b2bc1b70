//! Slugs, titles and difficult texts.

use super::phrases::{HARD, LONG_TAILS};
use super::rng::{Rng, at};

/// The longest title.
const LONGEST: usize = 300;

/// Lower-case ASCII words joined by hyphens, at most `limit` letters, and the number that makes the slug unique.
pub(super) fn slug(text: &str, limit: usize, number: u64) -> String {
    let mut slug = fold(text, limit);
    slug.push('-');
    slug.push_str(&number.to_string());
    slug
}

/// Lower-case ASCII words joined by hyphens. Umlauts become two letters, Ukrainian is romanised, and other characters
/// separate words.
pub(super) fn fold(text: &str, limit: usize) -> String {
    let mut folded = String::with_capacity(limit + 4);
    let mut gap = false;
    for letter in text.chars() {
        let replacement = match letter {
            'a'..='z' | '0'..='9' => None,
            'A'..='Z' => Some(""),
            // Soft sign, apostrophes and combining marks do not end a word.
            'ь' | 'Ь' | '\'' | '’' | '\u{300}'..='\u{36f}' => continue,
            other => match transliterate(other) {
                "" => {
                    gap = true;
                    continue;
                }
                letters => Some(letters),
            },
        };
        if gap && !folded.is_empty() {
            folded.push('-');
        }
        gap = false;
        match replacement {
            Some("") | None => folded.push(letter.to_ascii_lowercase()),
            Some(letters) => folded.push_str(letters),
        }
        if folded.len() >= limit {
            break;
        }
    }
    folded
}

/// The ASCII letters of a letter; nothing if the lists do not contain it.
fn transliterate(letter: char) -> &'static str {
    match letter {
        'ą' | 'Ą' | 'á' | 'Á' | 'à' | 'À' | 'â' | 'Â' | 'ā' | 'Ā' | 'ǟ' | 'а' | 'А' => "a",
        'ä' | 'Ä' => "ae",
        'ć' | 'Ć' | 'č' | 'Č' | 'ç' | 'Ç' => "c",
        'ď' | 'Ď' | 'đ' | 'Д' | 'д' => "d",
        'ę' | 'Ę' | 'é' | 'É' | 'è' | 'È' | 'ê' | 'Ê' | 'ë' | 'Ë' | 'ě' | 'Ě' | 'ē' | 'Ē' | 'е' | 'Е' => {
            "e"
        }
        'ģ' | 'Ģ' | 'ґ' | 'Ґ' => "g",
        'í' | 'Í' | 'î' | 'Î' | 'ï' | 'Ï' | 'ī' | 'Ī' | 'і' | 'І' | 'ї' | 'Ї' | 'й' | 'Й' => "i",
        'ķ' | 'Ķ' | 'к' | 'К' => "k",
        'ł' | 'Ł' | 'ľ' | 'Ľ' | 'ĺ' | 'Ĺ' | 'ļ' | 'Ļ' | 'л' | 'Л' => "l",
        'ń' | 'Ń' | 'ň' | 'Ň' | 'ñ' | 'ņ' | 'Ņ' | 'н' | 'Н' => "n",
        'ó' | 'Ó' | 'ô' | 'Ô' | 'ō' | 'õ' | 'Õ' | 'ő' | 'Ő' | 'о' | 'О' => "o",
        'ö' | 'Ö' | 'œ' | 'Œ' => "oe",
        'ř' | 'Ř' | 'ŕ' | 'Ŕ' | 'р' | 'Р' => "r",
        'ś' | 'Ś' | 'š' | 'Š' | 'с' | 'С' => "s",
        'ß' | 'ẞ' => "ss",
        'ť' | 'Ť' | 'ț' | 'т' | 'Т' => "t",
        'ú' | 'Ú' | 'ů' | 'Ů' | 'ù' | 'Ù' | 'û' | 'Û' | 'ū' | 'Ū' | 'ű' | 'у' | 'У' => "u",
        'ü' | 'Ü' => "ue",
        'ý' | 'Ý' | 'ÿ' | 'Ÿ' | 'и' | 'И' => "y",
        'ź' | 'Ź' | 'ż' | 'Ż' | 'ž' | 'Ž' | 'з' | 'З' => "z",
        'б' | 'Б' => "b",
        'в' | 'В' => "v",
        'г' | 'Г' => "h",
        'є' | 'Є' => "ie",
        'ж' | 'Ж' => "zh",
        'м' | 'М' => "m",
        'п' | 'П' => "p",
        'ф' | 'Ф' => "f",
        'х' | 'Х' => "kh",
        'ц' | 'Ц' => "ts",
        'ч' | 'Ч' => "ch",
        'ш' | 'Ш' => "sh",
        'щ' | 'Щ' => "shch",
        'ю' | 'Ю' => "iu",
        'я' | 'Я' => "ia",
        _ => "",
    }
}

/// Replaces placeholders by values.
pub(super) fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(pattern.len() + 40);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// Makes a few titles difficult or very long, as some real ones are.
pub(super) fn roughen(title: String, language: u64, rng: &mut Rng) -> String {
    let kind = rng.below(1000);
    if kind < 18 {
        return format!("{title} {}", rng.pick(&HARD));
    }
    if kind < 30 {
        return lengthen(title, language);
    }
    title
}

/// A title of close to 300 letters.
fn lengthen(mut title: String, language: u64) -> String {
    for tail in LONG_TAILS.iter().cycle().take(6) {
        title.push_str(at(tail, language));
    }
    let end = title.char_indices().nth(LONGEST - 1).map_or(title.len(), |(end, _)| end);
    title.truncate(end);
    title.push('…');
    title
}

#[cfg(test)]
mod tests {
    use super::super::names::LANDS;
    use super::*;

    #[test]
    fn folding_keeps_to_ascii() {
        assert_eq!(fold("Zażółć gęślą jaźń – „Łódź”", 60), "zazolc-gesla-jazn-lodz");
        assert_eq!(fold("Ibbenbüren, Weißwasser/O.L.", 60), "ibbenbueren-weisswasser-o-l");
        assert_eq!(fold("Кам'янець-Подільський", 60), "kamianets-podilskyi");
        assert_eq!(fold("L'Haÿ-les-Roses", 60), "lhay-les-roses");
        assert_eq!(fold("abcdef", 3), "abc");
    }

    #[test]
    fn every_letter_of_the_town_names_is_transliterated() {
        for land in LANDS {
            let names = land.towns.iter().map(|(name, _)| *name).chain(land.suffixes.iter().copied());
            for letter in
                names.flat_map(str::chars).filter(|letter| letter.is_alphabetic() && !matches!(letter, 'ь' | 'Ь'))
            {
                assert!(letter.is_ascii() || !transliterate(letter).is_empty(), "{letter} in {}", land.code);
            }
        }
    }

    #[test]
    fn patterns_are_filled() {
        assert_eq!(fill("{a} – {b} {x}!", &[("a", "Ełk"), ("b", "{a}")]), "Ełk – {a} !");
        assert_eq!(fill("plain", &[]), "plain");
    }

    #[test]
    fn long_titles_end_at_300_letters() {
        assert_eq!(lengthen("Żółw".repeat(100), 0).chars().count(), LONGEST);
        assert_eq!(lengthen("Ełk".to_owned(), 1).chars().count(), LONGEST);
    }
}
