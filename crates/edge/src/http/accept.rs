//! Content negotiation: the media type of the answer, its content coding and the languages of its texts.

use axum::http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AsHeaderName};
use axum::http::{HeaderMap, Method, StatusCode};

use super::is_read;

/// Maximum number of languages that are read.
const MAX_LANGUAGES: usize = 20;

/// A representation that a client can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The explorer.
    Page,
    /// A stream of events.
    Events,
    /// An answer to a GraphQL request.
    Answer(Format),
}

/// Media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Format {
    /// `application/graphql-response+json`: the status reports the result of the request.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
    /// The client accepts anything: results are `application/json`, which every client reads; refusals are
    /// `application/graphql-response+json`, so that their status can report the error.
    Any,
}

impl Format {
    /// The value of `Content-Type` of an answer with this status.
    pub(super) fn media_type(self, status: StatusCode) -> &'static str {
        match self {
            Self::Any if status.is_success() => "application/json; charset=utf-8",
            Self::Any | Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The preference for a media type: its weight in thousandths, then the precision of the range.
type Wish = (u16, u8);

/// The precision of a range that is the media type itself.
const NAMED: u8 = 3;

/// The representation that the client prefers; `None` if it accepts none. The page and the event stream require that the
/// client names their media types; they win against wildcards of the same weight.
pub(super) fn wanted(method: &Method, headers: &HeaderMap) -> Option<Wanted> {
    let ranges = list(headers, ACCEPT);
    if ranges.is_empty() {
        return Some(Wanted::Answer(Format::Any));
    }
    let response = wish(&ranges, "application/graphql-response+json");
    let json = wish(&ranges, "application/json");
    let page = named(&ranges, "text/html").filter(|_| is_read(method));
    let events = named(&ranges, EVENTS);
    let best = response.max(json);
    if page > best && page >= events {
        Some(Wanted::Page)
    } else if events > best {
        Some(Wanted::Events)
    } else if response.is_some() && response == json && best.is_some_and(|(_, exactness)| exactness < NAMED) {
        Some(Wanted::Answer(Format::Any))
    } else if response.is_some() && response == best {
        Some(Wanted::Answer(Format::GraphqlResponse))
    } else {
        json.map(|_| Wanted::Answer(Format::Json))
    }
}

/// The media type of a stream of events.
const EVENTS: &str = "text/event-stream";

/// True if the client accepts an event stream.
pub(super) fn takes_events(headers: &HeaderMap) -> bool {
    let ranges = list(headers, ACCEPT);
    ranges.is_empty() || wish(&ranges, EVENTS).is_some()
}

/// True if the client names the media type of events, with any weight.
pub(super) fn names_events(headers: &HeaderMap) -> bool {
    named(&list(headers, ACCEPT), EVENTS).is_some()
}

/// A content coding for compressed answers, in ascending order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Encoding {
    /// Many clients offer it because a library does, although they cannot decode it.
    Zstd,
    Gzip,
    Brotli,
}

impl Encoding {
    const ALL: [Self; 3] = [Self::Zstd, Self::Gzip, Self::Brotli];

    /// Its name in headers.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }
}

/// The content coding that the client prefers; `None`: the answer is not compressed.
pub(super) fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let (mut codings, mut others, mut identity) = ([None; Encoding::ALL.len()], None, 0);
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    for part in values.flat_map(|value| value.split(',')) {
        let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
        let (name, weight) = (name.trim(), weight(parameters.split(';')));
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if let Some(place) = Encoding::ALL.iter().position(|one| is(one.name())) {
            codings[place] = Some(weight);
        } else if is("x-gzip") {
            codings[Encoding::Gzip as usize] = Some(weight);
        } else if is("*") {
            others = Some(weight);
        } else if is("identity") {
            identity = weight;
        }
    }
    let weighed = Encoding::ALL.into_iter().zip(codings).map(|(one, weight)| (weight.or(others).unwrap_or(0), one));
    let (weight, best) = weighed.max()?;
    (weight > 0 && weight >= identity).then_some(best)
}

