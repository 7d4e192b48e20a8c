# Units and codes beside the numbers. R drops attributes of a column that is cut, so ask before you subset.

diel_units <- function(x) {
  units <- lapply(x, attr, which = "unit", exact = TRUE)
  unlist(units[!vapply(units, is.null, logical(1))])
}

# list(c("few_samples", "afternoon"), character()) of c("few_samples;afternoon", NA).
diel_codes <- function(x) {
  codes <- strsplit(ifelse(is.na(x), "", as.character(x)), ";", fixed = TRUE)
  lapply(codes, as.character)
}

# A row for each number that a day has not, with the reason of the service.
diel_absent <- function(profiles) {
  if (!is.data.frame(profiles) || !all(c("participant", "sampling_date", "absences") %in% names(profiles))) {
    refuse("diel_usage", "profiles: is not what diel_profiles() returns")
  }
  absences <- diel_codes(profiles$absences)
  row <- rep(seq_along(absences), lengths(absences))
  pairs <- as.character(unlist(absences))
  data.frame(
    participant = as.character(profiles$participant)[row],
    sampling_date = profiles$sampling_date[row],
    feature = sub(":.*$", "", pairs),
    reason = sub("^[^:]*:", "", pairs),
    stringsAsFactors = FALSE
  )
}
