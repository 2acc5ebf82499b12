//! Sparse LU with a fixed pattern: ordered and filled in once per structure, then factorised in place without a pivot search.
//!
//! The Jacobian of excess supply has a positive diagonal that outweighs its lanes, and plants enter it like a quasi-definite
//! border, so no exchange of rows is needed; a pivot that fails is reported and the solver damps the step.

use super::balance::{SLOTS, Slots};
use std::ops::Range;

/// Rows and columns after ordering, with fill. Shared by all workspaces of a structure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    /// Row of each unknown.
    pub row_of: Vec<u16>,
    /// Start of each row in `columns`; one more than there are rows.
    pub start: Vec<u32>,
    /// Position of each row's diagonal.
    pub diagonal: Vec<u32>,
    /// Columns, ascending within a row.
    pub columns: Vec<u16>,
    /// Rows of each block: unknowns of different blocks share no entry of the factor.
    blocks: Vec<Range<usize>>,
    /// Entries between blocks, as (row, column), ascending: kept beside the factor.
    between: Vec<(u16, u16)>,
    /// Of those, the ones that link a block to an earlier one, by block: where they start, and their places in `between`.
    back: Vec<Range<usize>>,
    back_entries: Vec<u32>,
}

impl Pattern {
    /// Orders `unknowns` by minimum fill over the symmetric `edges` and adds the fill. `loose` pairs are kept out of the factor if their
    /// unknowns fall into different blocks; otherwise they are edges like the others.
    pub fn compile(unknowns: usize, edges: &[(usize, usize)], loose: &[(usize, usize)]) -> Self {
        assert!(
            unknowns <= SLOTS,
            "more venues and modes than the solver has room for"
        );
        let block_of = blocks_of(unknowns, edges);
        let (within, between): (Vec<_>, Vec<_>) = loose
            .iter()
            .partition(|&&(a, b)| block_of[a] == block_of[b]);
        let edges: Vec<_> = edges.iter().copied().chain(within).collect();
        let (order, fill) = minimum_fill(unknowns, &edges);
        let mut order = postorder(&order, &fill);
        order.sort_by_key(|&unknown| block_of[unknown]);
        let mut row_of = vec![0u16; unknowns];
        for (row, &unknown) in order.iter().enumerate() {
            row_of[unknown] = row as u16;
        }
        let mut rows: Vec<Vec<u16>> = (0..unknowns).map(|row| vec![row as u16]).collect();
        for (unknown, neighbours) in fill.iter().enumerate() {
            let i = row_of[unknown];
            for &other in neighbours {
                let j = row_of[other];
                rows[i as usize].push(j);
                rows[j as usize].push(i);
            }
        }
        let (mut start, mut diagonal, mut columns) = (vec![0u32], Vec::new(), Vec::new());
        for (i, row) in rows.iter_mut().enumerate() {
            row.sort_unstable();
            row.dedup();
            for &j in row.iter() {
                if j as usize == i {
                    diagonal.push(columns.len() as u32);
                }
                columns.push(j);
            }
            start.push(columns.len() as u32);
        }
        let blocks: Vec<Range<usize>> = order
            .chunk_by(|&a, &b| block_of[a] == block_of[b])
            .scan(0, |first, block| {
                *first += block.len();
                Some(*first - block.len()..*first)
            })
            .collect();
        let mut between: Vec<(u16, u16)> = between
            .iter()
            .flat_map(|&(a, b)| [(row_of[a], row_of[b]), (row_of[b], row_of[a])])
            .collect();
        between.sort_unstable();
        between.dedup();
        let (mut back, mut back_entries) = (Vec::new(), Vec::new());
        for block in &blocks {
            let first = back_entries.len();
            back_entries.extend((0..between.len() as u32).filter(|&at| {
                let (row, column) = between[at as usize];
                block.contains(&(row as usize)) && (column as usize) < block.start
            }));
            back.push(first..back_entries.len());
        }
        Self {
            row_of,
            start,
            diagonal,
            columns,
            blocks,
            between,
            back,
            back_entries,
        }
    }

    /// Entries of the matrix: those of the factor, then those between blocks.
    pub fn entries(&self) -> usize {
        self.columns.len() + self.between.len()
    }

    /// Position of an entry by unknowns; it must be in the pattern.
    pub fn position(&self, row: usize, column: usize) -> u32 {
        let (i, j) = (self.row_of[row] as usize, self.row_of[column]);
        let (from, to) = (self.start[i] as usize, self.start[i + 1] as usize);
        let at = match self.columns[from..to].binary_search(&j) {
            Ok(within) => from + within,
            Err(_) => {
                let between = self
                    .between
                    .binary_search(&(i as u16, j))
                    .expect("an entry that the pattern was compiled from");
                self.columns.len() + between
            }
        };
        at as u32
    }

