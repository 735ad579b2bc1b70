//! The registry in a database: `SQLite` or `PostgreSQL`, through sea-orm.
//!
//! What may live here: tables, statements, transactions, the mapping between rows and facts. What may not: GraphQL, HTTP.
//! No name of sea-orm leaves this crate: a caller sees [`Store`], [`Filter`], facts and [`StoreError`].

mod address;
mod asked;
mod backup;
mod change;
mod citation;
mod command;
mod connect;
mod data_version;
mod derived;
mod doctor;
mod erase;
mod error;
mod export;
mod feed;
mod filter;
mod import;
mod mapped;
mod migrate;
mod mirror;
mod part;
mod reach;
mod readers;
mod receipt;
mod record;
mod reference;
mod refold;
mod statement;
mod store;
mod table;
mod token;
mod transaction;
mod write;

mod activity;
mod agreement;
mod answer;
mod business_mission;
mod city;
mod commitment;
mod council;
mod deadline_rule;
mod document;
mod interpellation;
mod joint_event;
mod letter_of_intent;
mod meeting;
mod official;
mod organization;
mod partnership;
mod place;
mod programme;
mod project;
mod resolution;
mod study_visit;
mod youth_exchange;

pub use address::{AddressError, check_address, without_password};
pub use asked::Asked;
pub use change::{Appearance, Change, FeedPage, FeedSlice, FieldChange};
pub use citation::Citation;
pub use command::{Begun, CommandError, Current, Edit, IdempotencyKey, Next, Receipt, Target, Writer};
pub use connect::{Mode, Settings};
pub use doctor::Finding;
pub use error::{StoreError, chain};
pub use export::{Content, Digest, DigestPart, ExportError};
pub use feed::{Feed, Text, Told};
pub use filter::{DateTest, Filter, IntegerTest, TextTest};
pub use import::{Changes, ImportError, ImportOptions, OnFault, Outcome, Progress};
pub use mapped::{Stored, aside};
pub use migrate::MigrationState;
pub use mirror::{Applied, MirrorState, Mirrored};
pub use statement::{Order, OrderKey};
pub use store::{Linked, Pool, RecordCounts, Store, Suggestion};
pub use token::Token;
