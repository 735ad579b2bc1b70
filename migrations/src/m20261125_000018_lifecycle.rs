//! The status of agreements and of interpellations: validity, suspensions, terminations, answers and their citations.

crate::migration!(
    r"
ALTER TABLE agreement ADD COLUMN valid_from TEXT;
ALTER TABLE agreement ADD COLUMN valid_to TEXT;
ALTER TABLE agreement ADD COLUMN open_ended boolean NOT NULL DEFAULT FALSE;
ALTER TABLE agreement ADD COLUMN suspensions JSON;
ALTER TABLE agreement ADD COLUMN terminated_on TEXT;
ALTER TABLE agreement ADD COLUMN terminated_by_id ID CONSTRAINT fk_agreement_terminated_by REFERENCES city (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE agreement ADD COLUMN termination_resolution_id ID CONSTRAINT fk_agreement_termination_resolution REFERENCES resolution (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE agreement ADD COLUMN termination_reason JSON;
CREATE INDEX ix_agreement_terminated_by ON agreement (terminated_by_id);
CREATE INDEX ix_agreement_termination_resolution ON agreement (termination_resolution_id);
ALTER TABLE interpellation ADD COLUMN body JSON;
ALTER TABLE interpellation ADD COLUMN questions JSON;
ALTER TABLE interpellation ADD COLUMN received_by_mayor_on DAY;
ALTER TABLE interpellation ADD COLUMN assigned_to TEXT;
ALTER TABLE interpellation ADD COLUMN retracted_on TEXT;
",
    "
ALTER TABLE interpellation DROP COLUMN retracted_on;
ALTER TABLE interpellation DROP COLUMN assigned_to;
ALTER TABLE interpellation DROP COLUMN received_by_mayor_on;
ALTER TABLE interpellation DROP COLUMN questions;
ALTER TABLE interpellation DROP COLUMN body;
DROP INDEX ix_agreement_termination_resolution;
DROP INDEX ix_agreement_terminated_by;
ALTER TABLE agreement DROP COLUMN termination_reason;
ALTER TABLE agreement DROP COLUMN termination_resolution_id;
ALTER TABLE agreement DROP COLUMN terminated_by_id;
ALTER TABLE agreement DROP COLUMN terminated_on;
ALTER TABLE agreement DROP COLUMN suspensions;
ALTER TABLE agreement DROP COLUMN open_ended;
ALTER TABLE agreement DROP COLUMN valid_to;
ALTER TABLE agreement DROP COLUMN valid_from;
"
);
