//! Conditional requests: a precondition is evaluated only if the answer would be a 200 with a tag, and a 304 has the headers
//! of that 200.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, Request};
use pomost_api::registry::Caching;
use pomost_edge::gate::{Documents, Rate};
use pomost_tests::App;
use pomost_tests::edge::{Edge, Sent};
use serde_json::json;

/// Without caches; and with all caches and without polling for the writes of others.
const CACHINGS: [Caching; 2] = [Caching::NONE, Caching { records_mb: 32, answers_mb: 32, staleness_ms: 60_000 }];

const ANY: &str = "*/*";
const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn path(query: &str) -> String {
    format!("/graphql?query={}", encoded(query))
}

async fn ask(edge: &Edge, method: &Method, path: &str, headers: &[(&str, &str)]) -> Sent {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    edge.send(request, String::new()).await
}

/// The headers, without those of a single request and those of a body.
fn lasting(headers: &HeaderMap) -> BTreeMap<&str, Vec<&str>> {
    let mut lasting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in headers {
        if !name.as_str().starts_with("content-") && name != "x-request-id" && name != "ratelimit" {
            lasting.entry(name.as_str()).or_default().push(value.to_str().unwrap());
        }
    }
    lasting
}

#[tokio::test]
async fn a_precondition_never_hides_a_refusal() {
    let app = App::sample().await;
    let refused = [
        path("{"),
        path("{nope}"),
        path("mutation{__typename}"),
        path("subscription{changes{op}}"),
        path("{viewer{role}}"),
        path("{rateLimit{remaining}}"),
        path("{homeCity{slug} viewer{role}}"),
        path("{node(id:\"x\"){id}}"),
        path("query A{__typename} query B{__typename}"),
        path("query($n:Int!){cities(first:$n){totalCount}}"),
        path("query($n:Int!){cities(first:$n){totalCount}}") + "&variables=%7B%22n%22:%22x%22%7D",
        path("{cities(first:1000){totalCount}}"),
        path("{homeCity{slug}}") + "&variables=1",
        path("{homeCity{slug}}") + "&operationName=B",
        "/graphql".to_owned(),
        "/graphql?query=".to_owned(),
        "/graphql?documentId=x".to_owned(),
        "/nowhere".to_owned(),
        "/livez".to_owned(),
    ];
    for caching in CACHINGS {
        let edge = Edge::new(&app.store, &caching);
        let tag = edge.get("{homeCity{slug}}").await.tag().unwrap().to_owned();
        for (path, accept) in refused.iter().flat_map(|path| [ANY, NEW, OLD].map(|accept| (path, accept))) {
            for method in [Method::GET, Method::HEAD] {
                let plain = ask(&edge, &method, path, &[("accept", accept)]).await;
                assert!(plain.tag().is_none(), "{path}: {:?}", plain.headers);
                for known in ["*", " *", "\"x\", *", "W/\"*\"", &tag] {
                    let same = ask(&edge, &method, path, &[("accept", accept), ("if-none-match", known)]).await;
                    assert_eq!((same.status, same.text()), (plain.status, plain.text()), "{method} {path} {known}");
                    assert_eq!(lasting(&same.headers), lasting(&plain.headers), "{method} {path} {known}");
                }
            }
        }
        // A POST, and a request with a token, is answered completely each time.
        let post = Request::post("/graphql").header("content-type", OLD).header("if-none-match", "*");
        assert_eq!(edge.send(post, json!({ "query": "{homeCity{slug}}" }).to_string()).await.status, 200);
        let token = [("authorization", "Bearer editor~-~anna"), ("if-none-match", "*")];
        assert_eq!(ask(&edge, &Method::GET, &path("{homeCity{slug}}"), &token).await.status, 200);
    }
}

#[tokio::test]
async fn a_client_without_budget_is_refused_even_with_a_current_tag() {
    let app = App::sample().await;
    for caching in CACHINGS {
        let edge = Edge::with_rate(&app.store, &caching, Rate { burst: 350, per_second: 1, token_factor: 1 });
        let path = path("{ cities(first: 100) { nodes { slug note { value } } } }");
        let tag = ask(&edge, &Method::GET, &path, &[]).await.tag().unwrap().to_owned();
        let mut statuses = Vec::new();
        while statuses.last() != Some(&429) {
            statuses.push(ask(&edge, &Method::GET, &path, &[("if-none-match", &tag)]).await.status);
            assert!(statuses.len() < 100, "{statuses:?}");
        }
        assert_eq!(statuses[0], 304);
        assert_eq!(ask(&edge, &Method::GET, &path, &[("if-none-match", "*")]).await.status, 429);
    }
}

