//! Names that start with what was typed.

use async_graphql::{Context, ID, Object, SimpleObject};
use pomost_domain::id::Kind;
use pomost_domain::{Vocabulary, fold};

use super::dataset::RecordKind;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::connection::bad;
use crate::schema::machinery::node::{self, Node};
use crate::schema::machinery::prefetch::Look;

/// The most suggestions that can be asked for.
const MAX: i32 = 25;
/// The longest text that is looked up, in characters.
const MAX_TEXT: usize = 100;

/// A record whose name starts with what was typed.
#[derive(SimpleObject)]
pub(crate) struct Suggestion {
    /// Kind of the record.
    kind: RecordKind,
    /// Slug of the record.
    slug: String,
    /// The record.
    node: Option<Node>,
}

#[derive(Default)]
pub(crate) struct SuggestQuery;

#[Object]
impl SuggestQuery {
    /// Records of which a name, in any language, or a word of it starts with a text: for a search box while it is typed
    /// in. Case and diacritics do not count. Names that start with the text come first.
    #[graphql(
        directive = crate::schema::machinery::cost::cost::apply(crate::schema::machinery::cost::SCAN.to_owned()),
        directive = crate::schema::machinery::cost::list_size::apply(Some(10), Some(vec!["first".to_owned()]), None, Some(false))
    )]
    async fn suggest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed, 1 to 100 characters.")] text: String,
        #[graphql(desc = "Only records of these kinds.")] kinds: Option<Vec<RecordKind>>,
        #[graphql(desc = "How many, 1 to 25; 10 when left out.")] first: Option<i32>,
    ) -> Result<Vec<Suggestion>, ApiError> {
        let first = first.unwrap_or(10);
        if !(1..=MAX).contains(&first) {
            return bad(format!("`first` is {first}: ask for 1 to {MAX} suggestions"));
        }
        if fold::fold(&text).is_empty() || text.chars().count() > MAX_TEXT {
            return bad(format!(
                "`text` is {text:?}: write 1 to {MAX_TEXT} characters, at least one of them a letter or digit"
            ));
        }
        let kinds: Vec<Kind> =
            kinds.map_or_else(|| Kind::ALL.to_vec(), |kinds| kinds.into_iter().map(Into::into).collect());
        let found = ctx.loader().store().suggest(&text, &kinds, first.unsigned_abs()).await?;
        let look = Look(vec![ctx.look_ahead()]).field("node");
        let mut nodes = Vec::new();
        if look.exists() {
            let ids: Vec<ID> = found.iter().map(|found| node::id_of(found.kind, found.id)).collect();
            nodes = node::find(ctx, &ids, &look).await?;
        }
        let mut nodes = nodes.into_iter();
        let suggestion = |found: pomost_persistence::Suggestion| {
            let node = nodes.next().flatten().transpose()?;
            Ok(Suggestion { kind: found.kind.into(), slug: found.slug, node })
        };
        found.into_iter().map(suggestion).collect()
    }
}
