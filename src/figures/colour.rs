//! Colours: contrast, mixing, and the darkening of label text until it can be read.

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// Contrast with white that text must reach (WCAG AA).
const READABLE: f64 = 4.5;

impl Colour {
    /// From `0xRRGGBB`.
    #[must_use]
    pub const fn hex(rgb: u32) -> Self {
        let [_, r, g, b] = rgb.to_be_bytes();
        Self(r, g, b)
    }

    /// Linear light of the three channels, 0 to 1.
    #[must_use]
    pub fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|channel| {
            let v = f64::from(channel) / 255.0;
            if v <= 0.040_45 {
                v / 12.92
            } else {
                libm::pow((v + 0.055) / 1.055, 2.4)
            }
        })
    }

    /// Relative luminance, 0 (black) to 1 (white).
    #[must_use]
    pub fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast ratio of two colours, 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// Between `self` (share 0) and `other` (share 1), in sRGB.
    #[must_use]
    pub fn mix(self, other: Self, share: f64) -> Self {
        let blend =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Self(
            blend(self.0, other.0),
            blend(self.1, other.1),
            blend(self.2, other.2),
        )
    }

    /// The colour as it looks on white at an opacity.
    #[must_use]
    pub fn on_white(self, opacity: f64) -> Self {
        Self(255, 255, 255).mix(self, opacity)
    }

    /// The colour darkened until it can be read as text on white.
    #[must_use]
    pub fn as_text(self) -> Self {
        let white = Self(255, 255, 255);
        (0..=50u8)
            .map(|step| self.mix(Self(0, 0, 0), f64::from(step) / 50.0))
            .find(|colour| colour.contrast(white) >= READABLE)
            .unwrap_or(Self(0, 0, 0))
    }

    /// Ink or white, whichever contrasts more with this fill.
    #[must_use]
    pub fn text_on(self) -> Self {
        let (ink, white) = (super::theme::INK, super::theme::WHITE);
        if self.contrast(ink) >= self.contrast(white) {
            ink
        } else {
            white
        }
    }

    /// A ramp of three colours, in two linear halves; `share` is cut to 0..=1.
    #[must_use]
    pub fn ramp(stops: [Self; 3], share: f64) -> Self {
        let share = share.clamp(0.0, 1.0);
        if share < 0.5 {
            stops[0].mix(stops[1], share * 2.0)
        } else {
            stops[1].mix(stops[2], share * 2.0 - 1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_readable() {
        for (_, colour) in super::super::theme::STATES {
            assert!(colour.as_text().contrast(Colour(255, 255, 255)) >= READABLE);
        }
        assert_eq!(Colour::hex(0x0A_3D6B).text_on(), Colour(255, 255, 255));
    }
}
