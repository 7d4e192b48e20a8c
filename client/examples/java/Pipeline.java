import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import diel.v1.Measurements.ConcentrationUnit;
import diel.v1.Measurements.Measurement;
import diel.v1.RhythmsGrpc;
import diel.v1.RhythmsOuterClass.Rhythm;
import diel.v1.RhythmsOuterClass.StreamRhythmsRequest;
import diel.v1.RhythmsOuterClass.Verdict;
import diel.v1.SubmissionsGrpc;
import diel.v1.SubmissionsOuterClass.Batch;
import diel.v1.SubmissionsOuterClass.Collection;
import diel.v1.SubmissionsOuterClass.FieldViolation;
import diel.v1.SubmissionsOuterClass.ResultInput;
import diel.v1.SubmissionsOuterClass.SubmitBatchRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Sends a batch with a bad row, reads rhythms, and shows a refusal.
 *
 * <p>{@code ./build target && target/pipeline pilot}. DIEL_SERVER says where (http://127.0.0.1:50151),
 * DIEL_TOKEN_FILE whose token to send, DIEL_CA_FILE whom to trust.
 */
public final class Pipeline {
  private static ManagedChannel connect() throws Exception {
    URI server = URI.create(System.getenv().getOrDefault("DIEL_SERVER", "http://127.0.0.1:50151"));
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress(server.getHost(), server.getPort());
    if (server.getScheme().equals("https")) {
      String authority = System.getenv("DIEL_CA_FILE");
      var tls = GrpcSslContexts.forClient();
      builder.sslContext((authority == null ? tls : tls.trustManager(new File(authority))).build());
    } else {
      builder.usePlaintext();
    }
    return builder.build();
  }

  private static Metadata token() throws Exception {
    Metadata headers = new Metadata();
    String file = System.getenv("DIEL_TOKEN_FILE");
    if (file != null) {
      Metadata.Key<String> key = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
      headers.put(key, "Bearer " + Files.readString(Path.of(file)).strip());
    }
    return headers;
  }

  private static Timestamp at(String text) {
    return Timestamp.newBuilder().setSeconds(Instant.parse(text).getEpochSecond()).build();
  }

  private static ResultInput row(String specimen, Measurement.Builder concentration, String time) {
    return ResultInput.newBuilder()
        .setSpecimen(specimen)
        .setConcentration(concentration.setUnit(ConcentrationUnit.CONCENTRATION_UNIT_NMOL_PER_L))
        .setCollection(
            Collection.newBuilder()
                .setParticipant("JAVA")
                .setCollectionTime(at(time))
                .setAwakeningTime(at("2026-03-02T06:05:00Z")))
        .build();
  }

  /** Prints what a refusal says: the reason to program against, and every bad field at once. */
  private static void print(StatusRuntimeException refused) throws Exception {
    var status = StatusProto.fromThrowable(refused);
    String reason = "";
    StringBuilder fields = new StringBuilder();
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        reason = detail.unpack(ErrorInfo.class).getReason();
      } else if (detail.is(BadRequest.class)) {
        for (var violation : detail.unpack(BadRequest.class).getFieldViolationsList()) {
          fields.append("  ").append(violation.getField()).append(": ").append(violation.getDescription()).append('\n');
        }
      }
    }
    System.out.printf("refused %s %s%n%s", refused.getStatus().getCode(), reason, fields);
  }

  public static void main(String[] arguments) throws Exception {
    String parent = "studies/" + (arguments.length > 0 ? arguments[0] : "pilot");
    ManagedChannel channel = connect();
    try {
      // A deadline for every call: without one a lost connection is waited for.
      var whose = MetadataUtils.newAttachHeadersInterceptor(token());
      var submissions = SubmissionsGrpc.newBlockingStub(channel).withInterceptors(whose);
      var rhythms = RhythmsGrpc.newBlockingStub(channel).withInterceptors(whose).withDeadlineAfter(60, TimeUnit.SECONDS);

      var batch =
          SubmitBatchRequest.newBuilder()
              .setParent(parent)
              .setRequestId("java-plate-1")
              .setAllowPartial(true)
              .setBatch(Batch.newBuilder().setLab("Example lab").setAssay("ELISA").setPlate("java"))
              .addResults(row("java-1", Measurement.newBuilder().setValue(12.4), "2026-03-02T06:10:00Z"))
              .addResults(row("java-2", Measurement.newBuilder().setBelow(0.33), "2026-03-02T21:30:00Z"))
              .addResults(row("java-3", Measurement.newBuilder().setValue(-1), "2026-03-02T12:00:00Z"))
              .build();
      var answer = submissions.withDeadlineAfter(60, TimeUnit.SECONDS).submitBatch(batch);
      System.out.printf("stored %d, refused %d%n", answer.getStoredCount(), answer.getRefusedRowsCount());
      for (FieldViolation violation : answer.getViolationsList()) {
        System.out.printf("  %s: %s%n", violation.getField(), violation.getDescription());
      }

      // The same request again, as after a lost answer.
      var again = submissions.withDeadlineAfter(60, TimeUnit.SECONDS).submitBatch(batch);
      System.out.printf("again: answered before %b%n", again.getAnsweredBefore());

      int count = 0;
      int flat = 0;
      var messages = rhythms.streamRhythms(StreamRhythmsRequest.newBuilder().setParent(parent).build());
      while (messages.hasNext()) {
        for (Rhythm rhythm : messages.next().getRhythmsList()) {
          count++;
          flat += rhythm.getVerdict() == Verdict.VERDICT_FLAT_FOR_REVIEW ? 1 : 0;
        }
      }
      System.out.printf("rhythms %d, flat for review %d%n", count, flat);

      var wrong = batch.toBuilder().setRequestId("java-plate-2").setAllowPartial(false);
      wrong.getResultsBuilder(0).setSpecimen("");
      try {
        submissions.withDeadlineAfter(60, TimeUnit.SECONDS).submitBatch(wrong.build());
      } catch (StatusRuntimeException refused) {
        print(refused);
      }
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }
}
