//! The tables of the registry, for `SQLite` and `PostgreSQL`, up and down.
//!
//! The DDL is written once, in SQL with words for the few types in which the databases differ (see [`ddl`]): that keeps
//! constraints readable and gives deferred foreign keys, which an import with forward references needs.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

mod m20261122_000001_record;
mod m20261122_000002_city;
mod m20261122_000003_organization;
mod m20261122_000004_official;
mod m20261122_000005_council;
mod m20261122_000006_partnership;
mod m20261122_000007_resolution;
mod m20261122_000008_agreement;
mod m20261122_000009_letter_of_intent;
mod m20261122_000010_commitment;
mod m20261122_000011_project;
mod m20261122_000012_activity;
mod m20261122_000013_interpellation;
mod m20261122_000014_document;
mod m20261122_000015_deadline_rule;
mod m20261123_000016_data_version;
mod m20261124_000017_change;
mod m20261125_000018_lifecycle;
mod m20261125_000019_mirror;
mod m20261125_000020_newest;
mod m20261125_000021_home_city;
mod m20261125_000022_status;
mod m20261128_000030_folding;
mod m20261128_000031_unkept;

/// Runs the migrations of the registry.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_record::Migration),
            Box::new(m20261122_000002_city::Migration),
            Box::new(m20261122_000003_organization::Migration),
            Box::new(m20261122_000004_official::Migration),
            Box::new(m20261122_000005_council::Migration),
            Box::new(m20261122_000006_partnership::Migration),
            Box::new(m20261122_000007_resolution::Migration),
            Box::new(m20261122_000008_agreement::Migration),
            Box::new(m20261122_000009_letter_of_intent::Migration),
            Box::new(m20261122_000010_commitment::Migration),
            Box::new(m20261122_000011_project::Migration),
            Box::new(m20261122_000012_activity::Migration),
            Box::new(m20261122_000013_interpellation::Migration),
            Box::new(m20261122_000014_document::Migration),
            Box::new(m20261122_000015_deadline_rule::Migration),
            Box::new(m20261123_000016_data_version::Migration),
            Box::new(m20261124_000017_change::Migration),
            Box::new(m20261125_000018_lifecycle::Migration),
            Box::new(m20261125_000019_mirror::Migration),
            Box::new(m20261125_000020_newest::Migration),
            Box::new(m20261125_000021_home_city::Migration),
            Box::new(m20261125_000022_status::Migration),
            Box::new(m20261128_000030_folding::Migration),
            Box::new(m20261128_000031_unkept::Migration),
        ]
    }
}

/// The type words of our DDL, with their types in `SQLite` and in `PostgreSQL`.
///
/// `SQLite`'s type names are those that sea-orm's decoder expects; `TEXT COLLATE "C"` makes `PostgreSQL` compare bytes like
/// `SQLite`, so that both have the same order.
const TYPES: [(&str, &str, &str); 7] = [
    ("ID", "uuid_text", "uuid"),
    ("TEXT", "text", "text COLLATE \"C\""),
    ("JSON", "text", "text COLLATE \"C\""),
    ("INSTANT", "timestamp_with_timezone_text", "timestamptz"),
    ("DAY", "date_text", "date"),
    ("AMOUNT", "bigint", "bigint"),
    ("NUMBER", "double", "double precision"),
];

/// The prefix of a statement for `PostgreSQL` only.
const ON_POSTGRES: &str = "ON POSTGRESQL ";

/// Runs statements that are separated by `;`, with our type words replaced.
async fn ddl(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
    for statement in statements.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        let statement = match statement.strip_prefix(ON_POSTGRES) {
            Some(_) if sqlite => continue,
            Some(statement) => statement,
            None => statement,
        };
        let typed = TYPES.iter().fold(format!(" {statement} "), |text, (word, on_sqlite, on_postgres)| {
            let found = if sqlite { on_sqlite } else { on_postgres };
            [" ", ",", ")", "\n"]
                .iter()
                .fold(text, |text, end| text.replace(&format!(" {word}{end}"), &format!(" {found}{end}")))
        });
        manager.get_connection().execute_unprepared(typed.trim()).await?;
    }
    Ok(())
}

/// Declares a migration by its statements up and down.
macro_rules! migration {
    ($up:expr, $down:expr) => {
        /// See the statements.
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub(crate) struct Migration;

        #[sea_orm_migration::prelude::async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            async fn up(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                crate::ddl(manager, $up).await
            }

            async fn down(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                crate::ddl(manager, $down).await
            }

            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
        }
    };
}
pub(crate) use migration;
