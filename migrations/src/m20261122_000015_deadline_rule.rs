//! Rules on the time that an authority has to answer, with the reference data of `data/deadline-rules.json`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use serde::Deserialize;

const UP: &str = "
CREATE TABLE deadline_rule (
    slug TEXT PRIMARY KEY,
    country TEXT NOT NULL,
    days integer,
    start_event TEXT,
    counting TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    legal_basis TEXT NOT NULL,
    note TEXT
)";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    slug: String,
    country: String,
    days: Option<i32>,
    start_event: Option<String>,
    counting: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
    legal_basis: String,
    note: Option<String>,
}

/// See the statements.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::ddl(manager, UP).await?;
        let rules: Vec<Rule> = serde_json::from_str(include_str!("../../data/deadline-rules.json"))
            .map_err(|error| DbErr::Migration(format!("deadline-rules.json: {error}")))?;
        for rule in rules {
            let insert = "INSERT INTO deadline_rule VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            let values: [Value; 9] = [
                rule.slug.into(),
                rule.country.into(),
                rule.days.into(),
                rule.start_event.into(),
                rule.counting.into(),
                rule.valid_from.into(),
                rule.valid_to.into(),
                rule.legal_basis.into(),
                rule.note.into(),
            ];
            let backend = manager.get_database_backend();
            manager.get_connection().execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::ddl(manager, "DROP TABLE deadline_rule").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
