//! Style, script and sign: part of the binary, so that nothing is fetched from elsewhere.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::picture;

const STYLE: &str = include_str!("../../assets/console.css");
const SCRIPT: &str = include_str!("../../assets/console.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Addresses carry the version, so that a browser may keep what it has.
const KEEP: &str = "public, max-age=31536000, immutable";

/// The page's style, and that of pictures inside pictures alone: their classes have short names.
fn style() -> &'static str {
    static WHOLE: OnceLock<String> = OnceLock::new();
    WHOLE.get_or_init(|| format!("{STYLE}\n.picture{{\n{}}}\n", picture::style()))
}

/// A digest of everything that is served here.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut hasher = blake3::Hasher::new();
        for text in [style(), SCRIPT, ICON] {
            hasher.update(text.as_bytes());
        }
        hasher.finalize().to_hex().chars().take(16).collect()
    })
}

/// One of the files.
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "console.css" => ("text/css; charset=utf-8", style()),
        "console.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
    };
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, KEEP)], text).into_response()
}
