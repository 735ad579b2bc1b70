//! Fields whose texts name a record that was erased: what they say now does not go into the history when it is corrected. Of the
//! name, the number of its words and a digest are kept as long as the text stands.

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
