//! Tokens by which programs say who they are. Only a hash of each is kept.

use chrono::{DateTime, Duration, Utc};
use pomost_domain::{City, Id, Role, Viewer, Vocabulary};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, IntoSimpleExpr, QueryResult};
use uuid::Uuid;

use crate::asked::Asked;
use crate::change::instant;
use crate::error::StoreError;
use crate::store::Store;
use crate::table::{Cells, Table};

crate::table::table! {
    /// The table `token`.
    mod table = "token";
    key { id: Uuid }
    read {
        name: String,
        role: String,
        city_id: Option<Uuid>,
        created_at: DateTimeUtc,
        expires_at: DateTimeUtc,
        revoked_at: Option<DateTimeUtc>,
        last_used_at: Option<DateTimeUtc>,
    }
    find { hash: String }
}

use table::Column;

/// How exact the time of the last use is: more would be a write for each request.
const USE_STEP: Duration = Duration::minutes(1);

/// A token, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: Uuid,
    /// Whose it is; unique.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The city that its holder speaks for.
    pub city: Option<Id<City>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is not taken any more.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Who its holder is.
    pub fn viewer(&self) -> Viewer {
        Viewer { role: self.role, city: self.city, name: self.name.clone() }
    }
}

fn read(row: &QueryResult) -> Result<Token, StoreError> {
    let table::Row { id, name, role, city_id, created_at, expires_at, revoked_at, last_used_at } =
        Cells::of(row)?.table()?;
    let role = Role::from_label(&role).ok_or_else(|| StoreError::Corrupt {
        kind: "token",
        id: id.to_string(),
        what: format!("column role: {role:?} is not in the list"),
    })?;
    Ok(Token { id, name, role, city: city_id.map(Id::new), created_at, expires_at, revoked_at, last_used_at })
}

impl Store {
    async fn tokens_where(&self, condition: Condition) -> Result<Vec<Token>, StoreError> {
        let mut select = Query::select();
        table::Row::select(&mut select, Asked::ALL);
        select.from(table::Entity).cond_where(condition).order_by(Column::Name.as_column_ref(), Order::Asc);
        self.read.query_all(&select).await?.iter().map(read).collect()
    }

    /// All tokens, by name. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.tokens_where(Condition::all()).await
    }

    /// The token with this hash, also one that expired or was revoked. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn token(&self, hash: &str) -> Result<Option<Token>, StoreError> {
        Ok(self.tokens_where(Condition::all().add(Column::Hash.eq(hash))).await?.pop())
    }

    /// Keeps a new token by the hash of its secret. One statement.
    ///
    /// # Errors
    /// The name is taken, or the database fails.
    pub async fn add_token(&self, token: &Token, hash: &str) -> Result<(), StoreError> {
        if self.tokens().await?.iter().any(|known| known.name == token.name) {
            let name = &token.name;
            return Err(StoreError::State(format!(
                "there is a token {name:?} already: choose another name with --name"
            )));
        }
        let model = table::Model {
            id: token.id,
            name: token.name.clone(),
            role: token.role.label().to_owned(),
            city_id: token.city.map(Id::raw),
            hash: hash.to_owned(),
            created_at: instant(token.created_at),
            expires_at: instant(token.expires_at),
            revoked_at: None,
            last_used_at: None,
        };
        table::Entity::insert(model.into_active_model()).exec(&self.write).await?;
        Ok(())
    }

    /// Revokes the token of this name; `false` when there is none that is in force. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_token(&self, name: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let update = Query::update()
            .table(table::Entity)
            .value(Column::RevokedAt, instant(at))
            .and_where(Column::Name.eq(name))
            .and_where(Column::RevokedAt.is_null())
            .take();
        Ok(self.write.execute(&update).await?.rows_affected() > 0)
    }

    /// Writes down that a token was used; nothing is written when that was within the last minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_token_use(&self, token: &Token, at: DateTime<Utc>) -> Result<(), StoreError> {
        if token.last_used_at.is_some_and(|last| at - last < USE_STEP) {
            return Ok(());
        }
        let last = Column::LastUsedAt.into_simple_expr();
        let update = Query::update()
            .table(table::Entity)
            .value(Column::LastUsedAt, Expr::val(instant(at)))
            .and_where(Column::Id.eq(token.id))
            .and_where(last.clone().is_null().or(last.lt(instant(at - USE_STEP))))
            .take();
        self.write.execute(&update).await?;
        Ok(())
    }
}