/// The languages of `Accept-Language` in order of preference. `of_range` returns the languages of a language range.
pub(super) fn languages<L>(headers: &HeaderMap, of_range: fn(&str) -> Vec<L>) -> Vec<L> {
    let mut weighed: Vec<(u16, Vec<L>)> = list(headers, ACCEPT_LANGUAGE)
        .into_iter()
        .filter(|item| item.weight > 0 && item.value != "*")
        .map(|item| (item.weight, of_range(&item.value)))
        .filter(|(_, languages)| !languages.is_empty())
        .take(MAX_LANGUAGES)
        .collect();
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighed.into_iter().flat_map(|(_, languages)| languages).collect()
}

/// The preference for a media type, from its most precise range.
fn wish(ranges: &[Item], media_type: &str) -> Option<Wish> {
    let kind = media_type.split('/').next().unwrap_or_default();
    let exactness = |range: &str| match range {
        range if range == media_type => Some(NAMED),
        range if range.strip_suffix("/*") == Some(kind) => Some(2),
        "*/*" => Some(1),
        _ => None,
    };
    let matching =
        ranges.iter().filter(|range| range.is_utf8).filter_map(|range| Some((exactness(&range.value)?, range.weight)));
    let (exactness, weight) = matching.max_by_key(|(exactness, _)| *exactness)?;
    (weight > 0).then_some((weight, exactness))
}

/// The preference for a media type from a range that is the media type itself.
fn named(ranges: &[Item], media_type: &str) -> Option<Wish> {
    wish(ranges, media_type).filter(|(_, exactness)| *exactness == NAMED)
}

/// An item of a list with weights.
struct Item {
    /// In lower case.
    value: String,
    /// In thousandths.
    weight: u16,
    /// True if the client accepts UTF-8, the only charset of answers.
    is_utf8: bool,
}

fn list(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<Item> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(item).filter(|item| !item.value.is_empty()).collect()
}

fn item(text: &str) -> Item {
    let (value, parameters) = text.split_once(';').unwrap_or((text, ""));
    let parameters = || parameters.split(';');
    let charset = parameters()
        .find_map(|part| part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset")));
    Item {
        value: value.trim().to_ascii_lowercase(),
        weight: weight(parameters()),
        is_utf8: charset.is_none_or(|(_, charset)| is_utf8(charset.trim())),
    }
}

/// True if a `charset` parameter means UTF-8.
pub(super) fn is_utf8(charset: &str) -> bool {
    matches!(charset.trim_matches('"').to_ascii_lowercase().as_str(), "utf-8" | "utf8")
}

/// The weight among parameters; the maximum if there is none.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let is_q = |name: &str| name.trim().eq_ignore_ascii_case("q");
    let found = parameters.find_map(|parameter| parameter.split_once('=').filter(|(name, _)| is_q(name)));
    found.map_or(1000, |(_, value)| thousandths(value.trim()))
}

