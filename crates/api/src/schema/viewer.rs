//! Who is asking.

use async_graphql::{Enum, Object, SimpleObject};

/// Role of a reader. Tokens and further roles come with the writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Role {
    /// Anyone: reads what is public.
    Anonymous,
}

/// Who is asking, as the registry sees it.
#[derive(SimpleObject)]
pub(crate) struct Viewer {
    /// Role, which decides what can be read.
    role: Role,
}

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is asking, as the registry sees it.
    #[graphql(cache_control(private))]
    async fn viewer(&self) -> Viewer {
        Viewer { role: Role::Anonymous }
    }
}
