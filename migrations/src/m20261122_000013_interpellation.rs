//! Interpellations and their answers.

crate::migration!(
    r"
CREATE TABLE interpellation (
    id ID PRIMARY KEY CONSTRAINT fk_interpellation_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT,
    city_id ID CONSTRAINT fk_interpellation_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    council_id ID CONSTRAINT fk_interpellation_council REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    submitted_on TEXT,
    submitted_first DAY,
    submitted_last DAY,
    session_id ID CONSTRAINT fk_interpellation_session REFERENCES session (id) DEFERRABLE INITIALLY DEFERRED,
    subject JSON NOT NULL
);
CREATE INDEX ix_interpellation_city ON interpellation (city_id);
CREATE INDEX ix_interpellation_council ON interpellation (council_id);
CREATE INDEX ix_interpellation_session ON interpellation (session_id);
CREATE INDEX ix_interpellation_submitted ON interpellation (submitted_first, submitted_last, id);
CREATE TABLE answer (
    id ID PRIMARY KEY CONSTRAINT fk_answer_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    interpellation_id ID NOT NULL CONSTRAINT fk_answer_interpellation REFERENCES interpellation (id) DEFERRABLE INITIALLY DEFERRED,
    position integer NOT NULL,
    document_id ID CONSTRAINT fk_answer_document REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    addressee TEXT,
    answered_on TEXT,
    summary JSON,
    areas JSON,
    announcements JSON
);
CREATE INDEX ix_answer_interpellation ON answer (interpellation_id, position);
CREATE INDEX ix_answer_document ON answer (document_id);
",
    "
DROP TABLE answer; DROP TABLE interpellation;
"
);
