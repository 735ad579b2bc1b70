//! Lists with the newest first and unknown dates last: `SQLite` reads an index backward, `PostgreSQL` needs a separate one.
//! Also gathers the statistics of both planners, for databases that were filled before.

crate::migration!(
    r"
ON POSTGRESQL CREATE INDEX ix_agreement_newest ON agreement (signed_first DESC NULLS LAST, signed_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_activity_newest ON activity (starts_first DESC NULLS LAST, starts_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_commitment_newest ON commitment (due_first DESC NULLS LAST, due_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_project_newest ON project (starts_first DESC NULLS LAST, starts_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_document_newest ON document (dated_first DESC NULLS LAST, dated_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_resolution_newest ON resolution (adopted_first DESC NULLS LAST, adopted_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_letter_of_intent_newest ON letter_of_intent (signed_first DESC NULLS LAST, signed_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_partnership_newest ON partnership (since_first DESC NULLS LAST, since_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_interpellation_newest ON interpellation (submitted_first DESC NULLS LAST, submitted_last DESC NULLS LAST, id DESC);
ANALYZE;
",
    "
ON POSTGRESQL DROP INDEX ix_interpellation_newest;
ON POSTGRESQL DROP INDEX ix_partnership_newest;
ON POSTGRESQL DROP INDEX ix_letter_of_intent_newest;
ON POSTGRESQL DROP INDEX ix_resolution_newest;
ON POSTGRESQL DROP INDEX ix_document_newest;
ON POSTGRESQL DROP INDEX ix_project_newest;
ON POSTGRESQL DROP INDEX ix_commitment_newest;
ON POSTGRESQL DROP INDEX ix_activity_newest;
ON POSTGRESQL DROP INDEX ix_agreement_newest;
"
);
