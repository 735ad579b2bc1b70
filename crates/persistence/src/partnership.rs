//! The lasting relation of cities.

use pomost_domain::partnership::{Field, Partnership};
use pomost_domain::theme::AREA_FACET;
use pomost_domain::{Id, Meta};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{
    Mapped, ReadError, Upsert, closed, columns, date_columns, json_option, label, labels, partial_date, row,
    to_json_option, to_labels, upsert,
};

impl Mapped for Partnership {
    const TABLE: &'static str = "partnership";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            status,
            since_on,
            since_first: _,
            since_last: _,
            until_on,
            until_first: _,
            until_last: _,
            interruptions,
            brokered_by_id,
            themes,
            succeeds_id,
            succeeded_by_id,
            part_of_id,
        } = row(result, "t_")?;
        Ok(Self {
            meta,
            status: closed("status", status.as_deref())?,
            since: partial_date("since_on", since_on.as_deref())?,
            until: partial_date("until_on", until_on.as_deref())?,
            interruptions: json_option("interruptions", interruptions.as_deref())?,
            brokered_by: brokered_by_id.map(Id::new),
            themes: labels("themes", themes.as_deref())?,
            succeeds: succeeds_id.map(Id::new),
            succeeded_by: succeeded_by_id.map(Id::new),
            part_of: part_of_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        use row::Column as C;
        match field {
            Field::Status => Find::text(C::Status),
            Field::Since => Find::partial(C::SinceFirst, C::SinceLast),
            Field::Until => Find::partial(C::UntilFirst, C::UntilLast),
            Field::Period => Find::period([C::SinceFirst, C::SinceLast], [C::UntilFirst, C::UntilLast]),
            Field::Area => Find::Facet(AREA_FACET),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                status,
                since,
                until,
                interruptions,
                brokered_by,
                themes,
                succeeds,
                succeeded_by,
                part_of,
            } = (*fact).clone();
            let (since_on, since_first, since_last) = date_columns(since);
            let (until_on, until_first, until_last) = date_columns(until);
            row::Model {
                id: meta.id,
                status: label(status),
                since_on,
                since_first,
                since_last,
                until_on,
                until_first,
                until_last,
                interruptions: to_json_option(interruptions.as_ref()),
                brokered_by_id: brokered_by.map(Id::raw),
                themes: to_labels(themes.as_ref()),
                succeeds_id: succeeds.map(Id::raw),
                succeeded_by_id: succeeded_by.map(Id::raw),
                part_of_id: part_of.map(Id::raw),
            }
        }))
    }
}

/// The table `partnership`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "partnership")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub status: Option<String>,
        pub since_on: Option<String>,
        pub since_first: Option<Date>,
        pub since_last: Option<Date>,
        pub until_on: Option<String>,
        pub until_first: Option<Date>,
        pub until_last: Option<Date>,
        pub interruptions: Option<String>,
        pub brokered_by_id: Option<Uuid>,
        pub themes: Option<String>,
        pub succeeds_id: Option<Uuid>,
        pub succeeded_by_id: Option<Uuid>,
        pub part_of_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
