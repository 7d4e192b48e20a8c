# The package against a running service, and against one that fails. checks/clients starts both and sets:
# DIEL_WEB the demonstration's console; SAFE_WEB one with TLS and tokens, SAFE_CA its authority, RESEARCHER_TOKEN and
# SUBMITTER_TOKEN files; FAULTY_WEB the service of faulty.py; DIEL_CSV a folder with what the command line prints.
library(diel)

failures <- 0
case <- function(name, code) {
  why <- tryCatch({
    force(code)
    NULL
  }, error = conditionMessage)
  if (!is.null(why)) {
    failures <<- failures + 1
  }
  cat(if (is.null(why)) paste("ok", name) else paste0("not ok ", name, ": ", gsub("\n", " ", why)), "\n", sep = "")
}
said <- function(class, expression) {
  condition <- tryCatch({
    force(expression)
    stop("nothing was refused")
  }, diel_error = identity)
  if (!inherits(condition, class)) {
    stop("of class ", paste(class(condition), collapse = " "), ": ", conditionMessage(condition))
  }
  condition
}
of_file <- function(name) trimws(readLines(Sys.getenv(name), warn = FALSE))

demo <- diel_connect()
tables <- list(profiles = diel_profiles, rhythms = diel_rhythms, flags = diel_flags)
# The demonstration study, fixtures/study.csv: 61 persons who woke on 189 days, by `sort -u`; 7 flags, as `diel demo` shows.
rows <- c(profiles = 189, rhythms = 61, flags = 7)

for (kind in names(tables)) {
  case(paste(kind, "are what the command line prints"), {
    frame <- tables[[kind]](demo, "demo")
    printed <- read.csv(file.path(Sys.getenv("DIEL_CSV"), paste0(kind, ".csv")), colClasses = "character", na.strings = "")
    stopifnot(nrow(frame) == rows[[kind]], nrow(frame) == nrow(printed))
    stopifnot(identical(setdiff(names(frame), "awakening_utc_offset"), names(printed)))
    for (name in names(printed)) {
      column <- frame[[name]]
      if (is.numeric(column)) {
        # R reads decimals to the last but one bit.
        stopifnot(
          identical(is.na(as.numeric(column)), is.na(printed[[name]])),
          all(abs(column - as.numeric(printed[[name]])) <= 4e-16 * abs(column), na.rm = TRUE)
        )
      } else if (is.character(column)) {
        stopifnot(identical(column, printed[[name]]))
      }
    }
  })
  case(paste("every number of", kind, "has a unit"), {
    frame <- tables[[kind]](demo, "demo")
    numbers <- names(frame)[vapply(frame, is.numeric, logical(1))]
    without <- setdiff(numbers, names(diel_units(frame)))
    if (length(without) > 0) stop("no unit: ", paste(without, collapse = ", "))
    new <- setdiff(names(frame), c(names(asNamespace("diel")$columns[[kind]]), "awakening_utc_offset"))
    if (length(new) > 0) stop("not in R/columns.R: ", paste(new, collapse = ", "))
  })
}

for (kind in names(tables)) {
  case(paste("units of", kind, "are those of `diel codebook`"), {
    codebook <- read.csv(text = system2("diel", c("codebook", kind, "--format", "csv"), stdout = TRUE))
    described <- codebook[codebook$kind %in% c("number", "count"), ]
    units <- diel_units(tables[[kind]](demo, "demo"))
    stopifnot(identical(unname(units[described$column]), described$unit))
  })
}

case("what is absent says why", {
  profiles <- diel_profiles(demo, "demo")
  why <- diel_absent(profiles)
  for (feature in unique(why$feature)) {
    absent <- sum(why$feature == feature)
    stopifnot(absent == sum(is.na(profiles[[feature]])))
  }
  stopifnot("few_times" %in% why$reason)
})

