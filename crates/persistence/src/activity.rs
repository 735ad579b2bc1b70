//! Activities: the table that the five kinds share, and a table for what each kind adds.

use std::sync::Arc;

use pomost_domain::activity::{Activity, AnyActivity, Detail, Field};
use pomost_domain::business_mission::BusinessMissionDetail;
use pomost_domain::joint_event::JointEventDetail;
use pomost_domain::meeting::MeetingDetail;
use pomost_domain::study_visit::StudyVisitDetail;
use pomost_domain::theme::AREA_FACET;
use pomost_domain::youth_exchange::{GUEST_COUNTRY_FACET, YouthExchangeDetail};
use pomost_domain::{Id, Meta, Open, Vocabulary};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::asked::Asked;
use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, closed, date_columns, json_option, label, labels, partial_date, text, to_json,
    to_json_option, to_labels, upsert,
};
use crate::place;
use crate::record::fixed;
use crate::table::Table;

/// A kind's own table.
pub trait MappedDetail: Detail {
    /// Its name.
    const TABLE: &'static str;
    /// What is read of it.
    type Row: Table;

    /// Reads what the kind adds.
    fn read(row: Self::Row) -> Result<Self, Corrupt>;
    /// Writes it.
    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert>;

    /// Adds the table to a statement on `activity`. Every activity has its row in the table of its kind; a left join says so to
    /// the planner, which took the activities of a kind for a few otherwise, and sorted all of them for the first page.
    fn join(select: &mut SelectStatement) {
        let table = Alias::new(Self::TABLE);
        let on = Expr::col((table.clone(), Alias::new("id"))).equals(row::Column::Id.as_column_ref());
        select.left_join(table, on);
    }
}

impl<D: MappedDetail> Mapped for Activity<D> {
    const TABLE: &'static str = "activity";
    type Row = (row::Row, D::Row);

    fn join(select: &mut SelectStatement) {
        // Also for the planner: the index on (kind, first day) serves lists of one kind.
        select.and_where(row::Column::Kind.into_simple_expr().eq(fixed(D::KIND.label())));
        D::join(select);
    }

    fn read(meta: Meta, (shared, own): Self::Row) -> Result<Self, Corrupt> {
        read(meta, shared, own)
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
    type Row = (
        row::Row,
        Option<<YouthExchangeDetail as MappedDetail>::Row>,
        Option<<BusinessMissionDetail as MappedDetail>::Row>,
        Option<<JointEventDetail as MappedDetail>::Row>,
        Option<<StudyVisitDetail as MappedDetail>::Row>,
        Option<<MeetingDetail as MappedDetail>::Row>,
    );

    fn select(select: &mut SelectStatement, asked: Asked) {
        Self::Row::select(select, asked);
        YouthExchangeDetail::join(select);
        BusinessMissionDetail::join(select);
        JointEventDetail::join(select);
        StudyVisitDetail::join(select);
        MeetingDetail::join(select);
    }

    fn read(meta: Meta, row: Self::Row) -> Result<Self, Corrupt> {
        fn of<D: MappedDetail>(meta: Meta, shared: row::Row, own: D::Row) -> Result<Arc<Activity<D>>, Corrupt> {
            Ok(Arc::new(read(meta, shared, own)?))
        }
        Ok(match row {
            (shared, Some(own), None, None, None, None) => Self::YouthExchange(of(meta, shared, own)?),
            (shared, None, Some(own), None, None, None) => Self::BusinessMission(of(meta, shared, own)?),
            (shared, None, None, Some(own), None, None) => Self::JointEvent(of(meta, shared, own)?),
            (shared, None, None, None, Some(own), None) => Self::StudyVisit(of(meta, shared, own)?),
            (shared, None, None, None, None, Some(own)) => Self::Meeting(of(meta, shared, own)?),
            _ => return Err("it has to be an activity of one kind".to_owned()),
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

fn read<D: MappedDetail>(meta: Meta, shared: row::Row, own: D::Row) -> Result<Activity<D>, Corrupt> {
    let row::Row {
        id: _,
        title,
        form,
        starts_on,
        ends_on,
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
    } = shared;
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
        detail: D::read(own)?,
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

crate::table::table! {
    /// The table `activity`.
    mod row = "activity";
    key { id: Uuid }
    read {
        title: String,
    }
    aside {
        form: Option<String> as form | form_label,
        starts_on: Option<String>,
        ends_on: Option<String>,
        status: Option<String>,
        host_city_id: Option<Uuid> as host_city,
        place_city_id: Option<Uuid> as place,
        place_organization_id: Option<Uuid> as place,
        place_name: Option<String> as place,
        place_venue: Option<String> as place,
        partnership_id: Option<Uuid> as partnership,
        participants: Option<String>,
        themes: Option<String> as areas,
        summary: Option<String>,
    }
    find {
        kind: String,
        starts_first: Option<Date>,
        starts_last: Option<Date>,
        ends_first: Option<Date>,
        ends_last: Option<Date>,
    }
}
