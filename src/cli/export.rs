//! `export`: a result directory in other people's formats.

use super::{
    Failure,
    args::{Export, ExportForm},
    terminal,
};
use crate::{
    experiment::open,
    export::{iamc, keyed},
    record::write,
};
use serde_json::json;

pub fn export(args: &Export) -> Result<(), Failure> {
    let manifest = open::manifest(&args.dir).map_err(|fault| Failure::Io(fault.to_string()))?;
    let path = args.output.clone().unwrap_or_else(|| {
        args.dir.join("export").join(match args.format {
            ExportForm::Iamc => "iamc.csv",
            ExportForm::Csv => "csv",
            ExportForm::Parquet => "parquet",
        })
    });
    let failed = |error| Failure::at(&path, error);
    let (written, rows) = match args.format {
        ExportForm::Iamc => {
            if path.is_dir() {
                return Err(Failure::Usage(format!(
                    "{} is a folder; the IAMC form is one file, such as {}",
                    path.display(),
                    path.join("iamc.csv").display()
                )));
            }
            let model = format!("{} {}", manifest.program, manifest.version);
            let mut rows = 0;
            write::atomically(&path, |out| {
                rows = iamc::write(&args.dir, &model, out)?;
                Ok(())
            })
            .map_err(failed)?;
            (vec![path], Some(rows))
        }
        ExportForm::Csv => (
            keyed::write(&args.dir, &path, keyed::Form::Csv).map_err(failed)?,
            None,
        ),
        ExportForm::Parquet => (
            keyed::write(&args.dir, &path, keyed::Form::Parquet).map_err(failed)?,
            None,
        ),
    };
    let files: Vec<String> = written
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if args.voice.json {
        return terminal::say_json(&json!({ "files": files, "rows": rows }));
    }
    for file in files {
        terminal::say(&file)?;
    }
    if let Some(rows) = rows.filter(|_| !args.voice.quiet) {
        terminal::remark(&format!("{rows} rows"));
    }
    Ok(())
}
