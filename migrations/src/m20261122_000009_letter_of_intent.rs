//! Letters of intent.

crate::migration!(
    r"
CREATE TABLE letter_of_intent (
    id ID PRIMARY KEY CONSTRAINT fk_letter_of_intent_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    title JSON NOT NULL,
    partnership_id ID CONSTRAINT fk_letter_of_intent_partnership REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED,
    signed_on TEXT,
    signed_first DAY,
    signed_last DAY,
    place_city_id ID CONSTRAINT fk_letter_of_intent_place_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    place_organization_id ID CONSTRAINT fk_letter_of_intent_place_organization REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    place_name TEXT,
    place_venue TEXT,
    occasion JSON,
    aims JSON,
    scope JSON,
    renews_id ID CONSTRAINT fk_letter_of_intent_renews REFERENCES letter_of_intent (id) DEFERRABLE INITIALLY DEFERRED,
    business_mission_id ID CONSTRAINT fk_letter_of_intent_business_mission REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_letter_of_intent_partnership ON letter_of_intent (partnership_id);
CREATE INDEX ix_letter_of_intent_place_city ON letter_of_intent (place_city_id);
CREATE INDEX ix_letter_of_intent_place_organization ON letter_of_intent (place_organization_id);
CREATE INDEX ix_letter_of_intent_renews ON letter_of_intent (renews_id);
CREATE INDEX ix_letter_of_intent_signed_first ON letter_of_intent (signed_first, signed_last, id);
CREATE INDEX ix_letter_of_intent_business_mission ON letter_of_intent (business_mission_id);
",
    "
DROP TABLE letter_of_intent;
"
);
