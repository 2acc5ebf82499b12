//! What goes to the terminal: results to stdout, everything else to stderr, no colour.

use super::Failure;
use comfy_table::{CellAlignment, Table, presets};
use std::io::{self, ErrorKind, Write};

/// Prints results. A reader that has seen enough, such as `head`, ends the program without complaint.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        other => other.map_err(|error| Failure::Io(format!("cannot write to stdout: {error}"))),
    }
}

/// Prints one JSON document.
pub fn say_json(value: &serde_json::Value) -> Result<(), Failure> {
    say(&format!("{value:#}"))
}

/// A remark beside the results; lost if nobody listens.
pub fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A table without borders: the first column to the left, numbers to the right.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// A number to three or four significant digits, thousands apart.
pub fn number(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if value.is_nan() => return "-".to_owned(),
        _ if size >= 1e7 => return short(value),
        _ if size > 0.0 && size < 1e-3 => return format!("{value:.2e}"),
        _ if size >= 100.0 || size == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("-", digits));
    let grouped: Vec<&str> = (0..digits.len().div_ceil(3))
        .rev()
        .map(|group| {
            let end = digits.len() - 3 * group;
            &digits[end.saturating_sub(3)..end]
        })
        .collect();
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{dot}{fraction}", grouped.join(" "))
}

/// A large number in millions, billions, trillions.
fn short(value: f64) -> String {
    for (unit, name) in [(1e12, "trn"), (1e9, "bn")] {
        if value.abs() >= unit {
            return format!("{} {name}", number(value / unit));
        }
    }
    format!("{} m", number(value / 1e6))
}

/// A file size.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", number(bytes as f64 / 1e3)),
        _ => format!("{} MB", number(bytes as f64 / 1e6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.000_123_4, "-1.23e-4"),
            (0.25, "0.250"),
            (4.236, "4.24"),
            (-12.34, "-12.3"),
            (999.6, "1 000"),
            (1234.5, "1 234"),
            (1_234_567.0, "1 234 567"),
            (2.5e9, "2.50 bn"),
            (-3e7, "-30.0 m"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(
            (size(12), size(45_000), size(7_200_000)),
            ("12 B".into(), "45.0 kB".into(), "7.20 MB".into())
        );
    }

    #[test]
    fn tables_line_up() {
        let rows = [["a", "1"], ["bcd", "1 000"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&["metric", "mean"], rows),
            "metric   mean\na           1\nbcd     1 000\n"
        );
    }
}
