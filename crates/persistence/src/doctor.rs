//! Looks for what is wrong with a database.

use pomost_domain::id::Kind;
use pomost_domain::{Sight, Vocabulary};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use crate::error::StoreError;
use crate::export::ExportError;
use crate::store::Store;

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: a table, or a kind of record.
    pub record: String,
    /// What.
    pub message: String,
}

/// What must never be found in the table of changes: where, what, and how many of it there are.
const FEED_CHECKS: &[(&str, &str, &str)] = &[
    (
        "change",
        "numbers are missing in the feed",
        "SELECT CAST(COALESCE(MAX(seq) - MIN(seq) + 1 - COUNT(*), 0) AS bigint) AS found FROM change",
    ),
    (
        "data_version",
        "changes lie between the last change and the version of the data",
        "SELECT CAST(ABS(version - COALESCE((SELECT MAX(seq) FROM change), version)) AS bigint) AS found FROM data_version",
    ),
    (
        "change",
        "records have a gap in their versions",
        "SELECT CAST(COUNT(*) AS bigint) AS found FROM (SELECT record_id FROM change WHERE op <> 'touched' \
         GROUP BY record_id HAVING COUNT(*) <> MAX(version) - MIN(version) + 1) AS gap",
    ),
    (
        "record",
        "records have another version, or another last change, than the feed",
        "SELECT CAST(COUNT(*) AS bigint) AS found FROM record LEFT JOIN change ON change.seq = record.change_seq \
         WHERE change.record_id IS NULL OR change.record_id <> record.id OR change.version <> record.version",
    ),
    (
        "record",
        "records are shown to others than their publication and visibility say",
        "SELECT CAST(COUNT(*) AS bigint) AS found FROM record WHERE audience <> 'erased' AND audience <> CASE \
         WHEN publication = 'withdrawn' THEN 'withdrawn' WHEN publication IN ('draft', 'in_review') \
         THEN 'draft:' || created_by ELSE visibility END",
    ),
];

impl Store {
    /// Checks that references lead somewhere, that every record has the row of its kind, that the feed and the versions have no
    /// gaps, and that every record can be read.
    ///
    /// # Errors
    /// The database fails.
    pub async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        let query = |sql: String| Statement::from_string(self.backend, sql);
        if self.backend == DatabaseBackend::Sqlite {
            // PostgreSQL does not admit a broken reference; SQLite does, where a program forgot to switch the check on.
            for row in self.read.query_all_raw(query("PRAGMA foreign_key_check".to_owned())).await? {
                let (table, parent): (String, String) = (row.try_get("", "table")?, row.try_get("", "parent")?);
                findings
                    .push(Finding { record: table, message: format!("a row refers to a {parent} that is not there") });
            }
        }
        for kind in Kind::ALL {
            let name = kind.label();
            let sql = format!(
                "SELECT record.slug AS slug FROM record LEFT JOIN {name} ON {name}.id = record.id \
                 WHERE record.kind = '{name}' AND record.audience <> 'erased' AND {name}.id IS NULL ORDER BY record.slug LIMIT 100"
            );
            for row in self.read.query_all_raw(query(sql)).await? {
                let slug: String = row.try_get("", "slug")?;
                findings.push(Finding {
                    record: format!("{name}/{slug}"),
                    message: format!("the row in {name} is missing"),
                });
            }
        }
        for (record, message, sql) in FEED_CHECKS {
            for row in self.read.query_all_raw(query((*sql).to_owned())).await? {
                let found: i64 = row.try_get("", "found")?;
                if found > 0 {
                    findings.push(Finding { record: (*record).to_owned(), message: format!("{found} {message}") });
                }
            }
        }
        match self.seen_with(Sight::ALL).export(&mut std::io::sink(), |_| {}).await {
            Ok(_) => {}
            Err(ExportError::Store(StoreError::Corrupt { kind, id, what })) => {
                findings.push(Finding { record: format!("{kind}/{id}"), message: what });
            }
            Err(ExportError::Store(error)) => return Err(error),
            Err(ExportError::Io(error)) => return Err(StoreError::Backend(Box::new(error))),
        }
        Ok(findings)
    }
}
