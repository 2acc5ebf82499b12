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
    for _ in 0..2000 {
        let mut worst = 0.0f64;
        for i in 0..n {
            let sum: f64 = flow[i * m..(i + 1) * m].iter().sum();
            worst = worst.max((sum - rows[i]).abs());
            let factor = if sum > 0.0 { rows[i] / sum } else { 0.0 };
            for cell in &mut flow[i * m..(i + 1) * m] {
                *cell *= factor;
            }
        }
        for j in 0..m {
            let sum: f64 = (0..n).map(|i| flow[i * m + j]).sum();
            let factor = if sum > 0.0 { columns[j] / sum } else { 0.0 };
            for i in 0..n {
                flow[i * m + j] *= factor;
            }
        }
        if worst < 1e-9 * total {
            break;
        }
    }
    flow
}

/// Fits flows, then removes the trickles (below `share` of the buyer's intake and below `least` tonnes) and fits again on what is left,
/// so that a world has few lanes and each of them matters. A buyer's or seller's largest cell is never removed.
#[must_use]
pub fn sparse_fit(
    prior: &[f64],
    rows: &[f64],
    columns: &[f64],
    share: f64,
    least: f64,
) -> Vec<f64> {
    let (n, m) = (rows.len(), columns.len());
    let first = proportional_fit(prior, rows, columns);
    let mut kept = first.clone();
    for i in 0..n {
        for j in 0..m {
            let cell = first[i * m + j];
            let largest_of_row = (0..m).all(|k| first[i * m + k] <= cell);
            let largest_of_column = (0..n).all(|k| first[k * m + j] <= cell);
            if i != j
                && cell < least.max(share * columns[j])
                && !largest_of_row
                && !largest_of_column
            {
                kept[i * m + j] = 0.0;
            }
        }
    }
    let second = proportional_fit(&kept, rows, columns);
    let met = (0..n).all(|i| {
        let sum: f64 = second[i * m..(i + 1) * m].iter().sum();
        (sum - rows[i]).abs() <= 1e-6 * rows[i].max(1e-3)
    });
    if met { second } else { first }
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
