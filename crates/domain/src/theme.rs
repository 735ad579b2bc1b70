//! Areas of cooperation, and the themes of a file that map onto them.

use crate::meta::Facet;
use crate::vocabulary::{Open, Vocabulary};

vocabulary! { open,
    /// Area of cooperation.
    Area {
        /// How local-government bodies are organised and work together.
        SelfGovernment = "localGovernment" | "selfGovernment",
        /// Trade and the local economy.
        Economy = "economy",
        /// Companies and start-ups.
        Entrepreneurship = "entrepreneurship",
        /// Environmental protection.
        Environment = "environment",
        /// Schools and learning.
        Education = "education",
        /// Art.
        Art = "art",
        /// Culture.
        Culture = "culture",
        /// History and heritage.
        Heritage = "history" | "heritage",
        /// Sport.
        Sport = "sport",
        /// Tourism.
        Tourism = "tourism",
        /// Planning and development of the municipality.
        LocalDevelopment = "localDevelopment",
        /// Roads, railways and public transport.
        Transport = "transport",
        /// Police, fire service and civil protection.
        PublicSafety = "publicSafety",
        /// Young people.
        Youth = "youth",
        /// Social affairs and health.
        Social = "social",
        /// None of these. `mining` and `cycling` are known labels without an area of their own.
        Other = "other" | "mining" | "cycling",
    }
}

/// A theme of a file, with the area that it maps to.
pub type Theme = Open<Area>;

/// The facet for finding records by area.
pub const AREA_FACET: &str = "area";

/// The areas of some themes, each once.
pub(crate) fn facets<'a>(themes: impl Iterator<Item = &'a Theme>) -> Vec<Facet> {
    let mut areas: Vec<Area> = themes.map(Open::value).collect();
    areas.sort_unstable();
    areas.dedup();
    areas.into_iter().map(|area| Facet { name: AREA_FACET, value: area.label().to_owned() }).collect()
}
