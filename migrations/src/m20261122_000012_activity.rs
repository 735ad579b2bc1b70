//! The common fields of the five kinds of activity, and a table for the fields of each kind.

crate::migration!(
    r"
CREATE TABLE activity (
    id ID PRIMARY KEY CONSTRAINT fk_activity_record REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CONSTRAINT ck_activity_kind
        CHECK (kind IN ('youth_exchange', 'business_mission', 'joint_event', 'study_visit', 'meeting')),
    title JSON NOT NULL,
    form TEXT,
    starts_on TEXT,
    starts_first DAY,
    starts_last DAY,
    ends_on TEXT,
    ends_first DAY,
    ends_last DAY,
    status TEXT,
    host_city_id ID CONSTRAINT fk_activity_host_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    place_city_id ID CONSTRAINT fk_activity_place_city REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED,
    place_organization_id ID CONSTRAINT fk_activity_place_organization REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    place_name TEXT,
    place_venue TEXT,
    partnership_id ID CONSTRAINT fk_activity_partnership REFERENCES partnership (id) DEFERRABLE INITIALLY DEFERRED,
    participants JSON,
    themes JSON,
    summary JSON
);
CREATE INDEX ix_activity_starts ON activity (starts_first, starts_last, id);
CREATE INDEX ix_activity_kind ON activity (kind, starts_first, starts_last, id);
CREATE INDEX ix_activity_host_city ON activity (host_city_id, starts_first, id);
CREATE INDEX ix_activity_place_city ON activity (place_city_id);
CREATE INDEX ix_activity_place_organization ON activity (place_organization_id);
CREATE INDEX ix_activity_partnership ON activity (partnership_id);
CREATE TABLE youth_exchange (
    id ID PRIMARY KEY CONSTRAINT fk_youth_exchange_activity REFERENCES activity (id) DEFERRABLE INITIALLY DEFERRED,
    guest_countries JSON
);
CREATE TABLE business_mission (
    id ID PRIMARY KEY CONSTRAINT fk_business_mission_activity REFERENCES activity (id) DEFERRABLE INITIALLY DEFERRED,
    topics JSON
);
CREATE TABLE joint_event (
    id ID PRIMARY KEY CONSTRAINT fk_joint_event_activity REFERENCES activity (id) DEFERRABLE INITIALLY DEFERRED,
    meeting_id ID CONSTRAINT fk_joint_event_meeting REFERENCES activity (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_joint_event_meeting ON joint_event (meeting_id);
CREATE TABLE study_visit (
    id ID PRIMARY KEY CONSTRAINT fk_study_visit_activity REFERENCES activity (id) DEFERRABLE INITIALLY DEFERRED,
    topics JSON
);
CREATE TABLE meeting (
    id ID PRIMARY KEY CONSTRAINT fk_meeting_activity REFERENCES activity (id) DEFERRABLE INITIALLY DEFERRED,
    agreement_id ID CONSTRAINT fk_meeting_agreement REFERENCES agreement (id) DEFERRABLE INITIALLY DEFERRED,
    letter_of_intent_id ID CONSTRAINT fk_meeting_letter_of_intent REFERENCES letter_of_intent (id) DEFERRABLE INITIALLY DEFERRED,
    event_id ID CONSTRAINT fk_meeting_event REFERENCES joint_event (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_meeting_agreement ON meeting (agreement_id);
CREATE INDEX ix_meeting_letter_of_intent ON meeting (letter_of_intent_id);
CREATE INDEX ix_meeting_event ON meeting (event_id);
",
    "
DROP TABLE meeting; DROP TABLE study_visit; DROP TABLE joint_event; DROP TABLE business_mission; DROP TABLE youth_exchange; DROP TABLE activity;
"
);
