# What PSPP stored, by R's reader of SPSS files, beside the CSV that it read.
failed <- FALSE
case <- function(name, code) {
  why <- tryCatch({
    force(code)
    NULL
  }, error = conditionMessage)
  failed <<- failed || !is.null(why)
  cat(if (is.null(why)) paste("ok", name) else paste0("not ok ", name, ": ", gsub("\n", " ", why)), "\n", sep = "")
}

for (table in c("profiles", "rhythms", "flags")) {
  csv <- read.csv(paste0(table, ".csv"), colClasses = "character", na.strings = "")
  codebook <- read.csv(paste0(table, ".codebook.csv"), na.strings = "")
  # The reader warns that it cuts text of more than 255 bytes into several columns; what follows the first is padding here.
  read <- suppressWarnings(foreign::read.spss(paste0(table, ".sav"), use.value.labels = FALSE, use.missings = FALSE))
  numbers <- codebook$column[codebook$kind %in% c("number", "count")]

  case(paste(table, "come back row by row, number by number"), {
    stopifnot(length(read[[1]]) == nrow(csv), all(names(csv) %in% names(read)))
    for (name in numbers) {
      there <- !is.na(csv[[name]])
      difference <- abs(read[[name]][there] - as.numeric(csv[[name]][there]))
      if (any(difference > 4e-16 * abs(read[[name]][there]))) stop(name)
    }
    for (name in setdiff(codebook$column[codebook$kind == "text"], c("findings", "absences"))) {
      if (!identical(trimws(read[[name]]), ifelse(is.na(csv[[name]]), "", csv[[name]]))) stop(name)
    }
  })

  case(paste("columns of", table, "have label and unit"), {
    labels <- attr(read, "variable.labels")[codebook$column]
    stopifnot(!anyNA(labels), all(nzchar(labels)))
    units <- codebook$unit[codebook$kind == "number" & codebook$unit != "1"]
    labelled <- labels[codebook$kind == "number" & codebook$unit != "1"]
    stopifnot(all(endsWith(labelled, paste0(", ", units))))
  })
}

case("absent numbers are missing values that say why", {
  csv <- read.csv("profiles.csv", colClasses = "character", na.strings = "")
  read <- suppressWarnings(foreign::read.spss("profiles.sav", use.value.labels = FALSE, use.missings = FALSE))
  codebook <- read.csv("profiles.codebook.csv")
  reasons <- 0
  for (name in codebook$column[codebook$kind == "number"]) {
    labels <- attr(read[[name]], "value.labels")
    for (row in which(is.na(csv[[name]]))) {
      why <- sub(paste0("^.*;", name, ":([a-z0-9_]+);.*$"), "\\1", paste0(";", csv$absences[row], ";"))
      if (as.numeric(labels[[why]]) != read[[name]][row]) stop(name, " in row ", row, ": ", read[[name]][row])
      reasons <- reasons + 1
    }
  }
  stopifnot(reasons > 100, all(vapply(attr(read, "missings")[codebook$column[codebook$kind == "number"]],
    function(missing) missing$type == "low", logical(1))))
})
quit(status = if (failed) 1 else 0)
