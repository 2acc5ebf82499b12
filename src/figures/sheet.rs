//! A finished figure, and the two ways of filling a page.

use super::canvas::Canvas;
use super::page::Page;
use super::png::{self, PngError};
use super::theme;

/// A drawn figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Name of its files.
    pub name: String,
    /// What it says.
    pub title: String,
    /// Measure, unit, scenario, meaning of lines and bands.
    pub subtitle: String,
    /// The drawing as SVG with text as text, 800 px wide.
    pub svg: String,
}

impl Figure {
    /// The picture as PNG (2000 px wide, 300 dpi) and the SVG with letters as outlines.
    ///
    /// # Errors
    /// If the picture cannot be made.
    pub fn files(&self) -> Result<(Vec<u8>, String), PngError> {
        let tree = png::parse(&self.svg)?;
        Ok((png::render(&tree)?, png::outlines(&tree, &self.svg)))
    }

    /// A page of the height of one panel; `draw` gets the canvas and the heights between which the plot stands.
    pub fn fixed(name: &str, page: &Page, draw: impl FnOnce(&mut Canvas, f64, f64) -> f64) -> Self {
        let mut canvas = Canvas::default();
        let top = page.header(&mut canvas);
        let bottom = draw(&mut canvas, top, theme::HEIGHT - page.footer_height());
        Self::close(name, page, canvas, bottom)
    }

    /// A page as high as its content; `draw` gets the canvas and the height at which it begins.
    pub fn flowing(name: &str, page: &Page, draw: impl FnOnce(&mut Canvas, f64) -> f64) -> Self {
        let mut canvas = Canvas::default();
        let top = page.header(&mut canvas);
        let bottom = draw(&mut canvas, top);
        Self::close(name, page, canvas, bottom)
    }

    fn close(name: &str, page: &Page, mut canvas: Canvas, bottom: f64) -> Self {
        let height = page.finish(&mut canvas, bottom);
        let description = [
            page.subtitle.as_str(),
            page.note.as_str(),
            page.footer.as_str(),
        ];
        let description: Vec<&str> = description
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        Self {
            name: name.to_owned(),
            title: page.title.clone(),
            subtitle: page.subtitle.clone(),
            svg: canvas.to_svg(height, &page.title, &description.join(". ")),
        }
    }
}
