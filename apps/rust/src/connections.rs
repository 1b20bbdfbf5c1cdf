//! Connections: pools, what a new connection sets, and migrations.

use crate::{show, Outcome, Target};
use sqlx::migrate::{Migrate, MigrateDatabase, Migrator};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, MySql, Row};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

/// Connections of a pool, and tasks that share them.
const POOLED: u32 = 4;
const TASKS: i64 = 24;

/// How long a node may not know an account that another has made.
const BEHIND: Duration = Duration::from_secs(10);

async fn pool(target: &Target) -> Result<MySqlPool, sqlx::Error> {
    let options = MySqlPoolOptions::new().max_connections(POOLED).acquire_timeout(Duration::from_secs(30)).test_before_acquire(true);
    options.connect_with(target.options.clone().database(&target.database)).await
}

async fn pooled(target: &Target) -> Outcome {
    let pool = pool(target).await?;
    sqlx::query("CREATE TABLE pooled (id BIGINT PRIMARY KEY, connection BIGINT UNSIGNED)").execute(&pool).await?;
    let work = (0..TASKS).map(|id| {
        let pool = pool.clone();
        async move {
            let mut t = pool.begin().await?;
            sqlx::query("INSERT INTO pooled VALUES (?, CONNECTION_ID())").bind(id).execute(&mut *t).await?;
            let seen: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pooled WHERE id = ?").bind(id).fetch_one(&mut *t).await?;
            if id % 3 == 0 { t.rollback().await? } else { t.commit().await? }
            Ok::<i64, sqlx::Error>(seen)
        }
    });
    let seen = futures_util::future::try_join_all(work).await?;
    println!("{} saw their own row", seen.iter().sum::<i64>());
    let mut ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM pooled ORDER BY id").fetch_all(&pool).await?;
    println!("{ids:?}, {} connections at most: {}", POOLED, pool.size() <= POOLED);
    for id in ids.drain(..4) {
        let done = sqlx::query("DELETE FROM pooled WHERE id = ?").bind(id).execute(&pool).await?;
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pooled").fetch_one(&pool).await?;
        println!("{} deleted, {left} left", done.rows_affected());
    }
    let mut held = Vec::new();
    for _ in 0..POOLED {
        held.push(pool.acquire().await?);
    }
    println!("another: {}", pool.try_acquire().is_none());
    let mut numbers = BTreeSet::new();
    for one in &mut held {
        one.ping().await?;
        numbers.insert(sqlx::query_scalar::<_, u64>("SELECT CONNECTION_ID()").fetch_one(&mut **one).await?);
    }
    println!("{} different connections or fewer: {}", POOLED, !numbers.is_empty() && numbers.len() <= POOLED as usize);
    drop(held);
    pool.close().await;
    println!("closed: {:?}", sqlx::query("SELECT 1").execute(&pool).await.err().map(|error| error.to_string()));
    Ok(())
}

async fn killed(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    let own: u64 = sqlx::query_scalar("SELECT CONNECTION_ID()").fetch_one(&mut c).await?;
    let result = c.execute(&*format!("KILL {own}")).await;
    println!("killed itself: {:?}", result.map(|_| ()).map_err(|error| show::error(target, &error)));
    println!("pinged: {}", c.ping().await.is_err());
    Ok(())
}

async fn settings(target: &Target) -> Outcome {
    let mut c = target.connect().await?;
    for text in [
        "SELECT @@sql_mode AS v", "SELECT @@time_zone AS v", "SELECT @@character_set_client AS a, @@character_set_connection AS b, @@character_set_results AS c, @@collation_connection AS d",
        "SELECT @@autocommit AS v", "SELECT @@session.transaction_isolation AS v", "SELECT COLLATION('x') AS v", "SELECT CHARSET(?) AS v",
    ] {
        let query = sqlx::query(text);
        let query = if text.contains('?') { query.bind("x") } else { query };
        println!("{text}: {}", show::row(&query.fetch_one(&mut c).await?));
    }
    let options = target.options.clone().database(&target.database);
    let mut plain = options.clone().pipes_as_concat(false).no_engine_substitution(false).timezone(None::<String>).set_names(false).charset("latin1").connect().await?;
    println!("plain: {}", show::row(&plain.fetch_one("SELECT @@character_set_client AS a, @@collation_connection AS b, 1 || 0 AS c").await?));
    for (what, options) in [
        ("wrong password", options.clone().password("wrong")),
        ("unknown user", options.clone().username("apps_nobody").password("wrong")),
        ("unknown database", options.clone().database("apps_absent_database")),
    ] {
        println!("{what}: {:?}", options.connect().await.map(|_| ()).map_err(|error| login_error(target, &error)));
    }
    Ok(())
}

