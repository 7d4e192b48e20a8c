//! Durable first, answered afterwards: what the system sees of one write.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use diel_client::Client;
use diel_tests::process::ServerProcess;
use diel_tests::rejudging::{STUDY, load};
use diel_tests::rows::{person, submission};

const CALLS: &str = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
/// Calls by which an answer can leave.
const SENDING: [&str; 4] = [" write(", " writev(", " sendto(", " sendmsg("];

/// Follows a process from now on, into a file; needs strace (Debian's package of that name).
fn follow(process: u32, into: &Path) -> Child {
    let mut following = Command::new("strace")
        .args(["-f", "-s", "4096", "-e", CALLS, "-o"])
        .arg(into)
        .args(["-p", &process.to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("apt install strace");
    let said = following.stderr.as_mut().unwrap();
    let attached = BufReader::new(said).lines().map_while(Result::ok);
    let said: Vec<_> = attached
        .take(1)
        .inspect(|line| assert!(line.contains("attached"), "{line}"))
        .collect();
    assert!(!said.is_empty(), "strace ended");
    following
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_has_it_before_the_answer_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("diel.db").display());
    let server = ServerProcess::start(&database).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    load(&client, []).await.unwrap();
    let trace = folder.path().join("trace");
    let mut following = follow(server.id(), &trace);
    let batch = submission(STUDY, person("TRACED", 3, 1.6, -0.09));
    let answer = client.submit_batch(batch).await.unwrap();
    // Interrupted, it lets the server go and finishes its file.
    let strace = following.id().to_string();
    Command::new("kill")
        .args(["-INT", &strace])
        .status()
        .unwrap();
    following.wait().unwrap();

    let name = answer.batch.unwrap().name;
    let text = String::from_utf8_lossy(&std::fs::read(&trace).unwrap()).into_owned();
    let lines: Vec<_> = text.lines().collect();
    let leaves = |line: &&str| {
        let sends = SENDING.iter().any(|call| line.contains(call));
        sends && line.contains(&name) && !line.contains(" write(2,")
    };
    let left = lines.iter().position(leaves).expect("an answer");
    let before = &lines[..left];
    let written = before.iter().rposition(|line| line.contains("pwrite64"));
    let is_sync = |line: &&str| line.contains("fsync") || line.contains("fdatasync");
    let synced = before
        .iter()
        .rposition(|line| is_sync(line) && line.ends_with("= 0"));
    assert!(
        written.is_some() && synced > written,
        "last written in line {written:?}, synced in {synced:?}, answered in {left}:\n{text}"
    );
}
