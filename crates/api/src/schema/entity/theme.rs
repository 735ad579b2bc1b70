//! Areas of cooperation.

use async_graphql::{Enum, SimpleObject};
use pomost_domain as domain;

/// Area of cooperation: a closed list, onto which the themes of sources are mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Area")]
pub(crate) enum Area {
    /// How local-government bodies are organised and work together.
    SelfGovernment,
    /// Trade and the local economy.
    Economy,
    /// Companies and start-ups.
    Entrepreneurship,
    /// Environmental protection.
    Environment,
    /// Schools and learning.
    Education,
    /// Visual and performing art.
    Art,
    /// Cultural life: festivals, music, libraries, customs.
    Culture,
    /// History and heritage.
    Heritage,
    /// Sports and physical recreation.
    Sport,
    /// Guests, trails and spas.
    Tourism,
    /// Planning and development of the municipality.
    LocalDevelopment,
    /// Roads, railways and public transport.
    Transport,
    /// Police, fire service and civil protection.
    PublicSafety,
    /// Young people.
    Youth,
    /// Social affairs and health.
    Social,
    /// None of these: see `label`.
    Other,
}

/// A theme of cooperation as its source names it, with the area that it stands for.
#[derive(SimpleObject)]
pub(crate) struct Theme {
    /// The area.
    area: Area,
    /// The theme as the source names it; it says more where `area` is `OTHER`.
    label: String,
}

impl Theme {
    /// A theme, shown.
    pub(crate) fn of(theme: &domain::Theme) -> Self {
        Self { area: theme.value().into(), label: theme.label().to_owned() }
    }
}

/// Themes that may be unknown, shown.
pub(crate) fn themes(themes: Option<&Vec<domain::Theme>>) -> Option<Vec<Theme>> {
    themes.map(|themes| themes.iter().map(Theme::of).collect())
}
