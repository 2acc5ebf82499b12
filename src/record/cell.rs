//! How a typed cell of a row becomes a column of a table.

use super::{
    label::{ContractEvent, PolicyEvent, ProjectEvent, RentTo, ShockEvent},
    names::{Names, TextId, Texts},
    table::Column,
};
use crate::domain::{
    graph::Stage,
    ids::{CommodityId, SectorId, StateId},
    time::Quarter,
};

/// A value that a row may hold.
pub trait Cell: Copy {
    /// A whole column of such values.
    fn column(values: &[Self], names: &Names, texts: &Texts) -> Column;
}

impl Cell for f64 {
    fn column(values: &[Self], _: &Names, _: &Texts) -> Column {
        Column::F64(values.to_vec())
    }
}

impl Cell for u32 {
    fn column(values: &[Self], _: &Names, _: &Texts) -> Column {
        Column::U32(values.to_vec())
    }
}

impl Cell for TextId {
    fn column(values: &[Self], _: &Names, texts: &Texts) -> Column {
        Column::coded(values.iter().map(|id| id.0).collect(), texts.all())
    }
}

impl Cell for Quarter {
    fn column(values: &[Self], _: &Names, _: &Texts) -> Column {
        let (Some(&first), Some(&last)) = (values.iter().min(), values.iter().max()) else {
            return Column::coded(Vec::new(), Vec::new());
        };
        let words = (0..=last.since(first)).map(|n| first.plus(n).to_string());
        Column::coded(
            values
                .iter()
                .map(|quarter| quarter.since(first).cast_unsigned())
                .collect(),
            words.collect(),
        )
    }
}

macro_rules! named_cells {
    ($($id:ty: $names:ident;)*) => {$(
        impl Cell for $id {
            fn column(values: &[Self], names: &Names, _: &Texts) -> Column {
                Column::coded(values.iter().map(|id| u32::from(id.0)).collect(), names.$names.clone())
            }
        }
    )*};
}

named_cells! {
    StateId: states;
    CommodityId: commodities;
    SectorId: sectors;
}

macro_rules! label_cells {
    ($($label:ty)*) => {$(
        impl Cell for $label {
            fn column(values: &[Self], _: &Names, _: &Texts) -> Column {
                Column::coded(
                    values.iter().map(|value| *value as u32).collect(),
                    Self::WORDS.iter().map(|word| (*word).to_owned()).collect(),
                )
            }
        }
    )*};
}

label_cells! { RentTo ContractEvent ShockEvent PolicyEvent ProjectEvent }

impl Cell for Stage {
    fn column(values: &[Self], _: &Names, _: &Texts) -> Column {
        let words = Self::ALL.iter().map(|stage| stage.name().to_owned());
        Column::coded(
            values.iter().map(|stage| *stage as u32).collect(),
            words.collect(),
        )
    }
}
