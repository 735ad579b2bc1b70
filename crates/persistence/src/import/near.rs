//! New cities that are probably in the registry already, under another spelling.

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::Fault;
use pomost_domain::{City, Sight, fold};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, Query};
use uuid::Uuid;

use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::statement;
use crate::transaction::Tx;

/// How far two points may be apart that are probably the same city, in kilometres.
const NEAR_KM: f64 = 2.0;

/// How far two cities of like names are apart that are certainly not the same.
const FAR_KM: f64 = 30.0;

/// How many pairs of names are compared letter by letter, at most: a file of a whole country must not take minutes.
const MAX_PAIRS: usize = 2_000_000;

/// How many letters tell that two names are worth comparing.
const ENDS: usize = 3;

/// A city as far as its likeness to others is concerned.
struct Candidate {
    id: Uuid,
    slug: String,
    country: String,
    kind: Option<String>,
    /// All its names, folded, without spaces.
    names: Vec<String>,
    place: Option<(f64, f64)>,
}

/// Remarks on those of the new cities that are like others. One statement.
pub(super) async fn remarks(tx: &Tx, new: &[(usize, Uuid)]) -> Result<Vec<Fault>, StoreError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let cities = candidates(tx).await?;
    let places: HashMap<Uuid, usize> = new.iter().map(|(place, id)| (*id, *place)).collect();
    let mut found = Vec::new();
    let mut told: HashSet<(usize, usize)> = HashSet::new();
    for (one, other) in likely(&cities, |id| places.contains_key(&id)) {
        let (mut one, mut other) = (one, other);
        // Of two new ones, the later in the file is odd.
        if let (Some(a), Some(b)) = (places.get(&cities[one].id), places.get(&cities[other].id))
            && a < b
        {
            std::mem::swap(&mut one, &mut other);
        }
        let Some(place) = places.get(&cities[one].id) else { continue };
        if told.insert((one, other))
            && let Some(why) = likeness(&cities[one], &cities[other])
        {
            let message = format!(
                "it is probably the city {:?}, which is there already ({why}): take its slug, if it is the same",
                cities[other].slug
            );
            found.push((*place, Fault::new(format!("/cities/{place}"), message)));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.dedup_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, fault)| fault).collect())
}

async fn candidates(tx: &Tx) -> Result<Vec<Candidate>, StoreError> {
    let own = |column: &str| Expr::col((Alias::new(City::TABLE), Alias::new(column)));
    let mut select = Query::select();
    statement::from::<City>(&mut select, &Sight::ALL);
    for (expr, name) in [
        (statement::id_of::<City>(), "id"),
        (Expr::col((Alias::new("record"), Alias::new("slug"))), "slug"),
        (Expr::col((Alias::new("record"), Alias::new("search_text"))), "names"),
        (own("country"), "country"),
        (own("kind"), "kind"),
        (own("latitude"), "latitude"),
        (own("longitude"), "longitude"),
    ] {
        select.expr_as(expr, Alias::new(name));
    }
    let mut cities = Vec::new();
    for row in &tx.query_all(&select).await? {
        let names: String = row.try_get("", "names")?;
        let (latitude, longitude): (Option<f64>, Option<f64>) =
            (row.try_get("", "latitude")?, row.try_get("", "longitude")?);
        cities.push(Candidate {
            id: row.try_get("", "id")?,
            slug: row.try_get("", "slug")?,
            country: row.try_get("", "country")?,
            kind: row.try_get("", "kind")?,
            names: names.split(fold::BETWEEN).map(|name| name.replace(' ', "")).collect(),
            place: latitude.zip(longitude),
        });
    }
    Ok(cities)
}

/// Pairs of a new city and another that are worth a closer look: of the same country, with a name that begins or ends alike, or
/// next to each other.
fn likely(cities: &[Candidate], is_new: impl Fn(Uuid) -> bool) -> Vec<(usize, usize)> {
    let mut by_key: HashMap<(&str, String), Vec<usize>> = HashMap::new();
    for (at, city) in cities.iter().enumerate() {
        let mut keys: Vec<String> = city.names.iter().flat_map(|name| ends(name)).chain(cells(city.place, 0)).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            by_key.entry((&city.country, key)).or_default().push(at);
        }
    }
    let mut pairs = Vec::new();
    for (at, city) in cities.iter().enumerate().filter(|(_, city)| is_new(city.id)) {
        let keys = city.names.iter().flat_map(|name| ends(name)).chain(cells(city.place, 1));
        for key in keys.collect::<HashSet<_>>() {
            let others = by_key.get(&(city.country.as_str(), key)).map_or(&[][..], Vec::as_slice);
            pairs.extend(others.iter().filter(|other| **other != at).map(|other| (at, *other)));
            if pairs.len() > MAX_PAIRS {
                return pairs;
            }
        }
    }
    pairs
}

