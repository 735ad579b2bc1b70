//! Business missions: conferences, fairs, sector meetings, awards and announced series.

use crate::activity::{Activity, Detail};
use crate::exchange::Form;
use crate::id::Kind;
use crate::link::Links;
use crate::text::Text;

/// An economic activity.
pub type BusinessMission = Activity<BusinessMissionDetail>;

/// The fields that a business mission adds to an activity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BusinessMissionDetail {
    /// Subjects.
    pub topics: Option<Vec<Text>>,
}

impl Detail for BusinessMissionDetail {
    const KIND: Kind = Kind::BusinessMission;
    const COLLECTION: &'static str = "businessMissions";

    fn form(&mut self, _: &mut Links, f: &mut Form<'_>) {
        f.list("topics", &mut self.topics);
    }
}
