//! Joint cultural, sports and promotional events.

use crate::activity::{Activity, Detail};
use crate::exchange::Form;
use crate::id::{Id, Kind};
use crate::link::{Links, relations};
use crate::meeting::Meeting;

/// A joint event.
pub type JointEvent = Activity<JointEventDetail>;

/// The fields that a joint event adds to an activity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JointEventDetail {
    /// The meeting that takes place with it.
    pub meeting: Option<Id<Meeting>>,
}

impl Detail for JointEventDetail {
    const KIND: Kind = Kind::JointEvent;
    const COLLECTION: &'static str = "events";

    fn form(&mut self, _: &mut Links, f: &mut Form<'_>) {
        f.one("meeting", &mut self.meeting);
    }
}

relations! {
    /// The meeting that takes place with an event.
    EventMeeting: JointEvent => Meeting, "joint_event.meeting";
}
