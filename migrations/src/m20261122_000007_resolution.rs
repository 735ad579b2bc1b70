//! Council resolutions.

crate::migration!(
    r"
CREATE TABLE resolution (
    id ID PRIMARY KEY CONSTRAINT fk_resolution_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    city_id ID CONSTRAINT fk_resolution_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    body_id ID CONSTRAINT fk_resolution_body REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    subject JSON NOT NULL,
    number TEXT,
    adopted_on TEXT,
    adopted_first DAY,
    adopted_last DAY,
    partnership_id ID CONSTRAINT fk_resolution_partnership REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_resolution_city ON resolution (city_id);
CREATE INDEX ix_resolution_body ON resolution (body_id);
CREATE INDEX ix_resolution_partnership ON resolution (partnership_id);
CREATE INDEX ix_resolution_adopted_first ON resolution (adopted_first, adopted_last, id);
",
    "
DROP TABLE resolution;
"
);
