//! What is finished, announced, under way, with the next or the newest first: without it, a database goes through all that is
//! planned before it comes to the first that is finished, which is ten times as much in ten times the data.

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
