//! Heat maps: a value in each cell, its shade from a ramp.

use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::colour::Colour;
use crate::figures::theme;

/// One matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Name above the matrix.
    pub name: String,
    /// Names of the rows.
    pub rows: Vec<String>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Text and shade of each cell, row by row; `None` is left white.
    pub cells: Vec<Vec<Option<(String, Colour)>>>,
    /// Whether the names of rows are drawn.
    pub row_names: bool,
}

/// White between cells, px.
const BETWEEN: f64 = 1.6;

impl Heat {
    /// Width that the names of the rows take, px.
    #[must_use]
    pub fn gutter(&self) -> f64 {
        let face = Type::regular(theme::TICK, theme::INK);
        if self.row_names {
            self.rows.iter().map(|r| face.width(r)).fold(0.0, f64::max) + 8.0
        } else {
            0.0
        }
    }

    /// Draws the matrix into a width; gives the height at which it ends.
    pub fn draw(
        &self,
        canvas: &mut Canvas,
        left: f64,
        right: f64,
        top: f64,
        row_height: f64,
    ) -> f64 {
        let start = left + self.gutter();
        let width = (right - start) / self.columns.len().max(1) as f64;
        canvas.text(
            &self.name,
            (start, top + 12.0),
            Anchor::Start,
            Type::semibold(theme::LABEL, theme::INK),
        );
        let head = Type::regular(theme::TICK, theme::MUTED);
        for (index, name) in self.columns.iter().enumerate() {
            canvas.text(
                name,
                (start + width * (index as f64 + 0.5), top + 33.0),
                Anchor::Middle,
                head,
            );
        }
        let first = top + 40.0;
        for (index, (name, cells)) in self.rows.iter().zip(&self.cells).enumerate() {
            let y = first + row_height * index as f64;
            let baseline = y + row_height / 2.0 + theme::NOTE * 0.34;
            if self.row_names {
                let face = Type::regular(theme::TICK, theme::INK);
                canvas.text(name, (start - 8.0, baseline), Anchor::End, face);
            }
            for (column, cell) in cells.iter().enumerate() {
                let Some((text, colour)) = cell else { continue };
                let x = start + width * column as f64;
                let inset = BETWEEN / 2.0;
                canvas.rect(
                    (x + inset, y + inset),
                    (x + width - inset, y + row_height - inset),
                    *colour,
                    1.0,
                );
                let face = Type::regular(theme::NOTE, colour.text_on());
                canvas.text(text, (x + width / 2.0, baseline), Anchor::Middle, face);
            }
        }
        first + row_height * self.rows.len() as f64
    }
}
