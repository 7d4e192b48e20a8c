# Every error is a condition of class diel_error whose message is the service's own, where the service spoke.

refuse <- function(class, message, status = NA_integer_) {
  stop(structure(
    class = c(class, "diel_error", "error", "condition"),
    list(message = message, call = NULL, status = status)
  ))
}
