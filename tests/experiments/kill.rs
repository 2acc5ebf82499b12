//! Killed at any moment, the same command goes on and ends with the bytes of one that was left alone.

use super::command::{assert_same, folder, monazite};
use std::{
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

#[test]
fn a_command_killed_twenty_times_ends_with_the_same_bytes() {
    const KILLS: usize = 20;
    let folder = folder();
    let root = folder.path();
    let start = Instant::now();
    monazite(root, &["run", "configs/x.ron", "-o", "whole", "-q"])
        .assert()
        .code(0);
    let whole = start.elapsed();

    let mut killed = 0;
    let mut ended = 0;
    let mut random = 0x9e37_79b9_u32;
    while killed < KILLS {
        // What was killed goes on in the same directory until it is done; then another begins.
        let out = format!("killed_{ended}");
        let program = env!("CARGO_BIN_EXE_monazite");
        let mut child = Command::new(program)
            .args(["run", "configs/x.ron", "-o", &out, "-q", "-j", "2"])
            .current_dir(root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        // More often early, where most of the runs are, than late.
        let share = f64::from(random % 1_000) / 1_000.0;
        let moment = whole.mul_f64(share * share);
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("a status") {
                break Some(status);
            }
            if start.elapsed() >= moment {
                break None;
            }
            sleep(Duration::from_millis(2));
        };
        if let Some(status) = status {
            assert!(status.success(), "{status} after {killed} kills");
            ended += 1;
            continue;
        }
        child.kill().expect("a kill"); // SIGKILL: nothing of the program runs any more
        child.wait().expect("an end");
        killed += 1;
    }
    let last = format!("killed_{ended}");
    monazite(root, &["run", "configs/x.ron", "-o", &last, "-q"])
        .assert()
        .code(0);
    for number in 0..=ended {
        assert_same(&root.join("whole"), &root.join(format!("killed_{number}")));
    }
}
