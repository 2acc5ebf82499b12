//! What the declared structs do with each of their optional fields.

use super::{Written, Wrong, WrongKind};

/// Lays an optional layer over an optional layer.
pub fn merge_option<W: Written>(mine: &mut Option<W>, over: Option<W>) {
    match (mine.as_mut(), over) {
        (_, None) => {}
        (None, over) => *mine = over,
        (Some(mine), Some(over)) => mine.merge(over),
    }
}

/// Fills an option from the text of a cell.
///
/// # Errors
/// Why the text does not fit.
pub fn set_cell<W: Written>(mine: &mut Option<W>, text: &str) -> Result<(), String> {
    *mine = if text.is_empty() {
        None
    } else {
        Some(W::cell(text)?)
    };
    Ok(())
}

/// [`Written::set`] through an option.
///
/// # Errors
/// As there.
pub fn set_option<W: Written>(
    mine: &mut Option<W>,
    path: &[&str],
    text: &str,
) -> Result<(), Wrong> {
    if path.is_empty() {
        *mine = Some(W::parse(text).map_err(|text| Wrong {
            left: 0,
            kind: WrongKind::Value(text),
        })?);
        return Ok(());
    }
    match mine {
        Some(value) => value.set(path, text),
        None => {
            let mut value = W::empty().ok_or(Wrong {
                left: path.len(),
                kind: WrongKind::NoParts,
            })?;
            value.set(path, text)?;
            *mine = Some(value);
            Ok(())
        }
    }
}

/// [`Written::remove`] through an option.
///
/// # Errors
/// As there.
pub fn remove_option<W: Written>(mine: &mut Option<W>, path: &[&str]) -> Result<(), Wrong> {
    match (path, mine.as_mut(), W::empty()) {
        ([], _, None) => Err(Wrong {
            left: 0,
            kind: WrongKind::NoEntryToRemove,
        }),
        ([], _, Some(_)) => {
            *mine = None;
            Ok(())
        }
        (_, Some(value), _) => value.remove(path),
        (_, None, Some(mut nothing)) => nothing.remove(path),
        (_, None, None) => Err(Wrong {
            left: path.len(),
            kind: WrongKind::NoParts,
        }),
    }
}
