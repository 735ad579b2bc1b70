//! Holders of a public office.

crate::migration!(
    r"
CREATE TABLE official (
    id ID PRIMARY KEY CONSTRAINT fk_official_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    person TEXT NOT NULL,
    office TEXT,
    city_id ID CONSTRAINT fk_official_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_official_city ON official (city_id);
",
    "
DROP TABLE official;
"
);
