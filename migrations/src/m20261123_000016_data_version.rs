//! How often the data has been written: a reader who knows the version of an answer knows whether it still holds.

crate::migration!(
    r"
CREATE TABLE data_version (
    version bigint NOT NULL
);
INSERT INTO data_version (version) VALUES (0);
",
    "
DROP TABLE data_version;
"
);
