//! Values, rows and errors as text.

use crate::Target;
use sqlx::mysql::types::MySqlTime;
use sqlx::mysql::{MySqlDatabaseError, MySqlRow};
use sqlx::types::chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use sqlx::types::Decimal;
use sqlx::{Column, Decode, MySql, Row, TypeInfo, ValueRef};
use std::fmt::Debug;

/// An error with what an application may branch on.
pub fn error(target: &Target, error: &(dyn std::error::Error + 'static)) -> String {
    let plain = || error.to_string().replace(&target.database, "database");
    let cause = match error.downcast_ref::<sqlx::migrate::MigrateError>() {
        Some(sqlx::migrate::MigrateError::ExecuteMigration(cause, _) | sqlx::migrate::MigrateError::Execute(cause)) => Some(cause),
        _ => error.downcast_ref::<sqlx::Error>(),
    };
    let Some(database) = cause.and_then(|cause| cause.as_database_error()) else {
        return plain();
    };
    let Some(mysql) = database.try_downcast_ref::<MySqlDatabaseError>() else {
        return plain();
    };
    format!("{} {:?} {:?} {}", mysql.number(), mysql.code(), database.kind(), mysql.message().replace(&target.database, "database"))
}

fn get<'r, T>(row: &'r MySqlRow, index: usize) -> String
where
    T: Decode<'r, MySql> + Debug,
{
    match row.try_get_unchecked::<T, _>(index) {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("({error})"),
    }
}

/// A value by the type that the server gave its column.
pub fn value(row: &MySqlRow, index: usize) -> String {
    match row.try_get_raw(index) {
        Ok(raw) if raw.is_null() => return "NULL".into(),
        Err(error) => return format!("({error})"),
        Ok(_) => {}
    }
    match row.column(index).type_info().name() {
        "BOOLEAN" => get::<bool>(row, index),
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => get::<i64>(row, index),
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED" | "BIT" | "YEAR" => get::<u64>(row, index),
        "FLOAT" => get::<f32>(row, index),
        "DOUBLE" => get::<f64>(row, index),
        "DECIMAL" => get::<Decimal>(row, index),
        "DATE" => get::<NaiveDate>(row, index),
        "TIME" => get::<MySqlTime>(row, index),
        "DATETIME" => get::<NaiveDateTime>(row, index),
        "TIMESTAMP" => get::<DateTime<Utc>>(row, index),
        "JSON" => get::<serde_json::Value>(row, index),
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" => get::<String>(row, index),
        _ => get::<Vec<u8>>(row, index),
    }
}

/// A row: each column's name, type and value.
pub fn row(row: &MySqlRow) -> String {
    let columns = row.columns().iter();
    columns.enumerate().map(|(index, column)| format!("{}: {} {}", column.name(), column.type_info().name(), value(row, index))).collect::<Vec<_>>().join(", ")
}

/// Prints rows, one a line.
pub fn rows(rows: &[MySqlRow]) {
    println!("{} rows", rows.len());
    for one in rows {
        println!("  {}", row(one));
    }
}
