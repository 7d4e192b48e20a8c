# A table as the service writes it, into a data frame whose columns know their unit.

read_table <- function(file, kind) {
  names <- names(read_text(file, nrows = 1))
  text <- read_text(file, nrows = -1)
  known <- columns[[kind]]
  missing <- setdiff(names(known), names)
  if (length(missing) > 0) {
    refuse("diel_usage", sprintf(
      "%s: the service sends no column %s; it is older than this package", kind, paste(missing, collapse = ", ")
    ))
  }
  frame <- list()
  for (name in names) {
    frame <- c(frame, read_column(name, text[[name]], known[[name]]))
  }
  frame <- as.data.frame(frame, stringsAsFactors = FALSE, optional = TRUE)
  attr(frame, "diel_kind") <- kind
  frame
}

# Only an empty cell is absent: a participant may be called NA, and 007 is not 7.
read_text <- function(file, nrows) {
  read.csv(
    file,
    colClasses = "character", na.strings = "", quote = "\"", comment.char = "", fill = FALSE,
    strip.white = FALSE, check.names = FALSE, encoding = "UTF-8", nrows = nrows
  )
}

# A column that this package does not know comes from a newer service and is read by its looks, without a unit.
read_column <- function(name, text, column) {
  if (is.null(column)) {
    return(named(name, type.convert(text, as.is = TRUE)))
  }
  read <- switch(column[["kind"]],
    text = text,
    number = with_unit(as.numeric(text), column[["unit"]]),
    count = with_unit(as.integer(text), column[["unit"]]),
    truth = text == "true",
    date = as.Date(text, format = "%Y-%m-%d"),
    instant = instant(text),
    local_instant = instant(text)
  )
  read <- named(name, read)
  if (column[["kind"]] == "local_instant") {
    # POSIXct has no offset of its own, and a clock time needs it.
    offset <- with_unit(offset_minutes(text), "min east of UTC")
    read <- c(read, named("awakening_utc_offset", offset))
  }
  read
}

named <- function(name, value) {
  one <- list(value)
  names(one) <- name
  one
}

with_unit <- function(numbers, unit) {
  attr(numbers, "unit") <- unit
  numbers
}

# "2026-03-02T07:00:00+01:00" and "...Z" as instants, fractions of a second kept.
instant <- function(text) {
  local <- as.POSIXct(substr(text, 1, 19), format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")
  fraction <- sub("^.{19}(\\.[0-9]+)?.*$", "0\\1", text)
  local + as.numeric(fraction) - 60 * offset_minutes(text)
}

offset_minutes <- function(text) {
  end <- sub("^.*(Z|[+-][0-9]{2}:[0-9]{2})$", "\\1", text)
  east <- ifelse(substr(end, 1, 1) == "-", -1, 1)
  minutes <- suppressWarnings(60 * as.numeric(substr(end, 2, 3)) + as.numeric(substr(end, 5, 6)))
  ifelse(end == "Z", 0, east * minutes)
}
