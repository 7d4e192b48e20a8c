//! From SVG to PNG, with a font of its own: a server has none.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// The greatest width that [`png`] draws, in pixels: 8 times the picture's own.
pub const MAX_WIDTH_PX: u32 = 7360;

/// Why a picture could not be drawn as PNG.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The width is 0 or more than [`MAX_WIDTH_PX`].
    #[error("a width of {width_px} px is outside 1 to {MAX_WIDTH_PX}")]
    Width {
        /// The width asked for.
        width_px: u32,
    },
    /// The text is not an SVG document.
    #[error("the text is not an SVG document")]
    Svg(#[from] resvg::usvg::Error),
    /// The pixels could not be written as PNG.
    #[error("the pixels could not be encoded")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Draws an SVG text as PNG, `width_px` wide and as high as its proportions ask, in the light scheme.
///
/// # Errors
///
/// [`PictureError::Width`] for a width of 0 or beyond [`MAX_WIDTH_PX`], [`PictureError::Svg`] when the text is not
/// an SVG document.
pub fn png(svg: &str, width_px: u32) -> Result<Vec<u8>, PictureError> {
    if width_px == 0 || width_px > MAX_WIDTH_PX {
        return Err(PictureError::Width { width_px });
    }
    let options = Options {
        fontdb: fonts(),
        font_family: FAMILY.to_owned(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree
        .size()
        .to_int_size()
        .scale_to_width(width_px)
        .filter(|size| size.height() <= MAX_WIDTH_PX)
        .ok_or(PictureError::Width { width_px })?;
    let mut pixels =
        Pixmap::new(size.width(), size.height()).ok_or(PictureError::Width { width_px })?;
    let scale_x = size.width() as f32 / tree.size().width();
    let scale_y = size.height() as f32 / tree.size().height();
    resvg::render(
        &tree,
        Transform::from_scale(scale_x, scale_y),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|error| PictureError::Encode(error.into()))
}

/// The family that the fonts below call themselves.
const FAMILY: &str = "DejaVu Sans";

/// DejaVu Sans, regular and bold: free to embed, and it has the signs that the labels use.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        for face in [dejavu::sans::regular(), dejavu::sans::bold()] {
            fonts.load_font_source(fontdb::Source::Binary(Arc::new(face)));
        }
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    }))
}
