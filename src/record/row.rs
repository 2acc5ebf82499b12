//! The tables of a result directory, declared once: typed rows, columnar stores, units and meanings.
//!
//! A simulation pushes rows; ids stay small numbers in memory and become text when a store is turned into a
//! [`Table`]. The doc comment of a column is its meaning in `codebook.csv`, the text after `=>` its unit.

use super::{
    cell::Cell,
    label::{ContractEvent, PolicyEvent, ProjectEvent, RentTo, ShockEvent},
    names::{Names, TextId, Texts},
    table::Table,
};
use crate::domain::{
    graph::Stage,
    ids::{CommodityId, SectorId, StateId},
    time::Quarter,
};

/// What `codebook.csv` says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Name of the column.
    pub name: &'static str,
    /// Unit; `code`, `text` or `count` where there is none.
    pub unit: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Whether the column is part of the key of its table.
    pub key: bool,
}

/// What `codebook.csv` says of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSpec {
    /// Name of the table and of its file.
    pub name: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Columns in file order, without `run`, which comes first in every file.
    pub columns: &'static [ColumnSpec],
}

macro_rules! tables {
    ($(
        #[doc = $doc:literal]
        $table:ident: $row:ident, $store:ident {
            key { $(#[doc = $key_meaning:literal] $key:ident: $key_type:ty => $key_unit:literal,)* }
            values { $(#[doc = $meaning:literal] $column:ident: $type:ty => $unit:literal,)* }
        }
    )*) => {
        $(
            #[doc = $doc]
            #[derive(Debug, Clone, Copy, PartialEq)]
            pub struct $row {
                $(#[doc = $key_meaning] pub $key: $key_type,)*
                $(#[doc = $meaning] pub $column: $type,)*
            }

            #[doc = concat!("Rows of the table `", stringify!($table), "`, column by column.")]
            #[derive(Debug, Clone, Default)]
            pub struct $store {
                $(#[doc = $key_meaning] pub $key: Vec<$key_type>,)*
                $(#[doc = $meaning] pub $column: Vec<$type>,)*
            }

            impl $store {
                /// Name, meaning, columns.
                pub const SPEC: TableSpec = TableSpec {
                    name: stringify!($table),
                    meaning: $doc.trim_ascii(),
                    columns: &[
                        $(ColumnSpec { name: stringify!($key), unit: $key_unit, meaning: $key_meaning.trim_ascii(), key: true },)*
                        $(ColumnSpec { name: stringify!($column), unit: $unit, meaning: $meaning.trim_ascii(), key: false },)*
                    ],
                };

                /// Makes room for more rows, so that pushing them allocates nothing.
                pub fn reserve(&mut self, rows: usize) {
                    $(self.$key.reserve(rows);)*
                    $(self.$column.reserve(rows);)*
                }

                /// Appends a row.
                pub fn push(&mut self, row: $row) {
                    $(self.$key.push(row.$key);)*
                    $(self.$column.push(row.$column);)*
                }

                /// Forgets all rows and keeps the room.
                pub fn clear(&mut self) {
                    $(self.$key.clear();)*
                    $(self.$column.clear();)*
                }

                /// Rows.
                #[must_use]
                pub fn len(&self) -> usize {
                    self.quarter.len()
                }

                /// Whether there are no rows.
                #[must_use]
                pub fn is_empty(&self) -> bool {
                    self.quarter.is_empty()
                }

                /// The row at `index`.
                #[must_use]
                pub fn row(&self, index: usize) -> $row {
                    $row { $($key: self.$key[index],)* $($column: self.$column[index],)* }
                }

                /// All rows in the order in which they were pushed.
                pub fn rows(&self) -> impl Iterator<Item = $row> + '_ {
                    (0..self.len()).map(|index| self.row(index))
                }

                /// The store as a table of named columns, ids written as text.
                #[must_use]
                pub fn table(&self, names: &Names, texts: &Texts) -> Table {
                    let mut table = Table::new(stringify!($table));
                    $(table.push(stringify!($key), <$key_type as Cell>::column(&self.$key, names, texts));)*
                    $(table.push(stringify!($column), <$type as Cell>::column(&self.$column, names, texts));)*
                    table
                }
            }
        )*

        /// The rows of one run, table by table.
        #[derive(Debug, Clone, Default)]
        pub struct Rows {
            $(#[doc = $doc] pub $table: $store,)*
        }

        impl Rows {
            /// Every table, in the order in which they are documented.
            pub const SPECS: &'static [TableSpec] = &[$($store::SPEC,)*];

            /// The tables that `wanted` asks for, as named columns.
            #[must_use]
            pub fn tables(&self, names: &Names, texts: &Texts, wanted: impl Fn(&str) -> bool) -> Vec<Table> {
                let mut tables = Vec::new();
                $(if wanted(stringify!($table)) { tables.push(self.$table.table(names, texts)); })*
                tables
            }

            /// Forgets all rows and keeps the room.
            pub fn clear(&mut self) {
                $(self.$table.clear();)*
            }
        }
    };
}

tables! {
    /// Prices, balances and stocks of a commodity in a state.
    market: MarketRow, MarketStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// State.
            state: StateId => "code",
            /// Commodity.
            commodity: CommodityId => "id",
        }
        values {
            /// Marginal price at which the venue cleared.
            price_usd_per_kg: f64 => "USD 2024/kg",
            /// Mean of what was paid, weighted by volume: home deliveries at the venue's price, imports at each seller's delivered cost.
            price_traded_usd_per_kg: f64 => "USD 2024/kg",
            /// Produced in the state.
            production_t: f64 => "t",
            /// Imports from all states.
            imports_t: f64 => "t",
            /// Exports to all states.
            exports_t: f64 => "t",
            /// Used by end users, or gone into the products of plants; scrap, loss and disposal stand apart, so that stock change = production + imports - exports - use - scrap - loss - disposal.
            use_t: f64 => "t",
            /// Turned into scrap.
            scrap_t: f64 => "t",
            /// Lost in processing and transit.
            loss_t: f64 => "t",
            /// Disposed of because nobody pays for it.
            disposal_t: f64 => "t",
            /// Held by firms at the end of the quarter.
            firm_stock_t: f64 => "t",
            /// Held by the state at the end of the quarter.
            state_stock_t: f64 => "t",
            /// Stocks of firms and state over the use of the quarter; empty where nothing is used.
            cover_days: f64 => "days",
            /// Price of the qualified side over the open one, less one; empty where goods are not told apart by origin. Prices above are means of both sides, weighted by what each gets.
            qualified_premium: f64 => "share",
            /// Used and worked up on the qualified side, scrap, loss and disposal included; empty where goods are not told apart.
            qualified_use_t: f64 => "t",
        }
    }

    /// Flow of a commodity between two states.
    trade: TradeRow, TradeStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// Selling state.
            exporter: StateId => "code",
            /// Buying state.
            importer: StateId => "code",
            /// Commodity.
            commodity: CommodityId => "id",
        }
        values {
            /// Quantity shipped, leaked quantities included.
            quantity_t: f64 => "t",
            /// Value at the price the buyer paid before duty.
            value_usd: f64 => "USD 2024",
            /// Part of the quantity that went past a limit in force.
            leaked_t: f64 => "t",
        }
    }

    /// A limit on trade in force, and what it refused.
    limit: LimitRow, LimitStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// Exporting state.
            exporter: StateId => "code",
            /// Importing state.
            importer: StateId => "code",
            /// Commodity.
            commodity: CommodityId => "id",
            /// Measure that set the limit.
            measure: TextId => "text",
        }
        values {
            /// Most that may pass in the quarter; for an export quota what it releases over all its lanes.
            limit_t: f64 => "t",
            /// Wanted at the prices of the quarter and refused by the limit.
            refused_t: f64 => "t",
            /// Of it, what holders at the buyer wanted for their stocks; the rest was wanted for use.
            refused_stock_t: f64 => "t",
            /// Scarcity rent on what passed.
            rent_usd: f64 => "USD 2024",
            /// Who receives the rent.
            rent_to: RentTo => "state or firm",
        }
    }

    /// Capacity, output and income of a stage by host and owner.
    stage: StageRow, StageStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// Stage of the chain.
            stage: Stage => "mine, separation, metal, magnet or recycling",
            /// State in which the plants stand.
            host: StateId => "code",
            /// Home state of the firms that own them.
            owner: StateId => "code",
        }
        values {
            /// Capacity in operation or ramping.
            capacity_t: f64 => "t per quarter",
            /// Activity: concentrate mined, feed taken by separation and recycling, metal and magnets made.
            production_t: f64 => "t",
            /// Sales less bought materials.
            value_added_usd: f64 => "USD 2024",
            /// Value added less labour, other operating cost and taxes.
            profit_usd: f64 => "USD 2024",
            /// People employed, by the jobs per kt of the processes run.
            jobs: f64 => "persons",
            /// Plants in operation or ramping.
            plants: u32 => "count",
        }
    }

    /// Demand of a sector, what was served and what was not.
    end_use: EndUseRow, EndUseStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// State.
            state: StateId => "code",
            /// Sector.
            sector: SectorId => "id",
            /// Commodity.
            commodity: CommodityId => "id",
        }
        values {
            /// Wanted at the reference price of the start and the present intensity.
            demand_t: f64 => "t",
            /// Bought and used.
            served_t: f64 => "t",
            /// Given up because the price was too high.
            unmet_price_t: f64 => "t",
            /// Not to be had because a limit refused it.
            unmet_limit_t: f64 => "t",
            /// Content per unit of product relative to the start.
            intensity: f64 => "1",
            /// Consumer surplus lost against the reference price.
            consumer_loss_usd: f64 => "USD 2024",
            /// Value of the products that contain what was served.
            product_value_usd: f64 => "USD 2024",
        }
    }

    /// Accounts, reliance and capability of a state.
    state: StateRow, StateStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// State.
            state: StateId => "code",
        }
        values {
            /// Public cost of all instruments.
            public_cost_usd: f64 => "USD 2024",
            /// Revenue from duties, taxes and rents.
            tax_revenue_usd: f64 => "USD 2024",
            /// Value added of all stages hosted.
            value_added_usd: f64 => "USD 2024",
            /// Net imports over use, by value at world prices; negative for a net exporter.
            import_reliance: f64 => "share",
            /// Environmental damage of mining and separation hosted.
            damage_usd: f64 => "USD 2024",
            /// Capability in mining.
            capability_mine: f64 => "0 to 1",
            /// Capability in separation.
            capability_separation: f64 => "0 to 1",
            /// Capability in metal and alloy making.
            capability_metal: f64 => "0 to 1",
            /// Capability in magnet making.
            capability_magnet: f64 => "0 to 1",
            /// Capability in recycling.
            capability_recycling: f64 => "0 to 1",
        }
    }

    /// Trust of one state in another.
    relation: RelationRow, RelationStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// The state that trusts.
            from: StateId => "code",
            /// The state that is trusted.
            to: StateId => "code",
        }
        values {
            /// Directed trust.
            trust: f64 => "0 to 1",
        }
    }

    /// Delivery under an offtake contract.
    contract: ContractRow, ContractStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// Contract.
            contract: TextId => "text",
        }
        values {
            /// Quantity delivered.
            quantity_t: f64 => "t",
            /// Price by the formula of the contract.
            price_usd_per_kg: f64 => "USD 2024/kg",
            /// Paid by the buyer to the seller on top of the market price; negative the other way.
            transfer_usd: f64 => "USD 2024",
            /// What happened to the contract.
            event: ContractEvent => "none, force majeure or default",
        }
    }

    /// Start and end of shocks.
    shock: ShockRow, ShockStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// Shock.
            shock: TextId => "text",
        }
        values {
            /// Whether it starts or ends.
            event: ShockEvent => "starts or ends",
            /// Size in the terms of the shock: a share lost or a factor.
            size: f64 => "1",
        }
    }

    /// How hard the market was to clear.
    solver: SolverRow, SolverStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
        }
        values {
            /// Newton iterations.
            iterations: u32 => "count",
            /// Largest imbalance left, relative to throughput.
            residual: f64 => "1",
            /// Times a safeguard was needed.
            fallbacks: u32 => "count",
        }
    }

    /// Events and cost of measures.
    policy: PolicyRow, PolicyStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// State whose measure it is.
            state: StateId => "code",
            /// Measure.
            measure: TextId => "text",
        }
        values {
            /// Kind of instrument.
            instrument: TextId => "text",
            /// What happened.
            event: PolicyEvent => "announced, effective, lifted or blocked",
            /// Public cost of the measure since its last row.
            public_cost_usd: f64 => "USD 2024",
            /// Goods and states that it covers.
            scope: TextId => "text",
        }
    }

    /// Events of projects and plants.
    project: ProjectRow, ProjectStore {
        key {
            /// Quarter.
            quarter: Quarter => "quarter",
            /// Project or plant.
            project: TextId => "text",
        }
        values {
            /// State in which it stands.
            host: StateId => "code",
            /// Home state of its owner.
            owner: StateId => "code",
            /// Stage of the chain.
            stage: Stage => "mine, separation, metal, magnet or recycling",
            /// What happened.
            event: ProjectEvent => "started, delayed, commissioned, mothballed, reopened, closed, bankrupt or sold",
            /// Capacity concerned.
            capacity_t: f64 => "t per quarter",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_those_of_the_interface() {
        let names: Vec<_> = Rows::SPECS.iter().map(|spec| spec.name).collect();
        assert_eq!(
            names,
            [
                "market", "trade", "limit", "stage", "end_use", "state", "relation", "contract",
                "shock", "solver", "policy", "project"
            ]
        );
    }

    #[test]
    fn a_row_comes_back_as_it_went_in() {
        let mut rows = Rows::default();
        let row = SolverRow {
            quarter: Quarter::new(2024, 1).unwrap(),
            iterations: 7,
            residual: 1e-12,
            fallbacks: 0,
        };
        rows.solver.push(row);
        assert_eq!(rows.solver.rows().collect::<Vec<_>>(), [row]);
        rows.clear();
        assert!(rows.solver.is_empty());
    }
}
