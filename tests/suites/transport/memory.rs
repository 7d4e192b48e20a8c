//! Messages that are larger in memory than on the wire.

use std::time::Duration;

use diel_tests::frames::{Peer, kind, message};

use crate::Victim;

/// 1 MiB in 2-byte rows: field 3 of SubmitBatchRequest, empty.
fn tiny_rows() -> Vec<u8> {
    [0x1a, 0].repeat((1 << 19) - 16)
}

/// The budget of 16 MiB decodes to 25 times as much at most, beside what the server holds without work.
const CEILING_MB: f64 = 550.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_messages_of_tiny_rows_at_once_stay_within_the_budget() {
    let victim = Victim::start(&[]);
    let address = victim.server.address().unwrap();
    let body = message(&tiny_rows());
    let senders: Vec<_> = (0..40)
        .map(|_| {
            let body = body.clone();
            tokio::spawn(async move {
                let mut peer = Peer::connect(address, &[]).await.unwrap();
                peer.open(1, "diel.v1.Submissions/SubmitBatch")
                    .await
                    .unwrap();
                let mut window = 256 * 1024_usize;
                for piece in body.chunks(16_384) {
                    while window < piece.len() {
                        let Some(update) = peer
                            .until(kind::WINDOW_UPDATE, Duration::from_secs(10))
                            .await
                        else {
                            return;
                        };
                        if update.stream == 1 {
                            let bytes: [u8; 4] = update.payload[..4].try_into().unwrap();
                            window += u32::from_be_bytes(bytes) as usize;
                        }
                    }
                    window -= piece.len();
                    if peer.send(kind::DATA, 0, 1, piece).await.is_err() {
                        return;
                    }
                }
                let _ = peer.send(kind::DATA, 1, 1, &[]).await;
                let answer = peer.until(kind::HEADERS, Duration::from_secs(20)).await;
                assert!(answer.is_some(), "no answer");
            })
        })
        .collect();
    victim.answers_others().await;
    for sender in senders {
        sender.await.unwrap();
    }
    let peak = victim.server.peak_memory_mb().unwrap();
    assert!(peak < CEILING_MB, "{peak} MB");
    victim.answers_others().await;
}
