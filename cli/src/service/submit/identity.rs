//! The request id of a batch, made from what is in it.

use diel_client::v1;
use prost::Message as _;
use uuid::Builder;

/// The same rows with the same facts for the same study have the same id, whenever they are sent: a batch that an
/// interrupted run has sent already is known again and stores nothing. A UUID of version 8, from the BLAKE3 hash of
/// the message.
pub(super) fn identify(request: &mut v1::SubmitBatchRequest) {
    request.request_id.clear();
    let hash = blake3::hash(&request.encode_to_vec());
    let (&bytes, _) = hash
        .as_bytes()
        .split_first_chunk::<16>()
        .unwrap_or((&[0; 16], &[]));
    request.request_id = Builder::from_custom_bytes(bytes).into_uuid().to_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(change: impl FnOnce(&mut v1::SubmitBatchRequest)) -> String {
        let mut request = v1::SubmitBatchRequest {
            parent: "studies/pilot".to_owned(),
            results: vec![v1::ResultInput {
                specimen: "S-1".to_owned(),
                ..Default::default()
            }],
            ..Default::default()
        };
        change(&mut request);
        identify(&mut request);
        request.request_id
    }

    #[test]
    fn the_same_content_has_the_same_id_and_no_other_has() {
        let first = id(|_| ());
        assert_eq!(first, id(|request| request.request_id = "other".to_owned()));
        assert_eq!(first.as_bytes().get(14), Some(&b'8'), "{first}");
        let mut ids = vec![
            first,
            id(|request| request.parent = "studies/main".to_owned()),
            id(|request| request.allow_partial = true),
            id(|request| request.results.clear()),
        ];
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4);
    }
}
