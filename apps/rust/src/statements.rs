//! Statements, their results, errors, streams and transactions.

use crate::{show, Outcome, Target};
use futures_util::TryStreamExt;
use sqlx::mysql::MySqlConnection;
use sqlx::{Connection, Either, Executor, QueryBuilder, Row};

/// How many rows the streams have.
const STREAMED: usize = 3000;

/// Statements that fail, each after a fixed schema; the error's number, state, kind and message are the answer.
const FAILING: &[&str] = &[
    "INSERT INTO parents VALUES (1, 'again')",
    "INSERT INTO parents VALUES (9, 'one')",
    "SELECT * FROM absent",
    "SELECT absent FROM parents",
    "SELEKT 1",
    "SELECT 1 FROM parents WHERE",
    "DELETE FROM parents WHERE id = 1",
    "UPDATE parents SET id = 5 WHERE id = 1",
    "DROP TABLE parents",
    "INSERT INTO children VALUES (9, 99)",
    "INSERT INTO parents VALUES (3, NULL)",
    "INSERT INTO parents (id) VALUES (3)",
    "INSERT INTO parents VALUES (3, REPEAT('x', 99))",
    "INSERT INTO parents VALUES (99999999999, 'x')",
    "INSERT INTO parents VALUES ('x', 'x')",
    "INSERT INTO parents VALUES (1)",
    "INSERT INTO checked VALUES (-1)",
    "INSERT INTO children VALUES (7, 1) RETURNING id",
    "DELETE FROM children RETURNING id",
    "CREATE TABLE parents (id INT)",
    "DROP TABLE absent",
    "USE apps_absent_database",
    "SELECT no_such_function(1)",
    "SELECT name, COUNT(*) FROM parents",
    "SELECT id FROM parents, children",
    "SELECT (SELECT 1 UNION SELECT 2)",
    "SELECT CAST('x' AS JSON)",
    "SELECT JSON_EXTRACT('x', '$')",
    "SELECT 18446744073709551615 + 1",
    "ROLLBACK TO SAVEPOINT absent",
    "SET absent_variable = 1",
    "ALTER TABLE parents ADD COLUMN id INT",
    "CREATE INDEX parents_name ON parents (name)",
    "KILL 4000000000",
];

async fn family(c: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    let schema = "CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, UNIQUE KEY parents_name (name));
        CREATE TABLE children (id INT PRIMARY KEY, parent INT, CONSTRAINT children_parent FOREIGN KEY (parent) REFERENCES parents (id));
        CREATE TABLE checked (n INT, CONSTRAINT not_negative CHECK (n >= 0));
        INSERT INTO parents VALUES (1, 'one'), (2, 'two');
        INSERT INTO children VALUES (1, 1)";
    c.execute(schema).await?;
    Ok(())
}

async fn errors(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    family(&mut c).await?;
    for text in FAILING {
        for (how, result) in [("text", c.execute(*text).await), ("prepared", sqlx::query(text).execute(&mut c).await)] {
            match result {
                Ok(done) => println!("{text}: {how}: no error, {} rows", done.rows_affected()),
                Err(error) => println!("{text}: {how}: {}", show::error(target, &error)),
            }
        }
    }
    println!("after the errors: {}", show::row(&c.fetch_one("SELECT COUNT(*) AS n FROM parents").await?));
    Ok(())
}

async fn too_few(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    let missing = sqlx::query("SELECT ? + ?").bind(1).fetch_one(&mut c).await.map(|row| show::row(&row));
    println!("{missing:?}");
    println!("{}", show::row(&c.fetch_one("SELECT 'usable' AS v").await?));
    Ok(())
}

async fn counts(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    c.execute("CREATE TABLE counts (id INT AUTO_INCREMENT PRIMARY KEY, k VARCHAR(10) UNIQUE, n INT NOT NULL DEFAULT 0)").await?;
    let statements = [
        "INSERT INTO counts (k, n) VALUES ('a', 1)",
        "INSERT INTO counts (k, n) VALUES ('b', 1), ('c', 1), ('d', 1)",
        "INSERT INTO counts (k, n) VALUES ('a', 5) ON DUPLICATE KEY UPDATE n = n + VALUES(n)",
        "INSERT INTO counts (k, n) VALUES ('a', 5) AS new ON DUPLICATE KEY UPDATE n = new.n, id = LAST_INSERT_ID(counts.id)",
        "INSERT INTO counts (k, n) VALUES ('a', 5) ON DUPLICATE KEY UPDATE n = n",
        "INSERT INTO counts (k, n) VALUES ('a', 7), ('e', 7) ON DUPLICATE KEY UPDATE n = VALUES(n)",
        "INSERT IGNORE INTO counts (k, n) VALUES ('a', 7), ('f', 7)",
        "REPLACE INTO counts (k, n) VALUES ('b', 9), ('g', 9)",
        "UPDATE counts SET n = n",
        "UPDATE counts SET n = 7 WHERE k IN ('a', 'c')",
        "UPDATE counts SET n = n + 1 ORDER BY id LIMIT 2",
        "INSERT INTO counts (id, k) VALUES (1000, 'h')",
        "INSERT INTO counts (k) SELECT CONCAT(k, '2') FROM counts WHERE k < 'c' ORDER BY id",
        "DELETE FROM counts WHERE k LIKE '_2'",
        "DELETE FROM counts WHERE k = 'absent'",
        "SET @a = 1",
        "SELECT * FROM counts",
        "TRUNCATE TABLE counts",
    ];
    for text in statements {
        let done = if text.starts_with("SELECT") { c.execute(text).await? } else { sqlx::query(text).execute(&mut c).await? };
        println!("{text}: {} affected, last id {}", done.rows_affected(), done.last_insert_id());
        show::rows(&c.fetch_all("SELECT id, k, n FROM counts ORDER BY id").await?);
    }
    Ok(())
}

