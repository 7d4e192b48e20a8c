//! The words in headers of wide tables, in lower case.

pub(super) const ANALYTE: [&str; 8] = [
    "cortisol",
    "cort",
    "kortisol",
    "conc",
    "concentration",
    "result",
    "value",
    "level",
];
pub(super) const TIME: [&str; 12] = [
    "time",
    "clock",
    "clocktime",
    "collected",
    "collection",
    "sampled",
    "sampling",
    "datetime",
    "timestamp",
    "at",
    "zeit",
    "uhrzeit",
];
pub(super) const DATE: [&str; 2] = ["date", "datum"];
pub(super) const AWAKENING: [&str; 10] = [
    "wake",
    "waking",
    "wakeup",
    "woke",
    "awake",
    "awakening",
    "awoke",
    "aufwachen",
    "aufwachzeit",
    "wachzeit",
];
/// What may stand beside the awakening without making it something else.
pub(super) const BESIDE_AWAKENING: [&str; 4] = ["app", "up", "of", "the"];
pub(super) const MINUTES: [&str; 3] = ["min", "mins", "minutes"];
pub(super) const SPECIMEN: [&str; 5] = ["barcode", "specimen", "tube", "tubeid", "specimenid"];
/// Other analytes, and numbers made of several samples or of replicates: no concentration of a sample.
pub(super) const OTHER: [&str; 22] = [
    "cortisone",
    "amylase",
    "saa",
    "dhea",
    "dheas",
    "crp",
    "melatonin",
    "testosterone",
    "alpha",
    "sd",
    "se",
    "sem",
    "cv",
    "od",
    "log",
    "ln",
    "mean",
    "auc",
    "aucg",
    "auci",
    "slope",
    "increase",
];
/// Words that only say that a sample follows.
pub(super) const SAMPLE: [&str; 4] = ["sample", "samples", "saliva", "sal"];
