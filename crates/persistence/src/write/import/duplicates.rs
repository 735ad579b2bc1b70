//! New cities that are probably in the registry already, under another spelling or slug.
//!
//! Each city is compared with those before it: the stored ones, then those of the file in their order. Indexes find the
//! candidates: by a code, by a name, by a name without one of its letters, or by the square of a grid.

mod grid;

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use pomost_domain::city::{CityCode, CodeScheme};
use pomost_domain::exchange::Fault;
use pomost_domain::likeness::{LONG, is_nearly};
use pomost_domain::{City, Fact, Sight, Vocabulary, fold};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, Query};
use uuid::Uuid;

use crate::error::StoreError;
use crate::mapped::{Mapped, json_option};
use crate::mapping::Mapping;
use crate::statement;
use crate::transaction::Tx;
use grid::{Grid, Point};

/// The distance up to which two points are probably the same city, in kilometres.
const NEAR_KM: f64 = 2.0;

/// The distance from which two cities of like names are certainly not the same, in kilometres.
const FAR_KM: f64 = 30.0;

/// The length of the longest names that are compared with names that differ in a letter.
const LONGEST: usize = 200;

/// A city as far as its likeness to others is concerned.
pub(super) struct Candidate {
    id: Uuid,
    slug: String,
    country: String,
    /// All its names, folded, without spaces.
    names: Vec<String>,
    place: Option<Point>,
    /// Its codes in registers that are known.
    codes: Vec<(CodeScheme, String)>,
}

impl Candidate {
    /// A new record; `None`: it is no city.
    pub(super) fn of<T: Fact>(fact: &T) -> Option<Self> {
        let city = (fact as &dyn Any).downcast_ref::<City>()?;
        Some(Self {
            id: city.meta.id,
            slug: city.meta.slug.clone(),
            country: city.country.as_str().to_owned(),
            names: names(&city.search_text()),
            place: city.location.map(|location| Point { latitude: location.latitude, longitude: location.longitude }),
            codes: codes(city.codes.as_deref().unwrap_or_default()),
        })
    }
}

fn names(search_text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in search_text.split(fold::BETWEEN).map(|name| name.replace(' ', "")) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Labels of other registers may as well be those of areas, which have many cities.
fn codes(codes: &[CityCode]) -> Vec<(CodeScheme, String)> {
    let known = |code: &CityCode| {
        let scheme = CodeScheme::from_label(&code.scheme).filter(|scheme| *scheme != CodeScheme::Other)?;
        Some((scheme, code.value.clone()))
    };
    codes.iter().filter_map(known).collect()
}

/// Remarks on those of the new cities that are like others, each with the city's place in the file. One statement.
pub(super) async fn remarks(tx: &Tx, mut new: Vec<(usize, Candidate)>) -> Result<Vec<Fault>, StoreError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    new.sort_by_key(|(place, _)| *place);
    let countries: HashSet<&str> = new.iter().map(|(_, city)| city.country.as_str()).collect();
    let ids: HashSet<Uuid> = new.iter().map(|(_, city)| city.id).collect();
    let stored = stored(tx, &ids, &countries).await?;
    Ok(likely(&stored, &new))
}

/// The stored cities but for the new ones, which may be written already. Cities of other countries than these have only codes.
async fn stored(tx: &Tx, new: &HashSet<Uuid>, countries: &HashSet<&str>) -> Result<Vec<Candidate>, StoreError> {
    let own = |column: &str| Expr::col((Alias::new(City::TABLE), Alias::new(column)));
    let mut select = Query::select();
    statement::from(&mut select, Mapping::of::<City>(), &Sight::ALL);
    for (expr, name) in [
        (Mapping::of::<City>().id(), "id"),
        (Expr::col((Alias::new("record"), Alias::new("slug"))), "slug"),
        (Expr::col((Alias::new("record"), Alias::new("search_text"))), "names"),
        (own("country"), "country"),
        (own("latitude"), "latitude"),
        (own("longitude"), "longitude"),
        (own("codes"), "codes"),
    ] {
        select.expr_as(expr, Alias::new(name));
    }
    let mut cities = Vec::new();
    for row in &tx.query_all(&select).await? {
        let (id, country): (Uuid, String) = (row.try_get("", "id")?, row.try_get("", "country")?);
        if new.contains(&id) {
            continue;
        }
        let (latitude, longitude): (Option<f64>, Option<f64>) =
            (row.try_get("", "latitude")?, row.try_get("", "longitude")?);
        let (search_text, stated): (String, Option<String>) = (row.try_get("", "names")?, row.try_get("", "codes")?);
        let stated: Option<Vec<CityCode>> = json_option("codes", stated.as_deref()).unwrap_or_default();
        let is_near = countries.contains(country.as_str());
        let city = Candidate {
            id,
            slug: row.try_get("", "slug")?,
            names: if is_near { names(&search_text) } else { Vec::new() },
            country,
            place: latitude
                .zip(longitude)
                .filter(|_| is_near)
                .map(|(latitude, longitude)| Point { latitude, longitude }),
            codes: codes(stated.as_deref().unwrap_or_default()),
        };
        cities.push(city);
    }
    Ok(cities)
}

