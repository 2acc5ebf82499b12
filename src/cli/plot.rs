//! `plot`: draws the figures of a result directory again, without running anything.

use super::{Failure, args::Plot, draw, terminal};
use crate::record::write;
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
        let (png, svg) = draw::files(&figure.name);
        for (name, content) in [(png, figure.png.as_slice()), (svg, figure.svg.as_bytes())] {
            let path = args.dir.join(&name);
            write::bytes(&path, content).map_err(|error| Failure::at(&path, error))?;
            manifest
                .files
                .insert(name, blake3::hash(content).to_hex().to_string());
            written.push(path.display().to_string());
        }
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
