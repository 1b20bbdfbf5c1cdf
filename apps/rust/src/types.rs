//! Every type both ways: as text, as a prepared statement's argument, and in what a prepared statement returns.

use crate::{show, Outcome, Target};
use sqlx::mysql::{MySqlArguments, MySqlConnection};
use sqlx::query::Query;
use sqlx::types::chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqlx::types::{Decimal, Json};
use sqlx::{Connection, Executor, FromRow, MySql, Row, Statement};
use std::collections::BTreeMap;

/// Column types, each with values as SQL; every type is asked for NULL too.
const COLUMNS: &[(&str, &[&str])] = &[
    ("BOOLEAN", &["TRUE", "FALSE"]),
    ("TINYINT", &["-128", "127"]),
    ("TINYINT UNSIGNED", &["0", "255"]),
    ("SMALLINT", &["-32768", "32767"]),
    ("SMALLINT UNSIGNED", &["65535"]),
    ("MEDIUMINT", &["-8388608", "8388607"]),
    ("MEDIUMINT UNSIGNED", &["16777215"]),
    ("INT", &["-2147483648", "2147483647"]),
    ("INT UNSIGNED", &["4294967295"]),
    ("BIGINT", &["-9223372036854775808", "9223372036854775807"]),
    ("BIGINT UNSIGNED", &["0", "18446744073709551615"]),
    ("DECIMAL(12,3)", &["-123456789.125", "0", "0.001"]),
    ("DECIMAL(28,0)", &["1234567890123456789012345678"]),
    ("FLOAT", &["1.5", "-0.1", "3.4e38"]),
    ("DOUBLE", &["1e100", "-0.1", "2.2250738585072014e-308"]),
    ("BIT(1)", &["b'1'", "b'0'"]),
    ("BIT(10)", &["b'1000000001'"]),
    ("CHAR(10)", &["'a  '", "''"]),
    ("VARCHAR(255)", &["'it''s 😀'", "'trailing  '"]),
    ("VARCHAR(20) CHARACTER SET latin1", &["'é'"]),
    ("VARCHAR(20) COLLATE utf8mb4_bin", &["'é'"]),
    ("TINYTEXT", &["'tiny'"]),
    ("TEXT", &["'text'", "REPEAT('ü', 300)"]),
    ("MEDIUMTEXT", &["'medium'"]),
    ("LONGTEXT", &["'long'"]),
    ("BINARY(4)", &["x'0102'"]),
    ("VARBINARY(20)", &["x'00ff27'"]),
    ("TINYBLOB", &["x'01'"]),
    ("BLOB", &["x'0a0d00'", "''"]),
    ("MEDIUMBLOB", &["x'02'"]),
    ("LONGBLOB", &["x'03'"]),
    ("DATE", &["'2024-02-29'", "'0001-01-01'", "'9999-12-31'"]),
    ("TIME", &["'-123:59:59'", "'838:59:59'", "'00:00:00'"]),
    ("TIME(6)", &["'12:34:56.123456'", "'-00:00:00.000001'"]),
    ("DATETIME", &["'2024-01-02 03:04:05'", "'2024-01-02 00:00:00'"]),
    ("DATETIME(6)", &["'2024-01-02 03:04:05.678901'"]),
    ("TIMESTAMP NULL", &["'2024-01-02 03:04:05'", "'1970-01-01 00:00:01'"]),
    ("TIMESTAMP(3) NULL", &["'2024-01-02 03:04:05.678'"]),
    ("YEAR", &["2024", "1901"]),
    ("ENUM('one','two')", &["'two'", "'one'"]),
    ("SET('a','b')", &["'a,b'", "''"]),
    ("JSON", &["'{\"a\": [1, null, \"ü\", 1.5, true], \"b\": {}}'", "'null'", "'\"text\"'", "'18446744073709551615'"]),
    ("POINT", &["ST_GeomFromText('POINT(1 2)')"]),
];

