// Sends a batch with a bad row, reads rhythms, and shows a refusal.
//
//   npm ci && node pipeline.mjs pilot
//
// DIEL_SERVER says where (http://127.0.0.1:50151), DIEL_TOKEN_FILE whose token to send, DIEL_CA_FILE whom to trust.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const { diel, google } = grpc.loadPackageDefinition(
  loadSync(["diel/v1/submissions.proto", "diel/v1/rhythms.proto", "refusal.proto"], {
    includeDirs: [path("../../../proto"), path("..")],
    keepCase: true,
    enums: String,
    longs: Number,
    defaults: true,
    oneofs: true,
  }),
);

const server = new URL(process.env.DIEL_SERVER ?? "http://127.0.0.1:50151");
const file = (variable) => (process.env[variable] ? readFileSync(process.env[variable]) : null);
const credentials =
  server.protocol === "https:" ? grpc.credentials.createSsl(file("DIEL_CA_FILE")) : grpc.credentials.createInsecure();
const submissions = new diel.v1.Submissions(server.host, credentials);
const rhythms = new diel.v1.Rhythms(server.host, credentials);

function metadata() {
  const metadata = new grpc.Metadata();
  const token = file("DIEL_TOKEN_FILE");
  if (token) metadata.set("authorization", `Bearer ${token.toString().trim()}`);
  return metadata;
}

// A deadline for every call: without one a lost connection is waited for.
const options = () => ({ deadline: Date.now() + 60_000 });

function submit(request) {
  return new Promise((done, failed) => {
    submissions.SubmitBatch(request, metadata(), options(), (error, answer) => (error ? failed(error) : done(answer)));
  });
}

// What a refusal says: the reason to program against, and every bad field at once.
function refusal(error) {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const read = { code: grpc.status[error.code], message: error.details, reason: "", violations: [] };
  if (!bytes) return read;
  for (const { type_url, value } of google.rpc.Status.deserialize(bytes).details) {
    if (type_url.endsWith("/google.rpc.ErrorInfo")) read.reason = google.rpc.ErrorInfo.deserialize(value).reason;
    if (type_url.endsWith("/google.rpc.BadRequest"))
      read.violations = google.rpc.BadRequest.deserialize(value).field_violations;
  }
  return read;
}

const parent = `studies/${process.argv[2] ?? "pilot"}`;
const instant = (text) => ({ seconds: Date.parse(text) / 1000 });
const unit = "CONCENTRATION_UNIT_NMOL_PER_L";
const row = (specimen, concentration, time) => ({
  specimen,
  concentration,
  collection: { participant: "NODE", collection_time: instant(time), awakening_time: instant("2026-03-02T06:05:00Z") },
});
const batch = {
  parent,
  request_id: "node-plate-1",
  allow_partial: true,
  batch: { lab: "Example lab", assay: "ELISA", plate: "node" },
  results: [
    row("node-1", { value: 12.4, unit }, "2026-03-02T06:10:00Z"),
    row("node-2", { below: 0.33, unit }, "2026-03-02T21:30:00Z"),
    row("node-3", { value: -1, unit }, "2026-03-02T12:00:00Z"),
  ],
};

const answer = await submit(batch);
console.log(`stored ${answer.stored_count}, refused ${answer.refused_rows.length}`);
for (const { field, description } of answer.violations) console.log(`  ${field}: ${description}`);

// The same request again, as after a lost answer.
console.log(`again: answered before ${(await submit(batch)).answered_before}`);

let count = 0;
let flat = 0;
for await (const message of rhythms.StreamRhythms({ parent }, metadata(), options())) {
  count += message.rhythms.length;
  flat += message.rhythms.filter((rhythm) => rhythm.verdict === "VERDICT_FLAT_FOR_REVIEW").length;
}
console.log(`rhythms ${count}, flat for review ${flat}`);

try {
  const nobody = { ...batch.results[0], specimen: "" };
  await submit({ ...batch, request_id: "node-plate-2", allow_partial: false, results: [nobody, ...batch.results.slice(1)] });
} catch (error) {
  const { code, reason, violations } = refusal(error);
  console.log(`refused ${code} ${reason}`);
  for (const { field, description } of violations) console.log(`  ${field}: ${description}`);
}
submissions.close();
rhythms.close();
