//! Deadline rules: reference data, small enough to be read whole.

use pomost_domain::{Country, DeadlineRule};
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, QueryOrder};

use crate::error::StoreError;

/// Every rule, by slug. One statement.
pub(crate) async fn all(database: &DatabaseConnection) -> Result<Vec<DeadlineRule>, StoreError> {
    let rows = row::Entity::find().order_by_asc(row::Column::Slug).all(database).await?;
    rows.into_iter().map(read).collect()
}

fn read(row: row::Model) -> Result<DeadlineRule, StoreError> {
    let row::Model { slug, country, days, start_event, counting, valid_from, valid_to, legal_basis, note } = row;
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

/// The table `deadline_rule`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "deadline_rule")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub country: String,
        pub days: Option<i32>,
        pub start_event: Option<String>,
        pub counting: String,
        pub valid_from: Option<String>,
        pub valid_to: Option<String>,
        pub legal_basis: String,
        pub note: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
