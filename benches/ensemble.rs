//! Throughput and memory of ensembles: one core against two, and many runs against few.
//!
//! `cargo bench --bench ensemble` runs the program itself, as users do; `-- RUNS` gives the number of runs of the throughput (1000),
//! `-- RUNS FEW MANY` those whose memory is compared too (100 and 10,000). Memory is the largest resident set of the program,
//! which Linux tells in `/proc`.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What a command took.
struct Cost {
    seconds: f64,
    /// Largest resident set, MB; 0 where the system does not tell.
    megabytes: f64,
}

/// Runs an ensemble of the baseline and watches it.
fn run(out: &Path, runs: usize, jobs: usize, more: &[&str]) -> Cost {
    let seeds = format!("1..{runs}");
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_monazite"))
        .args(["run", "configs/baseline.ron", "-q", "--seeds", &seeds])
        .args(["-j", &jobs.to_string(), "-o"])
        .arg(out)
        .args(more)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut megabytes = 0.0_f64;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        megabytes = megabytes.max(kilobytes.map_or(0.0, |kb: f64| kb / 1e3));
        if let Some(ended) = child.try_wait().expect("a status") {
            assert!(ended.success(), "{ended}");
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Cost {
        seconds: start.elapsed().as_secs_f64(),
        megabytes,
    }
}

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let runs = numbers.first().copied().unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut speed = Vec::new();
    for jobs in [1, 2] {
        let out = folder.path().join(format!("jobs_{jobs}"));
        // The runs alone, as a shard computes them; the whole command joins and draws besides.
        let cost = run(&out, runs, jobs, &["--shard", "1/1"]);
        let rate = runs as f64 / cost.seconds;
        println!(
            "{runs} runs, {jobs} at a time: {:.1} s, {rate:.2} runs a second",
            cost.seconds
        );
        speed.push(rate);
        fs::remove_dir_all(&out).expect("a removal");
    }
    println!("two cores over one: {:.2}", speed[1] / speed[0]);
    let (few, many) = match numbers.as_slice() {
        [_, few, many, ..] => (*few, *many),
        _ => (100, 10_000),
    };
    let mut memory = Vec::new();
    for runs in [few, many] {
        let out = folder.path().join(format!("runs_{runs}"));
        let cost = run(&out, runs, 2, &[]);
        println!(
            "{runs} runs with tables and figures: {:.1} s, {:.0} MB",
            cost.seconds, cost.megabytes
        );
        memory.push(cost.megabytes);
        fs::remove_dir_all(&out).expect("a removal");
    }
    println!(
        "memory of {many} runs over that of {few}: {:.2}",
        memory[1] / memory[0]
    );
}
