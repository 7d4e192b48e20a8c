# Tables as the service writes them, without a service. Known answers by hand.
library(diel)
inside <- asNamespace("diel")

table <- function(kind, cells) {
  names <- names(inside$columns[[kind]])
  row <- setNames(rep("", length(names)), names)
  row[names(cells)] <- cells
  file <- tempfile()
  con <- file(file, open = "wb")
  writeLines(enc2utf8(c(paste(names, collapse = ","), paste(row, collapse = ","))), con, useBytes = TRUE)
  close(con)
  inside$read_table(file, kind)
}

p <- table("profiles", c(
  participant = "007", sampling_date = "2026-03-02", awakening_at = "2026-03-02T07:00:00+01:00", sample_count = "5",
  wake_nmol_per_l = "0.1", slope_regression_ln_per_h = "-0.02876122247817", findings = "few_samples;afternoon",
  absences = "mesor:few_times;amplitude:few_times", peak_clock_time = "08:30", valid = "true"
))
stopifnot(
  nrow(p) == 1,
  identical(p$participant, "007"),
  identical(p$sampling_date, as.Date("2026-03-02")),
  # 07:00 at +01:00 is 06:00 UTC, 1772431200 s since 1970.
  as.numeric(p$awakening_at) == 1772431200,
  p$awakening_utc_offset == 60,
  identical(as.numeric(p$wake_nmol_per_l), 0.1),
  attr(p$wake_nmol_per_l, "unit") == "nmol/L",
  attr(p$slope_regression_ln_per_h, "unit") == "ln(nmol/L)/h",
  is.na(p$mesor), attr(p$mesor, "unit") == "ln(nmol/L)",
  identical(p$valid, TRUE),
  identical(diel_codes(p$findings), list(c("few_samples", "afternoon")))
)
why <- diel_absent(p)
stopifnot(
  identical(why$feature, c("mesor", "amplitude")), identical(why$reason, c("few_times", "few_times")),
  identical(why$participant, c("007", "007"))
)

# A participant may be called NA; a reason may hold quotes, commas, line ends and umlauts.
f <- table("flags", c(
  participant = "NA", state = "resolved", decision_reason = "\"Late, \"\"very\"\" late\nR\u00f6hrchen\"",
  raised_at = "2026-03-02T07:00:00.25-03:30"
))
stopifnot(
  identical(f$participant, "NA"), is.na(f$group),
  f$decision_reason == "Late, \"very\" late\nR\u00f6hrchen",
  # 07:00:00.25 at -03:30 is 10:30:00.25 UTC.
  as.numeric(f$raised_at) == 1772447400.25,
  is.na(f$claimed_until)
)

# No row is a table too.
empty <- tempfile()
writeLines(paste(names(inside$columns$rhythms), collapse = ","), empty)
r <- inside$read_table(empty, "rhythms")
stopifnot(nrow(r) == 0, is.numeric(r$slope_ln_per_h), attr(r$slope_ln_per_h, "unit") == "ln(nmol/L)/h")

# Every column that is a number has a unit.
for (kind in names(inside$columns)) {
  for (column in inside$columns[[kind]]) {
    stopifnot(!column$kind %in% c("number", "count") || nzchar(column$unit))
  }
}
