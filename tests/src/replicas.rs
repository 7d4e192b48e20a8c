//! Several servers on one database, each at an address that it comes back to.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::process::{ServerProcess, diel};

/// A job whose server dies is free again after so many seconds.
const LEASE_SECONDS: &str = "3";

/// Servers, some of which may be gone.
#[derive(Debug)]
pub struct Replicas {
    database: String,
    urls: Vec<String>,
    each: Vec<Option<ServerProcess>>,
}

impl Replicas {
    /// Starts `count` servers on free ports.
    ///
    /// # Errors
    /// One of them did not start.
    pub fn start(database: &str, count: usize) -> Result<Self> {
        let each: Vec<_> = (0..count)
            .map(|_| serve(database, "127.0.0.1:0"))
            .collect::<Result<_>>()?;
        Ok(Self {
            database: database.to_owned(),
            urls: each.iter().map(|server| server.url.clone()).collect(),
            each: each.into_iter().map(Some).collect(),
        })
    }

    /// Where they listen, whether they live or not.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.urls.clone()
    }

    /// Hands a server out, which is then the caller's to end.
    ///
    /// # Errors
    /// It is gone.
    pub fn take(&mut self, number: usize) -> Result<ServerProcess> {
        let place = self.each.get_mut(number);
        place.and_then(Option::take).context("no such server")
    }

    /// Ends a server with SIGKILL.
    ///
    /// # Errors
    /// It is gone.
    pub fn kill(&mut self, number: usize) -> Result<()> {
        self.take(number)?.kill();
        Ok(())
    }

    /// Kills one server after the other, every so often, `kills` times; each comes back when it has been away for a quarter of
    /// that time.
    ///
    /// # Errors
    /// One did not come back.
    pub async fn kill_in_turn(&mut self, kills: usize, every: Duration) -> Result<()> {
        for kill in 0..kills {
            let number = kill % self.urls.len().max(1);
            tokio::time::sleep(every * 3 / 4).await;
            self.kill(number)?;
            tokio::time::sleep(every / 4).await;
            self.restart(number)?;
        }
        Ok(())
    }

    /// Starts a server where it listened before.
    ///
    /// # Errors
    /// It did not start.
    pub fn restart(&mut self, number: usize) -> Result<()> {
        let url = self.urls.get(number).context("no such server")?;
        let server = serve(&self.database, url.trim_start_matches("http://"))?;
        if let Some(place) = self.each.get_mut(number) {
            *place = Some(server);
        }
        Ok(())
    }
}

/// The console's port is a free one: the one behind that of gRPC may be another server's.
fn serve(database: &str, listen: &str) -> Result<ServerProcess> {
    let settings = [
        ("DIEL_LISTEN", listen),
        ("DIEL_WEB", "127.0.0.1:0"),
        ("DIEL_LIMITS_JOB_LEASE_SECONDS", LEASE_SECONDS),
    ];
    ServerProcess::start_with(Command::new(diel()?), database, &settings)
}
