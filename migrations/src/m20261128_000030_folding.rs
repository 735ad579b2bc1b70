//! The version of the rule by which names are folded: the program folds them again if its rule is newer.

crate::migration!(
    r"
ALTER TABLE data_version ADD COLUMN folding integer NOT NULL DEFAULT 1;
",
    "
ALTER TABLE data_version DROP COLUMN folding;
"
);
