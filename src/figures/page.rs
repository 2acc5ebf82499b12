//! The page round a figure: title, subtitle, footer, and the wrapping of long lines.

use super::canvas::{Anchor, Canvas, Type};
use super::theme;

/// Words around the plot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The finding or the question.
    pub title: String,
    /// Measure, unit, place, scenario, what line and bands mean.
    pub subtitle: String,
    /// Things to know that are not part of the message; may be empty.
    pub note: String,
    /// Source, version, configuration, seeds.
    pub footer: String,
}

/// Most that a line of text may be wide, px.
const TEXT_WIDTH: f64 = theme::WIDTH - 2.0 * theme::MARGIN;
/// Distance of two lines of the footer, px.
const NOTE_LINE: f64 = 14.0;

impl Page {
    /// Draws title and subtitle; gives the height at which the plot may begin, px.
    pub fn header(&self, canvas: &mut Canvas) -> f64 {
        let title = Type::semibold(theme::TITLE, theme::INK);
        let subtitle = Type::regular(theme::SUBTITLE, theme::SOFT_INK);
        let mut y = theme::MARGIN - 8.0;
        for line in wrap_even(&self.title, title, TEXT_WIDTH) {
            y += theme::TITLE_LINE;
            canvas.text(line, (theme::MARGIN, y), Anchor::Start, title);
        }
        y += 4.0;
        for line in wrap_subtitle(&self.subtitle, subtitle) {
            y += theme::SUBTITLE_LINE;
            canvas.text(line, (theme::MARGIN, y), Anchor::Start, subtitle);
        }
        y + 4.0 + 10.0
    }

    /// Height that note and footer take at the bottom of the page, with the gap above them, px.
    #[must_use]
    pub fn footer_height(&self) -> f64 {
        8.0 + NOTE_LINE * self.footer_lines().len() as f64 + theme::MARGIN - 2.0
    }

    /// Draws note and footer below `bottom`, the end of the plot; gives the height of the page, px.
    pub fn finish(&self, canvas: &mut Canvas, bottom: f64) -> f64 {
        let face = Type::regular(theme::NOTE, theme::MUTED);
        let mut y = bottom + 8.0;
        for line in self.footer_lines() {
            y += NOTE_LINE;
            canvas.text(line, (theme::MARGIN, y - 2.0), Anchor::Start, face);
        }
        (y + theme::MARGIN - 2.0).ceil()
    }

    fn footer_lines(&self) -> Vec<String> {
        let face = Type::regular(theme::NOTE, theme::MUTED);
        let mut lines = if self.note.is_empty() {
            Vec::new()
        } else {
            wrap(&self.note, face, TEXT_WIDTH)
        };
        lines.extend(wrap(&self.footer, face, TEXT_WIDTH));
        lines
    }
}

/// Lines no wider than `width`, broken at blanks but not at no-break spaces, each filled as far as it goes; a word that is wider stands alone.
#[must_use]
pub fn wrap(text: &str, face: Type, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if face.width(&format!("{line} {word}")) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// As few lines as [`wrap`] needs, of even length, so that no word is left alone.
#[must_use]
pub fn wrap_even(text: &str, face: Type, width: f64) -> Vec<String> {
    let lines = wrap(text, face, width);
    let (mut low, mut high) = (0.0, width);
    while high - low > 1.0 {
        let middle = (low + high) / 2.0;
        let tried = wrap(text, face, middle);
        let fits =
            tried.len() == lines.len() && tried.iter().all(|line| face.width(line) <= middle);
        if fits { high = middle } else { low = middle }
    }
    wrap(text, face, high)
}

/// Filled lines, or even ones if the last would be under 30% of the width.
fn wrap_subtitle(text: &str, face: Type) -> Vec<String> {
    let lines = wrap(text, face, TEXT_WIDTH);
    match lines.last() {
        Some(last) if lines.len() > 1 && face.width(last) < 0.3 * TEXT_WIDTH => {
            wrap_even(text, face, TEXT_WIDTH)
        }
        _ => lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_lines_leave_no_word_alone() {
        let face = Type::semibold(theme::TITLE, theme::INK);
        let text = "Licensing takes dysprosium to 2.0 times its 2024 price; a joint stockpile brings it back sooner";
        let lines = wrap_even(text, face, TEXT_WIDTH);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines.join(" "), text);
        let (a, b) = (face.width(&lines[0]), face.width(&lines[1]));
        assert!((a - b).abs() < 0.25 * a.max(b), "{a} {b}");
        assert!(wrap_even("", face, TEXT_WIDTH).is_empty());
    }
}
