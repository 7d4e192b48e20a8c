//! Running `diel`, and a service for it to talk to.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// How a run of `diel` ended.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// It must have gone well.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.stderr);
        self
    }

    /// It must have been refused; returns everything it said.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!(self.status, 1, "{}\n{}", self.stdout, self.stderr);
        self.stdout + &self.stderr
    }
}

/// `diel`, without the settings of whoever runs the tests.
pub fn diel() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diel"));
    let ours = std::env::vars().filter(|(name, _)| name.starts_with("DIEL_"));
    ours.for_each(|(name, _)| {
        command.env_remove(name);
    });
    command
}

pub fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `diel serve` on a database of its own, and a folder for files.
pub struct Service {
    pub folder: TempDir,
    pub url: String,
    child: Child,
}

impl Service {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A service that asks for tokens.
    pub fn guarded() -> Self {
        Self::start_with(&["--access", "tokens"])
    }

    fn start_with(options: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", options)
    }

    /// A service that tells a supervisor at this socket how it is.
    pub fn start_for(supervisor: &Path) -> Self {
        let mut command = diel();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Self::spawn(command.env("NOTIFY_SOCKET", supervisor))
    }

    /// A service at an address of the test's choice.
    pub fn start_at(address: &str, options: &[&str]) -> Self {
        let mut command = diel();
        command.args(["serve", "--listen", address]);
        Self::spawn(command.args(options))
    }

    fn spawn(serve: &mut Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}", folder.path().join("diel.db").display());
        let mut child = serve
            .args(["--database", &database])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut lines = said.lines().map(Result::unwrap);
        let mut next = |begin: &str| {
            let line = lines.next().unwrap();
            let rest = line.strip_prefix(begin);
            rest.unwrap_or_else(|| panic!("{line:?}")).to_owned()
        };
        Self {
            url: next("listening on "),
            folder,
            child,
        }
    }

    /// A service with the study `pilot`, in which the falling A and the rising B gave samples on four days.
    pub fn with_samples() -> Self {
        let service = Self::start();
        service
            .diel(&[
                "study",
                "create",
                "pilot",
                "--name",
                "Pilot",
                "--time-zone",
                "Europe/Berlin",
            ])
            .done();
        let file = service.write("samples.csv", &samples());
        service.diel(&["submit", &file, "--study", "pilot"]).done();
        service
    }

    /// Runs `diel` against this service.
    pub fn diel(&self, arguments: &[&str]) -> Run {
        run(diel().args(arguments).env("DIEL_SERVER", &self.url))
    }

    /// The rows of an answer in CSV.
    pub fn rows(&self, arguments: &[&str]) -> Vec<HashMap<String, String>> {
        let run = self
            .diel(&[arguments, &["--format", "csv"]].concat())
            .done();
        csv::Reader::from_reader(run.stdout.as_bytes())
            .deserialize()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    /// Asks the service to stop as an operator would; returns how it ended.
    pub fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two persons, four days, five samples a day: A falls to a tenth from morning to night, B rises by half.
pub fn samples() -> String {
    let mut text =
        "participant,group,age_years,collected_at,awakening_at,concentration,unit\n".to_owned();
    for (person, levels) in [
        ("A", [12.0, 17.0, 6.0, 3.5, 1.2]),
        ("B", [4.0, 5.0, 4.6, 5.4, 6.0]),
    ] {
        for day in 2..=5 {
            for (clock, level) in ["07:00", "07:30", "11:00", "16:00", "22:00"]
                .iter()
                .zip(levels)
            {
                let date = format!("2026-03-0{day}");
                let row = format!(
                    "{person},{person}s,35,{date}T{clock}:00+01:00,{date}T07:00:00+01:00,{level},nmol/L\n"
                );
                text.push_str(&row);
            }
        }
    }
    text
}
