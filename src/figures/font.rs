//! The shipped typeface, Source Sans 3 (SIL Open Font License 1.1), and how wide a text is in it.
//!
//! Widths are sums of advance widths without kerning: an upper bound of what is drawn.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The bytes of the regular face.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/SourceSans3-Regular.ttf");
/// The bytes of the semibold face.
pub const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/SourceSans3-Semibold.ttf");
/// Name of the family as fonts declare it.
pub const FAMILY: &str = "Source Sans 3";

/// One of the two faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Running text, ticks, notes.
    Regular,
    /// Titles and labels.
    Semibold,
}

/// Advance widths of one face, in em.
#[derive(Debug)]
struct Widths(BTreeMap<char, f64>);

/// Width of a text, px; a character without a glyph counts as half an em.
#[must_use]
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let widths = widths(weight);
    text.chars()
        .map(|c| widths.0.get(&c).copied().unwrap_or(0.5))
        .sum::<f64>()
        * size
}

/// Whether both faces have a glyph for the character.
#[must_use]
pub fn has_glyph(c: char) -> bool {
    widths(Weight::Regular).0.contains_key(&c) && widths(Weight::Semibold).0.contains_key(&c)
}

fn widths(weight: Weight) -> &'static Widths {
    static FACES: [OnceLock<Widths>; 2] = [OnceLock::new(), OnceLock::new()];
    let (slot, bytes) = match weight {
        Weight::Regular => (&FACES[0], REGULAR),
        Weight::Semibold => (&FACES[1], SEMIBOLD),
    };
    slot.get_or_init(|| {
        Widths::read(bytes).expect("the shipped font has head, hhea, hmtx and a cmap of format 4")
    })
}

impl Widths {
    /// Reads the tables `head`, `hhea`, `hmtx` and `cmap` (format 4) of a TrueType file.
    fn read(font: &[u8]) -> Option<Self> {
        let head = table(font, *b"head")?;
        let em = f64::from(u16_at(head, 18)?);
        let long_metrics = usize::from(u16_at(table(font, *b"hhea")?, 34)?);
        let hmtx = table(font, *b"hmtx")?;
        let advance = |glyph: u16| {
            let row = usize::from(glyph).min(long_metrics.checked_sub(1)?);
            Some(f64::from(u16_at(hmtx, row * 4)?) / em)
        };
        let cmap = table(font, *b"cmap")?;
        let subtables = usize::from(u16_at(cmap, 2)?);
        let format_4 = (0..subtables).find_map(|i| {
            let offset = u32_at(cmap, 4 + i * 8 + 4)? as usize;
            let subtable = cmap.get(offset..)?;
            (u16_at(subtable, 0)? == 4).then_some(subtable)
        })?;
        let segments = usize::from(u16_at(format_4, 6)?) / 2;
        let mut widths = BTreeMap::new();
        for segment in 0..segments {
            let end = u16_at(format_4, 14 + segment * 2)?;
            let start = u16_at(format_4, 16 + (segments + segment) * 2)?;
            let delta = u16_at(format_4, 16 + (2 * segments + segment) * 2)?;
            let range_at = 16 + (3 * segments + segment) * 2;
            let range = usize::from(u16_at(format_4, range_at)?);
            for code in start..=end {
                let glyph = if range == 0 {
                    code.wrapping_add(delta)
                } else {
                    match u16_at(format_4, range_at + range + usize::from(code - start) * 2)? {
                        0 => 0,
                        index => index.wrapping_add(delta),
                    }
                };
                if let (true, Some(c), Some(width)) =
                    (glyph != 0, char::from_u32(u32::from(code)), advance(glyph))
                {
                    widths.insert(c, width);
                }
                if code == u16::MAX {
                    break;
                }
            }
        }
        Some(Self(widths))
    }
}

fn table(font: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let tables = usize::from(u16_at(font, 4)?);
    (0..tables).find_map(|i| {
        let record = font.get(12 + i * 16..28 + i * 16)?;
        (record[..4] == tag).then(|| font.get(u32_at(record, 8)? as usize..))?
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_of_equal_width_and_the_minus_exists() {
        let one = width("1", 100.0, Weight::Regular);
        for digit in "0234567890".chars() {
            assert_eq!(
                width(&digit.to_string(), 100.0, Weight::Regular),
                one,
                "{digit}"
            );
        }
        assert!((one - 49.7).abs() < 0.1, "{one}");
        for c in "−–×·←→’‘≥".chars() {
            assert!(has_glyph(c), "{c}");
        }
        assert!(!has_glyph('\u{4e2d}'));
    }

    #[test]
    fn semibold_is_wider() {
        let text = "Separated oxides";
        assert!(width(text, 20.0, Weight::Semibold) > width(text, 20.0, Weight::Regular));
    }
}
