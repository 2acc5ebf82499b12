//! Flows between states from what is known of their margins: proportional fitting on observed trade.

/// Fits flows to given margins by iterative proportional fitting (Deming and Stephan 1940): `rows[i]` leaves i, `columns[j]` arrives in j,
/// and ratios follow the prior as far as the margins allow. Zero prior cells stay zero. Total row and column sums must agree.
///
/// `prior` is row-major, `rows.len() x columns.len()`. Gives the flows, with columns met exactly and rows to `1e-9` of the total if a solution exists.
#[must_use]
pub fn proportional_fit(prior: &[f64], rows: &[f64], columns: &[f64]) -> Vec<f64> {
    let (n, m) = (rows.len(), columns.len());
    let mut flow = prior.to_vec();
    let total: f64 = rows.iter().sum();
    if total <= 0.0 {
        return vec![0.0; n * m];
    }
    let live = |cells: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
        cells.filter(|&cell| prior[cell] > 0.0).collect()
    };
    let of_row: Vec<_> = (0..n).map(|i| live(&mut (i * m..(i + 1) * m))).collect();
    let of_column: Vec<_> = (0..m)
        .map(|j| live(&mut (0..n).map(|i| i * m + j)))
        .collect();
    for _ in 0..2000 {
        let mut worst = 0.0f64;
        for (cells, &target) in of_row.iter().zip(rows) {
            worst = worst.max(rescale(&mut flow, cells, target));
        }
        for (cells, &target) in of_column.iter().zip(columns) {
            rescale(&mut flow, cells, target);
        }
        if worst < 1e-9 * total {
            break;
        }
    }
    flow
}

/// Scales cells so that they sum to a target; gives how far off they were.
fn rescale(flow: &mut [f64], cells: &[usize], target: f64) -> f64 {
    let sum: f64 = cells.iter().map(|&cell| flow[cell]).sum();
    let factor = if sum > 0.0 { target / sum } else { 0.0 };
    for &cell in cells {
        flow[cell] *= factor;
    }
    (sum - target).abs()
}

/// Fits flows, then takes away the trickles (below `share` of the buyer's intake) one by one, smallest share first, each of them rerouted over
/// what stays, so that a world has few lanes, each of them matters, and the margins still hold. A seller's and a buyer's largest cell
/// stays, and so does a trickle that nothing else can replace.
#[must_use]
pub fn sparse_fit(prior: &[f64], rows: &[f64], columns: &[f64], share: f64) -> Vec<f64> {
    let (n, m) = (rows.len(), columns.len());
    let mut flow = proportional_fit(prior, rows, columns);
    let mut trickles: Vec<(f64, usize)> = (0..n * m)
        .filter(|&cell| {
            let (i, j) = (cell / m, cell % m);
            let largest_of_row = (0..m).all(|k| flow[i * m + k] <= flow[cell]);
            let largest_of_column = (0..n).all(|k| flow[k * m + j] <= flow[cell]);
            i != j
                && flow[cell] > 0.0
                && flow[cell] < share * columns[j]
                && !largest_of_row
                && !largest_of_column
        })
        .map(|cell| (flow[cell] / columns[cell % m], cell))
        .collect();
    trickles.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (_, cell) in trickles {
        let before = flow.clone();
        if !reroute(&mut flow, m, cell) {
            flow = before;
        }
    }
    flow
}

/// Most paths over which one cell is spread.
const DETOURS: usize = 8;

/// Moves all of a cell's flow to cells in use, along shortest detours that keep every row and column sum. False (and a flow to be
/// thrown away) if they cannot take it all.
fn reroute(flow: &mut [f64], m: usize, cell: usize) -> bool {
    let n = flow.len() / m;
    let (seller, buyer) = (cell / m, cell % m);
    let mut left = flow[cell];
    flow[cell] = 0.0;
    for _ in 0..DETOURS {
        // breadth first over sellers (0..n) and buyers (n..n + m): a seller may send more to whom it sends already, a buyer may
        // take less, but not nothing, from whom it takes
        let mut came_from = vec![usize::MAX; n + m];
        let mut queue = std::collections::VecDeque::from([seller]);
        came_from[seller] = seller;
        while let Some(at) = queue.pop_front() {
            let next = |to: usize| {
                let (i, j) = if at < n { (at, to - n) } else { (to, at - n) };
                flow[i * m + j] > 0.0
            };
            let others = if at < n { n..n + m } else { 0..n };
            for to in others {
                if came_from[to] == usize::MAX && next(to) {
                    came_from[to] = at;
                    queue.push_back(to);
                }
            }
        }
        if came_from[n + buyer] == usize::MAX {
            return false;
        }
        let mut path = vec![n + buyer];
        while let Some(&at) = path.last()
            && at != seller
        {
            path.push(came_from[at]);
        }
        path.reverse();
        let moved = path[1..]
            .windows(2)
            .step_by(2)
            .map(|pair| 0.5 * flow[pair[1] * m + (pair[0] - n)])
            .fold(left, f64::min);
        for pair in path.windows(2) {
            if pair[0] < n {
                flow[pair[0] * m + (pair[1] - n)] += moved;
            } else {
                flow[pair[1] * m + (pair[0] - n)] -= moved;
            }
        }
        left -= moved;
        if left <= 0.0 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ratios_follow_the_prior() {
        let flow = proportional_fit(&[1.0, 3.0, 1.0, 3.0], &[10.0, 30.0], &[10.0, 30.0]);
        for (got, want) in flow.iter().zip([2.5, 7.5, 7.5, 22.5]) {
            assert!((got - want).abs() < 1e-9, "{flow:?}");
        }
    }

    #[test]
    fn nothing_moves_without_supply() {
        assert_eq!(proportional_fit(&[1.0], &[0.0], &[0.0]), vec![0.0]);
    }

    proptest! {
        #[test]
        fn margins_are_met(prior in prop::collection::vec(0.1..10.0f64, 12), rows in prop::collection::vec(0.1..100.0f64, 3), weights in prop::collection::vec(0.1..1.0f64, 4)) {
            let total: f64 = rows.iter().sum();
            let sum: f64 = weights.iter().sum();
            let columns: Vec<f64> = weights.iter().map(|w| w / sum * total).collect();
            let flow = proportional_fit(&prior, &rows, &columns);
            for i in 0..3 { prop_assert!((flow[i * 4..i * 4 + 4].iter().sum::<f64>() - rows[i]).abs() < 1e-6 * total); }
            for j in 0..4 { prop_assert!(((0..3).map(|i| flow[i * 4 + j]).sum::<f64>() - columns[j]).abs() < 1e-6 * total); }
            prop_assert!(flow.iter().all(|f| *f >= 0.0));
        }
    }
}
