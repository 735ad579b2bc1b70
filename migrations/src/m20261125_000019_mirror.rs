//! The state of a mirror: its source, its position in the feed, and changes that were read but not written yet.

crate::migration!(
    r"
ALTER TABLE data_version ADD COLUMN mirror_of TEXT;
CREATE TABLE mirror (
    cursor TEXT,
    tail TEXT,
    is_complete boolean NOT NULL,
    page bigint NOT NULL
);
CREATE TABLE mirrored (
    record_id ID PRIMARY KEY,
    page bigint NOT NULL,
    kind TEXT NOT NULL,
    is_there boolean NOT NULL,
    collection TEXT,
    slug TEXT,
    content JSON
);
CREATE INDEX ix_mirrored_collection ON mirrored (collection, record_id);
",
    "
DROP TABLE mirrored; DROP TABLE mirror;
ALTER TABLE data_version DROP COLUMN mirror_of;
"
);
