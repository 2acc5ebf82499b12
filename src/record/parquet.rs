//! Tables as parquet files: snappy, words by dictionary, one row group per run, the same bytes for the same rows.
//!
//! A run's tables are encoded where the run was computed, each as a file of one row group; joining them copies
//! the encoded columns, so that the bytes do not depend on which runs were computed together.

use super::table::{Column, Table, TableError};
use bytes::Bytes;
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    column::writer::ColumnCloseResult,
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        reader::{ChunkReader, FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::types::{Type, TypePtr},
};
use std::{borrow::Borrow, fs::File, io::Write, path::Path, sync::Arc};

/// Why a table could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ParquetFault {
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The content is no parquet that we can read.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// The tables do not fit together.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column of a type that no table of ours has.
    #[error("column `{0}` has a type that is not read here")]
    Type(String),
}

fn properties() -> Arc<WriterProperties> {
    Arc::new(
        WriterProperties::builder()
            .set_created_by(concat!("monazite version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_dictionary_enabled(false)
            .build(),
    )
}

/// Words and whole numbers repeat and go by dictionary; real numbers rarely repeat and go plain.
fn properties_of(table: &Table) -> Arc<WriterProperties> {
    let mut builder = (*properties()).clone().into_builder();
    for (name, column) in table.columns() {
        if !matches!(column, Column::F64(_)) {
            builder = builder.set_column_dictionary_enabled(name.into(), true);
        }
    }
    Arc::new(builder.build())
}

fn schema_of(table: &Table) -> Result<TypePtr, ParquetError> {
    let field = |(name, column): (&str, &Column)| {
        let (physical, logical, repetition) = match column {
            Column::F64(_) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
            Column::U32(_) => (
                Physical::INT32,
                Some(LogicalType::integer(32, false)),
                Repetition::REQUIRED,
            ),
            Column::Text(_) => (
                Physical::BYTE_ARRAY,
                Some(LogicalType::String),
                Repetition::REQUIRED,
            ),
        };
        let builder = Type::primitive_type_builder(name, physical);
        builder
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
            .map(Arc::new)
    };
    let fields = table.columns().map(field).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder(table.name())
        .with_fields(fields)
        .build()
        .map(Arc::new)
}

/// Writes a table as a file of one row group, or of none if it has no rows.
///
/// # Errors
/// If `out` refuses.
pub fn write<W: Write + Send>(table: &Table, out: W) -> Result<(), ParquetFault> {
    write_groups(table, [Ok(table)], out)
}

/// Writes tables of the same columns as a file of one row group each; those without rows are left out. Only one need be in memory.
///
/// # Errors
/// If `out` refuses, or one of the tables could not be had.
pub fn write_groups<W: Write + Send, T: Borrow<Table>>(
    like: &Table,
    tables: impl IntoIterator<Item = Result<T, ParquetFault>>,
    out: W,
) -> Result<(), ParquetFault> {
    let mut writer = SerializedFileWriter::new(out, schema_of(like)?, properties_of(like))?;
    for table in tables {
        let table = table?;
        let table = table.borrow();
        if table.is_empty() {
            continue;
        }
        let mut group = writer.next_row_group()?;
        for (_, column) in table.columns() {
            let mut to = group
                .next_column()?
                .expect("the schema has a column for each of the table's");
            write_column(column, &mut to)?;
            to.close()?;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

fn write_column(column: &Column, to: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
    match column {
        Column::F64(values) => {
            let defined: Vec<i16> = values
                .iter()
                .map(|value| i16::from(!value.is_nan()))
                .collect();
            let values: Vec<f64> = values
                .iter()
                .copied()
                .filter(|value| !value.is_nan())
                .collect();
            to.typed::<DoubleType>()
                .write_batch(&values, Some(&defined), None)?;
        }
        Column::U32(values) => {
            let values: Vec<i32> = values.iter().map(|value| value.cast_signed()).collect();
            to.typed::<Int32Type>().write_batch(&values, None, None)?;
        }
        Column::Text(text) => {
            let words: Vec<ByteArray> = text
                .words()
                .iter()
                .map(|word| word.as_str().into())
                .collect();
            let values: Vec<ByteArray> = text
                .codes()
                .iter()
                .map(|&code| words[code as usize].clone())
                .collect();
            to.typed::<ByteArrayType>()
                .write_batch(&values, None, None)?;
        }
    }
    Ok(())
}

/// Joins files of the same columns, given as their bytes, row group by row group in the order given, without decoding them.
///
/// `like` is an empty table with the columns of all.
///
/// # Errors
/// If a file cannot be read or has other columns.
pub fn join<W: Write + Send>(
    like: &Table,
    files: impl IntoIterator<Item = Result<Bytes, ParquetFault>>,
    out: W,
) -> Result<(), ParquetFault> {
    let mut writer = SerializedFileWriter::new(out, schema_of(like)?, properties_of(like))?;
    for file in files {
        let file = file?;
        let reader = SerializedFileReader::new(file.clone())?;
        for group in reader.metadata().row_groups() {
            let mut to = writer.next_row_group()?;
            for column in group.columns() {
                let close = ColumnCloseResult {
                    bytes_written: column.compressed_size().cast_unsigned(),
                    rows_written: group.num_rows().cast_unsigned(),
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                to.append_column(&file, close)?;
            }
            to.close()?;
        }
    }
    writer.close()?;
    Ok(())
}

/// A table on disk, read run by run or as a whole.
pub struct TableFile<R: ChunkReader + 'static = File> {
    reader: SerializedFileReader<R>,
}

impl TableFile {
    /// Opens a file and reads its footer.
    ///
    /// # Errors
    /// If it is not there or no parquet.
    pub fn open(path: &Path) -> Result<Self, ParquetFault> {
        Ok(Self {
            reader: SerializedFileReader::new(File::open(path)?)?,
        })
    }
}

impl TableFile<Bytes> {
    /// A file that is in memory.
    ///
    /// # Errors
    /// If it is no parquet.
    pub fn of(bytes: Bytes) -> Result<Self, ParquetFault> {
        Ok(Self {
            reader: SerializedFileReader::new(bytes)?,
        })
    }
}

impl<R: ChunkReader + 'static> TableFile<R> {
    /// Row groups: one per run that has rows.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// Names of the columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.fields().map(|field| field.name().to_owned()).collect()
    }

    fn fields(&self) -> impl Iterator<Item = &TypePtr> {
        self.reader
            .metadata()
            .file_metadata()
            .schema()
            .get_fields()
            .iter()
    }

    /// One row group with the columns asked for (all if empty; those that the file lacks are left out).
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn read_group(&self, group: usize, columns: &[&str]) -> Result<Table, ParquetFault> {
        let rows = self.reader.get_row_group(group)?;
        let count =
            usize::try_from(rows.metadata().num_rows()).expect("row counts are not negative");
        self.table(columns, |index, field| {
            read_column(&*rows, index, field, count)
        })
    }

    /// All rows with the columns asked for (all if empty; those that the file lacks are left out).
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn read(&self, columns: &[&str]) -> Result<Table, ParquetFault> {
        let mut table = self.table(columns, |_, field| empty_column(field))?;
        for group in 0..self.groups() {
            table.append(&self.read_group(group, columns)?)?;
        }
        Ok(table)
    }

    fn table(
        &self,
        columns: &[&str],
        column: impl Fn(usize, &Type) -> Result<Column, ParquetFault>,
    ) -> Result<Table, ParquetFault> {
        let mut table = Table::new(self.reader.metadata().file_metadata().schema().name());
        for (index, field) in self.fields().enumerate() {
            if columns.is_empty() || columns.contains(&field.name()) {
                table.push(field.name(), column(index, field)?);
            }
        }
        Ok(table)
    }
}

fn empty_column(field: &Type) -> Result<Column, ParquetFault> {
    match field.get_physical_type() {
        Physical::DOUBLE => Ok(Column::F64(Vec::new())),
        Physical::INT32 => Ok(Column::U32(Vec::new())),
        Physical::BYTE_ARRAY => Ok(Column::words([])),
        _ => Err(ParquetFault::Type(field.name().to_owned())),
    }
}

fn read_column(
    group: &dyn RowGroupReader,
    index: usize,
    field: &Type,
    rows: usize,
) -> Result<Column, ParquetFault> {
    use parquet::column::reader::{ColumnReader, get_typed_column_reader};
    let reader = group.get_column_reader(index)?;
    Ok(match reader {
        ColumnReader::DoubleColumnReader(_) => {
            let (mut defined, mut values) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
            let mut reader = get_typed_column_reader::<DoubleType>(reader);
            while reader
                .read_records(rows, Some(&mut defined), None, &mut values)?
                .0
                > 0
            {}
            if values.len() == rows {
                return Ok(Column::F64(values));
            }
            let mut values = values.into_iter();
            Column::F64(
                defined
                    .iter()
                    .map(|&d| {
                        if d == 1 {
                            values.next().unwrap_or(f64::NAN)
                        } else {
                            f64::NAN
                        }
                    })
                    .collect(),
            )
        }
        ColumnReader::Int32ColumnReader(_) => {
            let mut values = Vec::with_capacity(rows);
            let mut reader = get_typed_column_reader::<Int32Type>(reader);
            while reader.read_records(rows, None, None, &mut values)?.0 > 0 {}
            Column::U32(values.into_iter().map(i32::cast_unsigned).collect())
        }
        ColumnReader::ByteArrayColumnReader(_) => {
            let mut values = Vec::with_capacity(rows);
            let mut reader = get_typed_column_reader::<ByteArrayType>(reader);
            while reader.read_records(rows, None, None, &mut values)?.0 > 0 {}
            let words = values
                .iter()
                .map(ByteArray::as_utf8)
                .collect::<Result<Vec<_>, _>>()?;
            Column::words(words)
        }
        _ => return Err(ParquetFault::Type(field.name().to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(run: u32) -> Table {
        let mut table = Table::new("market");
        table.push("state", Column::words(["CN", "US", "CN"]));
        table.push("plants", Column::U32(vec![1, u32::MAX, 3]));
        table.push("price", Column::F64(vec![1.5, f64::NAN, f64::from(run)]));
        table.key_by_run(run);
        table
    }

    fn file(dir: &Path, table: &Table, name: &str) -> std::path::PathBuf {
        let path = dir.join(name);
        write(table, File::create(&path).unwrap()).unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), &sample(7), "a");
        let back = TableFile::open(&path).unwrap();
        assert_eq!(back.read(&[]).unwrap(), sample(7));
        let some = back.read(&["price", "absent"]).unwrap();
        assert_eq!(
            some.columns().map(|(name, _)| name).collect::<Vec<_>>(),
            ["price"]
        );
    }

    #[test]
    fn joined_files_hold_a_row_group_per_run_and_the_same_bytes_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let nothing = sample(0).filter(|_| false);
        let parts = [
            file(dir.path(), &sample(0), "0"),
            file(dir.path(), &nothing, "1"),
            file(dir.path(), &sample(2), "2"),
        ];
        let joined = dir.path().join("joined");
        let bytes = || {
            let read = |path| Ok(Bytes::from(std::fs::read(path).unwrap()));
            parts.iter().map(read)
        };
        join(&nothing, bytes(), File::create(&joined).unwrap()).unwrap();
        let mut again = Vec::new();
        join(&nothing, bytes(), &mut again).unwrap();
        assert_eq!(std::fs::read(&joined).unwrap(), again);

        let back = TableFile::open(&joined).unwrap();
        assert_eq!(back.groups(), 2);
        let mut both = sample(0);
        both.append(&sample(2)).unwrap();
        assert_eq!(back.read(&[]).unwrap(), both);
        assert_eq!(back.read_group(1, &[]).unwrap(), sample(2));
    }
}
