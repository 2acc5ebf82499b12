//! A list of shapes in px, and its writing as SVG by plotters.
//!
//! plotters has whole-number coordinates, so it draws at 20 units per px; dashes, hatches and clipping are arithmetic here,
//! since its SVG knows none of them.

use super::colour::Colour;
use super::font::{self, Weight};
use super::theme;
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};

/// A point, px from the left and from the top.
pub type Point = (f64, f64);

/// plotters' units per px.
const UNITS: f64 = 20.0;
/// What plotters divides a font size by.
const FONT_RATIO: f64 = 1.24;
/// Baseline below the anchor that plotters writes for the top of a text, em.
const TOP_TO_BASELINE: f64 = 0.76;

/// Which end of the text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text begins there.
    Start,
    /// The text is centred there.
    Middle,
    /// The text ends there.
    End,
}

/// Size, face and colour of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Type {
    /// Size, px.
    pub size: f64,
    /// Face.
    pub weight: Weight,
    /// Colour.
    pub colour: Colour,
}

impl Type {
    /// A regular text.
    #[must_use]
    pub const fn regular(size: f64, colour: Colour) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            colour,
        }
    }

    /// A semibold text.
    #[must_use]
    pub const fn semibold(size: f64, colour: Colour) -> Self {
        Self {
            size,
            weight: Weight::Semibold,
            colour,
        }
    }

    /// Width of a text in this type, px.
    #[must_use]
    pub fn width(&self, text: &str) -> f64 {
        font::width(text, self.size, self.weight)
    }
}

/// One drawn thing.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Line {
        points: Vec<Point>,
        width: f64,
        colour: Colour,
        opacity: f64,
    },
    Area {
        points: Vec<Point>,
        colour: Colour,
        opacity: f64,
    },
    Disc {
        centre: Point,
        radius: f64,
        colour: Colour,
    },
    Ring {
        centre: Point,
        radius: f64,
        width: f64,
        colour: Colour,
    },
    Text {
        text: String,
        at: Point,
        anchor: Anchor,
        face: Type,
    },
}

/// What has been drawn so far, back to front.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Canvas {
    shapes: Vec<Shape>,
}

impl Canvas {
    /// A line through the points; fewer than two draw nothing.
    pub fn line(&mut self, points: &[Point], width: f64, colour: Colour) {
        self.faint_line(points, width, colour, 1.0);
    }

    /// A line with an opacity.
    pub fn faint_line(&mut self, points: &[Point], width: f64, colour: Colour, opacity: f64) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line {
                points: points.to_vec(),
                width,
                colour,
                opacity,
            });
        }
    }

    /// A dashed line: `on` px drawn, `off` px left out, along the whole path.
    pub fn dashed(&mut self, points: &[Point], width: f64, colour: Colour, (on, off): (f64, f64)) {
        let mut drawing = true;
        let mut left = on;
        let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            loop {
                let length = distance(from, to);
                if length <= left {
                    left -= length;
                    if drawing {
                        piece.push(to);
                    }
                    break;
                }
                let share = left / length;
                from = (
                    from.0 + (to.0 - from.0) * share,
                    from.1 + (to.1 - from.1) * share,
                );
                if drawing {
                    piece.push(from);
                    self.line(&piece, width, colour);
                    piece.clear();
                } else {
                    piece = vec![from];
                }
                drawing = !drawing;
                left = if drawing { on } else { off };
            }
        }
        if drawing {
            self.line(&piece, width, colour);
        }
    }

    /// A filled polygon without a stroke.
    pub fn area(&mut self, points: &[Point], colour: Colour, opacity: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area {
                points: points.to_vec(),
                colour,
                opacity,
            });
        }
    }

    /// A filled rectangle.
    pub fn rect(&mut self, (x0, y0): Point, (x1, y1): Point, colour: Colour, opacity: f64) {
        self.area(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour, opacity);
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, (x0, y0): Point, (x1, y1): Point, width: f64, colour: Colour) {
        self.line(
            &[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)],
            width,
            colour,
        );
    }

    /// A filled disc.
    pub fn disc(&mut self, centre: Point, radius: f64, colour: Colour) {
        self.shapes.push(Shape::Disc {
            centre,
            radius,
            colour,
        });
    }

    /// A white disc with a coloured rim.
    pub fn open_disc(&mut self, centre: Point, radius: f64, width: f64, colour: Colour) {
        self.disc(centre, radius, theme::WHITE);
        self.shapes.push(Shape::Ring {
            centre,
            radius: radius - width / 2.0,
            width,
            colour,
        });
    }

    /// Hatch of 45 degrees in a rectangle, a line every 6 px.
    pub fn hatch(&mut self, (x0, y0): Point, (x1, y1): Point, colour: Colour) {
        let (width, height) = (x1 - x0, y1 - y0);
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        let step = 6.0;
        let mut offset = step / 2.0;
        while offset < width + height {
            // From the left or bottom edge to the top or right edge, rising to the right.
            let from = if offset <= height {
                (x0, y0 + offset)
            } else {
                (x0 + offset - height, y1)
            };
            let to = if offset <= width {
                (x0 + offset, y0)
            } else {
                (x1, y0 + offset - width)
            };
            self.line(&[from, to], theme::GRID_LINE, colour);
            offset += step;
        }
    }

    /// A text whose baseline is at `at`.
    pub fn text(&mut self, text: impl Into<String>, at: Point, anchor: Anchor, face: Type) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.shapes.push(Shape::Text {
                text,
                at,
                anchor,
                face,
            });
        }
    }

    /// A text on a white plate of 2 px, for labels that cross a grid line.
    pub fn plated_text(
        &mut self,
        text: impl Into<String>,
        at: Point,
        anchor: Anchor,
        face: Type,
        opacity: f64,
    ) {
        let text = text.into();
        let width = face.width(&text);
        let left = match anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - width / 2.0,
            Anchor::End => at.0 - width,
        };
        self.rect(
            (left - 2.0, at.1 - face.size * 0.78),
            (left + width + 2.0, at.1 + face.size * 0.26),
            theme::WHITE,
            opacity,
        );
        self.text(text, at, anchor, face);
    }

    /// The drawing as an SVG document of the given height, with a title and a description for screen readers.
    #[must_use]
    pub fn to_svg(&self, height: f64, title: &str, description: &str) -> String {
        let size = (units(theme::WIDTH) as u32, units(height) as u32);
        let mut drawn = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut drawn, size);
            for shape in &self.shapes {
                shape
                    .draw(&mut backend)
                    .expect("drawing into a string cannot fail");
            }
            backend.present().expect("closing a string cannot fail");
        }
        let body = drawn.split_once('\n').map_or("", |(_, body)| body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\" role=\"img\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n{body}",
            theme::WIDTH,
            height.round(),
            size.0,
            units(height.round()),
            escape(title),
            escape(description),
        )
    }
}

