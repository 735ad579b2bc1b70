//! The exchange format (`data/README.md`): the portable form of the registry, which is imported and exported.
//!
//! Each entity lists its fields once, in its `form`. The same list reads a record, writes it and describes it as JSON
//! Schema, so that the three cannot drift apart.

mod entry;
mod foreign;
mod form;
mod identity;
mod json;
mod locate;
mod prose;
mod reference;
mod run;
mod schema;
mod start;
mod stream;
mod value;
mod words;

pub use entry::{Derived, Entry, Exchanged, Parts, Resolved, Stated, Whole, Written, describe, read, write};
pub use form::{Form, PrecisionField};
pub use identity::became_another;
pub use json::{Json, ObjectText};
pub use locate::locate;
pub use prose::texts;
pub use reference::slugs_of;
pub use run::{Asked, Fault, FaultSort, Names, Reading, Writing};
pub use schema::{Definition, json_schema};
pub use stream::{Reader, StreamFault, Visit};
pub(crate) use value::whole;
pub use value::{Counts, Value};
pub use words::about;

use crate::id::Kind;
use crate::meta::Fact;

/// Runs a macro over every collection of the format with its type, in the order in which they are written.
#[macro_export]
macro_rules! for_each_collection {
    ($run:ident) => {
        $run! {
            $crate::City,
            $crate::Organization,
            $crate::Term,
            $crate::Session,
            $crate::Resolution,
            $crate::Partnership,
            $crate::Agreement,
            $crate::LetterOfIntent,
            $crate::Project,
            $crate::YouthExchange,
            $crate::BusinessMission,
            $crate::JointEvent,
            $crate::StudyVisit,
            $crate::Meeting,
            $crate::Interpellation,
            $crate::Document,
        }
    };
}

/// The names of all collections, in the order in which they are written.
pub fn collections() -> Vec<&'static str> {
    macro_rules! names {
        ($($fact:ty,)+) => { vec![$(<$fact as Exchanged>::COLLECTION),+] };
    }
    for_each_collection!(names)
}

/// The name of the collection of a kind; `None`: its records are written inside others.
pub fn collection_of(kind: Kind) -> Option<&'static str> {
    macro_rules! name {
        ($($fact:ty,)+) => {
            match kind {
                $(<$fact as Fact>::KIND => Some(<$fact as Exchanged>::COLLECTION),)+
                Kind::Official | Kind::Programme | Kind::Commitment | Kind::Answer => None,
            }
        };
    }
    for_each_collection!(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../../data/jastrzebie-zdroj.json");

    /// The names that the file itself contains.
    fn resolved(run: &Reading) -> Resolved {
        let mut names = Resolved::default();
        names.slugs.extend(run.asked.iter().map(|asked| (asked.id, asked.slug.clone())));
        for derived in &run.derived {
            match derived {
                Derived::Official(fact) => drop(names.officials.insert(fact.meta.id, fact.clone().into())),
                Derived::Programme(fact) => {
                    drop(names.titles.insert(fact.meta.id, fact.name.original().text.clone()));
                }
                Derived::Session(fact) => {
                    drop(names.titles.insert(fact.meta.id, fact.title.original().text.clone()));
                }
            }
        }
        names
    }

    fn sorted(json: &Json) -> Json {
        match json {
            Json::Object(members) => {
                let mut members: Vec<_> = members.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                Json::Object(members)
            }
            Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
            other => other.clone(),
        }
    }

    fn there_and_back<T: Exchanged>(file: &Json) -> usize {
        let Some(Json::Array(records)) = file.get(T::COLLECTION) else { return 0 };
        for (place, record) in records.iter().enumerate() {
            let plain: Option<crate::Locale> =
                file.get("language").and_then(Json::as_str).map(|tag| tag.parse().unwrap());
            let mut run = Reading { language: plain.clone(), ..Reading::default() };
            let mut entry = read::<T>(record.clone(), format!("/{}/{place}", T::COLLECTION), &mut run);
            assert_eq!((&run.faults[..], &run.warnings[..]), (&[][..], &[][..]));
            let written = write(&mut entry, &Resolved { plain, ..resolved(&run) });
            assert!(written.missing.is_empty() && written.whole);
            assert_eq!(sorted(&written.json), sorted(record));
        }
        records.len()
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        for text in ["18.183216676054286", "49.950278", "0.1"] {
            assert_eq!(serde_json::from_str::<Json>(text).unwrap().to_text(), text);
        }
    }

    #[test]
    fn every_record_of_the_sample_is_written_as_it_was_read() {
        let file: Json = serde_json::from_str(SAMPLE).unwrap();
        macro_rules! count {
            ($($fact:ty,)+) => { 0 $(+ there_and_back::<$fact>(&file))+ };
        }
        assert_eq!(for_each_collection!(count), 121);
    }
}