case("filters select", {
  all <- diel_rhythms(demo, "demo")
  flat <- diel_rhythms(demo, "studies/demo", verdicts = c("FLAT_FOR_REVIEW", "INDETERMINATE"))
  expected <- all[all$verdict %in% c("FLAT_FOR_REVIEW", "INDETERMINATE"), ]
  stopifnot(nrow(flat) > 0, nrow(flat) < nrow(all), identical(flat$participant, expected$participant))
  none <- diel_rhythms(demo, "demo", min_age_years = 119)
  stopifnot(nrow(none) == 0, attr(none$slope_ln_per_h, "unit") == "ln(nmol/L)/h")
})

case("a misspelt filter is refused in the words of the service", {
  refused <- said("diel_refused", diel_rhythms(demo, "demo", group = "a"))
  stopifnot(refused$message == "group: is not a parameter; did you mean groups?", refused$status == 400)
})

case("an unknown study is refused in the words of the service", {
  refused <- said("diel_refused", diel_flags(demo, "nowhere"))
  stopifnot(refused$message == "studies/nowhere does not exist", refused$status == 404)
})

case("a token and an authority of one's own", {
  safe <- diel_connect(Sys.getenv("SAFE_WEB"), token = of_file("RESEARCHER_TOKEN"), ca_file = Sys.getenv("SAFE_CA"))
  stopifnot(sum(startsWith(diel_rhythms(safe, "pilot")$participant, "SIM-")) == 61)
})

case("the token of the environment", {
  Sys.setenv(DIEL_TOKEN_FILE = Sys.getenv("RESEARCHER_TOKEN"))
  safe <- diel_connect(Sys.getenv("SAFE_WEB"), ca_file = Sys.getenv("SAFE_CA"))
  Sys.unsetenv("DIEL_TOKEN_FILE")
  stopifnot(sum(startsWith(diel_rhythms(safe, "pilot")$participant, "SIM-")) == 61)
})

case("without a token nothing is read", {
  safe <- diel_connect(Sys.getenv("SAFE_WEB"), token = "", ca_file = Sys.getenv("SAFE_CA"))
  refused <- said("diel_refused", diel_rhythms(safe, "pilot"))
  stopifnot(refused$status == 401, grepl("this service wants `authorization: Bearer TOKEN`", refused$message, fixed = TRUE))
})

case("a role that is missing is named", {
  safe <- diel_connect(Sys.getenv("SAFE_WEB"), token = of_file("SUBMITTER_TOKEN"), ca_file = Sys.getenv("SAFE_CA"))
  refused <- said("diel_refused", diel_rhythms(safe, "pilot"))
  stopifnot(refused$status == 403, grepl("researcher", refused$message))
})

case("an authority that nobody named is not trusted", {
  refused <- said("diel_unreachable", diel_connect(Sys.getenv("SAFE_WEB"), ca_file = ""))
  stopifnot(grepl("certificate", refused$message))
})

faulty <- diel_connect(Sys.getenv("FAULTY_WEB"))
case("a download that breaks off is no table", {
  refused <- said("diel_unreachable", diel_rhythms(faulty, "broken"))
  stopifnot(grepl("nothing was read$", refused$message))
})

case("a service that is overloaded is asked again", {
  begin <- Sys.time()
  stopifnot(nrow(diel_rhythms(faulty, "busy")) == 0)
  waited <- as.numeric(Sys.time() - begin, units = "secs")
  stopifnot(waited >= 1, waited < 10)
})

case("one that stays overloaded is an error", {
  patient <- diel_connect(Sys.getenv("FAULTY_WEB"), retries = 1)
  refused <- said("diel_refused", diel_rhythms(patient, "always-busy"))
  stopifnot(refused$status == 503, refused$message == "too many streams")
})

case("an address that is no console of diel is told apart", {
  refused <- said("diel_usage", diel_rhythms(faulty, "page"))
  stopifnot(grepl("text/html", refused$message))
})

quit(status = if (failures > 0) 1 else 0)
