//! From the SVG of a figure to what is written: a PNG of 300 dpi, and an SVG whose letters are outlines.

use super::{font, theme};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{self, fontdb};
use std::sync::{Arc, OnceLock};

/// Pixels per px: 800 px become 2000 pixels, 300 dpi on a width of 170 mm.
pub const ZOOM: f32 = 2.5;
/// Pixels per metre at 300 dpi.
const PIXELS_PER_METRE: u32 = 11_811;

/// Why a figure could not be written as PNG.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The SVG does not parse: a defect of the program.
    #[error("the drawing is no valid SVG: {0}")]
    Svg(#[from] usvg::Error),
    /// The picture is empty or too large.
    #[error("a picture of {0} x {1} px cannot be made")]
    Size(f32, f32),
    /// The encoder failed.
    #[error("the PNG could not be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}

/// Parses the SVG of a figure with the shipped faces and no other.
///
/// # Errors
/// If it is no valid SVG.
pub fn parse(svg: &str) -> Result<usvg::Tree, usvg::Error> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut database = fontdb::Database::new();
        database.load_font_data(font::REGULAR.to_vec());
        database.load_font_data(font::SEMIBOLD.to_vec());
        database.set_sans_serif_family(font::FAMILY);
        Arc::new(database)
    });
    let options = usvg::Options {
        font_family: font::FAMILY.to_owned(),
        fontdb: Arc::clone(fonts),
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options)
}

/// Renders a parsed figure on white.
///
/// # Errors
/// If the size is impossible or the encoder fails.
pub fn render(tree: &usvg::Tree) -> Result<Vec<u8>, PngError> {
    let (width, height) = (tree.size().width() * ZOOM, tree.size().height() * ZOOM);
    let mut pixels = Pixmap::new(width.round() as u32, height.round() as u32)
        .ok_or(PngError::Size(width, height))?;
    pixels.fill(Color::WHITE);
    resvg::render(
        tree,
        Transform::from_scale(ZOOM, ZOOM),
        &mut pixels.as_mut(),
    );
    let rgb: Vec<u8> = pixels
        .data()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: PIXELS_PER_METRE,
        yppu: PIXELS_PER_METRE,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(bytes)
}

/// The figure as an SVG that looks alike in every viewer: letters as outlines, `<title>` and `<desc>` kept.
#[must_use]
pub fn outlines(tree: &usvg::Tree, svg: &str) -> String {
    let options = usvg::WriteOptions {
        preserve_text: false,
        coordinates_precision: 2,
        transforms_precision: 5,
        ..usvg::WriteOptions::default()
    };
    let drawn = tree.to_string(&options);
    let words = svg
        .find("<title>")
        .zip(svg.find("</desc>"))
        .map_or("", |(from, to)| &svg[from..to + "</desc>".len()]);
    match drawn.find('>') {
        Some(end) if drawn.starts_with("<svg") => {
            format!("{}\n{words}{}", &drawn[..=end], &drawn[end + 1..])
        }
        _ => drawn,
    }
}

/// Size of the picture of a figure of the given height, pixels.
#[must_use]
pub fn pixel_size(height: f64) -> (u32, u32) {
    (
        (theme::WIDTH as f32 * ZOOM) as u32,
        (height as f32 * ZOOM).round() as u32,
    )
}
