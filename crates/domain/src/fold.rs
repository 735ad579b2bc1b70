//! One rule for comparing text without case and diacritics, so that both databases return the same records.
//!
//! Texts are folded by Unicode's full case folding and compatibility decomposition. `ł`, `đ`, `ø` and some others have no
//! decomposition and are mapped by hand. Three rules are our own:
//!
//! - **A mark counts if its script always writes it.** Writers leave out diacritics of Latin, Greek and Cyrillic, points of
//!   Hebrew, Arabic and Syriac, and nuktas, so these do not count. Vowel signs, viramas and tones of the scripts of South
//!   and   South-East Asia and the voicing of kana count like letters: without them, दाल and दिल would be one word. Most of
//!   them   are recognised by their combining class; those that share a class with diacritics are listed.
//! - **An apostrophe is not a letter**, whichever of its many characters is used: `Кам'янець`, `Камʼянець` and `Камянець`
//!   are   equal. Because it may also separate two words, a text is indexed both ways: `L'Aquila` as `laquila` and as `l
//!   aquila`.
//! - **German `ä ö ü`** are indexed as `a o u` and as `ae oe ue`.

use icu_casemap::CaseMapper;
use icu_properties::props::GeneralCategory;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use crate::characters::{category, is_ignorable, nfc};

/// The version of the rule. A database that was folded with an older version is folded again when it is migrated.
pub const VERSION: i32 = 3;

/// Folds a text: without case, optional marks and apostrophes, words separated by one space, in NFC.
pub fn fold(text: &str) -> String {
    spell(&prepared(text), Spelling::default())
}

/// The spellings of a search text: one, or one with and one without a gap in the place of an apostrophe.
pub fn sought(text: &str) -> Vec<String> {
    spellings(text, &[Spelling::default(), Spelling { gaps: true, ..Spelling::default() }])
}

/// The separator between the spellings of a list of names.
pub const BETWEEN: &str = " | ";

/// Folds a list of names for searching: every distinct spelling once, separated by [`BETWEEN`]. It begins with the first
/// name, as [`fold`] spells it.
pub fn search_text(names: impl IntoIterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        for spelling in spellings(&name, &Spelling::ALL) {
            if !all.contains(&spelling) {
                all.push(spelling);
            }
        }
    }
    all.join(BETWEEN)
}

/// The part of a slug that comes from a text: `Řeka – Łódź` becomes `reka-lodz`.
pub fn slug(text: &str) -> String {
    fold(text).replace(' ', "-")
}

/// A choice between alternative spellings of a text.
#[derive(Clone, Copy, Default)]
struct Spelling {
    /// True if an apostrophe separates two words.
    gaps: bool,
    /// True if `ä` is written `ae`.
    german: bool,
}

impl Spelling {
    const ALL: [Self; 4] = [
        Self { gaps: false, german: false },
        Self { gaps: true, german: false },
        Self { gaps: false, german: true },
        Self { gaps: true, german: true },
    ];
}

/// The different spellings of a text.
fn spellings(text: &str, wanted: &[Spelling]) -> Vec<String> {
    let text = prepared(text);
    let has_umlaut = text.contains(['ä', 'ö', 'ü']);
    let has_apostrophe = text.chars().any(|c| is_apostrophe(c) || is_quotation_mark(c));
    let mut found: Vec<String> = Vec::new();
    for spelling in wanted.iter().filter(|way| (has_umlaut || !way.german) && (has_apostrophe || !way.gaps)) {
        let spelled = spell(&text, *spelling);
        if !spelled.is_empty() && !found.contains(&spelled) {
            found.push(spelled);
        }
    }
    found
}

/// A text without case, in composed form, so that `o` with a combining diaeresis is the same letter as `ö`.
fn prepared(text: &str) -> String {
    let folded = CaseMapper::new().fold_string(&nfc(text)).into_owned();
    crate::characters::into_nfc(folded)
}

