//! Asks a server through sqlx, and prints what it answered as apps/transcripts.py reads it.
//!
//!     drive HOST PORT PASSWORD DATABASE MIGRATIONS [CHECK …]

mod connections;
mod show;
mod statements;
mod types;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{ConnectOptions, Executor};
use std::error::Error;
use std::future::Future;
use std::time::Duration;

/// What a check ends with: an error is printed, since it is an answer too.
pub type Outcome = Result<(), Box<dyn Error>>;

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Where the server is, and what the program may use there.
pub struct Target {
    pub options: MySqlConnectOptions,
    pub database: String,
    pub migrations: String,
    wanted: Vec<String>,
}

impl Target {
    /// A new connection whose default database is the program's.
    pub async fn connect(&self) -> Result<MySqlConnection, sqlx::Error> {
        self.options.clone().database(&self.database).connect().await
    }

    /// Runs a check if it is wanted, and prints its name and the error that it ended with.
    pub async fn check(&self, name: &str, body: impl Future<Output = Outcome>) {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|one| one == name) {
            return;
        }
        println!("## {name}");
        match tokio::time::timeout(LIMIT, body).await {
            Ok(Ok(())) => println!("end"),
            Ok(Err(error)) => println!("threw {}", show::error(self, error.as_ref())),
            Err(_) => println!("did not end within {} s", LIMIT.as_secs()),
        }
    }
}

async fn run(target: &Target) -> Outcome {
    let mut first = target.options.connect().await?;
    first.execute(&*format!("DROP DATABASE IF EXISTS {0}; CREATE DATABASE {0}", target.database)).await?;
    types::run(target).await;
    statements::run(target).await;
    connections::run(target).await;
    first.execute(&*format!("DROP DATABASE {}", target.database)).await?;
    Ok(())
}

fn main() -> Outcome {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, database, migrations, wanted @ ..] = given.as_slice() else {
        return Err("usage: drive HOST PORT PASSWORD DATABASE MIGRATIONS [CHECK …]".into());
    };
    let mut options =
        MySqlConnectOptions::new().host(host).port(port.parse()?).username("root").ssl_mode(MySqlSslMode::Disabled).disable_statement_logging();
    // sqlx proves an empty password too, which no account without one takes.
    if !password.is_empty() {
        options = options.password(password);
    }
    let target = Target { options, database: database.clone(), migrations: migrations.clone(), wanted: wanted.to_vec() };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&target))
}
