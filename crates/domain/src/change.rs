//! Changes of records: the steps of publication, and the entries of the change log.

use chrono::{DateTime, Utc};

use crate::meta::Publication;
use crate::viewer::{Right, Viewer};
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// The effect of a change on a record.
    Op {
        /// The record was created.
        Created = "created",
        /// Its facts were changed.
        Updated = "updated",
        /// It was submitted to a publisher.
        Submitted = "submitted",
        /// It was returned to its author.
        Returned = "returned",
        /// It was published.
        Published = "published",
        /// It was changed while it was public.
        Corrected = "corrected",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
        /// Its content was erased.
        Erased = "erased",
        /// A record that it refers to appeared or disappeared; its own facts are unchanged.
        Touched = "touched",
    }
}

/// The author, the time, the command and the reason of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The command, such as `import` or `publishRecord`.
    pub name: String,
    /// The name of the author.
    pub by: String,
    /// The time.
    pub at: DateTime<Utc>,
    /// The reason, in the words of the author.
    pub reason: Option<String>,
}

/// A step of publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Change its facts; of a public record, that is a correction.
    Update,
    /// Submit it to a publisher.
    Submit,
    /// Return it to its author.
    Return,
    /// Publish it.
    Publish,
    /// Withdraw it.
    Withdraw,
    /// Withdraw a draft, as its author.
    Discard,
}

/// The viewer that takes a step, and the record.
#[derive(Clone, Copy, Debug)]
pub struct Stepping<'a> {
    /// The viewer.
    pub viewer: &'a Viewer,
    /// The right to write records of this kind.
    pub right: Right,
    /// The first author of the record.
    pub author: &'a str,
    /// Other commands that the viewer may use on the record.
    pub acts: &'a [&'static str],
}

impl Step {
    const ALL: [Self; 6] = [Self::Update, Self::Submit, Self::Return, Self::Publish, Self::Withdraw, Self::Discard];

