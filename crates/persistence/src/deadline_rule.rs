//! Deadline rules: reference data, small enough to be read whole.

use pomost_domain::{Country, DeadlineRule};
use sea_orm::sea_query::{Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};

use crate::asked::Asked;
use crate::error::StoreError;
use crate::table::{Cells, Table};

/// Every rule, by slug. One statement.
pub(crate) async fn all(database: &impl ConnectionTrait) -> Result<Vec<DeadlineRule>, StoreError> {
    let mut select = Query::select();
    row::Row::select(&mut select, Asked::ALL);
    select.from(row::Entity).order_by(row::Column::Slug.as_column_ref(), Order::Asc);
    database.query_all(&select).await?.iter().map(|row| read(Cells::of(row)?.table()?)).collect()
}

fn read(row: row::Row) -> Result<DeadlineRule, StoreError> {
    let row::Row { slug, country, days, start_event, counting, valid_from, valid_to, legal_basis, note } = row;
    let corrupt = |what: String| StoreError::Corrupt { kind: "deadline_rule", id: slug.clone(), what };
    let day = |text: Option<String>| {
        text.map(|text| text.parse().map_err(|_| corrupt(format!("{text:?} is no day")))).transpose()
    };
    Ok(DeadlineRule {
        country: Country::by_code(&country).ok_or_else(|| corrupt(format!("{country:?} is no country")))?.code,
        days: days.map(|days| u32::try_from(days).map_err(|_| corrupt("negative days".to_owned()))).transpose()?,
        valid_from: day(valid_from)?,
        valid_to: day(valid_to)?,
        slug,
        start_event,
        counting,
        legal_basis,
        note,
    })
}

crate::table::table! {
    /// The table `deadline_rule`.
    mod row = "deadline_rule";
    key { slug: String }
    read {
        country: String,
        days: Option<i32>,
        start_event: Option<String>,
        counting: String,
        valid_from: Option<String>,
        valid_to: Option<String>,
        legal_basis: String,
        note: Option<String>,
    }
}