/// A weight of up to three decimals; an invalid weight counts as the lowest above zero.
fn thousandths(weight: &str) -> u16 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{whole}{decimals:0<3.3}");
    digits.parse().map_or(1, |weight: u16| weight.min(1000))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accepting(value: &'static str) -> Option<Wanted> {
        wanted(&Method::GET, &HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_new_media_type_is_preferred() {
        let new = Some(Wanted::Answer(Format::GraphqlResponse));
        for value in [
            "application/graphql-response+json",
            "application/json, application/graphql-response+json",
            "application/json;q=0.9, */*",
            "APPLICATION/GraphQL-Response+JSON; charset=UTF-8",
        ] {
            assert_eq!(accepting(value), new, "{value}");
        }
    }

    #[test]
    fn clients_that_accept_anything_are_recognised() {
        let any = Some(Wanted::Answer(Format::Any));
        assert_eq!(wanted(&Method::GET, &HeaderMap::new()), any);
        for value in ["", "*/*", "application/*", "text/plain, */*;q=0.5"] {
            assert_eq!(accepting(value), any, "{value}");
        }
        let (fine, wrong) = (StatusCode::OK, StatusCode::BAD_REQUEST);
        assert_eq!(Format::Any.media_type(fine), Format::Json.media_type(fine));
        assert_eq!(Format::Any.media_type(wrong), Format::GraphqlResponse.media_type(wrong));
    }

    #[test]
    fn json_is_served_if_it_has_a_higher_weight() {
        for value in [
            "application/json",
            "application/json, text/plain, */*",
            "application/graphql-response+json;q=0.5, application/json",
            "application/graphql-response+json;charset=latin1, application/json;charset=\"utf-8\"",
            "application/graphql-response+json;q=0, */*",
        ] {
            assert_eq!(accepting(value), Some(Wanted::Answer(Format::Json)), "{value}");
        }
    }

    #[test]
    fn browsers_get_the_page() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(accepting(firefox), Some(Wanted::Page));
        assert_eq!(accepting("text/html"), Some(Wanted::Page));
    }

    #[test]
    fn the_page_is_only_served_to_get_requests() {
        let accept = |value| HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]);
        let posted = |value| wanted(&Method::POST, &accept(value));
        assert_eq!(posted("text/html,*/*;q=0.8"), Some(Wanted::Answer(Format::Any)));
        assert_eq!(posted("text/html,application/json;q=0.8"), Some(Wanted::Answer(Format::Json)));
        assert_eq!(posted("text/html"), None);
    }

    #[test]
    fn events_require_the_exact_media_type() {
        for value in [
            "text/event-stream",
            "TEXT/Event-Stream; charset=utf-8",
            "text/event-stream, multipart/mixed",
            "text/event-stream, */*",
            "text/event-stream, application/json;q=0.9",
            "application/json; Q=0.1, text/event-stream;q=0.2",
            "text/html;q=0.5, text/event-stream",
        ] {
            assert_eq!(accepting(value), Some(Wanted::Events), "{value}");
        }
        let json = Some(Wanted::Answer(Format::Json));
        for (value, wanted) in [
            ("application/json, text/event-stream", json),
            ("text/event-stream;q=0.9, application/json", json),
            ("text/event-stream;q=0, application/json", json),
            ("text/event-stream;q=0.5, */*", Some(Wanted::Answer(Format::Any))),
            ("text/event-stream;q=0", None),
            ("text/event-stream;charset=latin1", None),
            ("text/html, text/event-stream", Some(Wanted::Page)),
        ] {
            assert_eq!(accepting(value), wanted, "{value}");
        }
    }

    #[test]
    fn zstd_requires_a_preference() {
        let encoding = |value| encoding(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]));
        for (value, chosen) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("zstd, gzip", Some("gzip")),
            ("zstd;q=0.9, gzip;q=0.9, br;q=0.8", Some("gzip")),
            ("zstd, br;q=0.9, gzip;q=0.8", Some("zstd")),
            ("br;q=0, gzip;q=0, zstd;q=0.001", Some("zstd")),
            ("zstd", Some("zstd")),
            ("ZSTD, X-GZIP ; Q=0.5", Some("zstd")),
            ("x-gzip", Some("gzip")),
            ("*", Some("br")),
            ("br;q=0, *;q=0.5", Some("gzip")),
            ("zstd, *;q=0.5", Some("zstd")),
            ("gzip;q=0.5, identity", None),
            ("gzip, identity", Some("gzip")),
            ("identity, *;q=0", None),
            ("deflate", None),
            ("gzip;q=0", None),
            ("", None),
        ] {
            assert_eq!(encoding(value).map(Encoding::name), chosen, "{value}");
        }
    }

    #[test]
    fn other_media_types_are_refused() {
        for value in ["text/plain", "image/*", "application/json;charset=latin1", "*/*;q=0", "text/*"] {
            assert_eq!(accepting(value), None, "{value}");
        }
    }

    /// A tag of letters, and the part before its region.
    fn of_range(range: &str) -> Vec<String> {
        let is_tag = range.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '-');
        let cut = range.split_once('-').map(|(language, _)| language);
        [Some(range), cut].into_iter().flatten().filter(|_| is_tag).map(str::to_owned).collect()
    }

    #[test]
    fn languages_are_ordered_by_weight() {
        let headers = |value| HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(value))]);
        let read = |value| languages(&headers(value), of_range);
        assert_eq!(read("cs;q=0.5, de-AT, pl;q=0.75, *;q=0.1"), ["de-at", "de", "pl", "cs"]);
        assert_eq!(read("en;q=0, !!, fr"), ["fr"]);
        assert!(languages(&HeaderMap::new(), of_range).is_empty());
    }

    #[test]
    fn weights_have_up_to_three_decimals() {
        let weights = ["1", "1.000", "0.8", "0.85", "0.857", "0.8571", "0", "0.", "7", "x", "-1"].map(thousandths);
        assert_eq!(weights, [1000, 1000, 800, 850, 857, 857, 0, 0, 1000, 1, 1]);
    }
}