/// Expressions whose types a driver is told by the server.
const EXPRESSIONS: &[&str] = &[
    "1", "-1", "18446744073709551615", "1 + 1", "7 / 2", "7 DIV 2", "1.5", "1e0", "'text'", "_binary 'x'", "x'4d'", "NULL", "1 = 1", "TRUE", "1 IN (1, 2)", "NOT 1", "EXISTS (SELECT 1)",
    "COUNT(*)", "SUM(1)", "SUM(1.5)", "SUM(1e0)", "AVG(1)", "MAX('a')", "BIT_OR(1)", "GROUP_CONCAT('a')", "CAST(1 AS SIGNED)", "CAST(1 AS UNSIGNED)", "CAST('1.25' AS DECIMAL(10,2))",
    "CAST('a' AS CHAR)", "CAST('a' AS BINARY)", "CAST('2024-01-02' AS DATE)", "CAST('10:11:12' AS TIME)", "CAST('2024-01-02 03:04:05' AS DATETIME)", "CAST('[1]' AS JSON)", "CAST(1.5 AS FLOAT)",
    "CAST(1.5 AS DOUBLE)", "DATE('2024-01-02')", "TIMESTAMP('2024-01-02')", "UNIX_TIMESTAMP('2024-01-02')", "FROM_UNIXTIME(0)", "YEAR('2024-01-02')", "IF(1, 2, 'b')", "COALESCE(NULL, 1)",
    "COALESCE(NULL, 'x')", "CONCAT('a', 1)", "LENGTH('ü')", "HEX('a')", "SHA2('a', 256)", "UNHEX('00ff')", "JSON_OBJECT('a', 1)", "JSON_EXTRACT('[1]', '$[0]')", "DATABASE() IS NULL", "LAST_INSERT_ID()", "ROW_COUNT()",
    "CASE WHEN 1 THEN 1 ELSE 2.5 END", "1 << 3", "~0", "ROUND(1.234, 2)", "FLOOR(1.5)", "ABS(-1)", "GREATEST(1, 2)", "UUID() IS NULL", "INET6_ATON('::1')", "GET_LOCK('apps drive', 0)", "RELEASE_LOCK('apps drive')",
];

/// One argument of a prepared statement; each is bound in a statement of its own.
type Bind = for<'q> fn(Query<'q, MySql, MySqlArguments>) -> Query<'q, MySql, MySqlArguments>;

/// Arguments by Rust's type.
const ARGUMENTS: &[(&str, Bind)] = &[
    ("bool", |q| q.bind(true)),
    ("i8", |q| q.bind(i8::MIN)),
    ("i16", |q| q.bind(i16::MIN)),
    ("i32", |q| q.bind(i32::MIN)),
    ("i64", |q| q.bind(i64::MIN)),
    ("u8", |q| q.bind(u8::MAX)),
    ("u16", |q| q.bind(u16::MAX)),
    ("u32", |q| q.bind(u32::MAX)),
    ("u64", |q| q.bind(u64::MAX)),
    ("f32", |q| q.bind(0.1_f32)),
    ("f64", |q| q.bind(-0.1_f64)),
    ("string", |q| q.bind("it's 😀 \\ \"")),
    ("empty string", |q| q.bind(String::new())),
    ("bytes", |q| q.bind(vec![0_u8, 255, 39])),
    ("decimal", |q| q.bind(Decimal::new(-123_456_789_125, 3))),
    ("date", |q| q.bind(NaiveDate::from_ymd_opt(2024, 2, 29))),
    ("time", |q| q.bind(NaiveTime::from_hms_micro_opt(1, 2, 3, 456_789))),
    ("date and time", |q| q.bind(moment())),
    ("moment in UTC", |q| q.bind(DateTime::<Utc>::from_naive_utc_and_offset(moment(), Utc))),
    ("JSON", |q| q.bind(Json(BTreeMap::from([("a", 1), ("b", 2)])))),
    ("no integer", |q| q.bind(None::<i32>)),
    ("no string", |q| q.bind(None::<String>)),
    ("no moment", |q| q.bind(None::<NaiveDateTime>)),
];

fn moment() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, 2).and_then(|day| day.and_hms_micro_opt(3, 4, 5, 678_901)).unwrap_or_default()
}

/// Written only: sqlx takes no server's ENUM column for an enumeration of its own, so that it is read as text.
#[derive(Debug, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

#[derive(Debug, FromRow)]
#[allow(dead_code)] // read by Debug
struct Thing {
    id: u64,
    colour: String,
    price: Option<Decimal>,
    made: DateTime<Utc>,
    notes: Json<BTreeMap<String, i32>>,
    seen: bool,
}

/// Every column has a table of its own: another node may not know yet what the last check's connection has made.
async fn column(connection: &mut MySqlConnection, number: usize, kind: &str, values: &[&str]) -> Outcome {
    let table = format!("one_type_{number}");
    connection.execute(&*format!("CREATE TABLE {table} (id INT PRIMARY KEY AUTO_INCREMENT, c {kind})")).await?;
    let list = values.iter().map(|value| format!("({value})")).collect::<Vec<_>>().join(", ");
    connection.execute(&*format!("INSERT INTO {table} (c) VALUES {list}, (NULL)")).await?;
    println!("text");
    show::rows(&connection.fetch_all(&*format!("SELECT c FROM {table} ORDER BY id")).await?);
    println!("prepared");
    show::rows(&sqlx::query(&format!("SELECT c FROM {table} WHERE id > ? ORDER BY id")).bind(0).fetch_all(&mut *connection).await?);
    let described = connection.describe(&format!("SELECT c, id FROM {table}")).await?;
    println!("described {:?}, nullable {:?}, {:?}", described.columns(), described.nullable(0), described.nullable(1));
    Ok(())
}

