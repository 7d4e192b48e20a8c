#!/usr/bin/env bash
# Sends a batch with a bad row, reads rhythms, and shows a refusal.
#
#   ./pipeline.sh pilot
#
# DIEL_SERVER says where (http://127.0.0.1:50151), DIEL_TOKEN_FILE whose token to send, DIEL_CA_FILE whom to trust.
set -euo pipefail

study=studies/${1:-pilot}
server=${DIEL_SERVER:-http://127.0.0.1:50151}
options=(-max-time 60 -format-error)
case $server in
  https://*) [ -z "${DIEL_CA_FILE:-}" ] || options+=(-cacert "$DIEL_CA_FILE") ;;
  *) options+=(-plaintext) ;;
esac
# grpcurl takes ${DIEL_TOKEN} from the environment by itself, so that the token does not stand in the list of processes.
if [ -n "${DIEL_TOKEN_FILE:-}" ]; then
  DIEL_TOKEN=$(cat "$DIEL_TOKEN_FILE")
  export DIEL_TOKEN
  options+=(-expand-headers -H 'authorization: Bearer ${DIEL_TOKEN}')
fi
call() { # METHOD, with the message on standard input
  grpcurl "${options[@]}" -d @ "${server#*://}" "diel.v1.$1"
}

batch() { # REQUEST_ID ALLOW_PARTIAL FIRST_SPECIMEN
  cat <<END
{
  "parent": "$study", "requestId": "$1", "allowPartial": $2,
  "batch": {"lab": "Example lab", "assay": "ELISA", "plate": "grpcurl"},
  "results": [
    {"specimen": "$3", "concentration": {"value": 12.4, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}, "collection": {
      "participant": "GRPCURL", "collectionTime": "2026-03-02T06:10:00Z", "awakeningTime": "2026-03-02T06:05:00Z"}},
    {"specimen": "grpcurl-2", "concentration": {"below": 0.33, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}, "collection": {
      "participant": "GRPCURL", "collectionTime": "2026-03-02T21:30:00Z", "awakeningTime": "2026-03-02T06:05:00Z"}},
    {"specimen": "grpcurl-3", "concentration": {"value": -1, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}, "collection": {
      "participant": "GRPCURL", "collectionTime": "2026-03-02T12:00:00Z", "awakeningTime": "2026-03-02T06:05:00Z"}}
  ]
}
END
}

batch grpcurl-plate-1 true grpcurl-1 | call Submissions/SubmitBatch

# The same request again, as after a lost answer.
batch grpcurl-plate-1 true grpcurl-1 | call Submissions/SubmitBatch

call Rhythms/StreamRhythms <<<"{\"parent\": \"$study\"}"

# A refusal ends grpcurl with 64 and the code: 67 is INVALID_ARGUMENT. Every bad field is named at once.
status=0
batch grpcurl-plate-2 false "" | call Submissions/SubmitBatch 2>&1 || status=$?
echo "status $status"
