//! Tables, and how their rows are read: by position, and only what is not there to find them by.
//!
//! Reading a column by its name costs a look for the name, and several allocations, for each column of each row: that was
//! most of what a cold request cost.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{DbErr, QueryResult, RuntimeErr};
use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row, Type};

use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::record;

/// What is read of a row of a table, or of tables that are joined.
pub trait Table: Sized {
    /// How many columns it has.
    const WIDTH: usize;

    /// Adds the columns to a statement.
    fn select(select: &mut SelectStatement);
    /// Reads them.
    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr>;
}

/// Declares a table: the columns of its key, those that are read, and those that only serve to find and sort its rows.
/// Makes the `Entity` with its `Column`s, the `Model` to be written, and the `Row` that is read.
macro_rules! table {
    (
        $(#[$doc:meta])*
        $vis:vis mod $name:ident = $table:literal;
        key { $first:ident: $first_type:ty $(, $key:ident: $key_type:ty)* $(,)? }
        read { $($read:ident: $read_type:ty),* $(,)? }
        $(find { $($find:ident: $find_type:ty),* $(,)? })?
    ) => {
        $(#[$doc])*
        #[allow(unreachable_pub, reason = "the row of an entity is as public as the trait that names it")]
        $vis mod $name {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub $first: $first_type,
                $(
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub $key: $key_type,
                )*
                $(pub $read: $read_type,)*
                $($(pub $find: $find_type,)*)?
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            /// What is read of a row.
            #[allow(dead_code, reason = "some rows are only there to be found")]
            #[derive(Clone, Debug)]
            pub struct Row {
                pub $first: $first_type,
                $(pub $key: $key_type,)*
                $(pub $read: $read_type,)*
            }

            impl $crate::table::Table for Row {
                const WIDTH: usize = [stringify!($first) $(, stringify!($key))* $(, stringify!($read))*].len();

                fn select(select: &mut sea_orm::sea_query::SelectStatement) {
                    $crate::table::add(select, concat!(
                        "\"", $table, "\".\"", stringify!($first), "\""
                        $(, ", \"", $table, "\".\"", stringify!($key), "\"")*
                        $(, ", \"", $table, "\".\"", stringify!($read), "\"")*
                    ));
                }

                fn read(cells: &mut $crate::table::Cells<'_>) -> Result<Self, DbErr> {
                    Ok(Self {
                        $first: cells.next()?,
                        $($key: cells.next()?,)*
                        $($read: cells.next()?,)*
                    })
                }
            }
        }
    };
}

pub(crate) use table;

/// Adds columns that were written out at compile time. Both databases quote names in the same way.
pub(crate) fn add(select: &mut SelectStatement, columns: &'static str) {
    select.expr(Expr::cust(columns));
}

/// The row of a table that is joined if there is one: its key tells.
impl<T: Table> Table for Option<T> {
    const WIDTH: usize = T::WIDTH;

    fn select(select: &mut SelectStatement) {
        T::select(select);
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        if cells.is_null()? {
            cells.at += T::WIDTH;
            return Ok(None);
        }
        T::read(cells).map(Some)
    }
}

macro_rules! joined {
    ($($table:ident)+) => {
        impl<$($table: Table),+> Table for ($($table,)+) {
            const WIDTH: usize = 0 $(+ $table::WIDTH)+;

            fn select(select: &mut SelectStatement) {
                $($table::select(select);)+
            }

            fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
                Ok(($($table::read(cells)?,)+))
            }
        }
    };
}

joined!(A B);
joined!(A B C D E F);

/// The facts of rows.
pub(crate) fn facts<T: Mapped>(rows: &[QueryResult]) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| Cells::of(row)?.fact()).collect()
}

/// The cells of a row, in the order of the statement.
pub struct Cells<'r> {
    row: Driver<'r>,
    at: usize,
}

#[derive(Clone, Copy)]
enum Driver<'r> {
    Sqlite(&'r SqliteRow),
    Postgres(&'r PgRow),
}

/// What a cell may hold, on either database.
pub(crate) trait Cell<'r>: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres> {}
impl<'r, T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>> Cell<'r> for T {}

fn refused(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error)))
}

impl<'r> Cells<'r> {
    /// The cells of a row.
    pub(crate) fn of(row: &'r QueryResult) -> Result<Self, DbErr> {
        let driver = match (row.try_as_sqlite_row(), row.try_as_pg_row()) {
            (Some(row), _) => Driver::Sqlite(row),
            (_, Some(row)) => Driver::Postgres(row),
            _ => return Err(DbErr::Type("a row of neither SQLite nor PostgreSQL".to_owned())),
        };
        Ok(Self { row: driver, at: 0 })
    }

    /// The value of the next cell.
    pub(crate) fn next<T: Cell<'r>>(&mut self) -> Result<T, DbErr> {
        let value = match self.row {
            Driver::Sqlite(row) => row.try_get(self.at),
            Driver::Postgres(row) => row.try_get(self.at),
        };
        self.at += 1;
        value.map_err(refused)
    }

    /// The whole number in the next cell, whose column is 32 or 64 bits wide.
    pub(crate) fn integer(&mut self) -> Result<Option<i64>, DbErr> {
        let at = self.at;
        self.next().or_else(|_| {
            self.at = at;
            Ok(self.next::<Option<i32>>()?.map(i64::from))
        })
    }

    /// Whether there is nothing in the next cell.
    fn is_null(&self) -> Result<bool, DbErr> {
        use sqlx::ValueRef;
        match self.row {
            Driver::Sqlite(row) => row.try_get_raw(self.at).map(|value| value.is_null()),
            Driver::Postgres(row) => row.try_get_raw(self.at).map(|value| value.is_null()),
        }
        .map_err(refused)
    }

    /// The row of a table.
    pub(crate) fn table<T: Table>(&mut self) -> Result<T, DbErr> {
        T::read(self)
    }

    /// What all records share, and the fact.
    pub(crate) fn fact<T: Mapped>(&mut self) -> Result<T, StoreError> {
        let shared: record::Row = self.table()?;
        let own: T::Row = self.table()?;
        let id = shared.id;
        let read = |shared| T::read(record::read(shared)?, own);
        read(shared).map_err(|what| StoreError::corrupt::<T>(id, what))
    }
}
