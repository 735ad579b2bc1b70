//! Activities: the table that the five kinds share, and a table for what each kind adds.

use std::sync::Arc;

use pomost_domain::activity::{Activity, AnyActivity, Detail, Field};
use pomost_domain::business_mission::BusinessMissionDetail;
use pomost_domain::joint_event::JointEventDetail;
use pomost_domain::meeting::MeetingDetail;
use pomost_domain::study_visit::StudyVisitDetail;
use pomost_domain::theme::AREA_FACET;
use pomost_domain::youth_exchange::{GUEST_COUNTRY_FACET, YouthExchangeDetail};
use pomost_domain::{Id, Kind, Meta, Open, Vocabulary};
use sea_orm::QueryResult;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, ReadError, Upsert, closed, columns, date_columns, json_option, label, labels, partial_date, text,
    to_json, to_json_option, to_labels, upsert,
};
use crate::place;

/// A kind's own table.
pub trait MappedDetail: Detail {
    /// The table.
    type Entity: EntityTrait;
    /// Its name.
    const TABLE: &'static str;
    /// Prefix of its columns in a result, its own for each kind, as a timeline reads all of them.
    const PREFIX: &'static str;

    /// Reads what the kind adds.
    fn read(result: &QueryResult) -> Result<Self, ReadError>;
    /// Writes it.
    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert>;

    /// Adds the table to a statement on `activity`.
    fn join(select: &mut SelectStatement, only: bool) {
        let table = Alias::new(Self::TABLE);
        let on = Expr::col((table.clone(), Alias::new("id"))).equals(row::Column::Id.as_column_ref());
        if only {
            select.inner_join(table, on)
        } else {
            select.left_join(table, on)
        };
    }
}

/// Prefix of the columns of `activity` in a result.
const PREFIX: &str = "a_";

impl<D: MappedDetail> Mapped for Activity<D> {
    const TABLE: &'static str = "activity";

    fn join(select: &mut SelectStatement) {
        // Also for the planner: the index on (kind, first day) serves lists of one kind.
        select.and_where(row::Column::Kind.eq(D::KIND.label()));
        D::join(select, true);
    }

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, PREFIX);
        columns::<D::Entity>(select, D::PREFIX);
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        read(meta, crate::mapped::row(result, PREFIX)?, D::read(result)?).map_err(ReadError::Corrupt)
    }

    fn find(field: Field) -> Find {
        find(field)
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        let mut statements = upsert(facts.iter().map(|fact| write((*fact).clone())));
        statements.extend(D::save(facts.iter().map(|fact| (fact.meta.id, fact.detail.clone())).collect()));
        statements
    }
}

impl Mapped for AnyActivity {
    const TABLE: &'static str = "activity";

    fn select(select: &mut SelectStatement) {
        fn detail<D: MappedDetail>(select: &mut SelectStatement) {
            columns::<D::Entity>(select, D::PREFIX);
            D::join(select, false);
        }
        columns::<row::Entity>(select, PREFIX);
        detail::<YouthExchangeDetail>(select);
        detail::<BusinessMissionDetail>(select);
        detail::<JointEventDetail>(select);
        detail::<StudyVisitDetail>(select);
        detail::<MeetingDetail>(select);
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        fn of<D: MappedDetail>(
            meta: Meta,
            model: row::Model,
            result: &QueryResult,
        ) -> Result<Arc<Activity<D>>, ReadError> {
            Ok(Arc::new(read(meta, model, D::read(result)?)?))
        }
        let model: row::Model = crate::mapped::row(result, PREFIX)?;
        Ok(match Kind::from_label(&model.kind) {
            Some(Kind::YouthExchange) => Self::YouthExchange(of(meta, model, result)?),
            Some(Kind::BusinessMission) => Self::BusinessMission(of(meta, model, result)?),
            Some(Kind::JointEvent) => Self::JointEvent(of(meta, model, result)?),
            Some(Kind::StudyVisit) => Self::StudyVisit(of(meta, model, result)?),
            Some(Kind::Meeting) => Self::Meeting(of(meta, model, result)?),
            _ => return Err(ReadError::Corrupt(format!("column kind: {:?} is no kind of activity", model.kind))),
        })
    }

