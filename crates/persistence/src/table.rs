//! Tables, and how their rows are read: by position, and only what is asked for.
//!
//! Reading a column by its name costs a look for the name, and several allocations, for each column of each row: that was
//! most of what a cold request cost.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{DbErr, QueryResult, RuntimeErr};
use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row, Type};

use crate::asked::Asked;
use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::record;

/// What is read of a row of a table, or of tables that are joined.
pub trait Table: Sized {
    /// What is read of it only if it is asked for.
    const ASIDE: Asked;

    /// How many columns it has, as far as they are asked for.
    fn width(asked: Asked) -> usize;
    /// Adds the columns to a statement.
    fn select(select: &mut SelectStatement, asked: Asked);
    /// Reads them. What stands aside and is not asked for has its default value.
    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr>;
}

/// Declares a table: the columns of its key, those that are read, those that are read only if the fact is asked for that they
/// are named after, or that is named behind them, and those that only serve to find and sort its rows. Makes the `Entity` with
/// its `Column`s, the `Model` to be written, and the `Row` that is read.
macro_rules! table {
    (
        $(#[$doc:meta])*
        $vis:vis mod $name:ident = $table:literal;
        key { $first:ident: $first_type:ty $(, $key:ident: $key_type:ty)* $(,)? }
        read { $($read:ident: $read_type:ty),* $(,)? }
        $(aside { $($aside:ident: $aside_type:ty $(as $($fact:ident)|+)?),* $(,)? })?
        $(find { $($find:ident: $find_type:ty),* $(,)? })?
    ) => {
        $(#[$doc])*
        #[allow(unreachable_pub, reason = "the row of an entity is as public as the trait that names it")]
        $vis mod $name {
            use sea_orm::entity::prelude::*;

            use $crate::asked::Asked;

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
                $($(pub $aside: $aside_type,)*)?
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
                $($(pub $aside: $aside_type,)*)?
            }

            /// How many columns are always read.
            const ALWAYS: usize = [stringify!($first) $(, stringify!($key))* $(, stringify!($read))*].len();

            /// The others, each with what has to be asked for.
            const ASIDE: &[(Asked, &str)] = &[$($((
                $crate::table::asked!($aside $($($fact)+)?),
                concat!("\"", $table, "\".\"", stringify!($aside), "\""),
            ),)*)?];

            impl $crate::table::Table for Row {
                const ASIDE: Asked = $crate::table::all(ASIDE);

                fn width(asked: Asked) -> usize {
                    ALWAYS + $crate::table::wanted(ASIDE, asked).count()
                }

                fn select(select: &mut sea_orm::sea_query::SelectStatement, asked: Asked) {
                    $crate::table::add(select, concat!(
                        "\"", $table, "\".\"", stringify!($first), "\""
                        $(, ", \"", $table, "\".\"", stringify!($key), "\"")*
                        $(, ", \"", $table, "\".\"", stringify!($read), "\"")*
                    ));
                    $crate::table::wanted(ASIDE, asked).for_each(|column| $crate::table::add(select, column));
                }

                fn read(cells: &mut $crate::table::Cells<'_>) -> Result<Self, DbErr> {
                    Ok(Self {
                        $first: cells.next()?,
                        $($key: cells.next()?,)*
                        $($read: cells.next()?,)*
                        $($($aside: cells.next_if($crate::table::asked!($aside $($($fact)+)?))?,)*)?
                    })
                }
            }
        }
    };
}

/// What has to be asked for to have a column read.
macro_rules! asked {
    ($column:ident) => {
        const { $crate::asked::Asked::fact(stringify!($column)) }
    };
    ($column:ident $($fact:ident)+) => {
        const { $crate::asked::Asked::NONE$(.and($crate::asked::Asked::fact(stringify!($fact))))+ }
    };
}

pub(crate) use asked;
pub(crate) use table;

/// What has to be asked for to have all these columns read.
pub(crate) const fn all(aside: &[(Asked, &'static str)]) -> Asked {
    let (mut asked, mut at) = (Asked::NONE, 0);
    while at < aside.len() {
        asked = asked.and(aside[at].0);
        at += 1;
    }
    asked
}

/// Those of the columns that are asked for.
pub(crate) fn wanted(aside: &'static [(Asked, &'static str)], asked: Asked) -> impl Iterator<Item = &'static str> {
    aside.iter().filter(move |(fact, _)| asked.wants(*fact)).map(|(_, column)| *column)
}

/// Adds columns that were written out at compile time. Both databases quote names in the same way.
pub(crate) fn add(select: &mut SelectStatement, columns: &'static str) {
    select.expr(Expr::cust(columns));
}

/// The row of a table that is joined if there is one: its key tells.
impl<T: Table> Table for Option<T> {
    const ASIDE: Asked = T::ASIDE;

    fn width(asked: Asked) -> usize {
        T::width(asked)
    }

    fn select(select: &mut SelectStatement, asked: Asked) {
        T::select(select, asked);
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        if cells.is_null()? {
            cells.at += T::width(cells.asked);
            return Ok(None);
        }
        T::read(cells).map(Some)
    }
}

macro_rules! joined {
    ($($table:ident)+) => {
        impl<$($table: Table),+> Table for ($($table,)+) {
            const ASIDE: Asked = Asked::NONE $(.and($table::ASIDE))+;

            fn width(asked: Asked) -> usize {
                0 $(+ $table::width(asked))+
            }

            fn select(select: &mut SelectStatement, asked: Asked) {
                $($table::select(select, asked);)+
            }

            fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
                Ok(($($table::read(cells)?,)+))
            }
        }
    };
}

joined!(A B);
joined!(A B C D E F);

/// The facts of rows that are read as a whole.
pub(crate) fn facts<T: Mapped>(rows: &[QueryResult]) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| Cells::of(row)?.fact()).collect()
}

/// The cells of a row, in the order of the statement.
pub struct Cells<'r> {
    row: Driver<'r>,
    at: usize,
    /// What the statement was asked for.
    asked: Asked,
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
    /// The cells of a row that is read as a whole.
    pub(crate) fn of(row: &'r QueryResult) -> Result<Self, DbErr> {
        Self::asked(row, Asked::ALL)
    }

    /// The cells of a row of which this was asked.
    pub(crate) fn asked(row: &'r QueryResult, asked: Asked) -> Result<Self, DbErr> {
        let driver = match (row.try_as_sqlite_row(), row.try_as_pg_row()) {
            (Some(row), _) => Driver::Sqlite(row),
            (_, Some(row)) => Driver::Postgres(row),
            _ => return Err(DbErr::Type("a row of neither SQLite nor PostgreSQL".to_owned())),
        };
        Ok(Self { row: driver, at: 0, asked })
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

    /// The value of the next cell, if it was asked for, and is there therefore.
    pub(crate) fn next_if<T: Cell<'r> + Default>(&mut self, fact: Asked) -> Result<T, DbErr> {
        if self.asked.wants(fact) { self.next() } else { Ok(T::default()) }
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
        read(shared).map_err(|what| StoreError::corrupt(T::KIND, id, what))
    }
}
