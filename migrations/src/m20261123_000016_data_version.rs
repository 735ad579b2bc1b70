//! The number of writes: a client that knows the version of an answer can check that it is still valid.

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
