//! Most requests need the home city: the index finds it without a scan of all cities.

crate::migration!("CREATE INDEX ix_city_home ON city (id) WHERE is_home;", "DROP INDEX ix_city_home;");