    /// Values as a full matrix by unknowns, for tests.
    pub fn dense(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let n = self.diagonal.len();
        let mut unknown_of = vec![0; n];
        for (unknown, &row) in self.row_of.iter().enumerate() {
            unknown_of[row as usize] = unknown;
        }
        let mut dense = vec![vec![0.0; n]; n];
        for row in 0..n {
            for at in self.start[row] as usize..self.start[row + 1] as usize {
                dense[unknown_of[row]][unknown_of[self.columns[at] as usize]] = values[at];
            }
        }
        for (&(row, column), value) in self.between.iter().zip(&values[self.columns.len()..]) {
            dense[unknown_of[row as usize]][unknown_of[column as usize]] = *value;
        }
        dense
    }

    /// Multiplications with subtraction that one factorisation takes.
    pub fn operations(&self) -> usize {
        let upper: Vec<usize> = (0..self.diagonal.len())
            .map(|i| (self.start[i + 1] - self.diagonal[i] - 1) as usize)
            .collect();
        (0..upper.len()).map(|i| upper[i] * upper[i]).sum()
    }
}

/// Block of each unknown: those that edges join, numbered from the largest (then from the lowest unknown).
fn blocks_of(unknowns: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut label: Vec<usize> = (0..unknowns).collect();
    loop {
        let mut merged = false;
        for &(a, b) in edges {
            let least = label[a].min(label[b]);
            merged |= label[a] != label[b];
            (label[a], label[b]) = (least, least);
        }
        if !merged {
            break;
        }
    }
    let mut size = vec![0usize; unknowns];
    for &l in &label {
        size[l] += 1;
    }
    let mut ranked: Vec<usize> = (0..unknowns).filter(|&l| size[l] > 0).collect();
    ranked.sort_by_key(|&l| (std::cmp::Reverse(size[l]), l));
    let mut rank = vec![0; unknowns];
    for (r, &l) in ranked.iter().enumerate() {
        rank[l] = r;
    }
    label.iter().map(|&l| rank[l]).collect()
}

/// Elimination order by least fill (then least degree, then lowest index), and each unknown's neighbours when it goes.
fn minimum_fill(unknowns: usize, edges: &[(usize, usize)]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let words = unknowns.div_ceil(64);
    let mut adjacent = vec![vec![0u64; words]; unknowns];
    for &(a, b) in edges {
        if a != b {
            adjacent[a][b / 64] |= 1 << (b % 64);
            adjacent[b][a / 64] |= 1 << (a % 64);
        }
    }
    let members = |set: &[u64]| -> Vec<usize> {
        let mut list = Vec::new();
        for (w, &word) in set.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                list.push(w * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
        list
    };
    let fill_of = |adjacent: &[Vec<u64>], v: usize| -> (usize, usize) {
        let neighbours = members(&adjacent[v]);
        let degree = neighbours.len();
        let missing: usize = neighbours
            .iter()
            .map(|&u| {
                let common: u32 = adjacent[u]
                    .iter()
                    .zip(&adjacent[v])
                    .map(|(a, b)| (a & b).count_ones())
                    .sum();
                degree - 1 - common as usize
            })
            .sum();
        (missing / 2, degree)
    };
    let mut cost: Vec<(usize, usize)> = (0..unknowns).map(|v| fill_of(&adjacent, v)).collect();
    let mut gone = vec![false; unknowns];
    let (mut order, mut fill) = (Vec::with_capacity(unknowns), vec![Vec::new(); unknowns]);
    for _ in 0..unknowns {
        let next = (0..unknowns)
            .filter(|&v| !gone[v])
            .min_by_key(|&v| (cost[v], v))
            .expect("an unknown is left");
        let neighbours = members(&adjacent[next]);
        gone[next] = true;
        let clique = adjacent[next].clone();
        let mut touched = clique.clone();
        for &u in &neighbours {
            for (word, c) in adjacent[u].iter_mut().zip(&clique) {
                *word |= c;
            }
            adjacent[u][u / 64] &= !(1 << (u % 64));
            adjacent[u][next / 64] &= !(1 << (next % 64));
            for (word, a) in touched.iter_mut().zip(&adjacent[u]) {
                *word |= a;
            }
        }
        adjacent[next].fill(0);
        for v in members(&touched) {
            if !gone[v] {
                cost[v] = fill_of(&adjacent, v);
            }
        }
        order.push(next);
        fill[next] = neighbours;
    }
    (order, fill)
}

/// The same elimination, children before parents and next to them, so that the columns of a row come in runs.
fn postorder(order: &[usize], fill: &[Vec<usize>]) -> Vec<usize> {
    let mut position = vec![0; order.len()];
    for (p, &v) in order.iter().enumerate() {
        position[v] = p;
    }
    let parent = |v: usize| fill[v].iter().copied().min_by_key(|&u| position[u]);
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
    let mut stack = Vec::new();
    for &v in order.iter().rev() {
        match parent(v) {
            Some(p) => children[p].push(v),
            None => stack.push(v),
        }
    }
    // parents first from the roots, then turned round
    let mut result = Vec::with_capacity(order.len());
    while let Some(v) = stack.pop() {
        result.push(v);
        stack.extend_from_slice(&children[v]);
    }
    result.reverse();
    result
}

/// The values of one Jacobian and, after [`Factor::factorise`], of its factors.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// Entries by position; `L` below, `U` above the diagonal after factorisation.
    pub values: Vec<f64>,
    inverse_pivot: Vec<f64>,
    work: Slots,
}

