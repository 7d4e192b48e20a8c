# A connection is where the service is, and what to show it. Nothing stays open between calls.

diel_connect <- function(url = Sys.getenv("DIEL_WEB", "http://127.0.0.1:50152"),
                         token = NULL,
                         ca_file = Sys.getenv("DIEL_CA_FILE"),
                         certificate_file = Sys.getenv("DIEL_CERTIFICATE_FILE"),
                         key_file = Sys.getenv("DIEL_KEY_FILE"),
                         timeout_s = 600,
                         retries = 4) {
  url <- sub("/+$", "", url)
  if (!grepl("^https?://[^/?#]+$", url)) {
    refuse("diel_usage", sprintf("url: \"%s\" is not http://ADDRESS or https://ADDRESS of the console of `diel serve`", url))
  }
  token <- if (is.null(token)) token_of_environment() else checked_token(token)
  connection <- structure(
    list(
      url = url, token = token, ca_file = ca_file, certificate_file = certificate_file, key_file = key_file,
      timeout_s = timeout_s, retries = retries
    ),
    class = "diel_connection"
  )
  if (nzchar(token) && grepl("^http:", url) && !is_this_machine(url)) {
    warning("the token goes to ", url, " without TLS and can be read on the way", call. = FALSE)
  }
  unlink(fetch(connection, "/healthz", type = "text/plain"))
  connection
}

# A token must never be printed, nor end up in a knitted document.
print.diel_connection <- function(x, ...) {
  cat("diel at ", x$url, if (nzchar(x$token)) " (with a token)", "\n", sep = "")
  invisible(x)
}

# The same variables as the command line's, in the same order.
token_of_environment <- function() {
  file <- Sys.getenv("DIEL_TOKEN_FILE")
  if (!nzchar(file)) {
    return(checked_token(Sys.getenv("DIEL_TOKEN")))
  }
  if (!file.exists(file)) {
    refuse("diel_usage", sprintf("DIEL_TOKEN_FILE: there is no file \"%s\"", file))
  }
  checked_token(paste(readLines(file, warn = FALSE), collapse = ""))
}

# A line end within a token would begin another header.
checked_token <- function(token) {
  token <- trimws(token)
  if (!is.character(token) || length(token) != 1 || is.na(token) || grepl("[^!-~]", token)) {
    refuse("diel_usage", "token: is not one word of printable ASCII; a token is diel_ and 64 hexadecimal digits")
  }
  token
}

is_this_machine <- function(url) {
  grepl("^https?://(localhost|127(\\.[0-9]+){3}|\\[::1\\])(:[0-9]+)?$", url)
}
