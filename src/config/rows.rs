//! Rows of the tables that describe goods, places, use, prices and trade. Their keys are the map keys, joined with `:`.
//!
//! Every row says where it comes from (`source`, or the word `assumption`) and how sure it is; `low` and `high` bound what is uncertain.

use super::words::{Confidence, PriceBasis, Role};
use crate::domain::fields::fields;
use crate::domain::graph::{Form, Stage};
use crate::domain::time::Quarter;

fields! {
    /// A state, or a bloc that acts as one.
    pub struct StateRow key { state: String } {
        /// Name in figures.
        name: String;
        /// Whether it is a member of ASEAN.
        asean: bool = false;
        /// Gross domestic product of 2024.
        gdp_2024_bn_usd: f64, 0.1..=100000.0, "bn USD";
        /// Cost of labour.
        labour_usd_per_h: f64, 0.1..=200.0, "USD/h";
        /// Premium on the cost of capital.
        risk_premium: f64, 0.0..=0.6, "per year";
        /// Rule of law, World Governance Indicators.
        rule_of_law: f64, -3.0..=3.0, "index";
        /// Share of environmental rules that is enforced.
        enforcement: f64, 0.0..=1.0, "share";
        /// Cost of full environmental compliance.
        compliance_usd_per_kg_reo: f64, 0.0..=100.0, "USD/kg REO";
        /// Damage where nothing is complied with.
        damage_usd_per_kg_reo: f64, 0.0..=500.0, "USD/kg REO";
        /// Value-added tax that stays on exported oxide and metal.
        vat: f64, 0.0..=0.5, "share";
        /// Lower end of the cost of labour.
        labour_low: Option<f64>, 0.1..=200.0, "USD/h";
        /// Upper end of the cost of labour.
        labour_high: Option<f64>, 0.1..=200.0, "USD/h";
        /// Lower end of the cost of compliance.
        compliance_low: Option<f64>, 0.0..=100.0, "USD/kg REO";
        /// Upper end of the cost of compliance.
        compliance_high: Option<f64>, 0.0..=100.0, "USD/kg REO";
        /// Lower end of the damage.
        damage_low: Option<f64>, 0.0..=500.0, "USD/kg REO";
        /// Upper end of the damage.
        damage_high: Option<f64>, 0.0..=500.0, "USD/kg REO";
        /// Real cost of equity.
        cost_of_equity_real: Option<f64>, 0.0..=1.0, "per year";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A group of elements that is followed through the chain.
    pub struct ElementRow key { element: String } {
        /// Name in figures.
        name: String;
        /// Where it comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A good of the chain.
    pub struct CommodityRow key { commodity: String } {
        /// Name in figures.
        name: String;
        /// Kind of good.
        form: Form;
        /// Group in figures.
        group: String;
        /// What a tonne is.
        unit: String;
        /// Elasticity of trade between origins.
        kappa: f64, 1.0..=40.0, "quarters of one";
        /// Stock cover wanted in a net exporter.
        cover_inside_q: f64, 0.0..=20.0, "quarters";
        /// Stock cover wanted in a net importer.
        cover_outside_q: f64, 0.0..=20.0, "quarters";
        /// Whether each venue keeps a content of its own, because batches differ.
        content_tracked: bool = false;
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// How much of an element is in a tonne of a commodity.
    pub struct CompositionRow key { commodity: String, element: String } {
        /// Content.
        t_per_t: f64, 0.0..=1.0, "t REO/t";
        /// Lower end.
        low: Option<f64>, 0.0..=1.0, "t REO/t";
        /// Upper end.
        high: Option<f64>, 0.0..=1.0, "t REO/t";
        /// Where the figure comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A recipe family: what plants of one kind can do.
    pub struct ProcessRow key { process: String } {
        /// Name in figures.
        name: String;
        /// Stage of the chain.
        stage: Stage;
        /// Share of capacity that runs however deep the loss.
        u_min: f64, 0.0..=0.9, "share";
        /// From start to full output.
        ramp_quarters: f64, 0.0..=40.0, "quarters";
        /// From decision to start, as announced.
        build_quarters: f64, 1.0..=80.0, "quarters";
        /// Capital cost per annual tonne of the output basis.
        capex_usd_per_t_a: f64, 10.0..=1000000.0, "USD/(t/a)";
        /// Lower end.
        capex_low: Option<f64>, 10.0..=1000000.0, "USD/(t/a)";
        /// Upper end.
        capex_high: Option<f64>, 10.0..=1000000.0, "USD/(t/a)";
        /// Jobs per thousand tonnes of annual capacity.
        jobs_per_kt: f64, 0.0..=5000.0, "jobs/(kt/a)";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// What goes in and comes out per unit of activity of one mode of a process.
    pub struct RecipeRow key { process: String, mode: String, commodity: String } {
        /// What the commodity is to the recipe.
        role: Role;
        /// Amount per tonne of activity.
        t_per_t: f64, 0.0..=20.0, "t/t";
        /// Lower end.
        low: Option<f64>, 0.0..=20.0, "t/t";
        /// Upper end.
        high: Option<f64>, 0.0..=20.0, "t/t";
        /// Price above which a by-product is separated.
        byproduct_cost_usd_per_kg: Option<f64>, 0.0..=5000.0, "USD/kg";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Conversion cost without feed, and capital cost, of a process in a state (`*`: every state not named).
    pub struct OpexRow key { process: String, state: String } {
        /// Conversion cost per kg of activity.
        opex_usd_per_kg: f64, 0.0..=1000.0, "USD/kg";
        /// Lower end.
        low: Option<f64>, 0.0..=1000.0, "USD/kg";
        /// Upper end.
        high: Option<f64>, 0.0..=1000.0, "USD/kg";
        /// Capital cost, where it differs from that of the process.
        capex_usd_per_t_a: Option<f64>, 10.0..=1000000.0, "USD/(t/a)";
        /// Lower end.
        capex_low: Option<f64>, 10.0..=1000000.0, "USD/(t/a)";
        /// Upper end.
        capex_high: Option<f64>, 10.0..=1000000.0, "USD/(t/a)";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Mine output of one ore type in one state.
    pub struct MineOutputRow key { year: i32, state: String, commodity: String } {
        /// Output, with what is not recorded.
        tonnes: f64, 0.0..=2000000.0, "t REO/a";
        /// Lower end.
        low: Option<f64>, 0.0..=2000000.0, "t REO/a";
        /// Upper end.
        high: Option<f64>, 0.0..=2000000.0, "t REO/a";
        /// Output on record.
        recorded_tonnes: Option<f64>, 0.0..=2000000.0, "t REO/a";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Share of a state in the world output of a stage.
    pub struct StageOutputRow key { year: i32, stage: String, state: String } {
        /// Share of world output.
        share: f64, 0.0..=1.0, "share";
        /// Lower end.
        low: Option<f64>, 0.0..=1.0, "share";
        /// Upper end.
        high: Option<f64>, 0.0..=1.0, "share";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A world total that closes the start or validates it.
    pub struct WorldOutputRow key { year: i32, item: String } {
        /// Total.
        tonnes: f64, 0.0..=5000000.0, "t/a";
        /// Lower end.
        low: Option<f64>, 0.0..=5000000.0, "t/a";
        /// Upper end.
        high: Option<f64>, 0.0..=5000000.0, "t/a";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// An end use.
    pub struct SectorRow key { sector: String } {
        /// Name in figures.
        name: String;
        /// Group in figures.
        group: String;
        /// Whether it is served first where a state rates orders.
        rated: bool = false;
        /// Price elasticity within a quarter.
        elasticity_short: f64, -5.0..=0.0, "elasticity";
        /// Price elasticity in the long run.
        elasticity_long: f64, -10.0..=0.0, "elasticity";
        /// Multiple of the usual price at which use ends.
        choke_ratio: f64, 1.5..=200.0, "factor";
        /// Life of the product.
        product_life_years: f64, 0.25..=80.0, "years";
        /// Share collected at the end of life.
        collection_rate: f64, 0.0..=1.0, "share";
        /// Value of the product per kg of the commodity in it.
        product_value_usd_per_kg: f64, 0.1..=10000000.0, "USD/kg";
        /// Pace of thrifting: part of the gap to the long-run response closed in a quarter.
        thrift_speed: f64, 0.0..=1.0, "per quarter";
        /// Lower end of the short-run elasticity.
        elasticity_short_low: Option<f64>, -5.0..=0.0, "elasticity";
        /// Upper end of the short-run elasticity.
        elasticity_short_high: Option<f64>, -5.0..=0.0, "elasticity";
        /// Lower end of the long-run elasticity.
        elasticity_long_low: Option<f64>, -10.0..=0.0, "elasticity";
        /// Upper end of the long-run elasticity.
        elasticity_long_high: Option<f64>, -10.0..=0.0, "elasticity";
        /// Lower end of the choke ratio.
        choke_low: Option<f64>, 1.5..=200.0, "factor";
        /// Upper end of the choke ratio.
        choke_high: Option<f64>, 1.5..=200.0, "factor";
        /// Lower end of the value of the product.
        value_low: Option<f64>, 0.1..=10000000.0, "USD/kg";
        /// Upper end of the value of the product.
        value_high: Option<f64>, 0.1..=10000000.0, "USD/kg";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Final use of one commodity in one sector of one state.
    pub struct DemandRow key { year: i32, state: String, sector: String, commodity: String } {
        /// Use: magnets t finished, oxides t REO.
        tonnes: f64, 0.0..=1000000.0, "t/a";
        /// Lower end.
        low: Option<f64>, 0.0..=1000000.0, "t/a";
        /// Upper end.
        high: Option<f64>, 0.0..=1000000.0, "t/a";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Driver of a sector's use, 1 in 2024 (`*`: every state not named).
    pub struct DriverRow key { sector: String, state: String, year: i32 } {
        /// Index before any price response.
        index: f64, 0.001..=1000.0, "2024 = 1";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Price of a commodity in a year.
    pub struct PriceRow key { year: i32, commodity: String } {
        /// Price on the stated basis.
        usd_per_kg: f64, 0.001..=20000.0, "USD/kg";
        /// Lower end.
        low: Option<f64>, 0.001..=20000.0, "USD/kg";
        /// Upper end.
        high: Option<f64>, 0.001..=20000.0, "USD/kg";
        /// Terms of the price.
        basis: PriceBasis;
        /// The figure as reported.
        reported_usd_per_kg: Option<f64>, 0.001..=20000.0, "USD/kg";
        /// Terms of the reported figure.
        reported_basis: Option<String>;
        /// Price free on board as reported.
        reported_fob_usd_per_kg: Option<f64>, 0.001..=20000.0, "USD/kg";
        /// What the reported figure is.
        statistic: Option<String>;
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Trade in goods of one form between two states; `basis` is `customs` or `estimate`.
    pub struct TradeRow key { year: i32, exporter: String, importer: String, form: String, basis: String } {
        /// Amount shipped.
        tonnes: f64, 0.0..=1000000.0, "t/a";
        /// Lower end.
        low: Option<f64>, 0.0..=1000000.0, "t/a";
        /// Upper end.
        high: Option<f64>, 0.0..=1000000.0, "t/a";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// How far one state trusts another.
    pub struct RelationRow key { year: i32, from: String, to: String } {
        /// Trust.
        trust: f64, 0.0..=1.0, "0..1";
        /// Lower end.
        low: Option<f64>, 0.0..=1.0, "0..1";
        /// Upper end.
        high: Option<f64>, 0.0..=1.0, "0..1";
        /// Strength of an alliance in force: 1 binds to mutual defence.
        alliance: f64 = 0.0, 0.0..=1.0, "0..1";
        /// Whether a trade agreement is in force: 1, or 0.
        trade_agreement: f64 = 0.0, 0.0..=1.0, "0..1";
        /// Clubs shared, as a share.
        club: Option<f64>, 0.0..=1.0, "share";
        /// Coercion on record.
        coercion: Option<f64>, 0.0..=1.0, "share";
        /// Distance of ideal points in the United Nations.
        distance: Option<f64>, 0.0..=10.0, "index";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A membership.
    pub struct BlocRow key { bloc: String, state: String, from: Quarter } {
        /// Last quarter in force; absent: still in force.
        to: Option<Quarter>;
        /// Name of the bloc.
        name: Option<String>;
        /// Kind of bloc.
        kind: Option<String>;
        /// Where it comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Freight between two states.
    pub struct FreightRow key { from: String, to: String } {
        /// Cost per tonne of goods.
        usd_per_t: f64, 0.0..=20000.0, "USD/t";
        /// Lower end.
        low: Option<f64>, 0.0..=20000.0, "USD/t";
        /// Upper end.
        high: Option<f64>, 0.0..=20000.0, "USD/t";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Import duty from a quarter on (exporter `*`: every state not named).
    pub struct TariffRow key { importer: String, exporter: String, form: String, from: Quarter } {
        /// Share of the delivered price.
        rate: f64, 0.0..=5.0, "share";
        /// Lower end.
        low: Option<f64>, 0.0..=5.0, "share";
        /// Upper end.
        high: Option<f64>, 0.0..=5.0, "share";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A private stock of the start that is run down at an even pace.
    pub struct StockDrawRow key { state: String, commodity: String } {
        /// Taken from it per quarter.
        tonnes_per_q: f64, 0.0..=100000.0, "t/quarter";
        /// For so many quarters.
        quarters: f64, 1.0..=80.0, "quarters";
        /// Lower end of what is taken.
        low: Option<f64>, 0.0..=100000.0, "t/quarter";
        /// Upper end of what is taken.
        high: Option<f64>, 0.0..=100000.0, "t/quarter";
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}
