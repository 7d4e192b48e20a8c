//! Connections to the one server of several that takes writes, wherever it is after a failover.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::Db;
use crate::PoolUse;

/// How long an operation waits for a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Who has waited so long for a connection looks whether another server takes writes now.
const LOOK: Duration = Duration::from_millis(200);
/// How long a server may take to say whether it takes writes.
const ANSWER: Duration = Duration::from_secs(1);

/// `on` on a standby, and on a server that an operator made read-only.
const READ_ONLY: &str = "show transaction_read_only";

/// A pool of connections to the server that takes writes.
#[derive(Debug)]
pub(super) struct Servers {
    pool: PgPool,
    each: Vec<PgConnectOptions>,
    /// Which of them takes writes, as far as is known.
    current: AtomicUsize,
    /// When it was last looked. Held while somebody looks.
    looked: Mutex<Instant>,
}

impl Servers {
    /// Connects to the first server that takes writes; where there is one only, to that one, whatever it takes.
    pub(super) async fn connect(
        each: Vec<PgConnectOptions>,
        connections: u32,
    ) -> Result<Self, sqlx::Error> {
        let options = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE);
        if let [only] = each.as_slice() {
            return Ok(Self {
                pool: options.connect_with(only.clone()).await?,
                current: AtomicUsize::new(0),
                looked: Mutex::new(Instant::now()),
                each,
            });
        }
        // Asked of each idle connection instead of whether it lives: one to a server that became a standby is closed.
        let options = options
            .test_before_acquire(false)
            .before_acquire(|conn, _| Box::pin(takes_writes(conn)));
        let begun = Instant::now();
        loop {
            if let Some((number, writable)) = primary(&each).await {
                return Ok(Self {
                    pool: options.connect_with(writable).await?,
                    current: AtomicUsize::new(number),
                    looked: Mutex::new(Instant::now()),
                    each,
                });
            }
            if begun.elapsed() > PATIENCE {
                return Err(sqlx::Error::PoolTimedOut);
            }
            sleep(LOOK).await;
        }
    }

    /// A connection, to a server that takes writes when there are several.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Db>, sqlx::Error> {
        if self.each.len() == 1 {
            return self.pool.acquire().await;
        }
        let begun = Instant::now();
        let mut number = self.current.load(Ordering::Relaxed);
        let mut acquiring = Box::pin(self.pool.acquire());
        loop {
            tokio::select! {
                acquired = &mut acquiring => match acquired {
                    Err(error) if is_elsewhere(&error) && begun.elapsed() < PATIENCE => {
                        number = self.look(number).await;
                        acquiring = Box::pin(self.pool.acquire());
                    }
                    acquired => return acquired,
                },
                found = self.look(number) => if found != number {
                    number = found;
                    acquiring = Box::pin(self.pool.acquire());
                },
            }
        }
    }

    /// After a while, which of the servers takes writes; `last` when none does. Those who wait together look once.
    async fn look(&self, last: usize) -> usize {
        sleep(LOOK).await;
        let mut looked = self.looked.lock().await;
        if self.current.load(Ordering::Relaxed) == last && looked.elapsed() >= LOOK {
            if let Some((number, writable)) = primary(&self.each).await
                && number != last
            {
                tracing::warn!(number, "another server of the database takes writes now");
                self.pool.set_connect_options(writable);
                self.current.store(number, Ordering::Relaxed);
            }
            *looked = Instant::now();
        }
        self.current.load(Ordering::Relaxed)
    }

    /// How its connections are used now.
    pub(super) fn in_use(&self) -> PoolUse {
        PoolUse::of("all", &self.pool)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// The first server that takes writes, and its place.
async fn primary(each: &[PgConnectOptions]) -> Option<(usize, PgConnectOptions)> {
    for (number, options) in each.iter().enumerate() {
        if let Ok(Ok(true)) = timeout(ANSWER, ask(options)).await {
            return Some((number, options.clone()));
        }
    }
    None
}

async fn ask(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut conn = PgConnection::connect_with(options).await?;
    let writes = takes_writes(&mut conn).await?;
    conn.close().await?;
    Ok(writes)
}

async fn takes_writes(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let read_only: String = sqlx::query_scalar(READ_ONLY).fetch_one(conn).await?;
    Ok(read_only == "off")
}

/// Whether the error says that the server is gone, which another may have taken over from.
fn is_elsewhere(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        // Shutting down, starting up, connection refused by the server.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
        _ => false,
    }
}
