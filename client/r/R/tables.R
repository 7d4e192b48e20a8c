# The three tables. A filter is a field of the protocol's filter by its name; a vector is "any of them".

diel_profiles <- function(connection, study, ...) download(connection, study, "profiles", list(...))

diel_rhythms <- function(connection, study, ...) download(connection, study, "rhythms", list(...))

diel_flags <- function(connection, study, ...) download(connection, study, "flags", list(...))

download <- function(connection, study, kind, filter) {
  if (!inherits(connection, "diel_connection")) {
    refuse("diel_usage", "connection: is not what diel_connect() returns")
  }
  address <- sprintf("/studies/%s/%s.csv%s", curl_escape(study_id(study)), kind, filter_text(filter))
  file <- fetch(connection, address, type = "text/csv")
  on.exit(unlink(file))
  read_table(file, kind)
}

# "pilot" and "studies/pilot" are the same study.
study_id <- function(study) {
  if (!is.character(study) || length(study) != 1 || is.na(study) || !nzchar(study)) {
    refuse("diel_usage", "study: is not the name of one study, such as \"pilot\"")
  }
  sub("^studies/", "", study)
}

# list(groups = c("a", "b")) is "?groups=a&groups=b".
filter_text <- function(filter) {
  if (length(filter) == 0) {
    return("")
  }
  if (is.null(names(filter)) || any(!nzchar(names(filter)))) {
    refuse("diel_usage", "filter: a filter is given by name, such as verdicts = \"FLAT_FOR_REVIEW\"")
  }
  pairs <- lapply(names(filter), function(name) {
    values <- filter[[name]]
    if (length(values) == 0 || anyNA(values) || any(!nzchar(as.character(values)))) {
      # Without a value it would select everything.
      refuse("diel_usage", sprintf("%s: is empty or NA; leave the filter out to select everything", name))
    }
    paste0(curl_escape(name), "=", curl_escape(value_text(values)))
  })
  paste0("?", paste(unlist(pairs), collapse = "&"))
}

value_text <- function(values) {
  if (is.logical(values)) {
    tolower(as.character(values))
  } else if (inherits(values, "Date")) {
    format(values, "%Y-%m-%d")
  } else if (is.numeric(values)) {
    format(values, digits = 17, trim = TRUE, scientific = FALSE)
  } else {
    as.character(values)
  }
}
