//! Labels beside points: near their own point and nearer to it than to any other; one that had to move has a leader.

use super::canvas::Point;
use super::theme;

/// Left, top, right and bottom, px.
pub type Area = [f64; 4];

/// Distances from the point that are tried, px; beyond the first the label gets a leader.
const FAR: [f64; 7] = [10.0, 18.0, 27.0, 38.0, 52.0, 68.0, 86.0];
/// The eight places round a point, the best first.
const PLACES: [(f64, f64); 8] = [
    (1.0, -1.0),
    (1.0, 1.0),
    (-1.0, -1.0),
    (-1.0, 1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
];
/// Radius of a point, px.
const RADIUS: f64 = 7.0;
/// Points nearer to each other than this stand on one another, px: a label is then as near to one as to the other.
const SAME: f64 = 1.0;

/// Where a label goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Left end of the baseline.
    pub baseline: Point,
    /// What the label covers.
    pub area: Area,
    /// From the edge of its point to the label, if it stands away from it.
    pub leader: Option<[Point; 2]>,
}

/// Places for labels of the given widths beside their points, within `bounds`, off the lines in `taken` as far as may be. Each is placed
/// with regard to those before it, then twice more with regard to all others.
#[must_use]
pub fn place(points: &[(Point, f64)], bounds: Area, taken: &[Area]) -> Vec<Placed> {
    let mut placed: Vec<Option<Placed>> = vec![None; points.len()];
    for _ in 0..3 {
        for own in 0..points.len() {
            placed[own] = best(points, own, &placed, bounds, taken);
        }
    }
    placed.into_iter().flatten().collect()
}

fn best(
    points: &[(Point, f64)],
    own: usize,
    placed: &[Option<Placed>],
    bounds: Area,
    taken: &[Area],
) -> Option<Placed> {
    let ((x, y), width) = points[own];
    let others: Vec<Placed> = (0..placed.len())
        .filter(|k| *k != own)
        .filter_map(|k| placed[k])
        .collect();
    let mut best: Option<(f64, Placed)> = None;
    for far in FAR {
        for (across, down) in PLACES {
            let left = match across {
                1.0 => x + far,
                -1.0 => x - far - width,
                _ => x - width / 2.0,
            };
            let baseline = y + theme::LABEL * 0.34 + down * (far + 1.0);
            let area = [
                left - 3.0,
                baseline - theme::LABEL * 0.85,
                left + width + 3.0,
                baseline + theme::LABEL * 0.3,
            ];
            let candidate = Placed {
                baseline: (left, baseline),
                area,
                leader: (far > FAR[0]).then(|| leader((x, y), &area)),
            };
            let cost = far + cost(&candidate, points, own, &others, bounds, taken);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, candidate));
            }
        }
    }
    best.map(|(_, placed)| placed)
}

/// What is wrong with a place, the worst first: off the page, nearer to another point, on a point or label, on a line.
fn cost(
    candidate: &Placed,
    points: &[(Point, f64)],
    own: usize,
    others: &[Placed],
    bounds: Area,
    taken: &[Area],
) -> f64 {
    let area = &candidate.area;
    let mut cost = 0.0;
    if area[0] < bounds[0] || area[1] < bounds[1] || area[2] > bounds[2] || area[3] > bounds[3] {
        cost += 1e7;
    }
    let at = points[own].0;
    let to_own = distance(at, area);
    for (k, (other, _)) in points.iter().enumerate() {
        let disc = [
            other.0 - RADIUS,
            other.1 - RADIUS,
            other.0 + RADIUS,
            other.1 + RADIUS,
        ];
        cost += 50.0 * overlap(area, &disc);
        if k == own || (other.0 - at.0).hypot(other.1 - at.1) < SAME {
            continue;
        }
        if distance(*other, area) <= to_own {
            cost += 1e5;
        }
        if let Some(leader) = candidate.leader {
            cost += 10.0 * crossing(leader, &disc);
        }
    }
    for other in others {
        cost += 50.0 * overlap(area, &other.area);
        if let Some(leader) = candidate.leader {
            cost += 10.0 * crossing(leader, &other.area);
        }
        if let Some(leader) = other.leader {
            cost += 10.0 * crossing(leader, area);
        }
    }
    cost + taken.iter().map(|line| overlap(area, line)).sum::<f64>()
}

