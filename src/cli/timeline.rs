//! `timeline`: the acts of a quarter, printed from the schedule of a world that was really built.

use super::{Failure, args::Timeline, input::Input, terminal};
use crate::experiment::simulate;

pub fn timeline(args: &Timeline) -> Result<(), Failure> {
    let input = Input::load(&args.file, &args.changes.sets)?;
    let systems = simulate::timeline(&input.base).map_err(Failure::Usage)?;
    let width = systems
        .iter()
        .map(|(phase, _)| format!("{phase:?}").len())
        .max()
        .unwrap_or(0);
    let lines = systems.iter().enumerate().map(|(place, (phase, system))| {
        let (module, name) = part_of(system);
        format!(
            "{:>3}  {:width$}  {name} ({module})\n",
            place + 1,
            format!("{phase:?}")
        )
    });
    terminal::say(&lines.collect::<String>())
}

/// The mechanism and the act in the full name of a system: `monazite::mechanisms::shock::systems::strike` is the act `strike`
/// of `shock`.
fn part_of(system: &str) -> (&str, String) {
    let plain = system.split('<').next().unwrap_or(system);
    let parts: Vec<&str> = plain.split("::").collect();
    let name = parts.last().copied().unwrap_or(system).replace('_', " ");
    let module = match parts.as_slice() {
        [_, "mechanisms", mechanism, ..] => mechanism,
        [_, folder, ..] => folder,
        _ => "",
    };
    (module, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_named_by_mechanism() {
        assert_eq!(
            part_of("monazite::mechanisms::shock::systems::strike_mines"),
            ("shock", "strike mines".to_owned())
        );
        assert_eq!(
            part_of("monazite::record::recorder::record"),
            ("record", "record".to_owned())
        );
    }
}
