//! A copy of the database as of one moment, while others read and write.

use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Copies a `SQLite` database to a file that is not there yet. `PostgreSQL` has `pg_dump` for it.
    ///
    /// # Errors
    /// It is not `SQLite`, the file is there or cannot be written, or the database fails.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let shown = file.display();
        if self.backend != DatabaseBackend::Sqlite {
            return Err(StoreError::State("a backup of PostgreSQL is made with pg_dump".to_owned()));
        }
        if file.exists() {
            return Err(StoreError::State(format!("the file {shown} is there already: name one that is not")));
        }
        if file.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            return Err(StoreError::State(format!("the folder of {shown} does not exist: create it first")));
        }
        let copy = Statement::from_sql_and_values(self.backend, "VACUUM INTO ?", [shown.to_string().into()]);
        self.write.execute_raw(copy).await?;
        Ok(())
    }
}
