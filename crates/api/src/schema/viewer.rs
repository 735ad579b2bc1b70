//! Who is asking.

use async_graphql::{Context, Enum, Object};
use pomost_domain as domain;
use pomost_domain::{Id, Viewer as Asking};
use pomost_persistence::Mapping;

use super::entity::City;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::record::seen;

/// Role of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role")]
pub(crate) enum Role {
    /// Anyone: reads what is public.
    Anonymous,
    /// An office of a partner city: reads what is for partners as well.
    Partner,
    /// A member of the council: files interpellations and questions, and reads his own drafts.
    Councillor,
    /// An official who writes drafts; reads everything.
    Editor,
    /// An official who also decides what is public.
    Publisher,
    /// An official who reports to funding bodies: reads what is for partners and for the city's own offices.
    Reporting,
    /// Whoever runs the registry: may do everything, and erase content for reasons of privacy.
    Admin,
}

/// What a role may do beyond reading what is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Right")]
pub(crate) enum Right {
    /// Read records whose visibility is `PARTNERS`.
    ReadPartners,
    /// Read records whose visibility is `INTERNAL`.
    ReadInternal,
    /// Read drafts of everyone, and what was taken back.
    ReadDrafts,
    /// Read who changed what, when and why.
    ReadHistory,
    /// File interpellations and questions.
    File,
    /// Write drafts, and say what becomes of them.
    Write,
    /// Publish, correct and withdraw records.
    Publish,
    /// Erase the content of records for reasons of privacy.
    Erase,
}

/// Who is asking, as the registry sees it.
pub(crate) struct Viewer(Asking);

/// Who is asking, as the registry sees it.
#[Object]
impl Viewer {
    /// Role, which decides what can be read and done.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// City that the holder of the token speaks for. `null`: none.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        // One viewer has one city: nothing to be read for a page.
        let read = async {
            let ids = self.0.city.map(Id::raw).into_iter().collect();
            let found = ctx.loader().load_records(Mapping::of::<domain::City>(), ids).await?.pop();
            seen::<City>(ctx, found).await
        };
        read.await.transpose()
    }

    /// What the role may do beyond reading what is public.
    async fn rights(&self) -> Vec<Right> {
        self.0.role.rights().iter().copied().map(Right::from).collect()
    }

    /// Whose token it is: changes are signed with this name. `null`: nobody is known.
    async fn name(&self) -> Option<&str> {
        Some(self.0.name.as_str()).filter(|name| !name.is_empty())
    }
}

/// Finds whoever is asking.
pub(crate) trait Asks {
    /// Who is asking.
    fn viewer(&self) -> &Asking;

    /// Refuses a viewer without a right.
    fn require(&self, right: domain::Right) -> Result<(), ApiError> {
        self.require_one_of(&[right])
    }

    /// Refuses a viewer that has none of these rights.
    fn require_one_of(&self, rights: &[domain::Right]) -> Result<(), ApiError> {
        let viewer = self.viewer();
        let has_one = |role: domain::Role| rights.iter().any(|right| role.may(*right));
        if has_one(viewer.role) {
            return Ok(());
        }
        let who = <domain::Role as domain::Vocabulary>::ALL.iter().filter(|role| has_one(**role));
        let who: Vec<_> = who.map(|role| domain::Vocabulary::label(*role).to_uppercase()).collect();
        let role = domain::Vocabulary::label(viewer.role).to_uppercase();
        Err(ApiError::Forbidden(format!("the role {role} does not allow it: show a token of {}", who.join(" or "))))
    }
}

impl Asks for Context<'_> {
    fn viewer(&self) -> &Asking {
        static ANYONE: std::sync::OnceLock<Asking> = std::sync::OnceLock::new();
        self.data_opt::<Asking>().unwrap_or_else(|| ANYONE.get_or_init(Asking::default))
    }
}

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is asking, as the registry sees it.
    #[graphql(cache_control(private))]
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer(ctx.viewer().clone())
    }
}
