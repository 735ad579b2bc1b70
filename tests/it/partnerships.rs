//! The activities and projects of a partnership: those that refer to it, and those in which all its cities take part.

use pomost_tests::App;
use serde_json::{Value, json};

fn slugs(connection: &Value) -> Vec<&str> {
    connection["nodes"].as_array().unwrap().iter().map(|node| node["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_partnership_has_the_joint_activities_of_its_cities() {
    let app = App::sample().await;
    let query = "{ partnership(by: { slug: \"jastrzebie-zdroj--havirov\" }) { activities { totalCount } projects { totalCount } } }";
    let reply = app.query(query).await;
    let expected = json!({ "activities": { "totalCount": 15 }, "projects": { "totalCount": 12 } });
    assert_eq!(reply.data()["partnership"], expected);
}

/// Three cities, of which two or all three take part; one meeting refers to the partnership and to no city.
const TOGETHER: &str = r#"{
    "cities": [
        {"slug": "a", "country": "PL", "names": {"pl": "A"}},
        {"slug": "b", "country": "CZ", "names": {"cs": "B"}},
        {"slug": "c", "country": "SK", "names": {"sk": "C"}}
    ],
    "organizations": [{"slug": "o", "name": "O", "city": "c"}],
    "partnerships": [
        {"slug": "ab", "cities": ["a", "b"]},
        {"slug": "abc", "cities": ["c", "a", "b"]},
        {"slug": "bc", "cities": ["b", "c"]}
    ],
    "meetings": [
        {"slug": "m-ab", "title": "1", "cities": ["a", "b"], "startDate": "2001"},
        {"slug": "m-abc", "title": "2", "cities": ["a", "b", "c"], "startDate": "2002", "partnership": "ab"},
        {"slug": "m-a", "title": "3", "cities": ["a"], "startDate": "2003"},
        {"slug": "m-named", "title": "4", "startDate": "2004", "partnership": "ab"},
        {"slug": "m-none", "title": "5", "startDate": "2005"}
    ],
    "events": [{"slug": "e-bc", "title": "6", "cities": ["b", "c"], "startDate": "2006"}],
    "projects": [
        {"slug": "p-ab", "title": "P1", "partners": [{"type": "city", "slug": "a"}, {"type": "city", "slug": "b"}], "cities": ["a"]},
        {"slug": "p-abc", "title": "P2", "partners": [{"type": "organization", "slug": "o"}], "cities": ["a", "b", "c"]},
        {"slug": "p-c", "title": "P3", "partners": [{"type": "city", "slug": "c"}]}
    ]
}"#;

#[tokio::test]
async fn all_cities_of_a_partnership_have_to_take_part() {
    let app = App::with(TOGETHER).await;
    let fields = "activities(orderBy: [{ field: STARTS_ON }]) { totalCount nodes { slug } } projects { totalCount nodes { slug } }";
    let expected = [
        ("ab", vec!["m-ab", "m-abc", "m-named"], vec!["p-ab", "p-abc"]),
        ("abc", vec!["m-abc"], vec!["p-abc"]),
        ("bc", vec!["m-abc", "e-bc"], vec!["p-abc"]),
    ];
    // Under one partnership, and under several in the same number of statements.
    for (slug, activities, projects) in &expected {
        let reply = app.query(&format!("{{ partnership(by: {{ slug: \"{slug}\" }}) {{ {fields} }} }}")).await;
        let found = &reply.data()["partnership"];
        assert_eq!(
            (slugs(&found["activities"]), slugs(&found["projects"])),
            (activities.clone(), projects.clone()),
            "{slug}"
        );
        assert_eq!(found["activities"]["totalCount"], activities.len(), "{slug}");
    }
    let reply =
        app.query(&format!("{{ partnerships(orderBy: [{{ field: SLUG }}]) {{ nodes {{ slug {fields} }} }} }}")).await;
    for (found, (slug, activities, projects)) in
        reply.data()["partnerships"]["nodes"].as_array().unwrap().iter().zip(&expected)
    {
        assert_eq!(
            (slugs(&found["activities"]), slugs(&found["projects"])),
            (activities.clone(), projects.clone()),
            "{slug}"
        );
        assert_eq!(
            (&found["activities"]["totalCount"], &found["projects"]["totalCount"]),
            (&json!(activities.len()), &json!(projects.len())),
            "{slug}"
        );
    }
    // The partnerships, their activities and projects, and both counts.
    assert_eq!((reply.statements, reply.misses), (5, 0));
}

#[tokio::test]
async fn lists_of_a_partnership_are_filtered_ordered_and_paged_like_others() {
    let app = App::with(TOGETHER).await;
    let page = |arguments: &str| {
        format!(
            "{{ partnership(by: {{ slug: \"ab\" }}) {{ activities({arguments}) {{ totalCount pageInfo {{ endCursor hasNextPage }} nodes {{ slug }} }} }} }}"
        )
    };
    let order = "orderBy: [{ field: STARTS_ON, direction: DESC }]";
    let first = app.query(&page(&format!("first: 2, {order}"))).await;
    let first = &first.data()["partnership"]["activities"];
    assert_eq!(
        (slugs(first), &first["totalCount"], &first["pageInfo"]["hasNextPage"]),
        (vec!["m-named", "m-abc"], &json!(3), &json!(true))
    );
    let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
    let next = app.query(&page(&format!("first: 2, after: \"{cursor}\", {order}"))).await;
    let next = &next.data()["partnership"]["activities"];
    assert_eq!((slugs(next), &next["pageInfo"]["hasNextPage"]), (vec!["m-ab"], &json!(false)));
    let some = app.query(&page("filter: { startsOn: { lt: \"2002\" } }")).await;
    let some = &some.data()["partnership"]["activities"];
    assert_eq!((slugs(some), &some["totalCount"]), (vec!["m-ab"], &json!(1)));
}
