//! Random filters find in the database what they find among the facts in memory.

mod random;
mod world;

use std::collections::BTreeSet;

use pomost_domain::Sight;
use pomost_generator::{Plan, write};
use pomost_persistence::{FilterTree, Store};
use pomost_tests::{App, import};

use random::{Filters, Random};
use world::{World, ways};

/// The filters that are compared for each sight.
const FILTERS: usize = 2_000;

/// How many of the records are hidden from the public.
const HIDDEN: &str = "UPDATE record SET audience = 'internal', visibility = 'internal' WHERE length(slug) % 5 = 0";

async fn compare(store: &Store, seed: u64) {
    let world = World::of(store).await;
    let (entities, ways) = (world.entities(), ways());
    let mut filters = Filters { world: &world, ways: &ways, random: Random(seed) };
    let mut discerning = 0;
    let mut used = BTreeSet::new();
    for at in 0..FILTERS {
        let of = entities[at % entities.len()];
        let filter = filters.filter(of, at / entities.len() % 4);
        let (expected, found) = (world.matching(of, &filter), World::found(store, of, &filter).await);
        let differing: Vec<_> = found.symmetric_difference(&expected).collect();
        assert!(differing.is_empty(), "seed {seed}, filter {at} on {}: {filter:?}: {differing:?}", of.name());
        discerning += usize::from(!expected.is_empty() && expected.len() < world.records(of).len());
        note(&filter, &mut used);
    }
    // Filters that find nothing or everything would agree by chance.
    assert!(discerning > FILTERS / 4, "only {discerning} of {FILTERS} filters find some records and not all");
    let fields = entities.iter().flat_map(|of| world.records(of)).flat_map(|record| record.values.keys());
    let unused: BTreeSet<String> =
        fields.map(|field| format!("{field:?}")).filter(|field| !used.contains(field)).collect();
    assert!(unused.is_empty(), "no filter is on {unused:?}");
}

/// Notes the fields of a filter.
fn note(filter: &FilterTree, used: &mut BTreeSet<String>) {
    match filter {
        FilterTree::All(filters) | FilterTree::Any(filters) => filters.iter().for_each(|filter| note(filter, used)),
        FilterTree::Not(_, filter) | FilterTree::Some(_, filter) | FilterTree::None(_, filter) => note(filter, used),
        FilterTree::Known(field, _)
        | FilterTree::Text(field, _)
        | FilterTree::Flag(field, _)
        | FilterTree::Integer(field, _)
        | FilterTree::Date(field, _)
        | FilterTree::During { period: field, .. } => drop(used.insert(format!("{field:?}"))),
        FilterTree::Ids(_)
        | FilterTree::Slugs(_)
        | FilterTree::PublishedAs(_)
        | FilterTree::Written { .. }
        | FilterTree::Name(_) => {}
    }
}

async fn app() -> App {
    let app = App::sample().await;
    let mut generated = Vec::new();
    write(Plan { records: 150, seed: 7 }, &mut generated, |_| {}).unwrap();
    import(&app.store, generated).await.unwrap();
    app.sql(HIDDEN).await;
    app
}

#[tokio::test]
async fn statements_find_what_facts_say() {
    let app = app().await;
    for (sight, seed) in [(Sight::ALL, 1), (Sight::PUBLIC, 2)] {
        compare(&app.store.seen_with(sight), seed).await;
    }
}
