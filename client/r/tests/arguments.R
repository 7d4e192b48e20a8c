# What is refused before anything is sent, and in which words.
library(diel)
inside <- asNamespace("diel")

said <- function(expression) {
  tryCatch({
    force(expression)
    stop("nothing was refused")
  }, diel_usage = conditionMessage)
}
stopifnot(
  grepl("^url: \"localhost\" is not http://ADDRESS", said(diel_connect("localhost"))),
  grepl("^token: is not one word", said(diel_connect("http://127.0.0.1:1", token = "a\nb"))),
  grepl("^study: is not the name of one study", said(inside$study_id(c("a", "b")))),
  grepl("^verdicts: is empty or NA", said(inside$filter_text(list(verdicts = character())))),
  grepl("^filter: a filter is given by name", said(inside$filter_text(list("a")))),
  inside$study_id("studies/pilot") == "pilot",
  inside$filter_text(list()) == "",
  inside$filter_text(list(groups = c("a&b", "c"), valid_only = TRUE, first_date = as.Date("2026-03-01"))) ==
    "?groups=a%26b&groups=c&valid_only=true&first_date=2026-03-01",
  inside$filter_text(list(min_slope_ln_per_h = -0.1)) == "?min_slope_ln_per_h=-0.10000000000000001"
)

# Port 1 of this machine: nobody listens there.
nobody <- tryCatch(diel_connect("http://127.0.0.1:1"), diel_unreachable = conditionMessage)
stopifnot(grepl("^http://127.0.0.1:1/healthz: ", nobody), grepl("nothing was read$", nobody))

# A token is never printed.
secret <- structure(list(url = "http://x", token = "diel_secret"), class = "diel_connection")
stopifnot(!grepl("secret", paste(capture.output(print(secret)), collapse = "")))
stopifnot(
  inside$is_this_machine("http://127.0.0.1:50152"), inside$is_this_machine("http://[::1]:1"),
  !inside$is_this_machine("http://127.0.0.1.evil.example")
)
