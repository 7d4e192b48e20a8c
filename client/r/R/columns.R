# What the columns are, by table: how each is read, and its unit. The service's own tables are in server/src/table/;
# a column that is new there is read without a unit until it stands here, and the live test says so.

a_text <- list(kind = "text")
a_date <- list(kind = "date")
a_truth <- list(kind = "truth")
an_instant <- list(kind = "instant")
a_number <- function(unit) list(kind = "number", unit = unit)
a_count <- function(unit) list(kind = "count", unit = unit)

columns <- list(
  profiles = list(
    participant = a_text,
    day = a_text,
    sampling_date = a_date,
    awakening_at = list(kind = "local_instant"),
    sample_count = a_count("samples"),
    wake_nmol_per_l = a_number("nmol/L"),
    peak_nmol_per_l = a_number("nmol/L"),
    bed_nmol_per_l = a_number("nmol/L"),
    slope_wake_bed_ln_per_h = a_number("ln(nmol/L)/h"),
    slope_peak_bed_ln_per_h = a_number("ln(nmol/L)/h"),
    slope_regression_ln_per_h = a_number("ln(nmol/L)/h"),
    slope_regression_se = a_number("ln(nmol/L)/h"),
    slope_wake_bed_nmol_per_l_per_h = a_number("nmol/L/h"),
    car_auc_g_nmol_min_per_l = a_number("nmol/L*min"),
    car_auc_i_nmol_min_per_l = a_number("nmol/L*min"),
    car_mean_increase_nmol_per_l = a_number("nmol/L"),
    car_max_increase_nmol_per_l = a_number("nmol/L"),
    day_auc_g_nmol_h_per_l = a_number("nmol/L*h"),
    dynamic_range_ln = a_number("ln(nmol/L)"),
    evening_morning_ratio = a_number("1"),
    mesor = a_number("ln(nmol/L)"),
    amplitude = a_number("ln(nmol/L)"),
    peak_clock_time = a_text,
    cosinor_p = a_number("1"),
    findings = a_text,
    absences = a_text,
    valid = a_truth
  ),
  rhythms = list(
    participant = a_text,
    day_count = a_count("days"),
    valid_day_count = a_count("days"),
    sample_count = a_count("samples"),
    slope_ln_per_h = a_number("ln(nmol/L)/h"),
    slope_se = a_number("ln(nmol/L)/h"),
    posterior_slope_ln_per_h = a_number("ln(nmol/L)/h"),
    posterior_sd = a_number("ln(nmol/L)/h"),
    probability_flat = a_number("1"),
    reference_percentile = a_number("percentile"),
    reliability = a_number("1"),
    verdict = a_text,
    reasons = a_text,
    posterior_lower_ln_per_h = a_number("ln(nmol/L)/h"),
    posterior_upper_ln_per_h = a_number("ln(nmol/L)/h"),
    threshold_ln_per_h = a_number("ln(nmol/L)/h"),
    days_to_reliable = a_count("days"),
    left_out_sample_count = a_count("samples"),
    reference = a_text,
    digest = a_text,
    group = a_text,
    age_years = a_number("years"),
    policy = a_text,
    method = a_text,
    flag = a_text
  ),
  flags = list(
    participant = a_text,
    group = a_text,
    state = a_text,
    probability_flat = a_number("1"),
    posterior_slope_ln_per_h = a_number("ln(nmol/L)/h"),
    posterior_lower_ln_per_h = a_number("ln(nmol/L)/h"),
    posterior_upper_ln_per_h = a_number("ln(nmol/L)/h"),
    threshold_ln_per_h = a_number("ln(nmol/L)/h"),
    valid_day_count = a_count("days"),
    sample_count = a_count("samples"),
    decision = a_text,
    decision_reason = a_text,
    name = a_text,
    posterior_sd = a_number("ln(nmol/L)/h"),
    reference_percentile = a_number("percentile"),
    reliability = a_number("1"),
    left_out_sample_count = a_count("samples"),
    reasons = a_text,
    reference = a_text,
    policy = a_text,
    digest = a_text,
    method = a_text,
    raised_at = an_instant,
    updated_at = an_instant,
    etag = a_text,
    claimed_by = a_text,
    claimed_until = an_instant,
    decisions = a_text
  )
)
