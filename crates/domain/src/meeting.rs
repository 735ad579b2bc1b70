//! Meetings: delegations, signings, anniversaries, conferences, webinars.

use crate::activity::{Activity, Detail};
use crate::agreement::Agreement;
use crate::exchange::Form;
use crate::id::{Id, Kind};
use crate::joint_event::JointEvent;
use crate::letter_of_intent::LetterOfIntent;
use crate::link::Link;
use crate::link::{Links, relations};
use crate::official::Official;

/// A meeting.
pub type Meeting = Activity<MeetingDetail>;

/// The fields that a meeting adds to an activity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeetingDetail {
    /// The agreement that is its subject.
    pub agreement: Option<Id<Agreement>>,
    /// The letter of intent that is its subject.
    pub letter_of_intent: Option<Id<LetterOfIntent>>,
    /// The event that takes place with it.
    pub event: Option<Id<JointEvent>>,
}

impl Detail for MeetingDetail {
    const KIND: Kind = Kind::Meeting;
    const COLLECTION: &'static str = "meetings";

    fn form(&mut self, links: &mut Links, f: &mut Form<'_>) {
        f.one("agreement", &mut self.agreement);
        f.one("letterOfIntent", &mut self.letter_of_intent);
        f.one("event", &mut self.event);
        f.each("attendees", links.of("meeting.attendees"), |f, link: &mut Link| f.official(link));
    }
}

relations! {
    /// The letter of intent that is the subject of a meeting.
    MeetingLetter: Meeting => LetterOfIntent, "meeting.letter_of_intent";
    /// The event that takes place with a meeting.
    MeetingEvent: Meeting => JointEvent, "meeting.event";
    /// Office holders who attended.
    MeetingAttendees: Meeting => Official, ["meeting.attendees"];
}
