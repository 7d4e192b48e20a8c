//! Floods of frames: the connection ends or the frames cost nothing; memory stays where it was.

use std::time::Duration;

use diel_tests::frames::{END_HEADERS, Peer, frame, head, kind};

use crate::Victim;

/// What a server without work holds, and room for a flood that is thrown away.
const CEILING_MB: f64 = 120.0;
const PATIENCE: Duration = Duration::from_secs(10);
const METHOD: &str = "diel.v1.Studies/ListStudies";

/// Sends frames in portions until all are sent or the server has ended the connection.
async fn flood(peer: &mut Peer, count: u32, bytes: impl Fn(u32) -> Vec<u8>) -> u32 {
    let numbers: Vec<u32> = (0..count).collect();
    for portion in numbers.chunks(200) {
        let frames: Vec<u8> = portion.iter().flat_map(|number| bytes(*number)).collect();
        if peer.send_raw(&frames).await.is_err() {
            return portion[0];
        }
    }
    count
}

async fn unharmed(victim: &Victim) {
    victim.answers_others().await;
    let peak = victim.server.peak_memory_mb().unwrap();
    assert!(peak < CEILING_MB, "{peak} MB");
}

#[tokio::test]
async fn streams_reset_for_errors_end_the_connection() {
    let victim = Victim::start(&[]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    // A window update of 0 is an error of its stream, which the server resets.
    let sent = flood(&mut peer, 30_000, |number| {
        let stream = number * 2 + 1;
        let mut frames = frame(kind::HEADERS, END_HEADERS, stream, &head(METHOD, &[]));
        frames.extend(frame(kind::WINDOW_UPDATE, 0, stream, &[0; 4]));
        frames
    })
    .await;
    assert!(
        sent < 30_000 || peer.is_closed_within(PATIENCE).await,
        "all streams were taken and the connection lives"
    );
    unharmed(&victim).await;
}

#[tokio::test]
async fn streams_that_are_opened_and_reset_at_once_end_the_connection() {
    let victim = Victim::start(&[]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    let cancel = 8_u32.to_be_bytes();
    let sent = flood(&mut peer, 30_000, |number| {
        let stream = number * 2 + 1;
        let mut frames = frame(kind::HEADERS, END_HEADERS, stream, &head(METHOD, &[]));
        frames.extend(frame(kind::RST_STREAM, 0, stream, &cancel));
        frames
    })
    .await;
    let closed = sent < 30_000 || peer.is_closed_within(PATIENCE).await;
    assert!(closed, "30,000 resets and the connection lives");
    unharmed(&victim).await;
}

#[tokio::test]
async fn a_head_that_never_ends_is_refused() {
    let victim = Victim::start(&[]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    peer.send(kind::HEADERS, 0, 1, &head(METHOD, &[]))
        .await
        .unwrap();
    let more = frame(kind::CONTINUATION, 0, 1, &[0; 16_000]);
    let sent = flood(&mut peer, 10_000, |_| more.clone()).await;
    assert!(
        sent < 10_000 || peer.is_closed_within(PATIENCE).await,
        "160 MB of one head were taken"
    );
    unharmed(&victim).await;
}

#[tokio::test]
async fn a_large_head_is_refused() {
    let victim = Victim::start(&[]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    let long = "x".repeat(60_000);
    let block = head(METHOD, &[("authorization", &long)]);
    // In frames of at most 16 kB.
    let mut pieces = block.chunks(16_000).peekable();
    let mut kind_of_frame = kind::HEADERS;
    while let Some(piece) = pieces.next() {
        let flags = if pieces.peek().is_some() {
            0
        } else {
            END_HEADERS
        };
        if peer.send(kind_of_frame, flags, 1, piece).await.is_err() {
            break;
        }
        kind_of_frame = kind::CONTINUATION;
    }
    // 431, a reset or the end of the connection: anything but an answer of the method.
    assert!(
        peer.until(kind::DATA, Duration::from_secs(1))
            .await
            .is_none()
    );
    unharmed(&victim).await;
}

#[tokio::test]
async fn settings_pings_and_empty_data_cost_nothing() {
    let victim = Victim::start(&[]);
    let address = victim.server.address().unwrap();
    let mut settings = Peer::connect(address, &[]).await.unwrap();
    flood(&mut settings, 100_000, |_| frame(kind::SETTINGS, 0, 0, &[])).await;
    let mut pings = Peer::connect(address, &[]).await.unwrap();
    flood(&mut pings, 100_000, |_| frame(kind::PING, 0, 0, &[7; 8])).await;
    let mut empty = Peer::connect(address, &[]).await.unwrap();
    empty.open(1, METHOD).await.unwrap();
    flood(&mut empty, 100_000, |_| frame(kind::DATA, 0, 1, &[])).await;
    unharmed(&victim).await;
}
