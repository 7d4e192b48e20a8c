//! The review console: pages over HTTP, and in a real browser.
//!
//! The browser is Debian's Chromium, driven headless through its own driver; where it is missing the tests fail and say
//! what to install. Screenshots go to `target/screenshots`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod console {
    mod axe;
    mod browser;
    mod downloads;
    mod entering;
    mod frames;
    mod guarding;
    mod looking;
    mod people;
    mod reviewing;
}
