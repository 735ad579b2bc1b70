//! What this registry is.

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use pomost_domain::Fact;
use pomost_domain::id::Kind;
use pomost_edge::hex;
use pomost_persistence::DigestPart;

use super::change::ChangeCursor;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::connection::bad;
use crate::schema::machinery::values::Locale;

/// Who publishes this registry, and how it may be used.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Name of the publisher, if it is not the home city.
    pub publisher: Option<String>,
    /// Address of the publisher, if it is not the website of the home city.
    pub publisher_url: Option<String>,
    /// Licence of the data, as an SPDX identifier.
    pub licence: String,
}

impl Default for Dataset {
    fn default() -> Self {
        Self { publisher: None, publisher_url: None, licence: pomost_domain::Meta::DEFAULT_LICENCE.to_owned() }
    }
}

/// The number of the last change when a request began.
#[derive(Clone, Copy, Debug)]
pub struct AsOf(pub i64);

/// Languages in which the registry keeps its texts, where its sources have them (BCP 47).
const LANGUAGES: [&str; 8] = ["pl", "de", "cs", "sk", "en", "fr", "uk", "lv"];

/// Kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub(crate) enum RecordKind {
    /// City or other municipality.
    City,
    /// Institution, association or company.
    Organization,
    /// Holder of a public office.
    Official,
    /// Time of a council between two elections.
    Term,
    /// Sitting of a council.
    Session,
    /// Council resolution.
    Resolution,
    /// Lasting relation of cities.
    Partnership,
    /// Signed paper.
    Agreement,
    /// Political promise.
    LetterOfIntent,
    /// One promise of a letter of intent.
    Commitment,
    /// Funding programme.
    Programme,
    /// Joint project.
    Project,
    /// Youth exchange or school contact.
    YouthExchange,
    /// Economic activity.
    BusinessMission,
    /// Cultural, sports or promotional event of several cities.
    JointEvent,
    /// Visit of officials or specialists who learn from a partner.
    StudyVisit,
    /// Delegation, signing, anniversary, working meeting, conference or webinar.
    Meeting,
    /// Interpellation or question of a councillor.
    Interpellation,
    /// Answer to an interpellation.
    Answer,
    /// Paper, publication, film or broadcast.
    Document,
}

/// How many public records of one kind there are.
#[derive(SimpleObject)]
pub(crate) struct RecordCount {
    /// The kind.
    kind: RecordKind,
    /// Public records.
    count: u64,
}

/// By which a mirror is known to hold the same records.
#[derive(SimpleObject)]
pub(crate) struct Digest {
    /// How many records were found, as far as you see them.
    count: u64,
    /// SHA-256 of their written forms in the exchange format, in hexadecimal: compact JSON, each record and a line feed after
    /// it, in the order of the bytes of their slugs.
    sha256: String,
    /// Last slug that was looked at: go on with it as `after`. `null`: there are no more.
    end: Option<String>,
    /// Place in the change feed as of which it was made.
    change_cursor: ChangeCursor,
}

/// The most records of one digest.
const MAX_DIGEST: i32 = 1_000;

/// What this registry is: who publishes it, how it may be used, and how much it holds.
#[Object]
impl Dataset {
    /// Name of the body that publishes the registry and answers for it: the one that is configured, else the home city by its
    /// official name. `null`: none is configured, and the registry has no home city yet.
    async fn publisher(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        match &self.publisher {
            Some(name) => Some(Ok(name.clone())),
            None => super::city::home(ctx).await.map(|home| home.map(|city| city.0.name())).transpose(),
        }
    }

    /// Address of the publisher: the one that is configured, else the website of the home city if that is the publisher.
    /// `null`: there is none.
    async fn publisher_url(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        match (&self.publisher_url, &self.publisher) {
            (Some(url), _) => Some(Ok(url.clone())),
            (None, Some(_)) => None,
            (None, None) => {
                super::city::home(ctx).await.map(|home| home.and_then(|city| city.0.website.clone())).transpose()
            }
        }
    }

    /// Licence of the data, as an SPDX identifier. Single records may state their own.
    async fn licence(&self) -> &str {
        &self.licence
    }

    /// Languages in which the registry keeps its texts, where its sources have them.
    async fn languages(&self) -> Vec<Locale> {
        LANGUAGES.iter().filter_map(|tag| tag.parse().ok()).map(Locale).collect()
    }

    /// When a public record was last written. `null`: there is none.
    async fn last_change(&self, ctx: &Context<'_>) -> Option<Result<DateTime<Utc>, ApiError>> {
        ctx.loader().store().last_change().await.map_err(ApiError::from).transpose()
    }

    /// Place in the change feed at which this answer was read: everything in it is at least as new. Read what you want to
    /// keep, then apply `changes(after:)` this place.
    async fn change_cursor(&self, ctx: &Context<'_>) -> ChangeCursor {
        ChangeCursor(ctx.data_opt::<AsOf>().map_or(0, |as_of| as_of.0))
    }

    /// A digest of records of a kind that have a collection in the exchange format, by which a mirror checks itself.
    #[graphql(directive = crate::schema::machinery::cost::cost::apply(crate::schema::machinery::cost::DIGEST.to_owned()))]
    async fn digest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Kind of the records.")] kind: RecordKind,
        #[graphql(desc = "Only records whose slugs come after this one.")] after: Option<String>,
        #[graphql(desc = "How many records are looked at, about: 1 to 1000; 1000 when it is not given.")] first: Option<
            i32,
        >,
    ) -> Result<Digest, ApiError> {
        let first = first.unwrap_or(MAX_DIGEST);
        if !(1..=MAX_DIGEST).contains(&first) {
            return bad(format!("`first` is {first}: ask for 1 to {MAX_DIGEST} records and go on with `after`"));
        }
        let part = DigestPart { after, until: None, limit: first.unsigned_abs().into() };
        match ctx.loader().store().digest(kind.into(), &part).await? {
            Some(found) => Ok(Digest {
                count: found.count,
                sha256: hex(&found.sha256),
                end: found.end,
                change_cursor: ChangeCursor(found.version),
            }),
            None => bad("records of this kind have no collection: they are written inside others".to_owned()),
        }
    }

    /// How many public records of each kind there are.
    #[graphql(
        directive = crate::schema::machinery::cost::cost::apply(crate::schema::machinery::cost::SCAN.to_owned()),
        directive = crate::schema::machinery::cost::list_size::apply(Some(20), None, None, Some(false))
    )]
    async fn record_counts(&self, ctx: &Context<'_>) -> Result<Vec<RecordCount>, ApiError> {
        let counts = ctx.loader().store().record_counts().await?;
        Ok(counts.into_iter().map(|(kind, count)| RecordCount { kind: kind.into(), count }).collect())
    }
}

#[derive(Default)]
pub(crate) struct DatasetQuery;

#[Object]
impl DatasetQuery {
    /// What this registry is: publisher, licence, languages, last change and record counts.
    async fn dataset(&self, ctx: &Context<'_>) -> Dataset {
        ctx.data_unchecked::<Dataset>().clone()
    }
}
