//! Study visits: officials or specialists who learn from a partner.

use crate::activity::{Activity, Detail};
use crate::exchange::Form;
use crate::id::Kind;
use crate::link::Links;
use crate::text::Text;

/// A study visit.
pub type StudyVisit = Activity<StudyVisitDetail>;

/// The fields that a study visit adds to an activity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyVisitDetail {
    /// Subjects of the visit.
    pub topics: Option<Vec<Text>>,
}

impl Detail for StudyVisitDetail {
    const KIND: Kind = Kind::StudyVisit;
    const COLLECTION: &'static str = "studyVisits";

    fn form(&mut self, _: &mut Links, f: &mut Form<'_>) {
        f.list("topics", &mut self.topics);
    }
}
