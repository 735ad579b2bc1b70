//! The home city is asked for by nearly everyone: it is found without a look at all cities.

crate::migration!("CREATE INDEX ix_city_home ON city (id) WHERE is_home;", "DROP INDEX ix_city_home;");
