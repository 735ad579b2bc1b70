//! Fields whose texts name an erased record: their present text does not go into the history when it is corrected. Stores
//! the number of words and a digest of the name, until the text is corrected.

crate::migration!(
    r"
CREATE TABLE unkept (
    record_id ID NOT NULL,
    field TEXT NOT NULL,
    words integer NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT pk_unkept PRIMARY KEY (record_id, field, digest)
);
",
    "
DROP TABLE unkept;
"
);
