//! Debian's Chromium without a window, driven through its own driver.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;

const MISSING: &str = "Chromium and its driver are needed to run these tests; they are never skipped. On Debian: \
    apt-get install chromium chromium-driver";

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser of one test's own.
pub(super) struct Browser {
    pub(super) client: Client,
    driver: Child,
    /// What the browser remembers; removed with it.
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver's group holds the browser too, which would outlive a driver that is killed alone.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    pub(super) async fn start() -> Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context(MISSING)?;
        let said = driver.stdout.take().context("standard output")?;
        let port = BufReader::new(said)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .context("chromedriver did not say where it listens")?;
        let profile = tempfile::tempdir()?;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&profile)?)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context(MISSING)?;
        client.set_window_size(1280, 1000).await?;
        Ok(Self {
            client,
            driver,
            _profile: profile,
        })
    }

    /// The element that a selector finds, once it is there.
    pub(super) async fn find(&self, selector: &str) -> Result<fantoccini::elements::Element> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector))
            .await
            .with_context(|| format!("{selector} does not show"))
    }

    /// Clicks what leads to another page and returns once the page it was on is gone: what is found next is on the new one.
    pub(super) async fn follow(&self, selector: &str) -> Result<()> {
        let before = self.find("html").await?;
        self.find(selector).await?.click().await?;
        let left = Instant::now();
        loop {
            match before.attr("lang").await {
                Err(error) if error.is_stale_element_reference() => return Ok(()),
                Err(error) => return Err(error.into()),
                Ok(_) => ensure!(
                    left.elapsed() < PATIENCE,
                    "{selector} leads to no other page"
                ),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The text that an element shows, once it is there.
    pub(super) async fn text(&self, selector: &str) -> Result<String> {
        Ok(self.find(selector).await?.text().await?)
    }

    /// How many elements a selector finds.
    pub(super) async fn count(&self, selector: &str) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(selector)).await?.len())
    }

    /// Presses a key on the page, wherever the focus is.
    pub(super) async fn press(&self, key: char) -> Result<()> {
        let keys = KeyActions::new("keys".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Holds one key and presses another.
    pub(super) async fn press_with(&self, held: char, key: char) -> Result<()> {
        let keys = KeyActions::new("keys".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: held });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Makes the page as if the reader preferred a scheme.
    pub(super) async fn prefer(&self, scheme: &str) -> Result<()> {
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        )
        .await
        .map(|_| ())
    }

    /// Makes the page so wide and high, without the window's own least width.
    pub(super) async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await
            .map(|_| ())
    }

    /// Keeps a picture of the whole page in `target/screenshots`.
    pub(super) async fn keep(&self, name: &str) -> Result<()> {
        let whole = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.devtools("Page.captureScreenshot", whole).await?;
        let text = answer["data"].as_str().context("a screenshot")?;
        let folder = screenshots()?;
        fs::write(folder.join(format!("{name}.png")), decoded(text)?)?;
        Ok(())
    }

    async fn devtools(
        &self,
        command: &str,
        parameters: serde_json::Value,
    ) -> Result<serde_json::Value> {
        let answer = self
            .client
            .issue_cmd(DevTools {
                command: command.to_owned(),
                parameters,
            })
            .await?;
        Ok(answer)
    }

    /// Ends the browser in order.
    pub(super) async fn close(self) -> Result<()> {
        self.client.clone().close().await?;
        Ok(())
    }
}

/// Chromium's own commands, which the driver passes on.
#[derive(Debug)]
struct DevTools {
    command: String,
    parameters: serde_json::Value,
}

impl fantoccini::wd::WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.parameters});
        (http::Method::POST, Some(body.to_string()))
    }
}

fn capabilities(profile: &TempDir) -> Result<Capabilities> {
    let folder = format!("--user-data-dir={}", profile.path().display());
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        &folder,
    ];
    let options = json!({"goog:chromeOptions": {"args": arguments}});
    options
        .as_object()
        .cloned()
        .context("capabilities are an object")
}

/// Where screenshots are kept, for people and as artefacts of CI.
pub(super) fn screenshots() -> Result<PathBuf> {
    let target = std::env::current_exe()?;
    let target = target.ancestors().nth(3).context("target folder")?;
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn decoded(text: &str) -> Result<Vec<u8>> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text)?;
    ensure!(bytes.starts_with(b"\x89PNG"), "a screenshot is a PNG");
    Ok(bytes)
}
