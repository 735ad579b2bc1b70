//! Terms and sessions of councils.

crate::migration!(
    r"
CREATE TABLE term (
    id ID PRIMARY KEY CONSTRAINT fk_term_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    council_id ID NOT NULL CONSTRAINT fk_term_council REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    number TEXT,
    starts_on TEXT,
    starts_first DAY,
    starts_last DAY,
    ends_on TEXT
);
CREATE INDEX ix_term_council ON term (council_id);
CREATE TABLE session (
    id ID PRIMARY KEY CONSTRAINT fk_session_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    council_id ID CONSTRAINT fk_session_council REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    term_id ID CONSTRAINT fk_session_term REFERENCES term (id) DEFERRABLE INITIALLY DEFERRED,
    number TEXT,
    title JSON NOT NULL,
    held_on DAY
);
CREATE INDEX ix_session_council ON session (council_id);
CREATE INDEX ix_session_term ON session (term_id);
",
    "
DROP TABLE session; DROP TABLE term;
"
);
