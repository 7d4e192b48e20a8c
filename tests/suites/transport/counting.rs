//! Caps: streams of a connection, connections of an address, file descriptors of the process.

use std::process::Command;
use std::time::Duration;

use diel_tests::frames::{Peer, kind};
use diel_tests::process::diel;
use tokio::net::TcpStream;

use crate::Victim;

#[tokio::test]
async fn streams_beyond_the_limit_are_refused() {
    let victim = Victim::start(&[("DIEL_LIMITS_STREAMS_PER_CONNECTION", "10")]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    for number in 0..50 {
        // Bodies that do not come keep them open.
        let _ = peer
            .open(number * 2 + 1, "diel.v1.Studies/ListStudies")
            .await;
    }
    let mut refused = 0;
    while refused < 40 {
        match peer.next(Duration::from_secs(5)).await {
            Some(frame) if frame.kind == kind::RST_STREAM => {
                assert_eq!(frame.payload, 7_u32.to_be_bytes(), "REFUSED_STREAM");
                refused += 1;
            }
            Some(frame) => assert_ne!(frame.kind, kind::GOAWAY),
            None => panic!("{refused} of 40 streams were refused"),
        }
    }
    victim.answers_others().await;
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let victim = Victim::start(&[
        ("DIEL_LIMITS_CONNECTIONS", "40"),
        ("DIEL_LIMITS_CONNECTIONS_PER_ADDRESS", "20"),
    ]);
    let address = victim.server.address().unwrap();
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Peer::connect(address, &[]).await.unwrap());
    }
    for peer in &mut open {
        assert!(
            peer.until(kind::SETTINGS, Duration::from_secs(5))
                .await
                .is_some()
        );
    }
    let mut beyond = Peer::connect(address, &[]).await;
    if let Ok(beyond) = &mut beyond {
        assert!(
            beyond.is_closed_within(Duration::from_secs(5)).await,
            "the 21st stays"
        );
    }
    // Another address of this machine has its own.
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let other = other.connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut byte = [0];
    // The server's settings are there to be read; a closed connection would have none.
    assert_eq!(
        other.try_read(&mut byte).unwrap(),
        1,
        "another address is closed too"
    );
    drop(open);
    victim.answers_others().await;
}

#[tokio::test]
async fn without_file_descriptors_it_waits_and_does_not_spin() {
    let mut command = Command::new("sh");
    let script = "ulimit -n 64; exec \"$0\" \"$@\"";
    command.args(["-c", script]).arg(diel().unwrap());
    let victim = Victim::start_by(command, &[]);
    let address = victim.server.address().unwrap();
    let mut open = Vec::new();
    for _ in 0..120 {
        open.push(TcpStream::connect(address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = victim.server.processor_time().unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let used = victim.server.processor_time().unwrap() - before;
    assert!(used < Duration::from_millis(400), "{used:?} of 2 s");
    drop(open);
    // Those that were accepted are gone by the end of the time to begin.
    tokio::time::sleep(Duration::from_secs(1)).await;
    victim.answers_others().await;
}