impl Factor {
    pub fn new(pattern: &Pattern) -> Self {
        Self {
            values: vec![0.0; pattern.entries()],
            inverse_pivot: vec![0.0; pattern.diagonal.len()],
            work: Slots::new(),
        }
    }

    /// Factorises in place. False if a pivot vanished or is no number; it is then replaced by one.
    pub fn factorise(&mut self, pattern: &Pattern) -> bool {
        let mut sound = true;
        let work = &mut self.work;
        for i in 0..pattern.diagonal.len() {
            let (from, to) = (pattern.start[i] as usize, pattern.start[i + 1] as usize);
            let diagonal = pattern.diagonal[i] as usize;
            let columns = &pattern.columns[from..to];
            let row = &mut self.values[from..to];
            for (&j, &value) in columns.iter().zip(row.iter()) {
                work.set(j, value);
            }
            // split so that earlier rows can be read while this one is written
            for &k in &columns[..diagonal - from] {
                let l = work.get(k) * self.inverse_pivot[k as usize];
                work.set(k, l);
                let (after, end) = (
                    pattern.diagonal[k as usize] as usize + 1,
                    pattern.start[k as usize + 1] as usize,
                );
                let upper = &self.values[after..end];
                for (&j, &u) in pattern.columns[after..end].iter().zip(upper) {
                    work.subtract(j, l * u);
                }
            }
            let row = &mut self.values[from..to];
            for (&j, value) in columns.iter().zip(row.iter_mut()) {
                *value = work.get(j);
            }
            let pivot = work.get(i as u16);
            if pivot.abs() > 1e-280 && pivot.is_finite() {
                self.inverse_pivot[i] = 1.0 / pivot;
            } else {
                self.inverse_pivot[i] = 1.0;
                sound = false;
            }
        }
        sound
    }

    /// Solves in place for a right-hand side in row order: block by block, each after the effect of the earlier ones.
    pub fn solve(&self, pattern: &Pattern, x: &mut Slots) {
        let beside = &self.values[pattern.columns.len()..];
        for (block, back) in pattern.blocks.iter().zip(&pattern.back) {
            for &at in &pattern.back_entries[back.clone()] {
                let (row, column) = pattern.between[at as usize];
                x.subtract(row, beside[at as usize] * x.get(column));
            }
            for i in block.clone() {
                let (from, diagonal) = (pattern.start[i] as usize, pattern.diagonal[i] as usize);
                let sum = dot(
                    &pattern.columns[from..diagonal],
                    &self.values[from..diagonal],
                    x,
                );
                x.subtract(i as u16, sum);
            }
            for i in block.clone().rev() {
                let (after, to) = (
                    pattern.diagonal[i] as usize + 1,
                    pattern.start[i + 1] as usize,
                );
                let sum = dot(&pattern.columns[after..to], &self.values[after..to], x);
                x.set(i as u16, (x.get(i as u16) - sum) * self.inverse_pivot[i]);
            }
        }
    }
}

/// Sum of products in four interleaved parts: the same order on every machine, and no chain of additions.
#[inline]
fn dot(columns: &[u16], values: &[f64], x: &Slots) -> f64 {
    let mut sums = [0.0; 4];
    let (quads, value_quads) = (columns.chunks_exact(4), values.chunks_exact(4));
    let rest = quads.remainder().iter().zip(value_quads.remainder());
    for (c, v) in quads.zip(value_quads) {
        for lane in 0..4 {
            sums[lane] += v[lane] * x.get(c[lane]);
        }
    }
    let mut tail = 0.0;
    for (&c, &v) in rest {
        tail += v * x.get(c);
    }
    ((sums[0] + sums[1]) + (sums[2] + sums[3])) + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_dense_elimination_solves() {
        let n = 30;
        let mut state = 7u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut edges = Vec::new();
        for a in 0..n {
            for b in 0..a {
                if random() < 0.12 {
                    edges.push((a, b));
                }
            }
        }
        let pattern = Pattern::compile(n, &edges, &[]);
        let mut factor = Factor::new(&pattern);
        let mut dense = vec![vec![0.0; n]; n];
        for i in 0..n {
            dense[i][i] = 6.0 + random();
        }
        for &(a, b) in &edges {
            dense[a][b] = random() - 0.5;
            dense[b][a] = random() - 0.5;
        }
        for i in 0..n {
            for j in 0..n {
                if dense[i][j] != 0.0 {
                    factor.values[pattern.position(i, j) as usize] = dense[i][j];
                }
            }
        }
        let x: Vec<f64> = (0..n).map(|_| random() - 0.5).collect();
        let mut rhs = Slots::new();
        for i in 0..n {
            rhs.set(pattern.row_of[i], (0..n).map(|j| dense[i][j] * x[j]).sum());
        }
        assert!(factor.factorise(&pattern));
        factor.solve(&pattern, &mut rhs);
        for i in 0..n {
            assert!((rhs.get(pattern.row_of[i]) - x[i]).abs() < 1e-13);
        }
    }
}
