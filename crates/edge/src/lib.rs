//! The edge: GraphQL over HTTP, WebSocket and server-sent events.
//!
//! Allowed here: media types, limits, cost, budgets, credentials, conditional requests, trusted documents, the answer cache,
//! metrics of requests. It is generic over one trait, [`Served`], which a schema implements.
//!
//! Not allowed: the schema, the domain or the store of the registry. Its tests use small schemas of their own.

mod code;
mod explorer;
pub mod gate;
mod hash;
pub mod http;
pub mod identity;
mod rate_limit;
mod served;
pub mod tls;
pub mod versioned;

pub use code::{Code, INTERNAL};
pub use hash::{hash, hex};
pub use rate_limit::{RateLimit, RateLimitQuery};
pub use served::{Answer, Languages, Served};
pub use versioned::Version;
