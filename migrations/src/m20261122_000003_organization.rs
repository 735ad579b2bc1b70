//! Institutions, associations and companies.

crate::migration!(
    r"
CREATE TABLE organization (
    id ID PRIMARY KEY CONSTRAINT fk_organization_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT,
    name JSON NOT NULL,
    city_id ID CONSTRAINT fk_organization_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    seat_name TEXT,
    parent_id ID CONSTRAINT fk_organization_parent REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    founded_on TEXT,
    address TEXT,
    website TEXT
);
CREATE INDEX ix_organization_city ON organization (city_id);
CREATE INDEX ix_organization_parent ON organization (parent_id);
CREATE INDEX ix_organization_kind ON organization (kind, id);
",
    "
DROP TABLE organization;
"
);