impl Shape {
    /// Hands the shape to plotters.
    fn draw<B: DrawingBackend>(&self, backend: &mut B) -> Result<(), String> {
        let drawn = match self {
            Self::Line {
                points,
                width,
                colour,
                opacity,
            } => backend.draw_path(
                points.iter().map(|p| whole(*p)),
                &stroke(*colour, *opacity, *width),
            ),
            Self::Area {
                points,
                colour,
                opacity,
            } => backend.fill_polygon(
                points.iter().map(|p| whole(*p)),
                &stroke(*colour, *opacity, 0.0),
            ),
            Self::Disc {
                centre,
                radius,
                colour,
            } => backend.draw_circle(
                whole(*centre),
                units(*radius) as u32,
                &stroke(*colour, 1.0, 0.0),
                true,
            ),
            Self::Ring {
                centre,
                radius,
                width,
                colour,
            } => backend.draw_circle(
                whole(*centre),
                units(*radius) as u32,
                &stroke(*colour, 1.0, *width),
                false,
            ),
            Self::Text {
                text,
                at,
                anchor,
                face,
            } => {
                let horizontal = match anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                let weight = match face.weight {
                    Weight::Regular => FontStyle::Normal,
                    Weight::Semibold => FontStyle::Bold,
                };
                let family = format!("'{}', sans-serif", font::FAMILY);
                let desc = FontDesc::new(
                    FontFamily::Name(&family),
                    face.size * UNITS * FONT_RATIO,
                    weight,
                );
                let colour = rgba(face.colour, 1.0);
                let style = TextStyle::from(desc)
                    .color(&colour)
                    .pos(Pos::new(horizontal, VPos::Top));
                backend.draw_text(
                    text,
                    &style,
                    whole((at.0, at.1 - face.size * TOP_TO_BASELINE)),
                )
            }
        };
        drawn.map_err(|error| error.to_string())
    }
}

fn rgba(colour: Colour, opacity: f64) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, opacity)
}

fn stroke(colour: Colour, opacity: f64, width: f64) -> ShapeStyle {
    ShapeStyle {
        color: rgba(colour, opacity),
        filled: true,
        stroke_width: units(width) as u32,
    }
}

fn units(px: f64) -> i32 {
    (px * UNITS).round() as i32
}

fn whole((x, y): Point) -> (i32, i32) {
    (units(x), units(y))
}

fn distance(a: Point, b: Point) -> f64 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_add_up() {
        let mut canvas = Canvas::default();
        canvas.dashed(
            &[(0.0, 0.0), (10.0, 0.0), (30.0, 0.0)],
            1.0,
            theme::INK,
            (7.0, 3.0),
        );
        assert_eq!(canvas.shapes.len(), 3);
        let Shape::Line { points, .. } = &canvas.shapes[1] else {
            panic!("a line")
        };
        assert_eq!(points.as_slice(), &[(10.0, 0.0), (17.0, 0.0)]);
    }

    #[test]
    fn a_hatch_stays_in_its_rectangle() {
        let mut canvas = Canvas::default();
        canvas.hatch((10.0, 20.0), (50.0, 100.0), theme::HATCH);
        assert!(canvas.shapes.len() > 10);
        for shape in &canvas.shapes {
            let Shape::Line { points, .. } = shape else {
                panic!("a line")
            };
            for (x, y) in points {
                assert!(
                    (10.0..=50.0).contains(x) && (20.0..=100.0).contains(y),
                    "{x} {y}"
                );
            }
        }
    }
}
