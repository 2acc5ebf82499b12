//! The market's solver against what must hold whatever the numbers are.

#[path = "market/world.rs"]
mod world;

use monazite::{domain::market::Cleared, mechanisms::market::*};
use world::{Size, random};

#[test]
fn random_worlds_converge() {
    let mut most = 0;
    for seed in 0..1000 {
        let world = random(
            seed,
            if seed % 50 == 0 {
                Size::FULL
            } else {
                Size::SMALL
            },
        );
        let mut workspace = Workspace::new(&world.structure);
        let mut out = Cleared::default();
        world.structure.check().unwrap();
        match clear(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
            &mut out,
        ) {
            Ok(d) => {
                most = most.max(d.iterations);
                if seed % 50 == 0 {
                    eprintln!(
                        "{seed}: {d:?} {:?} v{} l{} g{} m{} p{} t{}",
                        workspace.plan().size(),
                        world.structure.venues,
                        world.structure.lanes.len(),
                        world.structure.groups.len(),
                        world.structure.modes.len(),
                        world.structure.plants(),
                        world.structure.terms.len()
                    );
                }
            }
            Err(e) => panic!("{seed}: {e} {:?}", e.diagnostics),
        }
    }
    eprintln!("most {most}");
}
