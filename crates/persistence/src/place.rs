//! The columns of a place, which several tables have.

use pomost_domain::{Id, Place};
use uuid::Uuid;

/// A place, unless nothing of it is known.
pub(crate) fn read(
    city: Option<Uuid>,
    organization: Option<Uuid>,
    name: Option<String>,
    venue: Option<String>,
) -> Option<Place> {
    let place = Place { city: city.map(Id::new), organization: organization.map(Id::new), name, venue };
    (place != Place::default()).then_some(place)
}
