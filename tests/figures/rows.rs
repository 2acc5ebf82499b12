//! Tables built row by row, and draws that depend only on their keys.

use monazite::domain::time::Quarter;
use monazite::record::table::{Column, Table};

/// A draw in -1..1 that depends only on its keys.
pub fn draw(a: u64, b: u64) -> f64 {
    let mut x = a.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ b.wrapping_mul(0xD1B5_4A32_D192_ED03).rotate_left(31);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Columns that grow row by row.
#[derive(Default)]
pub struct Rows {
    run: Vec<u32>,
    quarter: Vec<String>,
    words: Vec<Vec<String>>,
    numbers: Vec<Vec<f64>>,
}

impl Rows {
    pub fn push(&mut self, run: u32, quarter: Quarter, words: &[&str], numbers: &[f64]) {
        self.run.push(run);
        self.quarter.push(quarter.to_string());
        self.words.resize(words.len(), Vec::new());
        self.numbers.resize(numbers.len(), Vec::new());
        for (column, word) in self.words.iter_mut().zip(words) {
            column.push((*word).to_owned());
        }
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.push(*number);
        }
    }

    pub fn table(mut self, name: &str, words: &[&str], numbers: &[&str]) -> Table {
        self.words.resize(words.len(), Vec::new());
        self.numbers.resize(numbers.len(), Vec::new());
        let mut table = Table::new(name);
        table.push("run", Column::U32(self.run));
        table.push(
            "quarter",
            Column::words(self.quarter.iter().map(String::as_str)),
        );
        for (name, column) in words.iter().zip(&self.words) {
            table.push(name, Column::words(column.iter().map(String::as_str)));
        }
        for (name, column) in numbers.iter().zip(self.numbers) {
            table.push(name, Column::F64(column));
        }
        table
    }
}