/// True for the characters that words use as apostrophes: apostrophes, primes, signs for glottal stops and soft signs.
fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '\u{2b9}'
            ..='\u{2bf}'
                | '\u{2c8}'
                | '\u{2ca}'
                | '\u{2cb}'
                | '\u{2ee}'
                | '\u{374}'
                | '\u{384}'
                | '\u{559}'
                | '\u{55a}'
                | '\u{5f3}'
                | '\u{7f4}'
                | '\u{7f5}'
                | '\u{1fbd}'
                | '\u{1fbf}'
                | '\u{1fef}'
                | '\u{1ffd}'
                | '\u{1ffe}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201b}'
                | '\u{2032}'
                | '\u{2035}'
                | '\u{275b}'
                | '\u{275c}'
                | '\u{a78b}'
                | '\u{a78c}'
                | '\u{ff07}'
                | '\u{ff40}'
    )
}

/// True for the quotation marks that are apostrophes between two letters.
fn is_quotation_mark(c: char) -> bool {
    matches!(c, '"' | '\u{5f4}' | '\u{201c}' | '\u{201d}' | '\u{201f}' | '\u{2033}' | '\u{2036}' | '\u{ff02}')
}

/// Vowel signs, finals and tones of the scripts of South and South-East Asia that share a combining class with diacritics
/// and nuktas: dots and strokes below (7, 220, 222), above (230), and around letters (232).
const LETTERS_BY_SCRIPT: [(char, char); 22] = [
    // Myanmar: the creaky tone; the emphatic tone of Shan.
    ('\u{1037}', '\u{1037}'),
    ('\u{108d}', '\u{108d}'),
    // Khmer: attah.
    ('\u{17dd}', '\u{17dd}'),
    // Limbu: length, nasality and glottal stop.
    ('\u{1939}', '\u{193b}'),
    // Buginese: vowels.
    ('\u{1a17}', '\u{1a18}'),
    // Tai Tham: tones and finals.
    ('\u{1a75}', '\u{1a7c}'),
    // Kayah Li: tones.
    ('\u{a92b}', '\u{a92d}'),
    // Tai Viet: vowels and tones.
    ('\u{aab0}', '\u{aab0}'),
    ('\u{aab2}', '\u{aab4}'),
    ('\u{aab7}', '\u{aab8}'),
    ('\u{aabe}', '\u{aabf}'),
    ('\u{aac1}', '\u{aac1}'),
    // Kharoshthi: length and visarga.
    ('\u{10a0d}', '\u{10a0f}'),
    // Hanifi Rohingya: tones.
    ('\u{10d24}', '\u{10d27}'),
    // Chakma: nasality, finals.
    ('\u{11100}', '\u{11102}'),
    // Pahawh Hmong: tones.
    ('\u{16b30}', '\u{16b36}'),
    // Nyiakeng Puachue Hmong: tones.
    ('\u{1e130}', '\u{1e136}'),
    // Toto: the rising tone.
    ('\u{1e2ae}', '\u{1e2ae}'),
    // Wancho: tones.
    ('\u{1e2ec}', '\u{1e2ef}'),
    // Nag Mundari: length, nasality and register.
    ('\u{1e4ec}', '\u{1e4ef}'),
    // Ol Onal: nasality and length.
    ('\u{1e5ee}', '\u{1e5ef}'),
    // Tibetan: nasality.
    ('\u{f82}', '\u{f83}'),
];

/// True for combining marks that count like letters.
fn counts(mark: char) -> bool {
    match canonical_combining_class(mark) {
        // Most vowel signs. Enclosing marks are decoration.
        0 => category(mark) != GeneralCategory::EnclosingMark,
        // Voicing of kana; viramas; length marks of Telugu; vowels and tones of Thai, Lao and Tibetan.
        8 | 9 | 84 | 91 | 103 | 107 | 118 | 122 | 129 | 130 | 132 => true,
        _ => LETTERS_BY_SCRIPT.iter().any(|(first, last)| (*first..=*last).contains(&mark)),
    }
}

