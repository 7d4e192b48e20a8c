# Standard curves of many plates: diel beside R's nls, in one run, answers compared first.
#
#   Rscript benches/peers/calibration.R PROGRAM [PLATES]
#
# PROGRAM is the bench built by `cargo bench -p diel-benches --bench calibration --no-run`. The plates are made here from a seed: eight
# standards in duplicate on a curve of four parameters, each plate with a curve and noise of its own. Timed are the fits alone, without
# reading the file: R's `nls` with its self-starting SSfpl, with symbolic derivatives from those estimates to full digits, and diel's whole
# calibration of the plate on one thread. Estimates and standard errors are compared with those of the second within 1e-6.
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 1) stop("give the path of the bench program")
count <- if (length(arguments) > 1) as.integer(arguments[2]) else 300
set.seed(20261125)
levels <- rep(c(0.33, 0.8, 2, 5, 12, 28, 50, 82), each = 2)
plates <- lapply(seq_len(count), function(number) {
  A <- runif(1, 1.8, 2.6); D <- runif(1, 0.03, 0.15); C <- exp(runif(1, log(3), log(9))); B <- runif(1, 0.8, 1.4)
  data.frame(plate = number, x = levels, y = D + (A - D) / (1 + (levels / C)^B) + rnorm(16, sd = 0.01))
})
file <- tempfile(fileext = ".csv"); answers <- tempfile(fileext = ".csv")
table <- do.call(rbind, plates)
table$x <- sprintf("%.17g", table$x); table$y <- sprintf("%.17g", table$y)
write.csv(table, file, row.names = FALSE, quote = FALSE)
ours <- as.numeric(tail(system2(arguments[1], c(file, answers), stdout = TRUE), 1))
found <- read.csv(answers)

four <- deriv(~ D + (A - D) / (1 + (x / C)^B), c("A", "D", "C", "B"), function(x, A, D, C, B) NULL)
control <- nls.control(tol = 1e-10, maxiter = 100, warnOnly = TRUE)
self <- function(d) nls(y ~ SSfpl(log(x), A, D, xmid, scal), d)
began <- proc.time()[["elapsed"]]
first <- lapply(plates, self)
theirs <- proc.time()[["elapsed"]] - began
worst <- 0
for (number in seq_len(count)) {
  start <- as.list(coef(first[[number]]))
  # A falling curve has a negative scale there.
  start <- if (start$scal < 0) list(A = start$D, D = start$A, C = exp(start$xmid), B = -1 / start$scal)
           else list(A = start$A, D = start$D, C = exp(start$xmid), B = 1 / start$scal)
  fit <- nls(y ~ four(x, A, D, C, B), plates[[number]], start = start, control = control)
  expected <- c(coef(summary(fit))[, 1:2])
  apart <- max(abs(unlist(found[number, -1]) / expected - 1))
  if (apart > 1e-6) stop("plate ", number, " differs by ", apart)
  worst <- max(worst, apart)
}
cat(sprintf("equal within %.1e: four estimates and four errors of %d plates\n", worst, count))
cat(sprintf("diel, whole calibration   %10.2f us a plate\n", 1e6 * ours / count))
cat(sprintf("R, nls(SSfpl)             %10.2f us a plate  %6.0f times diel\n", 1e6 * theirs / count, theirs / ours))
