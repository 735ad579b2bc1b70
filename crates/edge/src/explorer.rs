//! Serves `GraphiQL` from the binary: browsers contact no other host.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::http::{App, tag_of};
use crate::served::Served;

const PAGE: &str = include_str!("../assets/graphiql/index.html");

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! asset {
    ($name:literal, $media_type:expr) => {
        ($name, $media_type, include_bytes!(concat!("../assets/graphiql/", $name)))
    };
}

/// The file with the first query of the explorer, which the schema provides.
const FIRST_QUERY: &str = "first-query.graphql";

const ASSETS: [(&str, &str, &[u8]); 7] = [
    asset!("explorer.css", STYLE),
    asset!("explorer.js", SCRIPT),
    asset!("graphiql.min.css", STYLE),
    asset!("graphiql.min.js", SCRIPT),
    asset!("react-dom.production.min.js", SCRIPT),
    asset!("react.production.min.js", SCRIPT),
    asset!("THIRD-PARTY-LICENSES.txt", TEXT),
];

/// The content security policy of the page. The hash is that of the one style sheet that `GraphiQL` writes into the page
/// itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; img-src data:; font-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers of the page and its files.
const SAFE: [(HeaderName, &str); 2] = [(X_CONTENT_TYPE_OPTIONS, "nosniff"), (REFERRER_POLICY, "no-referrer")];

/// The tags of the files and of the page, computed at their first use.
static TAGS: [OnceLock<String>; ASSETS.len() + 1] = [const { OnceLock::new() }; ASSETS.len() + 1];

fn tag(place: usize, bytes: &[u8]) -> [(HeaderName, String); 1] {
    [(ETAG, TAGS[place].get_or_init(|| format!("\"{}\"", tag_of(bytes))).clone())]
}

/// The page.
pub(crate) fn page() -> Response {
    let headers = [(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")];
    (headers, SAFE, tag(ASSETS.len(), PAGE.as_bytes()), PAGE).into_response()
}

/// A file of the page.
pub(crate) async fn asset<E: Served>(State(app): State<App<E>>, Path(name): Path<String>) -> Response {
    if name == FIRST_QUERY {
        let query = app.served().first_query();
        let tag = [(ETAG, format!("\"{}\"", tag_of(query.as_bytes())))];
        return (asset_headers(TEXT), SAFE, tag, query).into_response();
    }
    let Some(place) = ASSETS.iter().position(|(known, ..)| *known == name) else {
        return (StatusCode::NOT_FOUND, "there is no such file: the page is at /graphql\n").into_response();
    };
    let (_, media_type, bytes) = ASSETS[place];
    (asset_headers(media_type), SAFE, tag(place, bytes), Bytes::from_static(bytes)).into_response()
}

fn asset_headers(media_type: &'static str) -> [(HeaderName, &'static str); 2] {
    [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "public, max-age=3600")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_exists() {
        let files: Vec<&str> = PAGE.split('"').filter_map(|text| text.strip_prefix("/graphql/assets/")).collect();
        assert!(files.len() > 4);
        for name in files {
            assert!(name == FIRST_QUERY || ASSETS.iter().any(|(known, ..)| *known == name), "{name}");
        }
        assert!(!PAGE.contains("http://") && !PAGE.contains("https://"));
    }
}
