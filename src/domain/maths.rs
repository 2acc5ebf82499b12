//! Exponential, logarithm and powers that give the same bytes on every machine, in debug and in release.
//!
//! Platform libraries differ in the last bits of `exp`, `ln` and `pow`, and a run must not. Everything here is built from
//! additions, multiplications, divisions and square roots, which IEEE 754 rounds correctly everywhere; no fused multiply-add.
//! The error against `libm` is below 2 units in the last place for `exp` and `ln` (tested), so prices do not notice.

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1.5 x 2^52: adding it rounds a small number to the nearest integer, left in the low bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// Arguments of [`exp`] beyond this are cut there: the result stays finite and above zero.
const EXP_LIMIT: f64 = 708.0;

/// `e` to the power `x`. Arguments are cut to -708 ..= 708, so that the result is always finite and positive; NaN stays NaN.
#[inline]
#[must_use]
pub fn exp(x: f64) -> f64 {
    let x = if x > EXP_LIMIT { EXP_LIMIT } else { x };
    let x = if x < -EXP_LIMIT { -EXP_LIMIT } else { x };
    // x = k ln 2 + r with |r| <= ln(2) / 2
    let shifted = x * std::f64::consts::LOG2_E + ROUNDING;
    let k = shifted - ROUNDING;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    // Taylor to r^13 (remainder 4e-18), summed in pairs so that the steps overlap
    let r2 = r * r;
    let r4 = r2 * r2;
    let a = (1.0 / 2.0 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0));
    let b = (1.0 / 720.0 + r * (1.0 / 5_040.0)) + r2 * (1.0 / 40_320.0 + r * (1.0 / 362_880.0));
    let c = (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0))
        + r2 * (1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0));
    let series = 1.0 + (r + r2 * (a + r4 * (b + r4 * c)));
    // 2^k from the integer in the low bits of `shifted`; k >= -1022 keeps it a normal number
    let two_to_k = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    series * two_to_k
}

/// Natural logarithm of a positive, finite, normal number (prices, quantities). Zero, negative and subnormal arguments are
/// taken as the smallest normal number; infinity as the largest finite one.
#[inline]
#[must_use]
pub fn ln(x: f64) -> f64 {
    let x = if x > f64::MIN_POSITIVE {
        x
    } else {
        f64::MIN_POSITIVE
    };
    let x = if x < f64::MAX { x } else { f64::MAX };
    let bits = x.to_bits();
    // m in [sqrt(1/2), sqrt(2)): move the binary point so that the exponent rounds at sqrt(2)
    const SQRT_HALF_TOP: u64 = 0x3fe6_a09e_667f_3bcd;
    let offset = bits.wrapping_sub(SQRT_HALF_TOP);
    let exponent = (offset as i64) >> 52;
    let m = f64::from_bits(bits.wrapping_sub((exponent as u64) << 52));
    let k = exponent as f64;
    // fdlibm: ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), s = f / (2 + f)
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w
        * (3.999_999_999_940_942e-1
            + w * (2.222_219_843_214_978_4e-1 + w * 1.531_383_769_920_937_3e-1));
    let odd = z
        * (6.666_666_666_666_735e-1
            + w * (2.857_142_874_366_239e-1
                + w * (1.818_357_216_161_805e-1 + w * 1.479_819_860_511_658_6e-1)));
    let half = 0.5 * f * f;
    k * LN2_HIGH - ((half - (s * (half + (even + odd)) + k * LN2_LOW)) - f)
}

/// Share of a standard normal distribution that lies below `z`.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// An exponent on a grid of a quarter (8.25 is `Fourths(33)`): powers by multiplications and square roots only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fourths(pub u8);

impl Fourths {
    /// The exponent `value`; `None` unless it is a multiple of 0.25 from 0 to 63.75.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        let scaled = value * 4.0;
        ((0.0..=255.0).contains(&scaled) && scaled.fract() == 0.0).then_some(Self(scaled as u8))
    }

    /// The grid exponent nearest to `value`, cut to 0.25 ..= 63.75. For drawn parameters.
    #[must_use]
    pub fn nearest(value: f64) -> Self {
        Self((value * 4.0).round().clamp(1.0, 255.0) as u8)
    }

    /// The exponent as a number.
    #[inline]
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) * 0.25
    }

    /// `base` (not negative) to this power. Overflows to infinity, underflows to zero.
    #[inline]
    #[must_use]
    pub fn pow(self, base: f64) -> f64 {
        let mut result = match self.0 & 3 {
            0 => 1.0,
            1 => base.sqrt().sqrt(),
            2 => base.sqrt(),
            _ => {
                let root = base.sqrt();
                root * root.sqrt()
            }
        };
        let mut rest = self.0 >> 2;
        let mut square = base;
        while rest > 0 {
            if rest & 1 == 1 {
                result *= square;
            }
            rest >>= 1;
            if rest > 0 {
                square *= square;
            }
        }
        result
    }

    /// The number whose power by this exponent is `value`: `value^(1 / exponent)`.
    #[must_use]
    pub fn root(self, value: f64) -> f64 {
        exp(ln(value) / self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    /// Reproducible points in [0, 1).
    fn points(n: u64) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / (1u64 << 53) as f64)
    }

    #[test]
    fn exp_agrees_with_libm() {
        for u in points(200_000) {
            for x in [(u - 0.5) * 1400.0, (u - 0.5) * 20.0, (u - 0.5) * 0.01] {
                assert!(
                    ulps(exp(x), libm::exp(x)) <= 2,
                    "exp({x}) = {} against {}",
                    exp(x),
                    libm::exp(x)
                );
            }
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e9) > 0.0 && exp(1e9).is_finite() && exp(f64::NAN).is_nan());
    }

    #[test]
    fn ln_agrees_with_libm() {
        for u in points(200_000) {
            for x in [
                exp((u - 0.5) * 1400.0),
                exp((u - 0.5) * 20.0),
                1.0 + (u - 0.5) * 0.01,
            ] {
                let (ours, theirs) = (ln(x), libm::log(x));
                assert!(ulps(ours, theirs) <= 2, "ln({x}) = {ours} against {theirs}");
            }
        }
        assert_eq!(ln(1.0), 0.0);
        assert!(ln(0.0).is_finite() && ln(-1.0).is_finite() && ln(f64::INFINITY).is_finite());
    }

    #[test]
    fn grid_powers_agree_with_libm() {
        for u in points(2_000) {
            for n in 0..=255u8 {
                let base = exp((u - 0.5) * 8.0);
                let (ours, theirs) = (Fourths(n).pow(base), libm::pow(base, Fourths(n).value()));
                assert!(
                    (ours / theirs - 1.0).abs() < 4e-14,
                    "{base}^{}: {ours} against {theirs}",
                    Fourths(n).value()
                );
            }
        }
        assert_eq!(Fourths::new(8.25), Some(Fourths(33)));
        assert_eq!(
            (Fourths::new(0.3), Fourths::new(-1.0), Fourths::new(64.0)),
            (None, None, None)
        );
        assert!((Fourths(33).root(Fourths(33).pow(1.7)) - 1.7).abs() < 1e-14);
    }
}
