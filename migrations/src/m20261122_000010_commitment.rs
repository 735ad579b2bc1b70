//! The single promises of letters of intent.

crate::migration!(
    r#"
CREATE TABLE commitment (
    id ID PRIMARY KEY CONSTRAINT fk_commitment_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    letter_of_intent_id ID NOT NULL CONSTRAINT fk_commitment_letter_of_intent REFERENCES letter_of_intent (id) DEFERRABLE INITIALLY DEFERRED,
    position integer NOT NULL,
    "order" integer,
    theme TEXT,
    text JSON NOT NULL,
    due_on TEXT,
    due_first DAY,
    due_last DAY,
    due_note JSON,
    quantity JSON,
    status TEXT
);
CREATE INDEX ix_commitment_letter_of_intent ON commitment (letter_of_intent_id, position);
CREATE INDEX ix_commitment_due_first ON commitment (due_first, due_last, id);
"#,
    "
DROP TABLE commitment;
"
);
