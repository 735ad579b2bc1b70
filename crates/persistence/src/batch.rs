//! Lists of values in statements. No statement grows with the data: a list of any length goes into as many statements as it
//! takes, each with a bounded number of values.

use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, Values};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, IntoSimpleExpr, QueryResult, Statement, StatementBuilder, Value,
};

/// How many values of one list go into a statement.
pub(crate) const BATCH: usize = 500;

/// How many values any statement binds at most. `SQLite` takes 32 766 and `PostgreSQL` 65 535; what a client sends in a filter
/// comes on top of a list, and may stand in a statement twice.
pub(crate) const MAX_VALUES: usize = 4_096;

/// So many values of a list as one statement takes. Only [`batches`] makes them.
#[derive(Debug)]
pub(crate) struct Batch<'a, V>(&'a [V]);

impl<V> Clone for Batch<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Batch<'_, V> {}

impl<'a, V> Batch<'a, V> {
    /// A list of one value.
    pub(crate) fn of_one(value: &'a V) -> Self {
        Self(std::slice::from_ref(value))
    }

    /// The values.
    pub(crate) fn values(self) -> &'a [V] {
        self.0
    }
}

/// A list, cut into batches. Of an empty one there are none.
pub(crate) fn batches<V>(values: &[V]) -> impl Iterator<Item = Batch<'_, V>> {
    values.chunks(BATCH).map(Batch)
}

/// Whether a column holds one of several values. The list is as long as a power of two, its last value standing for what is
/// missing: so there are few texts of statements, and those stay prepared on the connections.
pub(crate) fn among<V: Into<Value> + Clone>(column: impl IntoSimpleExpr, Batch(values): Batch<'_, V>) -> Expr {
    let missing = values.len().next_power_of_two() - values.len();
    let padding = values.last().into_iter().flat_map(|last| std::iter::repeat_n(last, missing));
    column.into_simple_expr().is_in(values.iter().chain(padding).cloned())
}

/// A connection of whatever sort, so that what asks it is compiled once.
pub(crate) trait Connection: Sync {
    fn backend(&self) -> DbBackend;
    fn rows(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<QueryResult>, DbErr>>;
    fn run(&self, statement: Statement) -> BoxFuture<'_, Result<ExecResult, DbErr>>;
}

impl<C: ConnectionTrait> Connection for C {
    fn backend(&self) -> DbBackend {
        self.get_database_backend()
    }

    fn rows(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<QueryResult>, DbErr>> {
        self.query_all_raw(statement)
    }

    fn run(&self, statement: Statement) -> BoxFuture<'_, Result<ExecResult, DbErr>> {
        self.execute_raw(statement)
    }
}

/// The rows that a statement finds for the values of a list. One statement for each batch.
pub(crate) fn rows<'a, V, S: StatementBuilder>(
    database: &'a dyn Connection,
    values: &[V],
    statement: impl Fn(Batch<'_, V>) -> S,
) -> BoxFuture<'a, Result<Vec<QueryResult>, DbErr>> {
    rows_of(database, built(database, values, statement))
}

/// Executes a statement for the values of a list. One statement for each batch.
pub(crate) fn execute<'a, V, S: StatementBuilder>(
    database: &'a dyn Connection,
    values: &[V],
    statement: impl Fn(Batch<'_, V>) -> S,
) -> BoxFuture<'a, Result<(), DbErr>> {
    execute_all(database, built(database, values, statement))
}

fn built<V, S: StatementBuilder>(
    database: &dyn Connection,
    values: &[V],
    statement: impl Fn(Batch<'_, V>) -> S,
) -> Vec<Statement> {
    let backend = database.backend();
    batches(values).map(|batch| statement(batch).build(&backend)).collect()
}

// The same for all lists: it is compiled once.
fn rows_of(database: &dyn Connection, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<QueryResult>, DbErr>> {
    Box::pin(async move {
        let mut rows = Vec::new();
        for statement in statements {
            rows.append(&mut database.rows(statement).await?);
        }
        Ok(rows)
    })
}

fn execute_all(database: &dyn Connection, statements: Vec<Statement>) -> BoxFuture<'_, Result<(), DbErr>> {
    Box::pin(async move {
        for statement in statements {
            database.run(statement).await?;
        }
        Ok(())
    })
}

/// The most values that a statement binds: a batch, and those of a filter. Within the default limit of complexity a filter
/// has up to 5,000 values, and a page that is read in two parts has it twice.
const MAX_BOUND: usize = MAX_VALUES + 10_000;

/// Stops the tests, and whoever else runs a debug build, at a statement that binds more values than any may.
pub(crate) fn watch(statement: &Statement) {
    let bound = statement.values.as_ref().map_or(0, |Values(values)| values.len());
    debug_assert!(
        bound <= MAX_BOUND,
        "a statement binds {bound} values, more than {MAX_BOUND}: {:.400}",
        statement.sql
    );
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Query, SqliteQueryBuilder};

    use super::*;

    #[test]
    fn lists_are_as_long_as_powers_of_two() {
        let text = |values: &[i64]| {
            let texts = batches(values).map(|batch| {
                let select = Query::select().expr(among(Expr::val(0_i64), batch)).take();
                select.to_string(SqliteQueryBuilder)
            });
            texts.collect::<Vec<_>>()
        };
        assert_eq!(text(&[1]), ["SELECT 0 IN (1)"]);
        assert_eq!(text(&[1, 2, 3, 4, 5]), ["SELECT 0 IN (1, 2, 3, 4, 5, 5, 5, 5)"]);
        assert_eq!(text(&[]), [""; 0]);
    }

    #[test]
    fn no_statement_has_more_than_a_batch() {
        let values: Vec<i64> = (0..40_000).collect();
        let lengths: Vec<usize> = batches(&values).map(|batch| batch.values().len()).collect();
        assert_eq!(lengths, [BATCH; 80]);
        let bound = |batch| {
            let (_, Values(values)) = Query::select().expr(among(Expr::val(0_i64), batch)).build(SqliteQueryBuilder);
            values.len()
        };
        assert!(batches(&values).map(bound).all(|bound| bound <= MAX_VALUES));
    }
}
