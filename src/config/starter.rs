//! The text of a new scenario.

/// A commented scenario that extends another: a start for a user's own.
#[must_use]
pub fn starter(name: &str, from: &str) -> String {
    let title = name.replace(['_', '-'], " ").replace(['"', '\\'], "");
    let mut letters = title.chars();
    let title = letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    });
    format!(
        r#"// {title}: what differs from {from}.
//
// Everything that is not said here is as in the file below. `monazite check` says whether the file is sound,
// `monazite show` what it resolves to and where each value comes from.
Scenario(
    extends: "{from}",
    title: "{title}",
    description: "What this scenario asks.",

    // When it begins and ends, and how many replicates are run.
    // start: "2024Q1", end: "2040Q4", seeds: 32,

    // Single cells of the tables, by key (see the header of each file in world/).
    // demand: {{"2024:EU:wind:ndfeb_std": (tonnes: 4_000)}},
    // firms: {{"lynas": (plants: {{"kalgoorlie": (periods: {{"2025Q1": (capacity_t_a: 9_000, source: "assumption")}})}})}},

    // What is not there in this world.
    // remove: ["firms.pensana"],

    // What states do: a strategy file replaces that of the baseline, `Strategy(..)` is laid over it.
    // strategies: {{
    //     "CN": Strategy(calendar: {{"quota": (announced: "2026Q1", from: "2026Q3", until: "2027Q4",
    //         instrument: ExportQuota(of: ["dy_oxide", "tb_oxide"], tonnes_per_year: 300))}}),
    //     "US": Strategy(rules: {{"answer": (when: Restricted(by: ["CN"]), lead: 1,
    //         then: Tariff(of: ["magnet"], from: ["@restrictors"], rate: 0.25))}}),
    // }},

    // What nobody chose.
    // shocks: {{"myanmar_closes": (at: "2026Q3", lasts: 4, what: MineClosure(state: "MM", share: 0.8))}},

    // What is uncertain, by path: Uniform(low, high), LogUniform(low, high), Triangular(low, mode, high),
    // Normal(mean, sd, low, high), Choice([..]). `*` stands for every entry; PerEntity(..) draws each of them anew;
    // "name": Together({{"path": .., "path": ..}}) moves several at once.
    // uncertainty: {{"expectation.trend_share": Uniform(0.15, 0.45)}},
)
"#
    )
}
