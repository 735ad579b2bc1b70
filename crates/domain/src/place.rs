//! Places of events.

use crate::city::City;
use crate::exchange::Form;
use crate::id::Id;
use crate::organization::Organization;

/// A place: a city or institution of the registry, or only a name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Place {
    /// City of the registry.
    pub city: Option<Id<City>>,
    /// Institution of the registry, for example a gallery.
    pub organization: Option<Id<Organization>>,
    /// Name of a place outside the registry, for example `"Ostrava, CZ"`.
    pub name: Option<String>,
    /// Building or room.
    pub venue: Option<String>,
}

impl Place {
    pub(crate) fn form(f: &mut Form<'_>, place: &mut Option<Self>) {
        f.object("place", place, |f, place| {
            f.one("city", &mut place.city);
            f.one("organization", &mut place.organization);
            f.field("name", &mut place.name);
            f.field("venue", &mut place.venue);
        });
    }
}