async fn prepared(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    c.execute("CREATE TABLE named (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE); INSERT INTO named VALUES (1, 'one'), (2, 'two')").await?;
    for id in 0..4 {
        let found = sqlx::query("SELECT name FROM named WHERE id = ?").bind(id).fetch_optional(&mut c).await?;
        println!("{id}: {:?}", found.map(|row| show::row(&row)));
    }
    println!("{} statements kept", c.cached_statements_size());
    c.execute("ALTER TABLE named ADD COLUMN more INT NOT NULL DEFAULT 7").await?;
    for text in ["SELECT * FROM named WHERE id = ?", "SELECT * FROM named WHERE name LIKE ? LIMIT 1", "SELECT id FROM named ORDER BY id LIMIT ?"] {
        match sqlx::query(text).bind(if text.contains("LIKE") { "o%" } else { "1" }).fetch_all(&mut c).await {
            Ok(found) => show::rows(&found),
            Err(error) => println!("{text}: {}", show::error(target, &error)),
        }
    }
    show::rows(&sqlx::query("SELECT id FROM named ORDER BY id LIMIT ? OFFSET ?").bind(1_u64).bind(1_i32).fetch_all(&mut c).await?);
    c.execute("ALTER TABLE named DROP COLUMN more").await?;
    show::rows(&sqlx::query("SELECT * FROM named WHERE id = ?").bind(1).fetch_all(&mut c).await?);
    c.clear_cached_statements().await?;
    println!("{} statements kept", c.cached_statements_size());
    let once = sqlx::query("SELECT ? AS v").persistent(false).bind(5).fetch_one(&mut c).await?;
    println!("{} and {} kept", show::row(&once), c.cached_statements_size());
    let mut many = QueryBuilder::new("INSERT INTO named (id, name) ");
    many.push_values(10..510, |mut one, id| {
        one.push_bind(id).push_bind(format!("name {id}"));
    });
    println!("{} inserted", many.build().execute(&mut c).await?.rows_affected());
    let mut found = QueryBuilder::new("SELECT COUNT(*) AS n, MIN(name) AS least FROM named WHERE id IN (");
    let mut list = found.separated(", ");
    for id in 100..900 {
        list.push_bind(id);
    }
    list.push_unseparated(")");
    println!("{}", show::row(&found.build().fetch_one(&mut c).await?));
    // More statements than sqlx keeps: it closes the oldest.
    for n in 0..150 {
        sqlx::query(&format!("SELECT {n} + ?")).bind(1).fetch_one(&mut c).await?;
    }
    println!("{} statements kept", c.cached_statements_size());
    Ok(())
}

async fn several(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    let text = "SELECT 1 AS a; CREATE TABLE several (id INT AUTO_INCREMENT PRIMARY KEY, n INT); INSERT INTO several (n) VALUES (1), (2); SELECT n FROM several ORDER BY n; SELECT n FROM several WHERE 0; UPDATE several SET n = n + 1; SELECT absent FROM several; INSERT INTO several VALUES (9, 9)";
    let mut results = c.fetch_many(text);
    loop {
        match results.try_next().await {
            Ok(Some(Either::Left(done))) => println!("{} affected, last id {}", done.rows_affected(), done.last_insert_id()),
            Ok(Some(Either::Right(row))) => println!("{}", show::row(&row)),
            Ok(None) => break,
            Err(error) => {
                println!("{}", show::error(target, &error));
                break;
            }
        }
    }
    drop(results);
    show::rows(&c.fetch_all("SELECT * FROM several ORDER BY id").await?);
    c.execute("CREATE PROCEDURE twice(IN n INT) BEGIN SELECT n AS one; SELECT n * 2 AS two; END").await?;
    show::rows(&c.fetch_all("CALL twice(4)").await?);
    show::rows(&sqlx::query("CALL twice(?)").bind(5).fetch_all(&mut c).await?);
    println!("{}", show::row(&c.fetch_one("SELECT 'usable' AS v").await?));
    Ok(())
}

