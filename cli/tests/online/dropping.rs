//! `diel submit --watch`: files that are put in a folder.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{Service, diel, samples};

/// What everything here must happen within.
const PATIENCE: Duration = Duration::from_secs(60);

fn create_study(service: &Service) {
    let zone = ["--time-zone", "Europe/Berlin"];
    service
        .diel(&[&["study", "create", "pilot", "--name", "Pilot"][..], &zone].concat())
        .done();
}

fn with_study() -> Service {
    let service = Service::start();
    create_study(&service);
    service
}

/// A folder for files beside the service's own.
fn drop_folder(service: &Service) -> PathBuf {
    let folder = service.path("drop");
    fs::create_dir(&folder).unwrap();
    folder
}

fn once<'a>(folder: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let begin = ["submit", "--watch", folder, "--study", "pilot", "--once"];
    [&begin, more].concat()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A watching process, with what it says in a file.
struct Watching {
    child: Child,
    said: PathBuf,
}

impl Watching {
    fn start(url: &str, folder: &Path, said: PathBuf) -> Self {
        let out = fs::File::create(&said).unwrap();
        let child = diel()
            .args(["submit", "--study", "pilot", "--settle-seconds", "0"])
            .args(["--poll-seconds", "1", "--watch"])
            .arg(folder)
            .env("DIEL_SERVER", url)
            .stderr(out.try_clone().unwrap())
            .stdout(out)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, said }
    }

    #[track_caller]
    fn wait_for(&self, text: &str) {
        let started = Instant::now();
        loop {
            let said = fs::read_to_string(&self.said).unwrap();
            if said.contains(text) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "no {text:?} in {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }

    fn end(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_file_goes_where_it_belongs_with_its_report() {
    let service = with_study();
    let folder = drop_folder(&service);
    let shown = folder.display().to_string();
    let header = "participant,collected_at,concentration,unit\n";
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("good.csv", &samples());
    write(
        "bad.csv",
        &format!(
            "{header}C,2026-03-02T07:00:00+01:00,-3,nmol/L\nC,2026-03-02T08:00:00+01:00,9,nmol/L\n"
        ),
    );
    write("empty.csv", "");
    write("strange.csv", "a,b\n1,2\n");
    write("large.csv", &format!("{header}{}", "#".repeat(10 << 20)));
    write("unfinished.csv.part", header);
    write(".hidden.csv", header);
    fs::create_dir(folder.join("sub")).unwrap();
    std::os::unix::fs::symlink(service.path("diel.db"), folder.join("link.csv")).unwrap();

    let quick = ["--settle-seconds", "0", "--largest-mib", "1"];
    let said = service.diel(&once(&shown, &quick)).refused();
    assert!(said.contains("1 files done, 5 refused, 0 left"), "{said}");
    assert!(said.contains("sub: is no file and is left"), "{said}");
    assert!(said.contains("good.csv: 40 rows stored"), "{said}");
    assert_eq!(
        names(&folder),
        [
            ".diel-watch.lock",
            ".hidden.csv",
            "done",
            "refused",
            "sub",
            "unfinished.csv.part"
        ]
    );
    assert_eq!(
        names(&folder.join("done")),
        ["good.csv", "good.csv.report.csv"]
    );
    let report = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(
        report("done/good.csv.report.csv"),
        "sheet,line,field,value,rule\n"
    );
    let refused = folder.join("refused");
    assert_eq!(names(&refused).len(), 10, "{:?}", names(&refused));
    let bad = report("refused/bad.csv.report.csv");
    let lines: Vec<&str> = bad.lines().collect();
    assert!(
        lines.len() == 2 && lines[1].starts_with(",2,concentration,-3,"),
        "{bad}"
    );
    for (name, rule) in [
        ("empty", "is empty"),
        ("strange", "no column is `participant`"),
        ("large", "more than the 1 MiB of --largest-mib"),
        ("link", "is a symbolic link"),
    ] {
        let report = report(&format!("refused/{name}.csv.report.csv"));
        assert!(report.contains(rule), "{report}");
    }

    // Mended under its old name it goes in, and overwrites nothing.
    write(
        "good.csv",
        &format!("{header}C,2026-03-02T07:00:00+01:00,3,nmol/L\n"),
    );
    let said = service.diel(&once(&shown, &quick)).done().stdout;
    assert!(
        said.contains("good.csv: 1 rows stored") && said.contains("good.2.csv"),
        "{said}"
    );
    assert_eq!(
        service.rows(&["batches", "list", "--study", "pilot"]).len(),
        2
    );
}

#[test]
fn good_rows_are_stored_on_request_and_the_bad_ones_reported() {
    let service = with_study();
    let folder = drop_folder(&service);
    let shown = folder.display().to_string();
    let header = "participant,specimen,collected_at,concentration,unit\n";
    let row =
        |tube: &str, level: &str| format!("A,{tube},2026-03-02T07:00:00+01:00,{level},nmol/L\n");
    let write =
        |name: &str, rows: &str| fs::write(folder.join(name), format!("{header}{rows}")).unwrap();
    write("1.csv", &row("S-1", "10"));
    write(
        "2.csv",
        &(row("S-2", "4") + &row("S-1", "11") + &row("S-3", "-1")),
    );
    let said = service
        .diel(&once(&shown, &["--settle-seconds", "0", "--partial"]))
        .refused();
    assert!(said.contains("1 files done, 1 refused, 0 left"), "{said}");
    let report = fs::read_to_string(folder.join("refused/2.csv.report.csv")).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 3, "{report}");
    assert!(lines[1].starts_with(",3,"), "the conflict: {report}");
    assert!(lines[2].starts_with(",4,concentration,-1,"), "{report}");
}

#[test]
fn a_watcher_killed_between_sending_and_moving_stores_once() {
    let service = with_study();
    let folder = drop_folder(&service);
    let watching = Watching::start(&service.url, &folder, service.path("said"));
    watching.wait_for("watching ");
    // A file where the folder was: what is sent cannot be moved.
    fs::remove_dir(folder.join("done")).unwrap();
    fs::write(folder.join("done"), "").unwrap();
    fs::write(service.path("whole.csv"), samples()).unwrap();
    fs::rename(service.path("whole.csv"), folder.join("plate.csv")).unwrap();
    watching.wait_for("plate.csv: left, and tried again in 2 s: it cannot be moved to done");
    assert_eq!(watching.end("-KILL"), None);
    assert!(folder.join("plate.csv").exists());
    let batches = || service.rows(&["batches", "list", "--study", "pilot"]).len();
    assert_eq!(batches(), 1);

    fs::remove_file(folder.join("done")).unwrap();
    let shown = folder.display().to_string();
    let said = service
        .diel(&once(&shown, &["--settle-seconds", "0"]))
        .done()
        .stdout;
    assert!(
        said.contains("0 rows stored, 40 unchanged, 0 refused")
            && said.contains("40 rows had been sent before, in the same batches"),
        "{said}"
    );
    assert_eq!(
        names(&folder.join("done")),
        ["plate.csv", "plate.csv.report.csv"]
    );
    assert_eq!(batches(), 1);
}

#[test]
fn files_wait_for_a_service_that_is_away() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("drop");
    fs::create_dir(&folder).unwrap();
    let watching = Watching::start(&format!("http://{free}"), &folder, root.path().join("said"));
    fs::write(folder.join("plate.csv"), samples()).unwrap();
    watching.wait_for("plate.csv: left: the service cannot be reached");
    assert!(folder.join("plate.csv").exists());
    let service = Service::start_at(&free, &["--web", "127.0.0.1:0"]);
    // The study is not there yet, which is no fault of the file.
    watching.wait_for("studies/pilot");
    assert!(folder.join("plate.csv").exists());
    create_study(&service);
    watching.wait_for("plate.csv: 40 rows stored");
    assert_eq!(
        names(&folder.join("done")),
        ["plate.csv", "plate.csv.report.csv"]
    );
    assert_eq!(watching.end("-TERM"), Some(0));
}

#[test]
fn a_second_watcher_waits_for_the_first() {
    let service = with_study();
    let folder = drop_folder(&service);
    let first = Watching::start(&service.url, &folder, service.path("first"));
    first.wait_for("watching ");
    let second = Watching::start(&service.url, &folder, service.path("second"));
    second.wait_for("another process watches this folder");
    let shown = folder.display().to_string();
    let said = service.diel(&once(&shown, &[])).refused();
    assert!(
        said.contains("another process works through this folder"),
        "{said}"
    );
    assert_eq!(first.end("-KILL"), None);
    second.wait_for("watching ");
    fs::write(folder.join("plate.csv"), samples()).unwrap();
    second.wait_for("plate.csv: 40 rows stored");
    assert_eq!(second.end("-TERM"), Some(0));
    assert_eq!(
        service.rows(&["batches", "list", "--study", "pilot"]).len(),
        1
    );
}

#[test]
fn a_file_that_grows_is_left_and_what_names_one_plate_is_no_option() {
    let service = with_study();
    let folder = drop_folder(&service);
    let growing = folder.join("growing.csv");
    fs::write(&growing, samples()).unwrap();
    let child = diel()
        .args([
            "submit",
            "--study",
            "pilot",
            "--settle-seconds",
            "2",
            "--once",
            "--watch",
        ])
        .arg(&folder)
        .env("DIEL_SERVER", &service.url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program that writes it goes on for longer than the file has to stay the same.
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(4) {
        let mut text = fs::read_to_string(&growing).unwrap();
        text.push('\n');
        fs::write(&growing, text).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("growing.csv: still changes; left"), "{said}");
    assert!(growing.exists());

    let shown = folder.display().to_string();
    let wrong = service.diel(&once(&shown, &["--plate", "12"]));
    assert_eq!(wrong.status, 2, "{}", wrong.stderr);
}
