//! Names of metrics in an experiment. The metrics themselves are declared in `analysis::metrics`, which a test holds against this list.

use crate::config::scenario::Scenario;
use crate::domain::fields::{Problem, Problems, did_you_mean};
use crate::domain::graph::Form;

/// Of what a metric has values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// The world.
    World,
    /// Each state.
    States,
    /// The world and each state.
    WorldAndStates,
    /// Each commodity with a price, in each state for which prices are reported.
    Venues,
}

/// The states for which prices are reported, where the world has them: the dominant producer and the large buyers.
pub const PRICE_PLACES: [&str; 4] = ["CN", "EU", "JP", "US"];

/// Whether the price of a commodity of a form is reported: concentrates and scrap have none worth showing.
#[must_use]
pub const fn is_priced(form: Form) -> bool {
    !matches!(form, Form::Concentrate | Form::Scrap)
}

/// Every metric that an experiment may name.
pub const NAMED: [(&str, Places); 26] = {
    use Places::{States, Venues, World, WorldAndStates};
    [
        ("shortage_peak_pct", WorldAndStates),
        ("shortage_quarters", WorldAndStates),
        ("time_to_shortage_q", WorldAndStates),
        ("time_to_recover_q", WorldAndStates),
        ("resilience_loss", WorldAndStates),
        ("unmet_defence_t", WorldAndStates),
        ("price_peak_ratio", Venues),
        ("price_mean", Venues),
        ("consumer_loss_usd", WorldAndStates),
        ("public_cost_usd", WorldAndStates),
        ("china_share_mine", World),
        ("china_share_separation", World),
        ("china_share_magnet", World),
        ("hhi_host_separation", World),
        ("hhi_owner_separation", World),
        ("import_reliance", States),
        ("crma_extraction", World),
        ("crma_processing", World),
        ("crma_recycling", World),
        ("asean_value_added_usd", World),
        ("asean_centrality", World),
        ("hub_or_pawn", World),
        ("midstream_jobs", WorldAndStates),
        ("restrictor_lost_share", States),
        ("damage_usd", World),
        ("capability_separation", States),
    ]
};

/// Checks that a world has a metric; `problem` says where its name stands.
pub fn check(name: &str, scenario: &Scenario, mut problem: Problem, problems: &mut Problems) {
    let (base, place) = match name.split_once('[') {
        Some((base, rest)) => (base, Some(rest.strip_suffix(']').unwrap_or(rest))),
        None => (name, None),
    };
    problem.code = "unknown metric";
    let Some((_, places)) = NAMED.iter().find(|(known, _)| *known == base) else {
        problem.text = format!("no metric is called \"{base}\"");
        problems.push(problem.suggest(base, NAMED.iter().map(|(name, _)| *name)));
        return;
    };
    let states = || scenario.states.keys().map(String::as_str);
    let state = |place: &str, among: &[&str]| {
        let known =
            scenario.states.contains_key(place) && (among.is_empty() || among.contains(&place));
        (!known).then(|| {
            let near = did_you_mean(place, states());
            let near = near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            if among.is_empty() {
                format!("no state is called \"{place}\"{near}")
            } else {
                format!(
                    "prices are reported for {}, not for \"{place}\"",
                    among.join(", ")
                )
            }
        })
    };
    let wrong = match (places, place) {
        (Places::World | Places::WorldAndStates, None) => None,
        (Places::World, Some(_)) => Some(format!(
            "{base} has one value, for the world; leave out the brackets"
        )),
        (Places::States, None) => Some(format!("{base} is of a state: {base}[EU]")),
        (Places::Venues, None) => Some(format!(
            "{base} is of a good and a place: {base}[dy_oxide@EU]"
        )),
        (Places::States | Places::WorldAndStates, Some(place)) => state(place, &[]),
        (Places::Venues, Some(venue)) => match venue.split_once('@') {
            None => Some(format!(
                "{base} is of a good and a place: {base}[dy_oxide@EU]"
            )),
            Some((good, place)) => match scenario.commodities.get(good) {
                Some(row) if is_priced(row.form) => state(place, &PRICE_PLACES),
                Some(_) => Some(format!("{good} has no price that is reported")),
                None => {
                    let near = did_you_mean(good, scenario.commodities.keys().map(String::as_str));
                    let near =
                        near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
                    Some(format!("no commodity is called \"{good}\"{near}"))
                }
            },
        },
    };
    if let Some(text) = wrong {
        problem.text = text;
        problems.push(problem);
    }
}
