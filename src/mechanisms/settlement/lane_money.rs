//! How the price that a buyer pays for a tonne from abroad is split between all who have a claim on it.

/// Terms of a lane, USD per kg or shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneMoney {
    /// Price in the seller's venue.
    pub seller_price: f64,
    /// Price in the buyer's venue.
    pub buyer_price: f64,
    /// Value-added tax that is not rebated, share of the seller's price.
    pub vat: f64,
    /// Export tax, share of the seller's price with value-added tax.
    pub export_tax: f64,
    /// Freight.
    pub freight: f64,
    /// Rent of an export quota.
    pub quota_rent: f64,
    /// Duty, share of the value delivered.
    pub tariff: f64,
    /// Friend-shoring premium, share of the value delivered with duty.
    pub premium: f64,
    /// Rent of a limit on the lane.
    pub limit_rent: f64,
    /// Share of the premium that is a real cost of compliance.
    pub compliance_share: f64,
}

/// Where the buyer's price goes, USD per kg.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// To the exporter's treasury.
    pub vat_and_tax: f64,
    /// To the importer's treasury.
    pub duty: f64,
    /// To suppliers of compliance and traceability.
    pub compliance: f64,
    /// Left to the trader; negative where relations carry a lane that costs more than it brings.
    pub margin: f64,
    /// Value at the border, before duty.
    pub before_duty: f64,
}

/// Splits the buyer's price.
#[must_use]
pub fn split(lane: &LaneMoney) -> Split {
    let with_vat = lane.seller_price * (1.0 + lane.vat);
    let vat_and_tax = lane.seller_price * lane.vat + with_vat * lane.export_tax;
    let before_duty = lane.seller_price + vat_and_tax + lane.freight + lane.quota_rent;
    let duty = before_duty * lane.tariff;
    let compliance = (before_duty + duty) * lane.premium.max(0.0) * lane.compliance_share;
    Split {
        vat_and_tax,
        duty,
        compliance,
        margin: lane.buyer_price - before_duty - duty - compliance - lane.limit_rent,
        before_duty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_price_is_lost() {
        let lane = LaneMoney {
            seller_price: 50.0,
            buyer_price: 80.0,
            vat: 0.13,
            export_tax: 0.1,
            freight: 0.2,
            quota_rent: 3.0,
            tariff: 0.05,
            premium: 0.1,
            limit_rent: 2.0,
            compliance_share: 0.3,
        };
        let s = split(&lane);
        let sum = lane.seller_price
            + s.vat_and_tax
            + lane.freight
            + lane.quota_rent
            + s.duty
            + s.compliance
            + lane.limit_rent
            + s.margin;
        assert!((sum - lane.buyer_price).abs() < 1e-12);
        assert!((s.before_duty - (50.0 * 1.13 * 1.1 + 3.2)).abs() < 1e-12);
    }
}
