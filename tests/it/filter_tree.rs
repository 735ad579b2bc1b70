//! Random filters find in the database what they find among the facts in memory.

mod random;
mod world;

use std::collections::BTreeSet;

use pomost_domain::Sight;
use pomost_generator::{Plan, write};
use pomost_persistence::{Filter, Store};
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
fn note(filter: &Filter, used: &mut BTreeSet<String>) {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().for_each(|filter| note(filter, used)),
        Filter::Not(_, filter) | Filter::Some(_, filter) | Filter::None(_, filter) => note(filter, used),
        Filter::Known(field, _)
        | Filter::Text(field, _)
        | Filter::Flag(field, _)
        | Filter::Integer(field, _)
        | Filter::Date(field, _)
        | Filter::During { period: field, .. } => drop(used.insert(format!("{field:?}"))),
        Filter::Ids(_) | Filter::Slugs(_) | Filter::PublishedAs(_) | Filter::Written { .. } | Filter::Name(_) => {}
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
