//! Every change of a record, in the order of commits; the audience of a record, in one word. Existing records count as
//! created, in the order of their last writes.

crate::migration!(
    r"
CREATE TABLE change (
    seq bigint PRIMARY KEY,
    made_at INSTANT NOT NULL,
    made_by TEXT NOT NULL,
    act TEXT NOT NULL,
    reason TEXT,
    kind TEXT NOT NULL,
    record_id ID NOT NULL,
    version integer NOT NULL,
    op TEXT NOT NULL CONSTRAINT ck_change_op
        CHECK (op IN ('created', 'updated', 'submitted', 'returned', 'published', 'corrected', 'withdrawn', 'erased', 'touched')),
    difference JSON,
    audience_before TEXT,
    audience_after TEXT
);
CREATE INDEX ix_change_record ON change (record_id, seq);
ALTER TABLE record ADD COLUMN audience TEXT NOT NULL DEFAULT 'public';
ALTER TABLE record ADD COLUMN change_seq bigint NOT NULL DEFAULT 0;
UPDATE record SET audience = CASE
    WHEN publication = 'withdrawn' THEN 'withdrawn'
    WHEN publication IN ('draft', 'in_review') THEN 'draft:' || created_by
    ELSE visibility
END;
INSERT INTO change (seq, made_at, made_by, act, kind, record_id, version, op, audience_after)
    SELECT (SELECT version FROM data_version) + ROW_NUMBER() OVER (ORDER BY updated_at, id),
        updated_at, updated_by, 'import', kind, id, version, 'created', audience
    FROM record;
UPDATE record SET change_seq = (SELECT change.seq FROM change WHERE change.record_id = record.id);
UPDATE data_version SET version = (SELECT MAX(seq) FROM change) WHERE EXISTS (SELECT seq FROM change);
CREATE INDEX ix_record_change_seq ON record (change_seq);
CREATE TABLE token (
    id ID PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT uq_token_name UNIQUE,
    role TEXT NOT NULL CONSTRAINT ck_token_role
        CHECK (role IN ('partner', 'councillor', 'editor', 'publisher', 'reporting', 'admin')),
    city_id ID CONSTRAINT fk_token_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    hash TEXT NOT NULL CONSTRAINT uq_token_hash UNIQUE,
    created_at INSTANT NOT NULL,
    expires_at INSTANT NOT NULL,
    revoked_at INSTANT,
    last_used_at INSTANT
);
CREATE INDEX ix_token_city ON token (city_id);
CREATE TABLE receipt (
    made_by TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request TEXT NOT NULL,
    made_at INSTANT NOT NULL,
    answer JSON NOT NULL,
    CONSTRAINT pk_receipt PRIMARY KEY (made_by, idempotency_key)
);
CREATE INDEX ix_receipt_made_at ON receipt (made_at);
",
    "
DROP TABLE receipt; DROP TABLE token;
DROP INDEX ix_record_change_seq;
ALTER TABLE record DROP COLUMN change_seq;
ALTER TABLE record DROP COLUMN audience;
DROP TABLE change;
"
);
