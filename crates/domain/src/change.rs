//! What happens to records: the steps on their way to the public, and the changes that are written down.

use chrono::{DateTime, Utc};

use crate::meta::Publication;
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
    /// The command, such as `import` or `publishProject`.
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
    /// Change its facts before it is public.
    Update,
    /// Give it to a publisher.
    Submit,
    /// Give it back to its author.
    Return,
    /// Make it public.
    Publish,
    /// Change its facts while it is public.
    Correct,
    /// Take it back.
    Withdraw,
}

impl Step {
    const ALL: [Self; 6] = [Self::Update, Self::Submit, Self::Return, Self::Publish, Self::Correct, Self::Withdraw];

    /// What it is called in a message.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Publish => "publish",
            Self::Correct => "correct",
            Self::Withdraw => "withdraw",
        }
    }

    /// What it does.
    pub fn op(self) -> Op {
        match self {
            Self::Update => Op::Updated,
            Self::Submit => Op::Submitted,
            Self::Return => Op::Returned,
            Self::Publish => Op::Published,
            Self::Correct => Op::Corrected,
            Self::Withdraw => Op::Withdrawn,
        }
    }

    fn from(self, state: Publication) -> Option<Publication> {
        use Publication::{Corrected, Draft, InReview, Published, Withdrawn};
        match (self, state) {
            (Self::Update, Draft | InReview) => Some(state),
            (Self::Submit, Draft) => Some(InReview),
            (Self::Return, InReview) => Some(Draft),
            (Self::Publish, Draft | InReview) => Some(Published),
            (Self::Correct, Published | Corrected) => Some(Corrected),
            (Self::Withdraw, Draft | InReview | Published | Corrected) => Some(Withdrawn),
            _ => None,
        }
    }

    /// The state after the step.
    ///
    /// # Errors
    /// It is not allowed in this state; the message names those that are.
    pub fn after(self, state: Publication) -> Result<Publication, String> {
        self.from(state).ok_or_else(|| {
            let allowed: Vec<_> =
                Self::ALL.iter().filter(|step| step.from(state).is_some()).map(|s| s.verb()).collect();
            let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
            let state = state.label().replace('_', " ");
            format!("a record that is {state} cannot be changed by \"{}\"; allowed now: {allowed}", self.verb())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_is_not_allowed_names_those_that_are() {
        assert_eq!(Step::Publish.after(Publication::InReview), Ok(Publication::Published));
        assert_eq!(Step::Update.after(Publication::InReview), Ok(Publication::InReview));
        let refused = Step::Publish.after(Publication::Corrected).unwrap_err();
        assert!(refused.ends_with("allowed now: correct, withdraw"), "{refused}");
        assert!(Step::Withdraw.after(Publication::Withdrawn).unwrap_err().ends_with("allowed now: nothing"));
    }
}
