# Datasets of Stata, by R's package haven, beside the CSV that they were made of.
failed <- FALSE
case <- function(name, code) {
  why <- tryCatch({
    force(code)
    NULL
  }, error = conditionMessage)
  failed <<- failed || !is.null(why)
  cat(if (is.null(why)) paste("ok", name) else paste0("not ok ", name, ": ", gsub("\n", " ", why)), "\n", sep = "")
}
tables <- function(name) {
  list(
    csv = read.csv(paste0(name, ".csv"), colClasses = "character", na.strings = ""),
    codebook = read.csv(paste0(name, ".codebook.csv"), na.strings = ""),
    read = haven::read_dta(paste0(name, ".dta"))
  )
}

for (name in c("profiles", "rhythms", "flags")) {
  of <- tables(name)
  case(paste(name, "come back row by row, digit by digit"), {
    stopifnot(nrow(of$read) == nrow(of$csv), nrow(of$csv) > 0, identical(names(of$read), of$codebook$column))
    for (column in of$codebook$column) {
      kind <- of$codebook$kind[of$codebook$column == column]
      text <- of$csv[[column]]
      cells <- of$read[[column]]
      same <- switch(kind,
        text = identical(as.vector(cells), ifelse(is.na(text), "", text)),
        date = identical(as.character(cells), text),
        identical(as.vector(haven::zap_missing(haven::zap_labels(cells))), as.numeric(text))
      )
      if (!same && !(kind %in% c("number", "count") &&
        isTRUE(all.equal(as.numeric(cells), as.numeric(text), tolerance = 1e-15, check.attributes = FALSE)))) stop(column)
    }
  })
  case(paste("columns of", name, "have label and unit"), {
    labels <- vapply(of$read, function(cells) attr(cells, "label"), character(1))
    units <- of$codebook$unit
    has <- of$codebook$kind == "number" & units != "1"
    stopifnot(identical(unname(labels), ifelse(has, paste0(of$codebook$label, ", ", units), of$codebook$label)))
  })
}

case("absent numbers are missing values that say why", {
  of <- tables("profiles")
  reasons <- 0
  for (column in of$codebook$column[of$codebook$kind == "number"]) {
    labels <- attr(of$read[[column]], "labels")
    letters_of <- stats::setNames(names(labels), haven::na_tag(labels))
    tags <- haven::na_tag(of$read[[column]])
    for (row in which(is.na(of$csv[[column]]))) {
      why <- sub(paste0("^.*;", column, ":([a-z0-9_]+);.*$"), "\\1", paste0(";", of$csv$absences[row], ";"))
      if (letters_of[[tags[row]]] != why) stop(column, " in row ", row, ": ", tags[row])
      reasons <- reasons + 1
    }
  }
  stopifnot(reasons > 100)
})
quit(status = if (failed) 1 else 0)
