//! Damaged and hostile input for every decoder and every door: libFuzzer on stable Rust.
//!
//! One program for all targets, so that the library is linked once: `JUSHIN_FUZZ_TARGET` names the target,
//! the arguments are libFuzzer's. `cargo xtask fuzz` builds and runs it.
#![no_main]

mod fixtures;
mod input;
mod planted;
mod seeds;
mod targets;

// Keys, cards, elements and terminals of the tests that knock at the same doors.
#[allow(dead_code, unreachable_pub, reason = "the tests use more of it")]
#[path = "../../protocol/card/tests/card/support.rs"]
mod card_support;
#[allow(dead_code, unreachable_pub, reason = "the tests use more of it")]
#[path = "../../protocol/secure-element/tests/element/actors.rs"]
mod element_actors;
#[allow(dead_code, unreachable_pub, reason = "the tests use more of it")]
#[path = "../../protocol/secure-element/tests/element/bench.rs"]
mod element_bench;
#[allow(dead_code, unreachable_pub, reason = "the tests use more of it")]
#[path = "../../services/platform/tests/platform/support/mod.rs"]
mod platform_support;

/// Under this name the bench of the element's tests knows them.
use element_actors as actors;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = std::env::var("JUSHIN_FUZZ_TARGET").unwrap_or_default();
    if name == "list" {
        targets::ALL.iter().for_each(|(name, _)| println!("{name}"));
        std::process::exit(0);
    }
    if name == "seeds" {
        let folder = std::env::var_os("JUSHIN_FUZZ_SEEDS").expect("JUSHIN_FUZZ_SEEDS names a folder");
        seeds::write(folder.as_ref());
        std::process::exit(0);
    }
    match targets::ALL.iter().find(|(known, _)| *known == name) {
        Some((_, target)) => *target,
        None => {
            let known: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
            eprintln!("JUSHIN_FUZZ_TARGET is {name:?}, which is none of: {}", known.join(" "));
            std::process::exit(2);
        }
    }
});

fuzz_target!(
    init: {
        LazyLock::force(&TARGET);
    },
    |data: &[u8]| TARGET(data)
);
