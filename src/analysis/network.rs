//! Betweenness in a weighted, directed flow network.

/// Betweenness of each node of a flow network, on 0 to 1: the share of ordered pairs of other nodes whose shortest path
/// passes through it. `flow[from][to]` is what flows; the length of a link is 1 / flow, so that big flows are short ways
/// (Brandes 2001; Opsahl, Agneessens and Skvoretz 2010 with exponent 1). Links without flow do not exist.
#[must_use]
pub fn betweenness(flow: &[Vec<f64>]) -> Vec<f64> {
    let n = flow.len();
    let mut through = vec![0.0; n];
    for source in 0..n {
        let Paths {
            order,
            count,
            before,
        } = shortest_paths(flow, source);
        let mut dependency = vec![0.0; n];
        for &node in order.iter().rev() {
            for &earlier in &before[node] {
                dependency[earlier] += count[earlier] / count[node] * (1.0 + dependency[node]);
            }
            if node != source {
                through[node] += dependency[node];
            }
        }
    }
    let pairs = n.saturating_sub(1) * n.saturating_sub(2);
    through
        .iter()
        .map(|t| if pairs > 0 { t / pairs as f64 } else { 0.0 })
        .collect()
}

struct Paths {
    /// Nodes that can be reached, nearest first.
    order: Vec<usize>,
    /// Shortest paths to each node.
    count: Vec<f64>,
    /// The last nodes before each node on its shortest paths.
    before: Vec<Vec<usize>>,
}

/// Dijkstra from one source; quadratic, which is best for a few dozen states that nearly all trade with each other.
fn shortest_paths(flow: &[Vec<f64>], source: usize) -> Paths {
    let n = flow.len();
    let mut distance = vec![f64::INFINITY; n];
    let mut paths = Paths {
        order: Vec::new(),
        count: vec![0.0; n],
        before: vec![Vec::new(); n],
    };
    let mut done = vec![false; n];
    distance[source] = 0.0;
    paths.count[source] = 1.0;
    loop {
        let open = (0..n).filter(|&node| !done[node] && distance[node].is_finite());
        let Some(node) = open.min_by(|&a, &b| distance[a].total_cmp(&distance[b])) else {
            return paths;
        };
        done[node] = true;
        paths.order.push(node);
        for next in (0..n).filter(|&next| flow[node][next] > 0.0 && !done[next]) {
            let length = distance[node] + 1.0 / flow[node][next];
            if length < distance[next] {
                distance[next] = length;
                paths.count[next] = 0.0;
                paths.before[next].clear();
            }
            if length <= distance[next] {
                paths.count[next] += paths.count[node];
                paths.before[next].push(node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(n: usize, links: &[(usize, usize, f64)]) -> Vec<Vec<f64>> {
        let mut flow = vec![vec![0.0; n]; n];
        for &(from, to, amount) in links {
            flow[from][to] = amount;
        }
        flow
    }

    #[test]
    fn the_middle_of_a_chain_is_central() {
        let chain = network(3, &[(0, 1, 5.0), (1, 2, 5.0)]);
        assert_eq!(betweenness(&chain), [0.0, 0.5, 0.0]);
    }

    #[test]
    fn a_star_has_a_centre_and_ties_are_shared() {
        let star: Vec<_> = (1..5)
            .flat_map(|leaf| [(0, leaf, 1.0), (leaf, 0, 1.0)])
            .collect();
        assert_eq!(betweenness(&network(5, &star)), [1.0, 0.0, 0.0, 0.0, 0.0]);
        let square = network(4, &[(0, 1, 1.0), (0, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0)]);
        assert_eq!(betweenness(&square), [0.0, 1.0 / 12.0, 1.0 / 12.0, 0.0]);
    }

    #[test]
    fn a_thick_detour_beats_a_thin_direct_way() {
        let flow = network(3, &[(0, 2, 1.0), (0, 1, 10.0), (1, 2, 10.0)]);
        assert_eq!(betweenness(&flow), [0.0, 0.5, 0.0]);
        assert!(betweenness(&[]).is_empty());
    }
}
