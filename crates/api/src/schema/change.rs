//! The change feed, and the history of a record.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::futures_util::stream::{self, Stream, StreamExt};
use async_graphql::{
    Context, Enum, ID, InputValueError, InputValueResult, Name, Object, Scalar, ScalarType, SimpleObject, Subscription,
    Value,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use pomost_domain::exchange::Json;
use pomost_domain::id::Kind;
use pomost_domain::{Op, Right, Sight};
use pomost_persistence::{Appearance, Change as Stored, Content, FeedSlice, Store, StoreError, Told};
use uuid::Uuid;

use super::dataset::RecordKind;
use super::viewer::Asks;
use crate::error::ApiError;
use crate::loader::{HasLoader, HistoryOf, Load, Loaded};
use crate::schema::machinery::connection::bad;
use crate::schema::machinery::node::{self, Found, Node};
use crate::schema::machinery::prefetch::Look;
use crate::subscription_group::FeedSlot;

/// A place in the change feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChangeCursor(pub(crate) i64);

impl ChangeCursor {
    /// The cursor with this text; `None` if the feed has none like it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let number = decoded.strip_prefix("change:")?.parse().ok()?;
        // As it was written, to the letter: two texts for one place are none.
        Some(Self(number)).filter(|cursor| number >= 0 && cursor.text() == text)
    }

    /// The cursor as text.
    pub(crate) fn text(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("change:{}", self.0))
    }
}

/// Where a client resumes the feed by its transport: it counts more than the `after` of the document, which a client that
/// reconnects sends again as it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResumeAfter(pub(crate) ChangeCursor);

/// Opaque place in the change feed: everything up to it was seen. Keep it, and go on from it with `changes(after:)`.
#[Scalar(name = "ChangeCursor")]
impl ScalarType for ChangeCursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        Self::read(text).ok_or_else(|| {
            InputValueError::custom(format!(
                "{text:?} is no cursor of the change feed: take it from `cursor` or `endCursor`"
            ))
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.text())
    }
}

/// Any JSON, its members in the order in which they were written.
#[derive(Clone, Debug)]
pub(crate) struct JsonValue(pub(crate) Json);

/// Any JSON value. The order of the members of an object matters: of texts in several languages, the first is the original.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/info/std90")]
impl ScalarType for JsonValue {
    fn parse(value: Value) -> InputValueResult<Self> {
        fn read(value: Value) -> Json {
            match value {
                Value::Null | Value::Binary(_) => Json::Null,
                Value::Number(number) => Json::Number(number),
                Value::String(text) => Json::String(text),
                Value::Boolean(flag) => Json::Bool(flag),
                Value::Enum(name) => Json::string(name.as_str()),
                Value::List(items) => Json::Array(items.into_iter().map(read).collect()),
                Value::Object(members) => {
                    Json::Object(members.into_iter().map(|(name, value)| (name.to_string(), read(value))).collect())
                }
            }
        }
        Ok(Self(read(value)))
    }

    fn to_value(&self) -> Value {
        fn write(json: &Json) -> Value {
            match json {
                Json::Null => Value::Null,
                Json::Bool(flag) => Value::Boolean(*flag),
                Json::Number(number) => Value::Number(number.clone()),
                Json::String(text) => Value::String(text.clone()),
                Json::Array(items) => Value::List(items.iter().map(write).collect()),
                Json::Object(members) => {
                    Value::Object(members.iter().map(|(name, value)| (Name::new(name), write(value))).collect())
                }
            }
        }
        write(&self.0)
    }
}

/// What a change did to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Op")]
pub(crate) enum ChangeOp {
    /// It was written for the first time; in the feed also: it can be seen now and could not before.
    Created,
    /// Its facts were changed.
    Updated,
    /// A draft was given to a publisher.
    Submitted,
    /// A draft was given back to its author.
    Returned,
    /// It was made public.
    Published,
    /// It was changed while it was public.
    Corrected,
    /// It was withdrawn; in the feed also: you cannot see it any more. A tombstone.
    Withdrawn,
    /// Its content was erased for reasons of privacy. A tombstone.
    Erased,
    /// A record that it refers to appeared, disappeared or is named otherwise; it is as it was, but looks different.
    Touched,
}

/// A change of a record, as it looks to you.
pub(crate) struct Change {
    stored: Arc<Stored>,
    appearance: Appearance,
    record: Option<Result<Node, ApiError>>,
    content: Option<Content>,
}