/// A folded text under construction: words with one space between them.
#[derive(Default)]
struct Words {
    text: String,
    gap: bool,
}

impl Words {
    fn push(&mut self, part: &str) {
        if std::mem::take(&mut self.gap) && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(part);
    }

    /// Adds a decomposed character.
    fn add(&mut self, c: char) {
        match CaseMapper::new().simple_fold(c) {
            c if c.is_ascii_alphanumeric() => self.push(c.encode_utf8(&mut [0; 4])),
            'ł' => self.push("l"),
            'ß' => self.push("ss"),
            'đ' | 'ð' => self.push("d"),
            'ø' => self.push("o"),
            'æ' => self.push("ae"),
            'œ' => self.push("oe"),
            'þ' => self.push("th"),
            'ħ' => self.push("h"),
            'ı' => self.push("i"),
            'ŋ' => self.push("n"),
            'ŧ' => self.push("t"),
            c if is_ignorable(c) => {}
            // A mark belongs to the letter before it.
            c if is_combining_mark(c) => {
                if counts(c) && !self.gap && !self.text.is_empty() {
                    self.text.push(c);
                }
            }
            c if c.is_alphanumeric() => self.push(c.encode_utf8(&mut [0; 4])),
            _ => self.gap = true,
        }
    }
}

fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphabetic() || is_combining_mark(c))
}

fn spell(prepared: &str, spelling: Spelling) -> String {
    let mut words = Words { text: String::with_capacity(prepared.len()), gap: false };
    let mut before = None;
    let mut rest = prepared.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_ascii_alphanumeric() {
            words.push(c.encode_utf8(&mut [0; 4]));
        } else if is_apostrophe(c) || is_quotation_mark(c) && is_letter(before) && is_letter(rest.peek().copied()) {
            words.gap |= spelling.gaps;
        } else {
            match c {
                'ä' if spelling.german => words.push("ae"),
                'ö' if spelling.german => words.push("oe"),
                'ü' if spelling.german => words.push("ue"),
                c => std::iter::once(c).nfkd().for_each(|c| words.add(c)),
            }
        }
        before = Some(c);
    }
    crate::characters::into_nfc(words.text)
}

