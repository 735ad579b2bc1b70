//! Cities and other municipalities.

crate::migration!(
    r"
CREATE TABLE city (
    id ID PRIMARY KEY CONSTRAINT fk_city_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT,
    country TEXT NOT NULL,
    name JSON NOT NULL,
    alternate_names JSON,
    region JSON,
    latitude NUMBER,
    longitude NUMBER,
    population JSON,
    codes JSON,
    website TEXT,
    is_home boolean NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    merged_into_id ID CONSTRAINT fk_city_merged_into REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    formed_by JSON
);
CREATE INDEX ix_city_merged_into ON city (merged_into_id);
CREATE INDEX ix_city_country ON city (country, id);
",
    "
DROP TABLE city;
"
);
