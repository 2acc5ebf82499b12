//! Every figure, drawn from invented tables: nothing overlaps, nothing is cut, everything is said.
//! With `MONAZITE_FIGURES=DIR` the pictures are kept there, to be looked at.

#[path = "figures/sample.rs"]
mod sample;

use monazite::figures::{self, Context, Data, Figure, NotDrawn, font, png};
use sample::Shape;

const FULL: Shape = Shape {
    runs: 8,
    quarters: 68,
    policies: true,
};

#[test]
fn look() {
    let Ok(dir) = std::env::var("MONAZITE_FIGURES") else {
        return;
    };
    let shape = Shape { runs: 32, ..FULL };
    for (folder, shape, context) in [
        ("policies", shape, sample::context()),
        (
            "calm",
            Shape {
                policies: false,
                ..shape
            },
            sample::context(),
        ),
        ("arms", shape, sample::two_arms(shape)),
    ] {
        let data = sample::data(shape);
        let folder = std::path::Path::new(&dir).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for entry in figures::all() {
            let began = std::time::Instant::now();
            match entry.draw(&data, &context) {
                Ok(figure) => {
                    let drawn = began.elapsed();
                    let (png, svg) = figure.files().unwrap();
                    println!(
                        "{:24} {:?} {:?} {} kB",
                        entry.name,
                        drawn,
                        began.elapsed(),
                        png.len() / 1000
                    );
                    std::fs::write(folder.join(format!("{}.png", entry.name)), png).unwrap();
                    std::fs::write(folder.join(format!("{}.svg", entry.name)), svg).unwrap();
                }
                Err(why) => println!("{:24} {why}", entry.name),
            }
        }
    }
}
