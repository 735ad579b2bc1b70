//! Funding programmes.

use super::Project;
use crate::schema::machinery::record::{Flattened, Lists, Shared};
use crate::schema::machinery::shown::{Ends, Groups, List, Queries, Query, Related, Shown, way};
use crate::schema::machinery::values::{LocalizedText, text};
use async_graphql::Object;
use pomost_domain as domain;
use pomost_domain::link::Reverse;
use std::sync::Arc;

/// A funding programme, as projects name it.
#[derive(Clone)]
pub(crate) struct Programme(pub(crate) Arc<domain::Programme>);

impl From<Arc<domain::Programme>> for Programme {
    fn from(fact: Arc<domain::Programme>) -> Self {
        Self(fact)
    }
}

/// A funding programme, as projects name it.
#[Object]
impl Programme {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Name, as the source gives it.
    async fn name(&self) -> LocalizedText {
        text(&self.0.name)
    }
}

impl Shown for Programme {
    type Fact = domain::Programme;
    const NAME: &'static str = "Programme";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "programme", doc: "A funding programme.", cost: None }),
        many: Some(Query { name: "programmes", doc: "Funding programmes that projects name.", cost: None }),
    };
    const LISTS: &'static [List] = &[List {
        name: "projects",
        doc: "Projects that it funds.",
        way: way::<Reverse<domain::project::ProjectProgramme>, Project>(),
    }];
    const FILTER: &'static str = "Conditions on programmes. All that are given hold together.";
    const RELATED: Groups<Related> = &[&[Related {
        name: "projects",
        doc: "Projects it funds.",
        ends: Ends::Many,
        way: way::<Reverse<domain::project::ProjectProgramme>, Project>(),
    }]];
}
