//! Funding programmes.

use pomost_domain as domain;
use pomost_domain::link::Reverse;

use super::filter::{filters, orders};
use super::record::{queries, record};
use super::values::{LocalizedText, text};
use super::{Project, ProjectListFilter};

record! {
    /// A funding programme, as projects name it.
    Programme of domain::Programme, ProgrammeFilter, ProgrammeOrder {
        /// Name, as the source gives it.
        pub(crate) async fn name(&self) -> LocalizedText {
            text(&self.0.name)
        }

    }
    connections {
        /// Projects that it funds.
        projects: Reverse<domain::project::ProjectProgramme> => Project,
    }
    prefetch(_plan) {}
}

filters! {
    /// Conditions on programmes. All that are given hold together.
    ProgrammeFilter, ProgrammeListFilter of domain::Programme {}
    one {}
    many {
        /// Projects it funds.
        projects: ProjectListFilter = Reverse<domain::project::ProjectProgramme>,
    }
}

orders! { ProgrammeOrder, ProgrammeOrderField of domain::Programme {} }

queries! { ProgrammeQuery, ProgrammeListQuery: /// A funding programme.
programme, /// Funding programmes that projects name.
programmes => Programme }