impl Change {
    fn is_there(&self) -> bool {
        self.appearance != Appearance::Disappeared
    }
}

/// A change of a record, as it looks to you. Applying it twice does no harm: what it shows of the record is what the record is
/// now, which may be newer than the change.
#[Object]
impl Change {
    /// Place of the change in the feed.
    async fn cursor(&self) -> ChangeCursor {
        ChangeCursor(self.stored.seq)
    }

    /// When it was made.
    async fn at(&self) -> DateTime<Utc> {
        self.stored.act.at
    }

    /// Kind of the record. New kinds may come: pass over those that you do not know.
    async fn kind(&self) -> RecordKind {
        self.stored.kind.into()
    }

    /// Global id of the record.
    async fn id(&self) -> ID {
        node::id_of(self.stored.kind, self.stored.id)
    }

    /// Version that the record got by it.
    async fn version(&self) -> u32 {
        self.stored.version
    }

    /// What it did. `WITHDRAWN` and `ERASED` are tombstones: the record is not there for you any more.
    async fn op(&self) -> ChangeOp {
        match (self.appearance, self.stored.op) {
            (Appearance::Appeared, _) => ChangeOp::Created,
            (Appearance::Disappeared, Op::Erased) => ChangeOp::Erased,
            (Appearance::Disappeared, _) => ChangeOp::Withdrawn,
            (Appearance::Stayed, op) => op.into(),
        }
    }

    /// Reason of the withdrawal. `null`: the record was not withdrawn, or only you cannot see it any more.
    async fn reason(&self) -> Option<&str> {
        let is_tombstone = matches!(self.stored.op, Op::Withdrawn | Op::Erased);
        self.stored.act.reason.as_deref().filter(|_| is_tombstone)
    }

    /// The record as it is now. `null`: it is not there, or not for you.
    async fn record(&self) -> Option<Result<Node, ApiError>> {
        self.record.clone()
    }

    /// The record as it is now in the exchange format (data/exchange.schema.json). `null` for a tombstone, and for records
    /// that are written inside another one (`COMMITMENT`, `ANSWER`) or made from those that name them (`OFFICIAL`,
    /// `PROGRAMME`, sessions of which only the title is known).
    async fn content(&self) -> Option<JsonValue> {
        self.content.as_ref().map(|content| JsonValue(content.json.clone()))
    }

    /// Collection of the exchange format in which `content` belongs. `null` where that is.
    async fn collection(&self) -> Option<&str> {
        self.content.as_ref().map(|content| content.collection)
    }
}

/// A part of the change feed.
pub(crate) struct ChangePage {
    changes: Vec<Arc<Change>>,
    end: i64,
    has_next: bool,
}

/// A part of the change feed.
#[Object]
impl ChangePage {
    /// The changes, in the order of their commits.
    async fn nodes(&self) -> &[Arc<Change>] {
        &self.changes
    }

    /// Where the part ends: go on with it as `after`, also when there are no changes in the part.
    async fn end_cursor(&self) -> ChangeCursor {
        ChangeCursor(self.end)
    }

    /// Whether there was more when it was read.
    async fn has_next_page(&self) -> bool {
        self.has_next
    }
}

/// Reads what the selected fields of changes need: one statement for the records of each kind, some for their contents.
async fn shown(ctx: &Context<'_>, stored: Vec<Arc<Stored>>, look: &Look<'_>) -> Result<Vec<Arc<Change>>, ApiError> {
    let sight: Sight = ctx.viewer().sight();
    let mut changes: Vec<Change> = stored
        .into_iter()
        .filter_map(|stored| {
            let appearance = stored.appearance(&sight)?;
            Some(Change { stored, appearance, record: None, content: None })
        })
        .collect();
    let there: Vec<(Kind, Uuid)> = changes
        .iter()
        .filter(|change| change.is_there())
        .map(|change| (change.stored.kind, change.stored.id))
        .collect();
    let record = look.field("record");
    if record.exists() {
        let ids: Vec<ID> = there.iter().map(|(kind, id)| node::id_of(*kind, *id)).collect();
        let mut found: Vec<Found> = node::find(ctx, &ids, &record).await?;
        found.reverse();
        for change in changes.iter_mut().filter(|change| change.is_there()) {
            change.record = found.pop().flatten();
        }
    }
    if look.field("content").exists() || look.field("collection").exists() {
        let contents: HashMap<Uuid, Content> = ctx.loader().store().contents(&there).await?;
        for change in changes.iter_mut().filter(|change| change.is_there()) {
            change.content = contents.get(&change.stored.id).cloned();
        }
    }
    Ok(changes.into_iter().map(Arc::new).collect())
}