/// From the edge of a point to the nearest place of a label.
fn leader(at: Point, area: &Area) -> [Point; 2] {
    let end = (
        at.0.clamp(area[0] + 1.0, area[2] - 1.0),
        at.1.clamp(area[1] + 1.0, area[3] - 1.0),
    );
    let length = (end.0 - at.0).hypot(end.1 - at.1).max(1.0);
    let share = (RADIUS / length).min(1.0);
    let start = (at.0 + (end.0 - at.0) * share, at.1 + (end.1 - at.1) * share);
    [start, end]
}

/// Distance from a point to what a label covers; zero inside.
fn distance(at: Point, area: &Area) -> f64 {
    let across = (area[0] - at.0).max(at.0 - area[2]).max(0.0);
    let down = (area[1] - at.1).max(at.1 - area[3]).max(0.0);
    across.hypot(down)
}

/// Length of a line inside an area, px, to the step at which it is walked.
fn crossing([from, to]: [Point; 2], area: &Area) -> f64 {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let steps = length.ceil().max(1.0) as usize;
    let inside = (0..=steps).filter(|k| {
        let share = *k as f64 / steps as f64;
        let at = (
            from.0 + (to.0 - from.0) * share,
            from.1 + (to.1 - from.1) * share,
        );
        distance(at, area) == 0.0
    });
    inside.count() as f64 * length / steps as f64
}

fn overlap(a: &Area, b: &Area) -> f64 {
    (a[2].min(b[2]) - a[0].max(b[0])).max(0.0) * (a[3].min(b[3]) - a[1].max(b[1])).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Area = [0.0, 0.0, 400.0, 300.0];

    #[test]
    fn a_label_alone_stands_at_its_point_without_a_leader() {
        let placed = place(&[((200.0, 150.0), 80.0)], BOUNDS, &[]);
        assert!(placed[0].leader.is_none());
        assert!(distance((200.0, 150.0), &placed[0].area) < 12.0);
    }

    #[test]
    fn labels_stay_on_the_page() {
        let placed = place(&[((395.0, 5.0), 80.0)], BOUNDS, &[]);
        assert!(placed[0].area[2] <= 400.0 && placed[0].area[1] >= 0.0);
    }

    #[test]
    fn in_a_crowd_each_label_is_nearest_to_its_own_point_and_free_of_the_others() {
        let at = [
            (200.0, 150.0),
            (204.0, 149.0),
            (203.0, 170.0),
            (250.0, 168.0),
            (200.0, 150.2),
        ];
        let points: Vec<(Point, f64)> = at.iter().map(|at| (*at, 85.0)).collect();
        let placed = place(&points, BOUNDS, &[]);
        for (own, label) in placed.iter().enumerate() {
            let to_own = distance(at[own], &label.area);
            for (k, other) in at.iter().enumerate() {
                let apart = (other.0 - at[own].0).hypot(other.1 - at[own].1);
                assert!(
                    apart < SAME || distance(*other, &label.area) > to_own,
                    "label {own} is nearer to point {k}: {label:?}"
                );
                assert!(k == own || overlap(&label.area, &placed[k].area) == 0.0);
            }
        }
    }

    #[test]
    fn a_label_that_had_to_move_has_a_leader() {
        let line = [150.0, 138.0, 250.0, 162.0];
        let placed = place(&[((200.0, 150.0), 40.0)], BOUNDS, &[line]);
        assert_eq!(overlap(&placed[0].area, &line), 0.0);
        assert!(placed[0].leader.is_some());
    }

    #[test]
    fn a_leader_runs_from_the_point_to_the_label() {
        let [start, end] = leader((0.0, 0.0), &[30.0, -10.0, 90.0, 10.0]);
        assert_eq!((start, end), ((7.0, 0.0), (31.0, 0.0)));
        assert!(crossing([start, end], &[10.0, -5.0, 20.0, 5.0]) > 9.0);
        assert_eq!(crossing([start, end], &[10.0, 5.0, 20.0, 9.0]), 0.0);
    }
}