#[tokio::test]
async fn a_304_has_the_headers_of_its_200() {
    let app = App::sample().await;
    let large = path("{__schema{types{name description}}}");
    let page = Edge::new(&app.store, &Caching::NONE);
    let page = ask(&page, &Method::GET, "/graphql", &[("accept", "text/html")]).await.text();
    let asset = page.split('"').find(|text| text.ends_with("graphiql.min.css")).unwrap();
    for caching in CACHINGS {
        let edge = Edge::new(&app.store, &caching);
        for (path, accept) in [
            // Too short for compression.
            (path("{__typename}").as_str(), ANY),
            (&path("{homeCity{slug name{value}}}"), ANY),
            (&path("{homeCity{slug name{value}}}"), NEW),
            (&large, OLD),
            ("/schema.graphql", ANY),
            ("/graphql", "text/html"),
            (asset, ANY),
        ] {
            for encoding in ["", "gzip", "br", "zstd", "gzip, deflate, br, zstd", "*", "identity"] {
                for origin in ["", "https://ibbenbueren.example"] {
                    let headers = |known| {
                        let headers = [
                            ("accept", accept),
                            ("accept-encoding", encoding),
                            ("origin", origin),
                            ("if-none-match", known),
                        ];
                        headers.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>()
                    };
                    let case = format!("{path:.40} {accept} {encoding:?} {origin:?}");
                    let whole = ask(&edge, &Method::GET, path, &headers("")).await;
                    assert_eq!(whole.status, 200, "{case}");
                    let tag = whole.tag().unwrap_or_else(|| panic!("{case} has no tag")).to_owned();
                    let head = ask(&edge, &Method::HEAD, path, &headers("")).await;
                    assert_eq!((head.status, head.tag()), (200, Some(tag.as_str())), "{case}");
                    assert_eq!(lasting(&head.headers), lasting(&whole.headers), "{case}");
                    let weak = format!("\"x,y\", W/{tag}");
                    for (method, known) in
                        [(Method::GET, "*"), (Method::GET, &tag), (Method::GET, &weak), (Method::HEAD, &tag)]
                    {
                        let known = ask(&edge, &method, path, &headers(known)).await;
                        assert_eq!((known.status, known.text().as_str()), (304, ""), "{method} {case}");
                        assert_eq!(lasting(&known.headers), lasting(&whole.headers), "{method} {case}");
                        assert!(known.headers.contains_key("etag") && known.headers.contains_key("vary"), "{case}");
                        let of_a_body = ["content-type", "content-encoding", "content-length"];
                        assert!(!of_a_body.iter().any(|name| known.headers.contains_key(*name)), "{case}");
                    }
                    // With another tag the whole answer is sent again.
                    let again = ask(&edge, &Method::GET, path, &headers("\"other\"")).await;
                    assert_eq!((again.status, again.body == whole.body), (200, true), "{case}");
                    assert_eq!(lasting(&again.headers), lasting(&whole.headers), "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_tag_is_that_of_one_encoding() {
    let app = App::sample().await;
    for caching in CACHINGS {
        let edge = Edge::new(&app.store, &caching);
        let path = path("{homeCity{slug name{value}}}");
        let tag = async |encoding| {
            let sent = ask(&edge, &Method::GET, &path, &[("accept-encoding", encoding)]).await;
            sent.tag().unwrap().to_owned()
        };
        let tags = [tag("identity").await, tag("gzip").await, tag("br").await];
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
        for encoding in ["identity", "gzip", "br"] {
            let own = tag(encoding).await;
            for known in &tags {
                let sent =
                    ask(&edge, &Method::GET, &path, &[("accept-encoding", encoding), ("if-none-match", known)]).await;
                assert_eq!((sent.status, sent.tag()), (if *known == own { 304 } else { 200 }, Some(own.as_str())));
            }
            let all = tags.join(", ");
            let sent = ask(&edge, &Method::GET, &path, &[("accept-encoding", encoding), ("if-none-match", &all)]).await;
            assert_eq!((sent.status, sent.tag()), (304, Some(own.as_str())));
        }
    }
}

#[tokio::test]
async fn answers_to_replaced_documents_are_not_cached() {
    let app = App::sample().await;
    let folder = tempfile::tempdir().unwrap();
    let manifest = |query: &str| {
        let file = folder.path().join("documents.json");
        std::fs::write(&file, json!({ "x": query }).to_string()).unwrap();
        Documents::read(&file).unwrap()
    };
    for caching in CACHINGS {
        let edge = Edge::new(&app.store, &caching);
        let ask =
            async |known: &str| ask(&edge, &Method::GET, "/graphql?documentId=x", &[("if-none-match", known)]).await;
        assert_eq!(ask("*").await.status, 400);
        edge.replace_documents(manifest("{ homeCity { slug } }"));
        let first = ask("").await;
        assert_eq!((first.status, first.text().contains("slug")), (200, true));
        let tag = first.tag().unwrap().to_owned();
        edge.replace_documents(manifest("{ homeCity { slug } }"));
        assert_eq!(ask(&tag).await.status, 304, "the same documents");
        edge.replace_documents(manifest("{ homeCity { id } }"));
        let second = ask(&tag).await;
        assert_eq!((second.status, second.text().contains("slug")), (200, false), "{}", second.text());
        assert_ne!(second.tag(), Some(tag.as_str()));
        edge.replace_documents(Documents::default());
        assert_eq!(ask(second.tag().unwrap()).await.status, 400);
    }
}

#[tokio::test]
async fn a_body_with_a_content_coding_is_not_answered_from_the_cache() {
    let app = App::sample().await;
    let body = json!({ "query": "{homeCity{slug}}" }).to_string();
    for caching in CACHINGS {
        let edge = Edge::new(&app.store, &caching);
        for (encoding, status) in
            [("", 200), ("", 200), ("identity", 200), ("gzip", 415), ("identity, br", 415), ("x", 415)]
        {
            for path in ["/graphql", "/graphql/stream"] {
                let mut request = Request::post(path).header("content-type", OLD);
                if !encoding.is_empty() {
                    request = request.header("content-encoding", encoding);
                }
                let sent = edge.send(request, body.clone()).await;
                assert_eq!(sent.status, status, "{encoding}: {}", sent.text());
                let named = sent.headers.get("accept-encoding").map(|value| value.to_str().unwrap());
                assert_eq!(named, (status == 415).then_some("identity"), "{encoding}");
                assert_eq!(sent.text().contains("Content-Encoding"), status == 415, "{}", sent.text());
            }
        }
        for body in [format!("\u{feff}{body}"), format!("\u{feff} {body}")] {
            let sent = edge.send(Request::post("/graphql").header("content-type", OLD), body).await;
            assert_eq!((sent.status, sent.text().contains("jastrzebie-zdroj")), (200, true), "{}", sent.text());
        }
    }
}
