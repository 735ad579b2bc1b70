//! Lists by status (completed, announced, running), with the next or the newest first: without this index, a database scans
//! all planned records before the first completed one, and the scan grows with the data.

crate::migration!(
    r"
CREATE INDEX ix_project_status ON project (status, starts_first, starts_last, id);
CREATE INDEX ix_activity_status ON activity (kind, status, starts_first, starts_last, id);
ON POSTGRESQL CREATE INDEX ix_project_status_newest ON project (status, starts_first DESC NULLS LAST, starts_last DESC NULLS LAST, id DESC);
ON POSTGRESQL CREATE INDEX ix_activity_status_newest ON activity (kind, status, starts_first DESC NULLS LAST, starts_last DESC NULLS LAST, id DESC);
",
    "
ON POSTGRESQL DROP INDEX ix_activity_status_newest;
ON POSTGRESQL DROP INDEX ix_project_status_newest;
DROP INDEX ix_activity_status;
DROP INDEX ix_project_status;
"
);