async fn selected(connection: &mut MySqlConnection, bind: Bind) -> Outcome {
    println!("{}", show::row(&bind(sqlx::query("SELECT ? AS v")).fetch_one(connection).await?));
    Ok(())
}

async fn inserted(connection: &mut MySqlConnection, bind: Bind) -> Outcome {
    for kind in ["BIGINT", "BIGINT UNSIGNED", "DECIMAL(30,6)", "DOUBLE", "VARCHAR(100)", "VARBINARY(100)", "DATETIME(6)", "TIME(6)", "DATE", "JSON"] {
        connection.execute(&*format!("CREATE TEMPORARY TABLE argument (c {kind})")).await?;
        match bind(sqlx::query("INSERT INTO argument VALUES (?)")).execute(&mut *connection).await {
            Ok(done) => println!("{kind}: {} {}", done.rows_affected(), show::row(&connection.fetch_one("SELECT c FROM argument").await?)),
            Err(error) => println!("{kind}: {error}"),
        }
        connection.execute("DROP TEMPORARY TABLE argument").await?;
    }
    Ok(())
}

async fn mapped(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    c.execute("CREATE TABLE things (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, colour ENUM('red','green') NOT NULL, price DECIMAL(10,2), made TIMESTAMP(6) NOT NULL, notes JSON NOT NULL, seen BOOLEAN NOT NULL DEFAULT FALSE)").await?;
    for (colour, price) in [(Colour::Red, Some(Decimal::new(1999, 2))), (Colour::Green, None)] {
        let notes = Json(BTreeMap::from([("size".to_string(), 3)]));
        let made = DateTime::<Utc>::from_naive_utc_and_offset(moment(), Utc);
        let done = sqlx::query("INSERT INTO things (colour, price, made, notes) VALUES (?, ?, ?, ?)").bind(colour).bind(price).bind(made).bind(notes).execute(&mut c).await?;
        println!("{} {}", done.last_insert_id(), done.rows_affected());
    }
    for thing in sqlx::query_as::<_, Thing>("SELECT * FROM things ORDER BY id").fetch_all(&mut c).await? {
        println!("{thing:?}");
    }
    let red: Vec<Thing> = sqlx::query_as("SELECT * FROM things WHERE colour = ? AND seen = ?").bind(Colour::Red).bind(false).fetch_all(&mut c).await?;
    println!("{red:?}");
    let pair: (i64, Option<Decimal>) = sqlx::query_as("SELECT COUNT(*), SUM(price) FROM things").fetch_one(&mut c).await?;
    println!("{pair:?}");
    let wrong = sqlx::query_scalar::<_, i32>("SELECT id FROM things").fetch_one(&mut c).await;
    println!("{wrong:?}");
    let statement = c.prepare("SELECT id, notes FROM things WHERE id = ? OR colour = ?").await?;
    println!("{:?} {:?}", statement.columns(), statement.parameters());
    println!("{:?}", statement.query().bind(1).bind("green").fetch_all(&mut c).await?.iter().map(|row| row.get::<u64, _>("id")).collect::<Vec<_>>());
    c.close().await?;
    Ok(())
}

/// Runs the checks of this file.
pub async fn run(target: &Target) {
    for (number, (kind, values)) in COLUMNS.iter().enumerate() {
        target.check(&format!("column {kind}"), async { column(&mut target.connect().await?, number, kind, values).await }).await;
    }
    target.check("expressions", async {
        let mut c = target.connect().await?;
        for expression in EXPRESSIONS {
            let text = format!("SELECT {expression} AS v");
            println!("{expression}: {} | {}", show::row(&c.fetch_one(&*text).await?), show::row(&sqlx::query(&text).fetch_one(&mut c).await?));
        }
        Ok(())
    })
    .await;
    for (name, bind) in ARGUMENTS {
        target.check(&format!("selected {name}"), async { selected(&mut target.connect().await?, *bind).await }).await;
        target.check(&format!("inserted {name}"), async { inserted(&mut target.connect().await?, *bind).await }).await;
    }
    target.check("mapped structures", mapped(target)).await;
}
