//! What the counter called done survives whatever happens to the program and its disk (P6).
//!
//! The check-ins run in a program of their own, on real files. It is killed, or its power is cut under a disk
//! that keeps only what was synced, or its disk is full. What it had called done before must all arrive.

mod child;
mod disk;
mod parent;

use crate::bench::Folder;
use disk::{Fault, Power};
use parent::{Spool, rounds};

/// Visits that the program calls done before it is killed: few, so that many kills fit into a test.
const TAPS: u64 = 6;

#[test]
fn a_killed_program_loses_no_visit_that_was_called_done() {
    if child::runs_here() {
        return;
    }
    let spool = Spool::prepare("a_killed_program_loses_no_visit_that_was_called_done");
    let mut done = Vec::new();
    for round in 0..rounds(8, 1_000) {
        done.extend(spool.kill_after(round % TAPS + 1));
    }
    assert!(!done.is_empty());
    spool.drain().holds_all(&done);
}

#[test]
fn a_power_cut_at_any_write_loses_no_visit_that_was_called_done() {
    if child::runs_here() {
        return;
    }
    let mut spool = Spool::prepare("a_power_cut_at_any_write_loses_no_visit_that_was_called_done");
    let power = Power::new();
    let mut done = Vec::new();
    let mut cuts = 0;
    for round in 0..rounds(16, 1_000) {
        // Writes and syncs of one unlock and a few taps, in an order that visits them all.
        let at = 1 + round * 37 % 211;
        let (called_done, cut) = spool.cut_power(&power, Fault::CutAt(at), round);
        done.extend(called_done);
        cuts += u32::from(cut);
    }
    assert!(cuts > 0 && !done.is_empty(), "{cuts} cuts, {} visits", done.len());
    spool.drain().holds_all(&done);
}

#[test]
fn a_disk_that_lies_about_syncing_does_lose_visits() {
    if child::runs_here() {
        return;
    }
    let mut spool = Spool::prepare("a_disk_that_lies_about_syncing_does_lose_visits");
    let power = Power::new();
    let (done, cut) = spool.cut_power(&power, Fault::Lies { cut_at: 200 }, 0);
    assert!(cut && !done.is_empty());
    assert!(spool.drain().lacks_some(&done), "the control lost nothing: the other tests prove nothing");
}

#[test]
fn on_a_full_disk_no_visit_is_called_done_that_is_not_kept_and_with_room_again_the_desk_goes_on() {
    if child::runs_here() {
        return;
    }
    let test = "on_a_full_disk_no_visit_is_called_done_that_is_not_kept_and_with_room_again_the_desk_goes_on";
    let mut spool = Spool::prepare(test);
    let power = Power::new();
    let mut done = Vec::new();
    let mut refused = 0;
    for round in 0..rounds(6, 200) {
        let from = 60 + round * 29 % 97;
        let filled = spool.fill_disk(&power, from, 1 + round % 5);
        assert!(filled.recovered, "the disk was full at write {from}, and the desk did not recover");
        refused += filled.refused;
        done.extend(filled.done);
    }
    assert!(refused > 0, "the disk was never full while a card was read");
    spool.drain().holds_all(&done);
}

/// A folder for what lies beside the journal: keys, the disk's copy.
fn workshop() -> Folder {
    Folder::new()
}