    /// The verb for messages.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
            Self::Discard => "discard",
        }
    }

    /// The effect on a record in this state.
    pub fn op(self, state: Publication) -> Op {
        match self {
            Self::Update if state.is_public() => Op::Corrected,
            Self::Update => Op::Updated,
            Self::Submit => Op::Submitted,
            Self::Return => Op::Returned,
            Self::Publish => Op::Published,
            Self::Withdraw | Self::Discard => Op::Withdrawn,
        }
    }

    /// The rights of which the step needs one, in any state of the record; `write` is the right to write records of this
    /// kind.
    pub fn rights(self, write: Right) -> &'static [Right] {
        match (self, write) {
            (Self::Update, Right::File) => &[Right::File, Right::Publish],
            (Self::Update, _) => &[Right::Write, Right::Publish],
            (Self::Submit | Self::Discard, Right::File) => &[Right::File],
            (Self::Submit | Self::Discard, _) => &[Right::Write],
            (Self::Return | Self::Publish | Self::Withdraw, _) => &[Right::Publish],
        }
    }

    /// The right that the step needs in a state of the record.
    fn right(self, write: Right, state: Publication) -> Right {
        match self {
            Self::Update if state.is_public() => Right::Publish,
            Self::Update | Self::Submit | Self::Discard => write,
            Self::Return | Self::Publish | Self::Withdraw => Right::Publish,
        }
    }

    fn from(self, state: Publication) -> Option<Publication> {
        use Publication::{Corrected, Draft, InReview, Published, Withdrawn};
        match (self, state) {
            (Self::Update, Draft | InReview) => Some(state),
            (Self::Update, Published | Corrected) => Some(Corrected),
            (Self::Submit, Draft) => Some(InReview),
            (Self::Return, InReview) => Some(Draft),
            (Self::Publish, Draft | InReview) => Some(Published),
            (Self::Withdraw, Draft | InReview | Published | Corrected) | (Self::Discard, Draft) => Some(Withdrawn),
            _ => None,
        }
    }

    fn is_for(self, state: Publication, who: Stepping<'_>) -> bool {
        who.viewer.may(self.right(who.right, state)) && (self != Self::Discard || who.viewer.name == who.author)
    }

    /// The state after the step.
    ///
    /// # Errors
    /// The step is not allowed in this state, or not to this viewer; the message lists the allowed steps.
    pub fn after(self, state: Publication, who: Stepping<'_>) -> Result<Publication, String> {
        if let Some(after) = self.from(state).filter(|_| self.is_for(state, who)) {
            return Ok(after);
        }
        let steps = Self::ALL.iter().filter(|step| step.from(state).is_some() && step.is_for(state, who));
        let mut allowed: Vec<_> = steps.map(|step| step.verb()).collect();
        if allowed.is_empty() {
            allowed.extend(who.acts);
        }
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        let (verb, state_name) = (self.verb(), state.label().replace('_', " "));
        Err(if self.from(state).is_some() && self == Self::Discard {
            format!("only the author of a draft may {verb} it; allowed now: {allowed}")
        } else if self.from(state).is_some() {
            let right = self.right(who.right, state).label().to_uppercase();
            format!("to {verb} a record that is {state_name} needs the right {right}; allowed now: {allowed}")
        } else {
            format!("a record that is {state_name} cannot be changed by {verb:?}; allowed now: {allowed}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::Role;

    #[test]
    fn a_refused_step_lists_the_allowed_ones() {
        use Publication::{Corrected, Draft, InReview, Published, Withdrawn};
        let after = |step: Step, state, role, right| {
            let viewer = Viewer { role, city: None, name: "me".to_owned() };
            step.after(state, Stepping { viewer: &viewer, right, author: "me", acts: &[] })
        };
        let publisher = |step: Step, state| after(step, state, Role::Publisher, Right::Write);
        assert_eq!(publisher(Step::Publish, InReview), Ok(Published));
        assert_eq!(publisher(Step::Update, InReview), Ok(InReview));
        let allowed = |refused: Result<Publication, String>| {
            let message = refused.unwrap_err();
            message.split_once("allowed now: ").unwrap().1.to_owned()
        };
        assert_eq!(publisher(Step::Update, Published), Ok(Corrected));
        assert_eq!(allowed(publisher(Step::Publish, Corrected)), "update, withdraw");
        assert_eq!(allowed(publisher(Step::Withdraw, Withdrawn)), "nothing");
        let viewer = Viewer { role: Role::Councillor, city: None, name: "me".to_owned() };
        let author = Stepping { viewer: &viewer, right: Right::File, author: "me", acts: &["retract"] };
        assert_eq!(allowed(Step::Discard.after(Published, author)), "retract");
        assert_eq!(allowed(publisher(Step::Return, Draft)), "update, submit, publish, withdraw, discard");
        assert_eq!(allowed(publisher(Step::Discard, InReview)), "update, return, publish, withdraw");
        // A viewer without the right to publish is not advised to publish.
        assert_eq!(allowed(after(Step::Submit, InReview, Role::Editor, Right::Write)), "update");
        assert_eq!(
            after(Step::Update, Published, Role::Editor, Right::Write),
            Err("to update a record that is published needs the right PUBLISH; allowed now: nothing".to_owned())
        );
        assert_eq!(allowed(after(Step::Return, Draft, Role::Councillor, Right::File)), "update, submit, discard");
        assert_eq!(allowed(after(Step::Return, Draft, Role::Councillor, Right::Write)), "nothing");
    }

    #[test]
    fn only_the_author_discards_a_draft() {
        for (role, name, expected) in [
            (Role::Editor, "me", Ok(Publication::Withdrawn)),
            (
                Role::Admin,
                "another",
                Err("only the author of a draft may discard it; allowed now: update, submit, publish, withdraw"),
            ),
        ] {
            let viewer = Viewer { role, city: None, name: name.to_owned() };
            let found = Step::Discard
                .after(Publication::Draft, Stepping { viewer: &viewer, right: Right::Write, author: "me", acts: &[] });
            assert_eq!(found, expected.map_err(ToOwned::to_owned), "{role:?}");
        }
    }
}
