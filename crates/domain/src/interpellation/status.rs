//! How far an interpellation is, computed from its facts, and what may be done with it then.

use super::Interpellation;
use crate::meta::Publication;
use crate::viewer::{Audience, Right, Viewer};

vocabulary! { closed,
    /// How far an interpellation is.
    InterpellationStatus {
        /// It is being written.
        Draft = "draft",
        /// It is filed with the chair of the council.
        Filed = "filed",
        /// The mayor has received it.
        Forwarded = "forwarded",
        /// An office has to prepare the answer.
        Assigned = "assigned",
        /// It is answered.
        Answered = "answered",
        /// Question and answer are public.
        Published = "published",
        /// The councillor withdrew it before it was answered.
        Withdrawn = "withdrawn",
    }
}

/// What is done with an interpellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// File it.
    File,
    /// Hand it to the mayor.
    Forward,
    /// Give it to an office.
    Assign,
    /// Answer it.
    Answer,
    /// Add to the answer.
    Supplement,
    /// Withdraw it, as its councillor.
    Retract,
}

impl Turn {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::File, Self::Forward, Self::Assign, Self::Answer, Self::Supplement, Self::Retract];

    /// The right that it needs before the interpellation is public.
    pub const fn right(self) -> Right {
        match self {
            Self::File | Self::Retract => Right::File,
            Self::Forward | Self::Assign | Self::Answer | Self::Supplement => Right::Write,
        }
    }

    /// The act, as messages name it.
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
    /// How far it is. What a source does not say may be left out: an answer needs no office that prepared it.
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
            // A record that is public is of a paper that was filed, though nobody may know when.
            InterpellationStatus::Filed
        } else {
            InterpellationStatus::Draft
        }
    }

    /// Whether a viewer may do something with it: steps may be left out, and none is reversed.
    ///
    /// # Errors
    /// The viewer may not; the message names what the viewer may do.
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

    /// Whether a viewer may do it if the state allows it. What is public is for publishers, except that its author may retract.
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
    fn the_last_fact_says_how_far_it_is() {
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
        // For partners only it is not public.
        interpellation.meta.visibility = Visibility::Partners;
        assert_eq!(interpellation.status(true), Answered);
        interpellation.retracted_on = "2018-07".parse().ok();
        assert_eq!(interpellation.status(false), Withdrawn);
        assert_eq!(Interpellation::default().status(false), Filed);
    }

    #[test]
    fn a_turn_that_is_not_allowed_names_those_that_are() {
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

    /// What each role may do with a paper that was filed, as a draft and once it is public.
    #[test]
    fn a_refusal_names_only_what_the_viewer_may_do() {
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
