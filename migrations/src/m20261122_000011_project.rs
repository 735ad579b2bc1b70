//! Funding programmes and joint projects.

crate::migration!(
    r"
CREATE TABLE programme (
    id ID PRIMARY KEY CONSTRAINT fk_programme_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    name JSON NOT NULL
);
CREATE TABLE project (
    id ID PRIMARY KEY CONSTRAINT fk_project_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    title JSON NOT NULL,
    programme_id ID CONSTRAINT fk_project_programme REFERENCES programme (id) DEFERRABLE INITIALLY DEFERRED,
    fund TEXT,
    registration_number TEXT,
    series TEXT,
    edition integer,
    stage integer,
    follows_id ID CONSTRAINT fk_project_follows REFERENCES project (id) DEFERRABLE INITIALLY DEFERRED,
    starts_on TEXT,
    starts_first DAY,
    starts_last DAY,
    ends_on TEXT,
    ends_first DAY,
    ends_last DAY,
    funding_agreement_on TEXT,
    status TEXT,
    currency TEXT,
    budget_total AMOUNT,
    budget_erdf AMOUNT,
    budget_state AMOUNT,
    eu_share NUMBER,
    state_share NUMBER,
    budget_is_approximate boolean NOT NULL,
    themes JSON,
    summary JSON,
    outputs JSON
);
CREATE INDEX ix_project_programme ON project (programme_id);
CREATE INDEX ix_project_follows ON project (follows_id);
CREATE INDEX ix_project_starts ON project (starts_first, starts_last, id);
CREATE INDEX ix_project_series ON project (series, edition, id);
",
    "
DROP TABLE project; DROP TABLE programme;
"
);
