//! The status of an interpellation, computed from its facts, and the commands that the status allows.

use super::Interpellation;
use crate::meta::Publication;
use crate::viewer::{Audience, Right, Viewer};

vocabulary! { closed,
    /// Status of an interpellation.
    InterpellationStatus {
        /// Not filed yet.
        Draft = "draft",
        /// Filed with the chair of the council.
        Filed = "filed",
        /// Received by the mayor.
        Forwarded = "forwarded",
        /// Assigned to an office that prepares the answer.
        Assigned = "assigned",
        /// Answered.
        Answered = "answered",
        /// Answered; question and answer are public.
        Published = "published",
        /// Withdrawn by the councillor before it was answered.
        Withdrawn = "withdrawn",
    }
}

/// A command that changes the status of an interpellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// File it.
    File,
    /// Forward it to the mayor.
    Forward,
    /// Assign it to an office.
    Assign,
    /// Answer it.
    Answer,
    /// Supplement the answer.
    Supplement,
    /// Withdraw it, as its councillor.
    Retract,
}

impl Turn {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::File, Self::Forward, Self::Assign, Self::Answer, Self::Supplement, Self::Retract];

    /// The right that it requires before the interpellation is public.
    pub const fn right(self) -> Right {
        match self {
            Self::File | Self::Retract => Right::File,
            Self::Forward | Self::Assign | Self::Answer | Self::Supplement => Right::Write,
        }
    }

    /// The name of the mutation, for messages.
    pub const fn act(self) -> &'static str {
        match self {
            Self::File => "fileInterpellation",
            Self::Forward => "forwardInterpellation",
            Self::Assign => "assignInterpellation",
            Self::Answer => "answerInterpellation",
            Self::Supplement => "supplementInterpellation",
            Self::Retract => "retractInterpellation",
        }
    }
}

impl Interpellation {
    /// The status. Sources may omit steps: an answer needs no office that prepared it.
    pub fn status(&self, is_answered: bool) -> InterpellationStatus {
        if is_answered {
            return match Audience::of(&self.meta) {
                Audience::Public => InterpellationStatus::Published,
                _ => InterpellationStatus::Answered,
            };
        }
        let is_draft = matches!(self.meta.publication, Publication::Draft | Publication::InReview);
        if self.retracted_on.is_some() {
            InterpellationStatus::Withdrawn
        } else if self.assigned_to.is_some() {
            InterpellationStatus::Assigned
        } else if self.received_by_mayor_on.is_some() {
            InterpellationStatus::Forwarded
        } else if self.submitted_on.is_some() || !is_draft {
            // The paper of a published record was filed, even if the date is not known.
            InterpellationStatus::Filed
        } else {
            InterpellationStatus::Draft
        }
    }

    /// Checks that a viewer may use a command: steps may be skipped, and none is reversed.
    ///
    /// # Errors
    /// The command is not allowed; the message lists those that are.
    pub fn allows(&self, turn: Turn, is_answered: bool, viewer: &Viewer) -> Result<(), String> {
        let is_open = |turn: Turn| self.may(turn, is_answered) && self.is_for(turn, viewer);
        if is_open(turn) {
            return Ok(());
        }
        let allowed: Vec<_> = Turn::ALL.into_iter().filter(|turn| is_open(*turn)).map(Turn::act).collect();
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        if self.may(turn, is_answered) {
            let (act, author) = (turn.act(), if turn == Turn::Retract { "its councillor and " } else { "" });
            return Err(format!(
                "the interpellation is public, and {act} is for {author}those who may PUBLISH; allowed now: {allowed}"
            ));
        }
        let state = crate::vocabulary::Vocabulary::label(self.status(is_answered));
        Err(format!("an interpellation that is {state} cannot be changed by {}; allowed now: {allowed}", turn.act()))
    }

    /// True if the viewer has the right, in a state that allows the command. Public records require the right to publish,
    /// but the author may always retract.
    fn is_for(&self, turn: Turn, viewer: &Viewer) -> bool {
        let is_draft = matches!(self.meta.publication, Publication::Draft | Publication::InReview);
        let is_own = turn == Turn::Retract && viewer.name == self.meta.created_by;
        viewer.may(turn.right()) && (is_draft || is_own || viewer.may(Right::Publish))
    }

