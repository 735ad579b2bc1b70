//! By which rule the names in the registry are folded: the program folds them anew when its rule is a newer one.

crate::migration!(
    r"
ALTER TABLE data_version ADD COLUMN folding integer NOT NULL DEFAULT 1;
",
    "
ALTER TABLE data_version DROP COLUMN folding;
"
);
