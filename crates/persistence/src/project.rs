//! Joint projects.

use pomost_domain::money::Currency;
use pomost_domain::project::{Budget, Field, Project};
use pomost_domain::theme::AREA_FACET;
use pomost_domain::{Id, Meta};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{
    Mapped, ReadError, Upsert, closed, columns, date_columns, from_count, json_option, label, labels, partial_date,
    row, text, to_count, to_json, to_json_option, to_labels, upsert,
};

impl Mapped for Project {
    const TABLE: &'static str = "project";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            title,
            programme_id,
            fund,
            registration_number,
            series,
            edition,
            stage,
            follows_id,
            starts_on,
            starts_first: _,
            starts_last: _,
            ends_on,
            ends_first: _,
            ends_last: _,
            funding_agreement_on,
            status,
            currency,
            budget_total,
            budget_erdf,
            budget_state,
            eu_share,
            state_share,
            budget_is_approximate,
            themes,
            summary,
            outputs,
        } = row(result, "t_")?;
        let currency = currency
            .map(|code| Currency::from_code(&code).ok_or_else(|| format!("column currency: {code:?} is no currency")))
            .transpose()?;
        Ok(Self {
            meta,
            title: text("title", &title)?,
            programme: programme_id.map(Id::new),
            fund,
            registration_number,
            series,
            edition: from_count("edition", edition)?,
            stage: from_count("stage", stage)?,
            follows: follows_id.map(Id::new),
            starts_on: partial_date("starts_on", starts_on.as_deref())?,
            ends_on: partial_date("ends_on", ends_on.as_deref())?,
            funding_agreement_on: partial_date("funding_agreement_on", funding_agreement_on.as_deref())?,
            status: closed("status", status.as_deref())?,
            budget: currency.map(|currency| Budget {
                currency,
                total: budget_total,
                erdf: budget_erdf,
                state_budget: budget_state,
                eu_share,
                state_share,
                approximate: budget_is_approximate,
            }),
            themes: labels("themes", themes.as_deref())?,
            summary: json_option("summary", summary.as_deref())?,
            outputs: json_option("outputs", outputs.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        use row::Column as C;
        match field {
            Field::Status => Find::text(C::Status),
            Field::StartsOn => Find::partial(C::StartsFirst, C::StartsLast),
            Field::EndsOn => Find::partial(C::EndsFirst, C::EndsLast),
            Field::Period => Find::period([C::StartsFirst, C::StartsLast], [C::EndsFirst, C::EndsLast]),
            Field::Area => Find::Facet(AREA_FACET),
            Field::Series => Find::text(C::Series),
            Field::Edition => Find::integer(C::Edition),
            Field::Fund => Find::text(C::Fund),
            Field::RegistrationNumber => Find::text(C::RegistrationNumber),
            Field::BudgetTotal => Find::integer(C::BudgetTotal),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                title,
                programme,
                fund,
                registration_number,
                series,
                edition,
                stage,
                follows,
                starts_on,
                ends_on,
                funding_agreement_on,
                status,
                budget,
                themes,
                summary,
                outputs,
            } = (*fact).clone();
            let (starts_on, starts_first, starts_last) = date_columns(starts_on);
            let (ends_on, ends_first, ends_last) = date_columns(ends_on);
            row::Model {
                id: meta.id,
                title: to_json(&title),
                programme_id: programme.map(Id::raw),
                fund,
                registration_number,
                series,
                edition: to_count(edition),
                stage: to_count(stage),
                follows_id: follows.map(Id::raw),
                starts_on,
                starts_first,
                starts_last,
                ends_on,
                ends_first,
                ends_last,
                funding_agreement_on: funding_agreement_on.map(|date| date.to_string()),
                status: label(status),
                currency: budget.as_ref().map(|budget| budget.currency.code().to_owned()),
                budget_total: budget.as_ref().and_then(|budget| budget.total),
                budget_erdf: budget.as_ref().and_then(|budget| budget.erdf),
                budget_state: budget.as_ref().and_then(|budget| budget.state_budget),
                eu_share: budget.as_ref().and_then(|budget| budget.eu_share),
                state_share: budget.as_ref().and_then(|budget| budget.state_share),
                budget_is_approximate: budget.is_some_and(|budget| budget.approximate),
                themes: to_labels(themes.as_ref()),
                summary: to_json_option(summary.as_ref()),
                outputs: to_json_option(outputs.as_ref()),
            }
        }))
    }
}

/// The table `project`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "project")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title: String,
        pub programme_id: Option<Uuid>,
        pub fund: Option<String>,
        pub registration_number: Option<String>,
        pub series: Option<String>,
        pub edition: Option<i32>,
        pub stage: Option<i32>,
        pub follows_id: Option<Uuid>,
        pub starts_on: Option<String>,
        pub starts_first: Option<Date>,
        pub starts_last: Option<Date>,
        pub ends_on: Option<String>,
        pub ends_first: Option<Date>,
        pub ends_last: Option<Date>,
        pub funding_agreement_on: Option<String>,
        pub status: Option<String>,
        pub currency: Option<String>,
        pub budget_total: Option<i64>,
        pub budget_erdf: Option<i64>,
        pub budget_state: Option<i64>,
        pub eu_share: Option<f64>,
        pub state_share: Option<f64>,
        pub budget_is_approximate: bool,
        pub themes: Option<String>,
        pub summary: Option<String>,
        pub outputs: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
