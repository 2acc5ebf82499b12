//! Quantities as types, so that tonnes are never added to dollars. Finite by construction where they are read from text.
//!
//! Material is counted in t REO-equivalent up to metal and alloy, in t of finished magnet after it. Money is real 2024 USD.
//! One tick is a quarter: a flow without further words is per quarter.

use bevy_ecs::component::Component;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

macro_rules! quantities {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Component, Debug, Clone, Copy, PartialEq, PartialOrd, Default, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl Add for $name { type Output = Self; fn add(self, other: Self) -> Self { Self(self.0 + other.0) } }
        impl Sub for $name { type Output = Self; fn sub(self, other: Self) -> Self { Self(self.0 - other.0) } }
        impl Neg for $name { type Output = Self; fn neg(self) -> Self { Self(-self.0) } }
        impl AddAssign for $name { fn add_assign(&mut self, other: Self) { self.0 += other.0; } }
        impl SubAssign for $name { fn sub_assign(&mut self, other: Self) { self.0 -= other.0; } }
        impl Mul<f64> for $name { type Output = Self; fn mul(self, factor: f64) -> Self { Self(self.0 * factor) } }
        impl Div<f64> for $name { type Output = Self; fn div(self, divisor: f64) -> Self { Self(self.0 / divisor) } }
        impl Div for $name { type Output = f64; fn div(self, other: Self) -> f64 { self.0 / other.0 } }
        impl std::iter::Sum for $name { fn sum<I: Iterator<Item = Self>>(items: I) -> Self { items.fold(Self(0.0), Add::add) } }
    )*};
}

quantities! {
    /// Tonnes: REO-equivalent up to metal and alloy, finished magnet after it.
    Tonnes;
    /// Tonnes per quarter.
    TonnesPerQuarter;
    /// Real 2024 US dollars.
    Usd;
    /// Real 2024 US dollars per kilogram.
    UsdPerKg;
}

/// A share of something, from 0 to 1.
#[derive(Component, Debug, Clone, Copy, PartialEq, PartialOrd, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Share(f64);

impl Share {
    /// A share; `None` if the number lies outside 0 to 1 or is no number.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The number, 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Kilograms in a tonne: the one place where USD/kg meets t.
pub const KG_PER_T: f64 = 1000.0;

impl Mul<UsdPerKg> for Tonnes {
    type Output = Usd;

    fn mul(self, price: UsdPerKg) -> Usd {
        Usd(self.0 * KG_PER_T * price.0)
    }
}

impl Mul<Tonnes> for UsdPerKg {
    type Output = Usd;

    fn mul(self, mass: Tonnes) -> Usd {
        mass * self
    }
}

impl Div<Tonnes> for Usd {
    type Output = UsdPerKg;

    fn div(self, mass: Tonnes) -> UsdPerKg {
        UsdPerKg(self.0 / (mass.0 * KG_PER_T))
    }
}

impl TonnesPerQuarter {
    /// An annual capacity as a quarterly rate.
    #[must_use]
    pub fn from_annual(tonnes_per_year: f64) -> Self {
        Self(tonnes_per_year / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tonne_at_one_dollar_a_kilogram_is_a_thousand_dollars() {
        assert_eq!(Tonnes(2.0) * UsdPerKg(3.0), Usd(6000.0));
        assert_eq!(Usd(6000.0) / Tonnes(2.0), UsdPerKg(3.0));
    }

    #[test]
    fn shares_are_bounded() {
        assert!(Share::new(1.0).is_some());
        assert!(Share::new(1.01).is_none());
        assert!(Share::new(f64::NAN).is_none());
    }
}
