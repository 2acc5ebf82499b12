//! `check`: parses, layers and validates files, and says in a few lines what they resolve to.

use super::{Failure, args::Check, input, terminal};
use crate::config;
use serde_json::{Value, json};

pub fn check(args: &Check) -> Result<(), Failure> {
    let mut worst: Option<Failure> = None;
    let mut wrong = 0;
    let mut documents: Vec<Value> = Vec::new();
    for path in &args.files {
        match config::load(path, &args.changes.sets) {
            Ok(loaded) if args.voice.json => documents.push(json!({ "file": path.display().to_string(), "ok": true, "summary": config::summary(&loaded) })),
            Ok(_) if args.voice.quiet => {}
            Ok(loaded) => terminal::say(&format!("{}: ok\n{}", path.display(), config::summary(&loaded)))?,
            Err(report) => {
                wrong += 1;
                let failure = input::refusal(path, &report);
                if args.voice.json {
                    documents.push(json!({ "file": path.display().to_string(), "ok": false, "problems": report.to_string() }));
                } else {
                    terminal::remark(&failure.to_string());
                }
                if worst.as_ref().is_none_or(|worst| worst.code() < failure.code()) {
                    worst = Some(failure);
                }
            }
        }
    }
    if args.voice.json {
        terminal::say_json(&Value::Array(documents))?;
    }
    let files = args.files.len();
    let text = format!(
        "{wrong} of {files} {} wrong",
        if files == 1 { "file is" } else { "files are" }
    );
    match worst {
        None => Ok(()),
        Some(Failure::Io(_)) => Err(Failure::Io(text)),
        Some(_) => Err(Failure::Usage(text)),
    }
}
