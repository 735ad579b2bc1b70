//! Joint projects.

use pomost_domain::money::Currency;
use pomost_domain::project::{Budget, Field, Project};
use pomost_domain::theme::AREA_FACET;
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, closed, date_columns, from_count, json_option, label, labels, partial_date, text,
    to_count, to_json, to_json_option, to_labels, upsert,
};

impl Mapped for Project {
    const TABLE: &'static str = "project";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
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
            ends_on,
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
        } = row;
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

crate::table::table! {
    /// The table `project`.
    mod row = "project";
    key { id: Uuid }
    read {
        title: String,
    }
    aside {
        programme_id: Option<Uuid> as programme,
        fund: Option<String>,
        registration_number: Option<String>,
        series: Option<String>,
        edition: Option<i32>,
        stage: Option<i32>,
        follows_id: Option<Uuid> as follows,
        starts_on: Option<String>,
        ends_on: Option<String>,
        funding_agreement_on: Option<String>,
        status: Option<String>,
        currency: Option<String> as budget | shares,
        budget_total: Option<i64> as budget,
        budget_erdf: Option<i64> as budget,
        budget_state: Option<i64> as budget,
        eu_share: Option<f64> as budget,
        state_share: Option<f64> as budget,
        budget_is_approximate: bool as budget,
        themes: Option<String> as areas,
        summary: Option<String>,
        outputs: Option<String>,
    }
    find { starts_first: Option<Date>, starts_last: Option<Date>, ends_first: Option<Date>, ends_last: Option<Date> }
}
