//! What happens to records: the steps on their way to the public, and the changes that are written down.

use chrono::{DateTime, Utc};

use crate::meta::Publication;
use crate::viewer::{Right, Viewer};
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// What a change did to a record.
    Op {
        /// It was written for the first time.
        Created = "created",
        /// Its facts were changed.
        Updated = "updated",
        /// It was given to a publisher.
        Submitted = "submitted",
        /// It was given back to its author.
        Returned = "returned",
        /// It was made public.
        Published = "published",
        /// It was changed while it was public.
        Corrected = "corrected",
        /// It was taken back.
        Withdrawn = "withdrawn",
        /// Its content was erased.
        Erased = "erased",
        /// A record that it refers to appeared or disappeared; it is as it was.
        Touched = "touched",
    }
}

/// Who writes, when, by which command, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The command, such as `import` or `publishRecord`.
    pub name: String,
    /// Who writes.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in the words of whoever writes.
    pub reason: Option<String>,
}

/// A step of a record on its way to the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Change its facts; while it is public, that is a correction.
    Update,
    /// Submit it to a publisher.
    Submit,
    /// Return it to its author.
    Return,
    /// Make it public.
    Publish,
    /// Withdraw it.
    Withdraw,
    /// Withdraw a draft, as its author.
    Discard,
}

/// Who takes a step with a record.
#[derive(Clone, Copy, Debug)]
pub struct Stepping<'a> {
    /// Who asks.
    pub viewer: &'a Viewer,
    /// The right to write records of this kind.
    pub right: Right,
    /// Who wrote the record first.
    pub author: &'a str,
    /// What the viewer may do with the record beside the steps.
    pub acts: &'a [&'static str],
}

impl Step {
    const ALL: [Self; 6] = [Self::Update, Self::Submit, Self::Return, Self::Publish, Self::Withdraw, Self::Discard];

    /// What it is called in a message.
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

    /// What it does to a record in this state.
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

    /// The rights of which the step needs one, whatever the state of the record, where `write` is the right to write records
    /// of this kind.
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
    /// It is not allowed in this state, or not to this viewer; the message names the steps that are.
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
    fn a_step_that_is_not_allowed_names_those_that_are() {
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
        // Who may not publish is not told to.
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
