//! Threats: what a restriction does to beliefs, and to relations, from its announcement on.

use super::{Scene, export_quota, local_content};
use crate::domain::{actors::BookedMeasure, exchange::Effects, ids::StateId, policy::Instrument};

/// Beliefs and perceived risk: how far a measure that is announced or in force cuts what reaches each venue.
///
/// The size of a threat to a buyer is the share of its intake that the measure would take away, in full from `threat_share` on.
pub fn threaten(
    scene: &Scene,
    state: StateId,
    measure: &BookedMeasure,
    announced_now: bool,
    effects: &mut Effects,
) {
    let (of, to, cut) = match &measure.instrument {
        Instrument::Embargo { of, to } | Instrument::OreExportBan { of, to } => {
            (of, to.as_slice(), 1.0)
        }
        Instrument::Sanctions { of, on } if !on.is_empty() => (of, on.as_slice(), 1.0),
        Instrument::TechnologyExportBan { to, share, .. } => {
            for (target, code) in scene.layout.states.iter().enumerate() {
                if target != state.index() && to.contains(code) {
                    effects.coercion.push((
                        state.index(),
                        target,
                        share * scene.params.technology_coercion,
                    ));
                }
            }
            return;
        }
        Instrument::ExportLicence {
            of,
            to,
            share,
            delay,
            ..
        } => {
            let waiting = scene.now.since(measure.from) < i32::try_from(*delay).unwrap_or(i32::MAX);
            (
                of,
                to.as_slice(),
                if waiting { 1.0 } else { 1.0 - share.min(1.0) },
            )
        }
        Instrument::ExportQuota {
            of,
            tonnes_per_year,
            ..
        } => (
            of,
            [].as_slice(),
            export_quota::cut(scene, state, of, *tonnes_per_year),
        ),
        Instrument::LocalContent { of, share } => (
            of,
            [].as_slice(),
            local_content::cut(scene, state, of, *share),
        ),
        _ => return,
    };
    if cut <= 0.0 {
        return;
    }
    // Who may not stock gains nothing by fear; the coercion is felt all the same.
    let calm = matches!(
        measure.instrument,
        Instrument::ExportLicence {
            no_stocking: true,
            ..
        }
    );
    let mut severity = vec![0.0f64; scene.layout.states.len()];
    for (l, lane) in scene.lanes(of, Some(state), &[], to) {
        let v = lane.to.index();
        let reference = if measure.reference.is_empty() {
            scene.books.lane_flow[l]
        } else {
            measure.reference[l]
        };
        let intake = scene.books.imports[v].max(reference) + scene.books.home_use(v);
        let share = if intake > 0.0 {
            reference / intake
        } else {
            0.0
        };
        let size = (cut * share / scene.params.threat_share).min(1.0);
        severity[lane.importer.index()] = severity[lane.importer.index()].max(cut * share.min(1.0));
        if calm {
            continue;
        }
        effects.threat[v] = effects.threat[v].max(size);
        if announced_now {
            effects.news[v] = effects.news[v].max(size);
        }
    }
    for (target, size) in severity
        .into_iter()
        .enumerate()
        .filter(|(_, size)| *size > 0.0)
    {
        effects.coercion.push((state.index(), target, size));
    }
}
