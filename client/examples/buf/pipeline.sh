#!/usr/bin/env bash
# Sends a batch with a bad row, reads rhythms, and shows a refusal.
#
#   ./pipeline.sh pilot
#
# DIEL_SERVER says where (http://127.0.0.1:50151), DIEL_TOKEN_FILE whose token to send, DIEL_CA_FILE whom to trust.
set -euo pipefail

study=studies/${1:-pilot}
server=${DIEL_SERVER:-http://127.0.0.1:50151}
here=$(cd "$(dirname "$0")" && pwd)
options=(--protocol grpc)
case $server in
  https://*) [ -z "${DIEL_CA_FILE:-}" ] || options+=(--cacert "$DIEL_CA_FILE") ;;
  *) options+=(--http2-prior-knowledge) ;;
esac
# From a file, so that the token does not stand in the list of processes.
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT
if [ -n "${DIEL_TOKEN_FILE:-}" ]; then
  echo "authorization: Bearer $(cat "$DIEL_TOKEN_FILE")" >"$headers"
  options+=(--header "@$headers" --reflect-header "*")
fi
call() { # METHOD, with the message on standard input
  buf curl "${options[@]}" --data @- "$server/diel.v1.$1"
}

batch() { # REQUEST_ID ALLOW_PARTIAL FIRST_SPECIMEN
  cat <<END
{
  "parent": "$study", "requestId": "$1", "allowPartial": $2,
  "batch": {"lab": "Example lab", "assay": "ELISA", "plate": "buf"},
  "results": [
    {"specimen": "$3", "concentration": {"value": 12.4, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}, "collection": {
      "participant": "BUF", "collectionTime": "2026-03-02T06:10:00Z", "awakeningTime": "2026-03-02T06:05:00Z"}},
    {"specimen": "buf-2", "concentration": {"below": 0.33, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}, "collection": {
      "participant": "BUF", "collectionTime": "2026-03-02T21:30:00Z", "awakeningTime": "2026-03-02T06:05:00Z"}},
    {"specimen": "buf-3", "concentration": {"value": -1, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}, "collection": {
      "participant": "BUF", "collectionTime": "2026-03-02T12:00:00Z", "awakeningTime": "2026-03-02T06:05:00Z"}}
  ]
}
END
}

batch buf-plate-1 true buf-1 | call Submissions/SubmitBatch

# The same request again, as after a lost answer.
batch buf-plate-1 true buf-1 | call Submissions/SubmitBatch

call Rhythms/StreamRhythms <<<"{\"parent\": \"$study\"}"

# A refusal ends buf with 8 times the code: 24 is INVALID_ARGUMENT. It leaves the details as they travel.
status=0
refused=$(batch buf-plate-2 false "" | call Submissions/SubmitBatch 2>&1) || status=$?
echo "$refused"
echo "status $status"
for type in google.rpc.ErrorInfo google.rpc.BadRequest; do
  python3 -c 'import base64, json, sys
details = json.loads(sys.argv[1])["details"]
value = next(detail["value"] for detail in details if detail["type"] == sys.argv[2])
sys.stdout.buffer.write(base64.b64decode(value + "=="))' "$refused" "$type" |
    buf convert "$here/../refusal.proto" --type "$type" --from -#format=binpb --to -#format=json
  echo
done