/// The remarks on new cities that are like stored ones, or like others before them.
fn likely(stored: &[Candidate], new: &[(usize, Candidate)]) -> Vec<Fault> {
    let mut index = Index::default();
    for city in stored {
        index.add(city);
    }
    let mut remarks = Vec::new();
    for (place, city) in new {
        if let Some((other, why)) = index.find(city) {
            let message = format!(
                "it is probably the city {:?}, which is there already ({why}): take its slug, if it is the same",
                other.slug
            );
            remarks.push(Fault::new(format!("/cities/{place}"), message));
        }
        index.add(city);
    }
    remarks
}

/// The cities of one name in a country.
#[derive(Default)]
struct Homonyms<'a> {
    first: Option<&'a Candidate>,
    /// The first whose place is not known.
    anywhere: Option<&'a Candidate>,
    places: Grid<&'a Candidate>,
}

impl<'a> Homonyms<'a> {
    fn add(&mut self, city: &'a Candidate) {
        self.first.get_or_insert(city);
        match city.place {
            Some(place) => self.places.add(FAR_KM, place, city),
            None => drop(self.anywhere.get_or_insert(city)),
        }
    }

    /// The first that is not too far away.
    fn near(&self, place: Option<Point>) -> Option<&'a Candidate> {
        let Some(place) = place else { return self.first };
        self.anywhere.or_else(|| self.places.find(FAR_KM, place).copied())
    }
}

#[derive(Default)]
struct Index<'a> {
    by_code: HashMap<(CodeScheme, &'a str), &'a Candidate>,
    by_name: HashMap<(&'a str, &'a str), usize>,
    /// The names, each with its cities.
    names: Vec<(&'a str, Homonyms<'a>)>,
    /// The last name that gives a hash when a letter is left out.
    by_letters: HashMap<u64, u32>,
    /// Such names, each with the one before it.
    chains: Vec<(u32, Option<u32>)>,
    by_place: HashMap<&'a str, Grid<&'a Candidate>>,
}

impl<'a> Index<'a> {
    fn add(&mut self, city: &'a Candidate) {
        for (scheme, value) in &city.codes {
            self.by_code.entry((*scheme, value)).or_insert(city);
        }
        for name in &city.names {
            let next = self.names.len();
            let at = *self.by_name.entry((&city.country, name)).or_insert(next);
            if at == next {
                self.names.push((name, Homonyms::default()));
                self.add_letters(&city.country, name, at);
            }
            self.names[at].1.add(city);
        }
        if let Some(place) = city.place {
            self.by_place.entry(&city.country).or_default().add(NEAR_KM, place, city);
        }
    }

    fn add_letters(&mut self, country: &str, name: &str, at: usize) {
        let Ok(at) = u32::try_from(at) else { return };
        for hash in without_a_letter(country, name) {
            let Ok(next) = u32::try_from(self.chains.len()) else { return };
            let before = self.by_letters.insert(hash, next);
            self.chains.push((at, before));
        }
    }

    /// The names of a country that are nearly this one.
    fn nearly<'b>(&'b self, country: &str, name: &'b str) -> impl Iterator<Item = &'b Homonyms<'a>> + use<'a, 'b> {
        let mut seen = HashSet::new();
        let chain = |first: Option<u32>| std::iter::successors(first, |at| self.chains[*at as usize].1);
        let hashes = without_a_letter(country, name);
        let known = hashes.into_iter().map(|hash| self.by_letters.get(&hash).copied()).flat_map(chain);
        known
            .map(|at| self.chains[at as usize].0)
            .filter(move |at| seen.insert(*at))
            .map(|at| &self.names[at as usize])
            .filter(move |(other, _)| is_nearly(name, other))
            .map(|(_, homonyms)| homonyms)
    }

    /// The city that one probably is, and why.
    fn find(&self, city: &Candidate) -> Option<(&'a Candidate, String)> {
        for (scheme, value) in &city.codes {
            if let Some(other) = self.by_code.get(&(*scheme, value.as_str())) {
                return Some((other, format!("both have the code {value:?} of {:?}", scheme.label())));
            }
        }
        for name in &city.names {
            let known = self.by_name.get(&(city.country.as_str(), name.as_str())).map(|at| &self.names[*at].1);
            if let Some(other) = known.and_then(|homonyms| homonyms.near(city.place)) {
                return Some((other, format!("both are called {name:?}")));
            }
        }
        for name in &city.names {
            let mut near = self.nearly(&city.country, name);
            if let Some(other) = near.find_map(|homonyms| homonyms.near(city.place)) {
                return Some((other, format!("{name:?} is nearly its name")));
            }
        }
        let other = self.by_place.get(city.country.as_str())?.find(NEAR_KM, city.place?)?;
        Some((other, format!("less than {NEAR_KM} km from it")))
    }
}

