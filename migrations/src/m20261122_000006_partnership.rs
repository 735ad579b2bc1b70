//! The lasting relation of cities.

crate::migration!(
    r"
CREATE TABLE partnership (
    id ID PRIMARY KEY CONSTRAINT fk_partnership_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    status TEXT,
    since_on TEXT,
    since_first DAY,
    since_last DAY,
    until_on TEXT,
    until_first DAY,
    until_last DAY,
    interruptions JSON,
    brokered_by_id ID CONSTRAINT fk_partnership_brokered_by REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    themes JSON,
    succeeds_id ID CONSTRAINT fk_partnership_succeeds REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED,
    succeeded_by_id ID CONSTRAINT fk_partnership_succeeded_by REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED,
    part_of_id ID CONSTRAINT fk_partnership_part_of REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_partnership_brokered_by ON partnership (brokered_by_id);
CREATE INDEX ix_partnership_succeeds ON partnership (succeeds_id);
CREATE INDEX ix_partnership_succeeded_by ON partnership (succeeded_by_id);
CREATE INDEX ix_partnership_part_of ON partnership (part_of_id);
CREATE INDEX ix_partnership_since_first ON partnership (since_first, since_last, id);
",
    "
DROP TABLE partnership;
"
);