    fn may(&self, turn: Turn, is_answered: bool) -> bool {
        use InterpellationStatus::{Answered, Assigned, Draft, Filed, Forwarded, Published};
        let status = self.status(is_answered);
        match turn {
            Turn::File => self.submitted_on.is_none() && matches!(status, Draft | Filed | Forwarded | Assigned),
            Turn::Forward => status == Filed,
            Turn::Assign | Turn::Answer | Turn::Retract => matches!(status, Filed | Forwarded | Assigned),
            Turn::Supplement => matches!(status, Answered | Published),
        }
    }
}

#[cfg(test)]
mod tests {
    use InterpellationStatus::{Answered, Assigned, Draft, Filed, Forwarded, Published, Withdrawn};

    use super::*;
    use crate::meta::Visibility;
    use crate::viewer::Role;

    fn draft() -> Interpellation {
        let mut interpellation = Interpellation::default();
        interpellation.meta.publication = Publication::Draft;
        interpellation
    }

    #[test]
    fn the_last_fact_determines_the_status() {
        let mut interpellation = draft();
        assert_eq!(interpellation.status(false), Draft);
        interpellation.submitted_on = "2018-06-21".parse().ok();
        assert_eq!(interpellation.status(false), Filed);
        interpellation.received_by_mayor_on = "2018-06-25".parse().ok();
        assert_eq!(interpellation.status(false), Forwarded);
        interpellation.assigned_to = Some("office".to_owned());
        assert_eq!((interpellation.status(false), interpellation.status(true)), (Assigned, Answered));
        interpellation.meta.publication = Publication::Corrected;
        assert_eq!((interpellation.status(false), interpellation.status(true)), (Assigned, Published));
        // A record for partners only is not public.
        interpellation.meta.visibility = Visibility::Partners;
        assert_eq!(interpellation.status(true), Answered);
        interpellation.retracted_on = "2018-07".parse().ok();
        assert_eq!(interpellation.status(false), Withdrawn);
        assert_eq!(Interpellation::default().status(false), Filed);
    }

    #[test]
    fn a_refused_command_lists_the_allowed_ones() {
        let viewer = |role, name: &str| Viewer { role, city: None, name: name.to_owned() };
        let office = viewer(Role::Publisher, "office");
        let mut interpellation = draft();
        let refused = interpellation.allows(Turn::Answer, false, &office).unwrap_err();
        assert_eq!(
            refused,
            "an interpellation that is draft cannot be changed by answerInterpellation; allowed now: fileInterpellation"
        );
        interpellation.submitted_on = "2018".parse().ok();
        assert!(interpellation.allows(Turn::File, false, &office).is_err());
        assert_eq!(interpellation.allows(Turn::Answer, false, &office), Ok(()));
        let second = interpellation.allows(Turn::Answer, true, &office).unwrap_err();
        assert!(second.ends_with("allowed now: supplementInterpellation"), "{second}");
        assert!(interpellation.allows(Turn::Retract, true, &office).is_err());
        interpellation.retracted_on = "2018".parse().ok();
        assert!(interpellation.allows(Turn::Assign, false, &office).unwrap_err().ends_with("allowed now: nothing"));
    }

    /// The commands of each role for a filed paper, as a draft and once it is public.
    #[test]
    fn a_refusal_lists_only_commands_that_the_viewer_may_use() {
        const OFFICE: &str = "forwardInterpellation, assignInterpellation, answerInterpellation, retractInterpellation";
        for (role, name, publication, expected) in [
            (Role::Councillor, "author", Publication::Draft, "retractInterpellation"),
            (Role::Councillor, "author", Publication::Published, "retractInterpellation"),
            (Role::Councillor, "another", Publication::Corrected, "nothing"),
            (Role::Editor, "office", Publication::InReview, OFFICE),
            (Role::Editor, "office", Publication::Published, "nothing"),
            (Role::Publisher, "office", Publication::Published, OFFICE),
            (Role::Admin, "office", Publication::Corrected, OFFICE),
            (Role::Partner, "author", Publication::Published, "nothing"),
        ] {
            let viewer = Viewer { role, city: None, name: name.to_owned() };
            let mut interpellation = draft();
            interpellation.meta.publication = publication;
            interpellation.meta.created_by = "author".to_owned();
            interpellation.submitted_on = "2018".parse().ok();
            let refused = interpellation.allows(Turn::File, false, &viewer).unwrap_err();
            assert!(refused.ends_with(&format!("allowed now: {expected}")), "{role:?} {publication:?}: {refused}");
            let may_retract = interpellation.allows(Turn::Retract, false, &viewer).is_ok();
            assert_eq!(may_retract, expected.contains("retract"), "{role:?} {publication:?}");
        }
    }
}