/// Refuses a cursor that this feed cannot have given.
fn check(after: i64, head: i64) -> Result<(), ApiError> {
    if after <= head {
        return Ok(());
    }
    let message = "the cursor is not of this feed, or the registry was restored from a copy: read everything anew";
    Err(ApiError::Resync(message.to_owned()))
}

/// The most changes of one part.
const MAX_CHANGES: i32 = 100;

#[derive(Default)]
pub(crate) struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// The changes of all records in the order of their commits. Once you have read up to a cursor, nothing before it appears
    /// any more. To mirror the registry: read `dataset { changeCursor }`, then what you want to keep, then apply the changes
    /// after that cursor; or read `changes(latest: true)` from the start, which gives every record once.
    #[graphql(directive = crate::schema::machinery::cost::list_size::apply(
        Some(100), Some(vec!["first".to_owned()]), Some(vec!["nodes".to_owned()]), Some(false),
    ))]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only changes after this place; from the first one when it is not given.")] after: Option<
            ChangeCursor,
        >,
        #[graphql(desc = "How many changes at most, 1 to 100; 100 when it is not given.")] first: Option<i32>,
        #[graphql(desc = "Only changes of records of these kinds; of all when it is not given.")] kinds: Option<
            Vec<RecordKind>,
        >,
        #[graphql(desc = "Only the last change of each record.", default = false)] latest: bool,
    ) -> Result<ChangePage, ApiError> {
        let first = first.unwrap_or(MAX_CHANGES);
        if !(1..=MAX_CHANGES).contains(&first) {
            return bad(format!("`first` is {first}: ask for 1 to {MAX_CHANGES} changes and go on with `after`"));
        }
        let after = after.map_or(0, |cursor| cursor.0);
        let kinds = kinds.into_iter().flatten().map(Kind::from).collect();
        let slice = FeedSlice { after, limit: first.unsigned_abs(), kinds, latest };
        let page = ctx.loader().load(Load::Feed(slice)).await?.and_then(Loaded::feed).unwrap_or_default();
        check(after, page.head)?;
        let look = Look(vec![ctx.look_ahead()]).field("nodes");
        let changes = shown(ctx, page.changes.iter().cloned().map(Arc::new).collect(), &look).await?;
        Ok(ChangePage { changes, end: page.end, has_next: page.has_next })
    }
}

/// All subscriptions.
#[derive(Default)]
pub struct Subscription;