/// The slug part of records without a collection, by the rule of the first version. The ids of these records follow from it,
/// so it must never change.
pub(crate) fn lasting_slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |part: &str| {
        for c in part.chars() {
            if c.is_alphanumeric() {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.push(c);
            } else {
                gap = true;
            }
        }
    };
    for c in text.nfc().flat_map(char::to_lowercase) {
        std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).for_each(
            |c| match c {
                'ł' => push("l"),
                'đ' | 'ð' => push("d"),
                'ø' => push("o"),
                'ß' => push("ss"),
                'æ' => push("ae"),
                'œ' => push("oe"),
                'þ' => push("th"),
                'ħ' => push("h"),
                'ı' => push("i"),
                'ŋ' => push("n"),
                'ŧ' => push("t"),
                c => push(c.encode_utf8(&mut [0; 4])),
            },
        );
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_registry_languages_fold() {
        let cases = [
            ("Jastrzębie-Zdrój", "jastrzebie zdroj"),
            ("ŁÓDŹ", "lodz"),
            ("Havířov", "havirov"),
            ("Priečny ľad, ťava", "priecny lad tava"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Tukāmō", "tukamo"),
            ("Борщів", "борщів".nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().as_str()),
            ("  \"38th\"\tDay… ", "38th day"),
            ("o\u{308}l", "ol"),
            ("ﬁlm", "film"),
            ("İzmir", "izmir"),
            ("Diyarbakır", "diyarbakir"),
            ("Орёл", "орел"),
        ]
        .map(|(text, folded)| (fold(text), folded.to_owned()));
        for (found, wanted) in cases {
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn case_is_that_of_unicode() {
        for (one, other) in [
            ("ΠΕΙΡΑΙΑΣ", "Πειραιάς"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("ᾼ", "ᾳ"),
            ("ŉ", "'N"),
            ("ﬃ", "FFI"),
            ("ſ", "S"),
            ("ͅ", "ͅ"),
            ("Ꭰ", "ꭰ"),
            ("ϲ", "Σ"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn german_letters_are_found_in_both_spellings() {
        assert_eq!(search_text(["Ibbenbüren".to_owned()]), "ibbenburen | ibbenbueren");
        assert_eq!(search_text(["Karviná".to_owned(), "Karwin".to_owned(), "KARWIN".to_owned()]), "karvina | karwin");
        assert_eq!(
            search_text(["L’Haÿ-les-Bü".to_owned()]),
            "lhay les bu | l hay les bu | lhay les bue | l hay les bue"
        );
    }

    #[test]
    fn all_apostrophes_are_equal_and_optional() {
        for mark in ['\'', '’', 'ʼ', '‘', '`', '´', '′', 'ʹ', 'ʻ', '＇', '\u{5f3}', '\u{559}', '\u{55a}', '"', '″']
        {
            assert_eq!(fold(&format!("Кам{mark}янець")), "камянець", "{mark}");
            assert_eq!(sought(&format!("L{mark}Aquila")), ["laquila", "l aquila"], "{mark}");
        }
        assert_eq!(fold("Камянець"), "камянець");
        assert_eq!(fold("the \"38th\" day"), "the 38th day");
        assert_eq!(
            (fold("'s-Hertogenbosch"), fold("Hawaiʻi"), fold("'")),
            ("s hertogenbosch".into(), "hawaii".into(), String::new())
        );
    }

    #[test]
    fn a_mark_counts_if_its_script_always_writes_it() {
        for (text, same) in [("שָׁלוֹם", "שלום"), ("نَابُل", "نابل"), ("क़िला", "किला"), ("Huế", "hue"), ("а\u{483}", "а")]
        {
            assert_eq!(fold(text), fold(same), "{text}");
        }
        for (text, other) in [
            ("दाल", "दिल"),
            ("दिल्ली", "दलल"),
            ("क्या", "कया"),
            ("কলকাতা", "কলকত"),
            ("காஞ்சி", "கஞச"),
            ("กิน", "กน"),
            ("ใหม่", "ใหม"),
            ("はば", "はは"),
            ("서울", "서우"),
            ("ခန့်", "ခန်"),
            ("ꤊꤢ꤬", "ꤊꤢ"),
            ("ᨠᩣ᩵", "ᨠᩣ"),
            ("ᨔᨗ", "ᨔ"),
            ("ᤀᤡ᤺", "ᤀᤡ"),
            ("ꪀꪱ꪿", "ꪀꪱ"),
            ("\u{11103}\u{11101}", "\u{11103}"),
        ] {
            assert_ne!(fold(text), fold(other), "{text}");
        }
        assert_eq!(fold("दिल्ली"), "दिल्ली");
        assert_eq!(fold("ｻｯﾎﾟﾛ"), "サッポロ");
        // Neither a mark nor an invisible character separates words.
        assert_eq!(fold("क\u{94d}\u{200d}ष"), fold("क\u{94d}ष"));
        assert_eq!(fold("Jas\u{ad}trzę\u{200b}bie"), "jastrzebie");
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in '\u{80}'..'\u{20000}' {
            let once = fold(&format!("a{c}b"));
            assert_eq!(fold(&once), once, "{c:?}");
        }
    }

    #[test]
    fn slugs_that_determine_ids_never_change() {
        for (text, slug) in [
            ("L’Haÿ-les-Roses", "l-hay-les-roses"),
            ("दिल्ली", "दलल"),
            ("Σίσυφος", "σισυφος"),
            ("Straße 7", "strasse-7"),
        ] {
            assert_eq!(lasting_slug(text), slug);
        }
    }
}
