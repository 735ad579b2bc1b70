//! Papers, publications, films and broadcasts.

crate::migration!(
    r"
CREATE TABLE document (
    id ID PRIMARY KEY CONSTRAINT fk_document_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    title JSON NOT NULL,
    kind TEXT,
    dated_on TEXT,
    dated_first DAY,
    dated_last DAY,
    language TEXT,
    languages JSON,
    reference TEXT,
    url TEXT,
    print_run integer,
    city_id ID CONSTRAINT fk_document_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    interpellation_id ID CONSTRAINT fk_document_interpellation REFERENCES interpellation (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_document_city ON document (city_id);
CREATE INDEX ix_document_interpellation ON document (interpellation_id);
CREATE INDEX ix_document_dated_first ON document (dated_first, dated_last, id);
",
    "
DROP TABLE document;
"
);