/// All subscriptions.
#[Subscription]
impl Subscription {
    /// The changes of all records after a place in the feed, and then as they happen, each once and in the order of commits.
    /// When it ends, go on with the last `cursor` that you have seen. As server-sent events, each change has its cursor as `id`,
    /// and `Last-Event-ID` takes precedence over `after`.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only changes after this place; only new ones when it is not given.")] after: Option<
            ChangeCursor,
        >,
        #[graphql(desc = "Only changes of records of these kinds; of all when it is not given.")] kinds: Option<
            Vec<RecordKind>,
        >,
    ) -> Result<impl Stream<Item = Result<Arc<Change>, ApiError>> + use<>, ApiError> {
        let store = ctx.loader().store().clone();
        let head = store.data_version().await?;
        let resumed = ctx.data_opt::<ResumeAfter>().map(|ResumeAfter(cursor)| *cursor);
        let after = resumed.or(after).map_or(head, |after| after.0);
        check(after, head)?;
        let kinds = kinds.into_iter().flatten().map(Kind::from).collect();
        let feed = store.follow(FeedSlice { after, kinds, ..FeedSlice::default() }).await?;
        let reader = Reader { store, wanted: Wanted::of(ctx), sight: ctx.viewer().sight() };
        Ok(stream::unfold(Some((FeedSlot::changes_of(ctx, feed), reader)), async |state| {
            let (mut changes, reader) = state?;
            match reader.read(changes.next().await?).await {
                Ok(change) => Some((Ok(change), Some((changes, reader)))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

/// Who reads what of the changes of a subscription.
struct Reader {
    store: Store,
    wanted: Wanted,
    sight: Sight,
}

impl Reader {
    async fn read(&self, told: Result<Arc<Told>, StoreError>) -> Result<Arc<Change>, ApiError> {
        let stored = Arc::clone(&told?.change);
        let appearance = stored.appearance(&self.sight).unwrap_or(Appearance::Stayed);
        let mut change = Change { stored, appearance, record: None, content: None };
        if change.is_there() {
            let key = (change.stored.kind, change.stored.id);
            if self.wanted.content {
                change.content = self.store.contents(&[key]).await?.remove(&key.1);
            }
            if self.wanted.record {
                change.record = node::bare(&self.store, key.0, key.1).await?.map(Ok);
            }
        }
        Ok(Arc::new(change))
    }
}

/// What is selected of each change of a subscription.
#[derive(Clone, Copy)]
struct Wanted {
    record: bool,
    content: bool,
}

impl Wanted {
    fn of(ctx: &Context<'_>) -> Self {
        let look = ctx.look_ahead();
        Self {
            record: look.field("record").exists(),
            content: look.field("content").exists() || look.field("collection").exists(),
        }
    }
}

/// One field of a record before and after a change.
#[derive(SimpleObject)]
pub(crate) struct FieldDifference {
    /// Field, by its name in the exchange format; `publication` for a step on the way to the public.
    field: String,
    /// Its value before. `null`: it had none.
    before: Option<JsonValue>,
    /// Its value after. `null`: it has none.
    after: Option<JsonValue>,
}

/// A change of a record, as its history keeps it.
pub(crate) struct HistoryEntry(Stored);

/// A change of a record, as its history keeps it.
#[Object]
impl HistoryEntry {
    /// When it was made.
    async fn at(&self) -> DateTime<Utc> {
        self.0.act.at
    }

    /// Who made it: the name of a token, or `oidc:` and the subject at the identity provider.
    async fn by(&self) -> &str {
        &self.0.act.by
    }

    /// By what: the name of the mutation, or `import`.
    async fn act(&self) -> &str {
        &self.0.act.name
    }

    /// Reason, in the words of its author. `null`: none was stated.
    async fn reason(&self) -> Option<&str> {
        self.0.act.reason.as_deref()
    }

    /// What it did.
    async fn op(&self) -> ChangeOp {
        self.0.op.into()
    }

    /// Version that the record got by it.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// Fields that were changed. `null` for the first version, which is told by the later changes and what the record is now.
    async fn differences(&self) -> Option<Vec<FieldDifference>> {
        let fields = self.0.difference.as_ref()?;
        let shown = |json: &Option<Json>| json.clone().map(JsonValue);
        let fields = fields.iter().map(|change| FieldDifference {
            field: change.field.clone(),
            before: shown(&change.before),
            after: shown(&change.after),
        });
        Some(fields.collect())
    }
}

/// A part of the history of a record, the newest change first.
#[derive(SimpleObject)]
pub(crate) struct History {
    /// The changes.
    nodes: Vec<HistoryEntry>,
    /// Whether there are older ones.
    has_older: bool,
    /// Give it as `before` to read the older ones. `null`: there are none.
    older: Option<ChangeCursor>,
}

/// The most changes of one part of a history, and how many when nothing is said.
const MAX_HISTORY: u32 = 100;
const USUAL_HISTORY: u32 = 20;

/// What of the history of a record is asked for.
pub(crate) fn history_of(id: Uuid, first: Option<i32>, before: Option<ChangeCursor>) -> Result<HistoryOf, ApiError> {
    let limit = first.map_or(Some(USUAL_HISTORY), |first| u32::try_from(first).ok());
    let limit = limit.filter(|limit| (1..=MAX_HISTORY).contains(limit));
    let Some(limit) = limit else {
        return bad(format!("`first` is {}: ask for 1 to {MAX_HISTORY} changes", first.unwrap_or_default()));
    };
    Ok(HistoryOf { id, before: before.map(|cursor| cursor.0), limit })
}

/// The history of a record, for those who may read it.
pub(crate) async fn history(
    ctx: &Context<'_>,
    id: Uuid,
    first: Option<i32>,
    before: Option<ChangeCursor>,
) -> Result<History, ApiError> {
    ctx.require(Right::ReadHistory)?;
    let part = history_of(id, first, before)?;
    let mut changes: Vec<Stored> =
        ctx.loader().find(Load::History(part)).await?.and_then(Loaded::history).unwrap_or_default().to_vec();
    let has_older = changes.len() > part.limit as usize;
    changes.truncate(part.limit as usize);
    let older = changes.last().filter(|_| has_older).map(|last| ChangeCursor(last.seq));
    Ok(History { nodes: changes.into_iter().map(HistoryEntry).collect(), has_older, older })
}
