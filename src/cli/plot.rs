//! `plot`: draws the figures of a result directory again, without running anything.

use super::{Failure, args::Plot, draw, terminal};
use serde_json::json;

pub fn plot(args: &Plot) -> Result<(), Failure> {
    let mut manifest = draw::manifest(&args.dir)?;
    let drawn = draw::draw(
        &args.dir,
        &manifest.identity,
        manifest.reference.as_deref(),
        &args.figures,
        !args.voice.quiet,
    )?;
    let mut written = Vec::new();
    for figure in &drawn {
        let files = draw::keep_figure(&args.dir, &mut manifest, figure)?;
        written.extend(files.map(|path| path.display().to_string()));
    }
    manifest
        .write(&args.dir)
        .map_err(|error| Failure::at(&args.dir, error))?;
    if args.voice.json {
        return terminal::say_json(&json!({ "figures": written }));
    }
    for path in written {
        terminal::say(&path)?;
    }
    Ok(())
}
