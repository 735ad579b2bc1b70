//! Signed papers of a partnership.

crate::migration!(
    r"
CREATE TABLE agreement (
    id ID PRIMARY KEY CONSTRAINT fk_agreement_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT,
    title JSON NOT NULL,
    partnership_id ID CONSTRAINT fk_agreement_partnership REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED,
    signed_on TEXT,
    signed_first DAY,
    signed_last DAY,
    place_city_id ID CONSTRAINT fk_agreement_place_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    place_organization_id ID CONSTRAINT fk_agreement_place_organization REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    place_name TEXT,
    place_venue TEXT,
    occasion JSON,
    aims JSON,
    scope JSON,
    renews_id ID CONSTRAINT fk_agreement_renews REFERENCES agreement (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_agreement_partnership ON agreement (partnership_id);
CREATE INDEX ix_agreement_place_city ON agreement (place_city_id);
CREATE INDEX ix_agreement_place_organization ON agreement (place_organization_id);
CREATE INDEX ix_agreement_renews ON agreement (renews_id);
CREATE INDEX ix_agreement_signed_first ON agreement (signed_first, signed_last, id);
",
    "
DROP TABLE agreement;
"
);
