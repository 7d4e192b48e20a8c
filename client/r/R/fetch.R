# One request, answered whole into a file or not at all.

# Fetches an address below the connection's and returns the path of a file with the answer, which the caller removes.
# A service that asks to be asked again is; a download begins anew, so asking again never doubles a row.
fetch <- function(connection, address, type) {
  tries <- 0
  repeat {
    answer <- fetch_once(connection, address)
    if (answer$status != 503 || tries >= connection$retries) {
      break
    }
    tries <- tries + 1
    wait <- suppressWarnings(as.numeric(answer$headers[["retry-after"]]))
    Sys.sleep(if (length(wait) == 1 && !is.na(wait)) min(wait, 60) else 2^(tries - 1))
  }
  if (answer$status == 200 && startsWith(answer$type, type)) {
    return(answer$file)
  }
  said <- paste(readLines(answer$file, warn = FALSE, encoding = "UTF-8"), collapse = "\n")
  unlink(answer$file)
  if (answer$status == 200 || grepl("^text/html", answer$type)) {
    # A page for people: another service, or another address of this one.
    refuse("diel_usage", sprintf(
      "%s%s answers %d with %s instead of %s: is that the address of the console of `diel serve`?",
      connection$url, address, answer$status, answer$type, type
    ), status = answer$status)
  }
  refuse("diel_refused", said, status = answer$status)
}

fetch_once <- function(connection, address) {
  file <- tempfile("diel-")
  handle <- new_handle()
  options <- list(followlocation = FALSE, connecttimeout = 10, timeout = connection$timeout_s, useragent = "diel-r")
  files <- c(cainfo = "ca_file", sslcert = "certificate_file", sslkey = "key_file")
  for (option in names(files)) {
    path <- connection[[files[[option]]]]
    if (nzchar(path)) {
      options[[option]] <- normalizePath(path, mustWork = TRUE)
    }
  }
  handle_setopt(handle, .list = options)
  if (nzchar(connection$token)) {
    handle_setheaders(handle, authorization = paste("Bearer", connection$token))
  }
  answer <- tryCatch(
    curl_fetch_disk(paste0(connection$url, address), file, handle = handle),
    error = function(error) {
      unlink(file)
      refuse("diel_unreachable", sprintf(
        "%s%s: %s; nothing was read", connection$url, address, conditionMessage(error)
      ))
    }
  )
  list(
    status = answer$status_code, type = tolower(paste0(answer$type, "")),
    headers = parse_headers_list(answer$headers), file = file
  )
}