/// What a name begins and ends with.
fn ends(name: &str) -> [String; 2] {
    let last: Vec<char> = name.chars().rev().take(ENDS).collect();
    [name.chars().take(ENDS).chain(['-']).collect(), last.into_iter().chain(['+']).collect()]
}

/// The square that a point lies in, some two kilometres high, and as many around it.
fn cells(place: Option<(f64, f64)>, around: i32) -> Vec<String> {
    let Some((latitude, longitude)) = place else { return Vec::new() };
    let cell = |degrees: f64| (degrees * 50.0).floor();
    let (row, column) = (cell(latitude), cell(longitude));
    let near = || (-around..=around).map(f64::from);
    // Further north, squares are narrower: more of them make up the same way.
    near()
        .flat_map(|up| near().map(move |aside| (up, aside * 2.0)).chain(near().map(move |aside| (up, aside))))
        .map(|(up, aside)| format!("{}/{}", row + up, column + aside))
        .collect()
}

/// Why two cities are probably the same.
fn likeness(one: &Candidate, other: &Candidate) -> Option<String> {
    if one.kind.is_some() && other.kind.is_some() && one.kind != other.kind {
        return None;
    }
    let apart = one.place.zip(other.place).map(|(a, b)| kilometres(a, b));
    if apart.is_some_and(|km| km > FAR_KM) {
        return None;
    }
    let same = one.names.iter().find(|name| other.names.contains(name));
    let like = || one.names.iter().find(|name| other.names.iter().any(|other| is_nearly(name, other)));
    if let Some(name) = same {
        return Some(format!("both are called {name:?}"));
    }
    if let Some(name) = like() {
        return Some(format!("{name:?} is nearly its name"));
    }
    apart.filter(|km| *km <= NEAR_KM).map(|km| format!("{km:.1} km from it"))
}

fn kilometres(one: (f64, f64), other: (f64, f64)) -> f64 {
    const RADIUS: f64 = 6371.0;
    let [a, b] = [one, other].map(|(latitude, longitude)| (latitude.to_radians(), longitude.to_radians()));
    let (up, aside) = (b.0 - a.0, (b.1 - a.1) * f64::midpoint(a.0, b.0).cos());
    RADIUS * up.hypot(aside)
}

/// Whether long names differ in one letter, or in two that changed places.
fn is_nearly(one: &str, other: &str) -> bool {
    const LONG: usize = 6;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn city(slug: &str, names: &[&str], place: Option<(f64, f64)>) -> Candidate {
        Candidate {
            id: Uuid::new_v5(&Uuid::nil(), slug.as_bytes()),
            slug: slug.to_owned(),
            country: "PL".to_owned(),
            kind: None,
            names: names.iter().map(|name| fold::fold(name).replace(' ', "")).collect(),
            place,
        }
    }

    #[test]
    fn spellings_and_places_tell_the_same_city() {
        let stored =
            city("jastrzebie-zdroj", &["Jastrzębie-Zdrój", "Jastrzymbie-Zdrōj"], Some((49.950_278, 18.575_278)));
        for (names, place, is_like) in [
            (&["Jastrzębie Zdrój"][..], None, true),
            (&["Jastrzebie-Zdroj"], Some((49.94, 18.6)), true),
            (&["Jastrzebie Zdrej"], None, true),
            (&["Jastrzebie Zdorj"], None, true),
            (&["Bad Königsdorff"], Some((49.951, 18.576)), true),
            (&["Jastrzębie Zdrój"], Some((52.0, 18.6)), false),
            (&["Jastrzębie"], None, false),
            (&["Żory"], None, false),
            (&["Żory"], Some((50.04, 18.7)), false),
        ] {
            let new = city("new", names, place);
            let cities = [city("jastrzebie-zdroj", &[], None), new];
            let [_, new] = &cities;
            assert_eq!(likeness(new, &stored).is_some(), is_like, "{names:?}");
            let all = [city("jastrzebie-zdroj", &["Jastrzębie-Zdrój"], stored.place), city("new", names, place)];
            let id = all[1].id;
            let found = likely(&all, |found| found == id).into_iter().any(|pair| pair == (1, 0));
            assert!(found || !is_like, "{names:?} is never looked at");
        }
    }
}
