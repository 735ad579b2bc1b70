//! The fields of all records, and two tables for all kinds: references, and the values by which records are found.

crate::migration!(
    r"
CREATE TABLE record (
    id ID PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    version integer NOT NULL CONSTRAINT ck_record_version CHECK (version >= 1),
    created_at INSTANT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INSTANT NOT NULL,
    updated_by TEXT NOT NULL,
    publication TEXT NOT NULL CONSTRAINT ck_record_publication
        CHECK (publication IN ('draft', 'in_review', 'published', 'corrected', 'withdrawn')),
    visibility TEXT NOT NULL CONSTRAINT ck_record_visibility CHECK (visibility IN ('public', 'partners', 'internal')),
    licence TEXT NOT NULL,
    note JSON,
    sources JSON,
    stated_empty JSON,
    sort_text TEXT NOT NULL,
    search_text TEXT NOT NULL,
    CONSTRAINT uq_record_slug UNIQUE (kind, slug)
);
CREATE INDEX ix_record_sort ON record (kind, sort_text, id);
CREATE INDEX ix_record_updated ON record (kind, updated_at, id);
CREATE TABLE link (
    from_id ID NOT NULL CONSTRAINT fk_link_from REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    relation TEXT NOT NULL,
    position integer NOT NULL,
    to_id ID NOT NULL CONSTRAINT fk_link_to REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    role TEXT,
    detail JSON,
    CONSTRAINT pk_link PRIMARY KEY (from_id, relation, position)
);
CREATE INDEX ix_link_to ON link (to_id, relation, from_id);
CREATE TABLE facet (
    record_id ID NOT NULL CONSTRAINT fk_facet_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_facet PRIMARY KEY (record_id, name, value)
);
CREATE INDEX ix_facet_value ON facet (name, value, record_id);
",
    "
DROP TABLE facet; DROP TABLE link; DROP TABLE record;
"
);