/// The error of a login, without the address that the client has.
fn login_error(target: &Target, error: &sqlx::Error) -> String {
    show::error(target, error).replace("127.0.0.1", "localhost")
}

/// Logs in. A node that has not heard of the account yet refuses it; that is asked again for as long as a node may be behind.
async fn login(options: &MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let end = Instant::now() + BEHIND;
    loop {
        match options.connect().await {
            Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some("28000") && Instant::now() < end => tokio::time::sleep(Duration::from_millis(20)).await,
            result => return result,
        }
    }
}

async fn accounts(target: &Target) -> Outcome {
    let user = format!("{}_u", target.database);
    let mut c = target.connect().await?;
    c.execute(&*format!("DROP USER IF EXISTS {user}; CREATE USER {user} IDENTIFIED BY 'secret word'; GRANT SELECT ON {}.* TO {user}; CREATE TABLE guarded (n INT)", target.database)).await?;
    let options = target.options.clone().database(&target.database).username(&user).password("secret word");
    // The first login proves the password with the server's RSA key, the second from its cache.
    for _ in 0..2 {
        let mut guest = login(&options).await?;
        println!("{}", show::row(&guest.fetch_one("SELECT COUNT(*) AS n FROM guarded").await?));
        let refused = guest.execute("INSERT INTO guarded VALUES (1)").await;
        println!("{:?}", refused.map(|_| ()).map_err(|error| login_error(target, &error)));
        guest.close().await?;
    }
    c.execute(&*format!("DROP USER {user}")).await?;
    Ok(())
}

async fn migrations(target: &Target) -> Outcome {
    let database = format!("{}_m", target.database);
    let url = target.options.clone().database(&database).to_url_lossy().to_string();
    MySql::drop_database(&url).await?;
    println!("exists {}", MySql::database_exists(&url).await?);
    MySql::create_database(&url).await?;
    println!("exists {}", MySql::database_exists(&url).await?);
    let migrator = Migrator::new(Path::new(&target.migrations)).await?;
    let options = target.options.clone().database(&database);
    let pools = [MySqlPool::connect_with(options.clone()).await?, MySqlPool::connect_with(options.clone()).await?, MySqlPool::connect_with(options).await?];
    // Several programs start at once: GET_LOCK lets one of them migrate, and the others find it done.
    for result in futures_util::future::join_all(pools.iter().map(|pool| migrator.run(pool))).await {
        println!("at once: {:?}", result.map_err(|error| show::error(target, &error)));
    }
    println!("again: {:?}", migrator.run(&pools[0]).await.map_err(|error| show::error(target, &error)));
    let mut c = pools[1].acquire().await?;
    for text in ["SELECT version, description, success, HEX(checksum) AS sum, execution_time > 0 AS timed FROM _sqlx_migrations ORDER BY version", "SELECT * FROM people ORDER BY id", "SELECT * FROM pets ORDER BY id"] {
        show::rows(&c.fetch_all(text).await?);
    }
    for table in ["people", "pets", "_sqlx_migrations"] {
        let text = c.fetch_one(&*format!("SHOW CREATE TABLE {table}")).await?;
        println!("{}", text.try_get::<String, _>(1)?);
    }
    println!("dirty {:?}, applied {}", c.dirty_version().await?, c.list_applied_migrations().await?.len());
    c.execute("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await?;
    println!("changed: {:?}", migrator.run(&mut *c).await.map_err(|error| show::error(target, &error)));
    c.unlock().await?;
    c.execute("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 2").await?;
    println!("dirty: {:?}", migrator.run(&mut *c).await.map_err(|error| show::error(target, &error)));
    drop(c);
    for pool in pools {
        pool.close().await;
    }
    MySql::drop_database(&url).await?;
    println!("exists {}", MySql::database_exists(&url).await?);
    Ok(())
}

/// Runs the checks of this file.
pub async fn run(target: &Target) {
    target.check("pool", pooled(target)).await;
    target.check("killed connection", killed(target)).await;
    target.check("settings of a connection", settings(target)).await;
    target.check("accounts", accounts(target)).await;
    target.check("migrations", migrations(target)).await;
}