async fn streams(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    c.execute("CREATE TABLE streamed (id INT PRIMARY KEY, filling VARCHAR(500))").await?;
    for from in (0..STREAMED).step_by(1000) {
        let mut rows = QueryBuilder::new("INSERT INTO streamed ");
        rows.push_values(from..from + 1000, |mut one, id| {
            one.push_bind(id as u32).push_bind("x".repeat(id % 500));
        });
        rows.build().execute(&mut c).await?;
    }
    let (mut count, mut sum) = (0_u64, 0_usize);
    let mut rows = sqlx::query("SELECT id, filling FROM streamed WHERE id >= ? ORDER BY id").bind(0).fetch(&mut c);
    while let Some(row) = rows.try_next().await? {
        count += 1;
        sum += row.try_get::<String, _>("filling")?.len();
    }
    drop(rows);
    println!("{count} rows, {sum} bytes");
    for text in ["SELECT id FROM streamed ORDER BY id", "SELECT a.id FROM streamed a JOIN streamed b ON b.id < 50 ORDER BY a.id, b.id"] {
        let mut rows = c.fetch(text);
        let first = rows.try_next().await?.map(|row| show::row(&row));
        drop(rows);
        println!("left early after {first:?}; next {}", show::row(&c.fetch_one("SELECT COUNT(*) AS n FROM streamed").await?));
    }
    let large = sqlx::query("SELECT REPEAT(?, 6000000) AS v").bind("abc").fetch_one(&mut c).await?;
    println!("{} bytes in one value", large.try_get::<String, _>(0)?.len());
    let back: (i64, String) = sqlx::query_as("SELECT LENGTH(?), SHA2(?, 256)").bind("y".repeat(2_000_000)).bind("y".repeat(2_000_000)).fetch_one(&mut c).await?;
    println!("{back:?}");
    Ok(())
}

async fn ids(c: &mut MySqlConnection) -> Result<Vec<i32>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM kept ORDER BY id").fetch_all(c).await
}

async fn insert(c: &mut MySqlConnection, id: i32) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO kept VALUES (?)").bind(id).execute(c).await?;
    Ok(())
}

async fn transactions(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    c.execute("CREATE TABLE kept (id INT PRIMARY KEY)").await?;
    let mut t = c.begin().await?;
    insert(&mut t, 1).await?;
    t.commit().await?;
    println!("committed {:?}", ids(&mut c).await?);
    let mut t = c.begin().await?;
    insert(&mut t, 2).await?;
    println!("inside {:?}", ids(&mut t).await?);
    t.rollback().await?;
    println!("rolled back {:?}", ids(&mut c).await?);
    let mut t = c.begin().await?;
    insert(&mut t, 3).await?;
    drop(t);
    println!("dropped {:?}", ids(&mut c).await?);
    let mut outer = c.begin().await?;
    insert(&mut outer, 4).await?;
    let mut inner = outer.begin().await?;
    insert(&mut inner, 5).await?;
    let mut innermost = inner.begin().await?;
    insert(&mut innermost, 6).await?;
    innermost.rollback().await?;
    inner.commit().await?;
    let mut inner = outer.begin().await?;
    insert(&mut inner, 7).await?;
    drop(inner);
    let mut inner = outer.begin().await?;
    insert(&mut inner, 8).await?;
    let again = insert(&mut inner, 4).await;
    println!("again: {}", again.map_or_else(|error| show::error(target, &error), |()| "no error".into()));
    inner.commit().await?;
    outer.commit().await?;
    println!("nested {:?}", ids(&mut c).await?);
    let result = c.transaction(|t| Box::pin(async move {
        insert(t, 9).await?;
        insert(t, 9).await
    })).await;
    println!("closure {:?} {:?}", result.map_err(|error| show::error(target, &error)), ids(&mut c).await?);
    let mut t = c.begin_with("START TRANSACTION READ ONLY").await?;
    let refused = insert(&mut t, 10).await;
    println!("read only: {:?}", refused.map_err(|error| show::error(target, &error)));
    t.rollback().await?;
    let mut t = c.begin().await?;
    insert(&mut t, 11).await?;
    t.execute("CREATE TABLE implicit (id INT)").await?;
    t.rollback().await?;
    println!("committed by a definition {:?}", ids(&mut c).await?);
    Ok(())
}

/// Runs the checks of this file.
pub async fn run(target: &Target) {
    target.check("errors", errors(target)).await;
    target.check("an argument too few", too_few(target)).await;
    target.check("affected rows and last ids", counts(target)).await;
    target.check("prepared statements", prepared(target)).await;
    target.check("several statements", several(target)).await;
    target.check("streams", streams(target)).await;
    target.check("transactions", transactions(target)).await;
}
