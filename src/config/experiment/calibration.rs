//! What an experiment fits: which reported series its varied numbers are held against, and how hard it looks.

use crate::domain::fields::{Map, Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fitting of the numbers under `vary` to what was reported, by approximate Bayesian computation in waves. The points of the design are
/// the first wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Table of reported figures, relative to the experiment; only its training rows are read.
    #[serde(default = "reported")]
    pub reported: String,
    /// Table that turns nominal prices into those of the model, relative to the experiment.
    #[serde(default = "deflators")]
    pub deflators: String,
    /// Series that are fitted, each with the error that counts as one: in logs, or in years for dates.
    pub targets: Map<f64>,
    /// Waves, the first included.
    pub waves: u32,
    /// Share of each wave that is kept, nearest first.
    pub keep: f64,
}

fn reported() -> String {
    "reported.csv".to_owned()
}

fn deflators() -> String {
    "deflators.csv".to_owned()
}

/// Checks a calibration by itself; `varied` are the paths that it fits.
pub fn check<'a>(
    calibration: &Calibration,
    varied: impl Iterator<Item = &'a String>,
    problems: &mut Problems,
) {
    let at = |field: &str| vec!["calibration".to_owned(), field.to_owned()];
    let mut push = |field: &str, code, text: String, help: &str| {
        problems.push(Problem::new(at(field), code, text).help(help));
    };
    if !(1..=20).contains(&calibration.waves) {
        let text = format!("{} waves", calibration.waves);
        push("waves", "range", text, "plausible: 1 to 20");
    }
    if !(calibration.keep > 0.0 && calibration.keep <= 0.5) {
        let text = format!("{} of a wave kept", calibration.keep);
        push("keep", "range", text, "plausible: above 0, up to 0.5");
    }
    if calibration.targets.0.is_empty() {
        let text = "nothing is fitted".to_owned();
        push(
            "targets",
            "missing",
            text,
            "name a series: {\"price_fob\": 0.4}",
        );
    }
    for (series, spread) in &calibration.targets.0 {
        if !(spread.is_finite() && *spread > 0.0) {
            let text = format!("{series}: an error of {spread} cannot count as one");
            push(
                "targets",
                "range",
                text,
                "write a number above 0, such as 0.4",
            );
        }
    }
    let mut none = true;
    let mut elsewhere = Vec::new();
    for path in varied {
        none = false;
        if path.split('.').count() != 2 {
            elsewhere.push(path);
        }
    }
    if none {
        let text = "nothing is varied".to_owned();
        let help = "say what to fit: vary: {\"investment.look_chance\": Uniform(0.05, 0.5)}";
        push("targets", "missing", text, help);
    }
    for path in elsewhere {
        let text = format!("\"{path}\" is no parameter of a mechanism");
        let help = "fit numbers such as \"investment.look_chance\": a mechanism and its parameter";
        let at = vec!["vary".to_owned(), path.clone()];
        problems.push(Problem::new(at, "calibration", text).at_key().help(help));
    }
}