/// Hashes of a name and of all that is left of it without one of its letters, each with the country. Names that are nearly the same
/// have one in common. There are none of names that are too short, or too long to be names of cities.
fn without_a_letter(country: &str, name: &str) -> Vec<u64> {
    const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
    let letters: Vec<u64> = name.chars().take(LONGEST + 1).map(u64::from).collect();
    if !(LONG..=LONGEST).contains(&letters.len()) {
        return Vec::new();
    }
    let mut hasher = DefaultHasher::new();
    country.hash(&mut hasher);
    // A polynomial of the letters: that of a name without a letter is made of what is before and what is behind.
    let mut before = hasher.finish();
    let mut behind = letters.iter().fold(0_u64, |sum, letter| sum.wrapping_mul(BASE).wrapping_add(*letter));
    let mut power = letters.iter().fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let inverse = inverse(BASE);
    let mut hashes = vec![before.wrapping_mul(power).wrapping_add(behind)];
    for letter in letters {
        power = power.wrapping_mul(inverse);
        behind = behind.wrapping_sub(letter.wrapping_mul(power));
        hashes.push(before.wrapping_mul(power).wrapping_add(behind));
        before = before.wrapping_mul(BASE).wrapping_add(letter);
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The number by which an odd one is one, modulo 2 to the power of 64 (Newton's method).
fn inverse(odd: u64) -> u64 {
    (0..6).fold(odd, |found, _| found.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(found))))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn city(slug: &str, names: &[&str], place: Option<(f64, f64)>) -> Candidate {
        Candidate {
            id: Uuid::new_v5(&Uuid::nil(), slug.as_bytes()),
            slug: slug.to_owned(),
            country: "PL".to_owned(),
            names: super::names(&fold::search_text(names.iter().map(|name| (*name).to_owned()))),
            place: place.map(|(latitude, longitude)| Point { latitude, longitude }),
            codes: Vec::new(),
        }
    }

    fn why(stored: &[Candidate], new: Candidate) -> Option<String> {
        likely(stored, &[(0, new)]).pop().map(|fault| fault.message)
    }

    #[test]
    fn spellings_and_places_tell_the_same_city() {
        let place = Some((49.950_278, 18.575_278));
        let stored = [city("jastrzebie-zdroj", &["Jastrzębie-Zdrój", "Jastrzymbie-Zdrōj"], place)];
        for (names, place, is_like) in [
            (&["Jastrzębie Zdrój"][..], None, true),
            (&["Jastrzebie-Zdroj"], Some((49.94, 18.6)), true),
            (&["Jastrzebie Zdrej"], None, true),
            (&["Jastrzebie Zdorj"], None, true),
            (&["Jastrzebi Zdroj"], None, true),
            (&["Jjastrzebie Zdroj"], None, true),
            (&["Jastrzebi Zdrooj"], None, false),
            (&["Bad Königsdorff"], Some((49.951, 18.576)), true),
            (&["Bad Königsdorff"], Some((49.950_278 + 0.0175, 18.575_278)), true),
            (&["Bad Königsdorff"], Some((49.950_278, 18.575_278 - 0.0275)), true),
            (&["Bad Königsdorff"], Some((49.950_278, 18.575_278 - 0.0295)), false),
            (&["Jastrzębie Zdrój"], Some((52.0, 18.6)), false),
            (&["Jastrzębie Zdrój"], Some((49.950_278, 18.575_278 + 0.41)), true),
            (&["Jastrzębie Zdrój"], Some((49.950_278, 18.575_278 + 0.43)), false),
            (&["Jastrzębie"], None, false),
            (&["Żory"], None, false),
            (&["Żory"], Some((50.04, 18.7)), false),
            (&["???"], None, false),
        ] {
            assert_eq!(why(&stored, city("new", names, place)).is_some(), is_like, "{names:?} {place:?}");
            let mut abroad = city("new", names, place);
            abroad.country = "CZ".to_owned();
            assert_eq!(why(&stored, abroad), None, "{names:?}");
        }
    }

    #[test]
    fn names_that_are_nearly_the_same_share_a_hash() {
        let alike = |one: &str, other: &str, country: &str| {
            let (one, other) = (without_a_letter("PL", one), without_a_letter(country, other));
            one.iter().any(|hash| other.contains(hash))
        };
        let name = "jastrzebiezdroj";
        for at in 0..name.len() {
            let mut letters: Vec<char> = name.chars().collect();
            letters[at] = 'q';
            let replaced: String = letters.iter().collect();
            let longer: String = name[..at].chars().chain(['x']).chain(name[at..].chars()).collect();
            let shorter = name[..at].to_owned() + &name[at + 1..];
            for other in [replaced, longer, shorter] {
                assert!(alike(name, &other, "PL") && !alike(name, &other, "CZ"), "{other}");
            }
        }
        assert!(alike("jastrzebie", "jastrzeibe", "PL") && !alike("jastrzebie", "jatsrzeibe", "PL"));
        assert!(without_a_letter("PL", &"a".repeat(LONGEST + 1)).is_empty());
        assert!(without_a_letter("PL", "zory!").is_empty());
    }

    #[test]
    fn a_code_is_the_surest_sign() {
        let coded = |slug: &str, name: &str, country: &str, scheme, value: &str| {
            let codes = vec![(scheme, value.to_owned())];
            Candidate { codes, country: country.to_owned(), ..city(slug, &[name], None) }
        };
        let stored = [coded("a", "A", "PL", CodeScheme::Teryt, "2467011")];
        let found = why(&stored, coded("b", "B", "DE", CodeScheme::Teryt, "2467011")).unwrap();
        assert!(found.contains("\"a\"") && found.contains("both have the code \"2467011\" of \"TERYT\""), "{found}");
        assert_eq!(why(&stored, coded("b", "B", "PL", CodeScheme::Ags, "2467011")), None);
        assert_eq!(why(&stored, coded("b", "B", "PL", CodeScheme::Teryt, "2467012")), None);
        assert_eq!(codes(&[CityCode { scheme: "POSTCODE".to_owned(), value: "44-330".to_owned() }]), []);
    }

    #[test]
    fn of_two_new_cities_the_later_one_is_odd() {
        let place = Some((50.0, 18.0));
        let new =
            [(0, city("a", &["Żory"], None)), (1, city("b", &["Zory"], place)), (2, city("c", &["Sohrau"], place))];
        let found: Vec<String> = likely(&[], &new).into_iter().map(|fault| fault.to_string()).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("/cities/1: it is probably the city \"a\""), "{}", found[0]);
        assert!(found[1].starts_with("/cities/2: it is probably the city \"b\""), "{}", found[1]);
    }

    /// Names and places as they are in no country: whatever the file, the time follows its length.
    #[test]
    fn a_whole_country_is_compared_in_no_time() {
        type Make<'a> = &'a dyn Fn(u32) -> Candidate;
        const MANY: u32 = 5_000;
        let slug = |at: u32| format!("c{at}");
        let spread = |at: u32| Some((40.0 + f64::from(at % 100) / 3.0, f64::from(at / 100)));
        let letters = |at: u32| -> String {
            (0..8)
                .map(|place| {
                    char::from(b'a' + u8::try_from((at.wrapping_mul(2_654_435_761) >> (4 * place)) % 16).unwrap())
                })
                .collect()
        };
        let kinds: [(&str, Make<'_>); 5] = [
            ("names that begin alike", &|at| city(&slug(at), &[&format!("Saint-{}", letters(at))], None)),
            ("one name, far apart", &|at| city(&slug(at), &["Saint-Martin"], spread(at))),
            ("one name everywhere", &|at| city(&slug(at), &["Saint-Martin"], None)),
            ("one place", &|at| city(&slug(at), &[&letters(at)], Some((50.0, 18.0)))),
            ("near names, far apart", &|at| city(&slug(at), &[&format!("Saint-Mart{}", letters(at % 97))], spread(at))),
        ];
        for (kind, make) in kinds {
            let begin = Instant::now();
            let new: Vec<_> = (0..MANY).map(|at| (at as usize, make(at))).collect();
            let last = likely(&[], &new).into_iter().any(|fault| fault.pointer == format!("/cities/{}", MANY - 1));
            assert!(begin.elapsed() < Duration::from_secs(20), "{kind}: {:?}", begin.elapsed());
            assert_eq!(last, kind.starts_with("one name everywhere") || kind.starts_with("one place"), "{kind}");
        }
    }
}