    fn find(field: Field) -> Find {
        find(field)
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        facts
            .iter()
            .flat_map(|fact| pomost_domain::of_any_activity!(fact, activity => Mapped::save(&[&**activity])))
            .collect()
    }
}

fn find(field: Field) -> Find {
    use row::Column as C;
    match field {
        Field::Kind => Find::text(C::Kind),
        Field::Form => Find::text(C::Form),
        Field::Status => Find::text(C::Status),
        Field::StartsOn => Find::partial(C::StartsFirst, C::StartsLast),
        Field::EndsOn => Find::partial(C::EndsFirst, C::EndsLast),
        Field::Period => Find::period([C::StartsFirst, C::StartsLast], [C::EndsFirst, C::EndsLast]),
        Field::Area => Find::Facet(AREA_FACET),
        Field::HostCity => Find::NameOf(C::HostCityId.into_simple_expr()),
        Field::GuestCountry => Find::Facet(GUEST_COUNTRY_FACET),
    }
}

fn read<D: Detail>(meta: Meta, model: row::Model, detail: D) -> Result<Activity<D>, Corrupt> {
    let row::Model {
        id: _,
        kind: _,
        title,
        form,
        starts_on,
        starts_first: _,
        starts_last: _,
        ends_on,
        ends_first: _,
        ends_last: _,
        status,
        host_city_id,
        place_city_id,
        place_organization_id,
        place_name,
        place_venue,
        partnership_id,
        participants,
        themes,
        summary,
    } = model;
    Ok(Activity {
        meta,
        title: text("title", &title)?,
        form: form.map(Open::new),
        starts_on: partial_date("starts_on", starts_on.as_deref())?,
        ends_on: partial_date("ends_on", ends_on.as_deref())?,
        status: closed("status", status.as_deref())?,
        host_city: host_city_id.map(Id::new),
        place: place::read(place_city_id, place_organization_id, place_name, place_venue),
        partnership: partnership_id.map(Id::new),
        participants: json_option("participants", participants.as_deref())?,
        themes: labels("themes", themes.as_deref())?,
        summary: json_option("summary", summary.as_deref())?,
        detail,
    })
}

fn write<D: Detail>(activity: Activity<D>) -> row::Model {
    let Activity {
        meta,
        title,
        form,
        starts_on,
        ends_on,
        status,
        host_city,
        place,
        partnership,
        participants,
        themes,
        summary,
        detail: _,
    } = activity;
    let (starts_on, starts_first, starts_last) = date_columns(starts_on);
    let (ends_on, ends_first, ends_last) = date_columns(ends_on);
    let place = place.unwrap_or_default();
    row::Model {
        id: meta.id,
        kind: D::KIND.label().to_owned(),
        title: to_json(&title),
        form: form.map(Open::into_label),
        starts_on,
        starts_first,
        starts_last,
        ends_on,
        ends_first,
        ends_last,
        status: label(status),
        host_city_id: host_city.map(Id::raw),
        place_city_id: place.city.map(Id::raw),
        place_organization_id: place.organization.map(Id::raw),
        place_name: place.name,
        place_venue: place.venue,
        partnership_id: partnership.map(Id::raw),
        participants: to_json_option(participants.as_ref()),
        themes: to_labels(themes.as_ref()),
        summary: to_json_option(summary.as_ref()),
    }
}

/// The table `activity`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "activity")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub title: String,
        pub form: Option<String>,
        pub starts_on: Option<String>,
        pub starts_first: Option<Date>,
        pub starts_last: Option<Date>,
        pub ends_on: Option<String>,
        pub ends_first: Option<Date>,
        pub ends_last: Option<Date>,
        pub status: Option<String>,
        pub host_city_id: Option<Uuid>,
        pub place_city_id: Option<Uuid>,
        pub place_organization_id: Option<Uuid>,
        pub place_name: Option<String>,
        pub place_venue: Option<String>,
        pub partnership_id: Option<Uuid>,
        pub participants: Option<String>,
        pub themes: Option<String>,
        pub summary: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
