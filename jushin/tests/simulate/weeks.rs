//! Simulated weeks, small ones; `JUSHIN_SOAK=N` plays N times as many days, with N seeds.

use std::path::Path;

use jushin::simulate::{SimulateArgs, Soundness, run};

use crate::support::Folder;

pub(super) fn args(folder: &Path, institutions: u16, days: u16, seed: u64) -> SimulateArgs {
    SimulateArgs {
        institutions,
        patients: 6,
        days,
        seed,
        offline_share: 0.2,
        out: Some(folder.join("out")),
        truth: Some(folder.join("truth.jsonl")),
    }
}

pub(super) fn soak() -> u16 {
    std::env::var("JUSHIN_SOAK").ok().and_then(|days| days.parse().ok()).unwrap_or(1)
}

pub(super) fn truth(folder: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(folder.join("truth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_kind_of_clock_proves_only_true_windows_and_no_visit_is_lost() {
    for seed in 0..u64::from(soak()) {
        let folder = Folder::new();
        assert_eq!(run(&args(folder.path(), 6, soak(), seed)).unwrap(), Soundness::Sound, "seed {seed}");
        let out = folder.path().join("out");
        let summary: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
        let visits = summary["visits"].as_u64().unwrap();
        assert!(visits >= 10, "{summary}");
        assert_eq!(summary["acknowledged"].as_u64(), Some(visits));
        assert_eq!((summary["lost"].as_u64(), summary["unsound"].as_u64()), (Some(0), Some(0)));
        assert_eq!(std::fs::read_dir(out.join("bundles")).unwrap().count() as u64, visits);
        for plot in ["widths.svg", "classes.svg", "timeline.svg"] {
            let svg = std::fs::read_to_string(out.join(plot)).unwrap();
            assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("模擬"), "{plot}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{plot}");
        }
    }
}

#[test]
fn the_same_seed_plays_the_same_story() {
    let stories = [9, 9, 10].map(|seed| {
        let folder = Folder::new();
        run(&args(folder.path(), 1, 1, seed)).unwrap();
        let times = truth(folder.path()).into_iter().map(|visit| visit["signed_at_us"].as_u64().unwrap());
        times.collect::<Vec<_>>()
    });
    assert_eq!(stories[0], stories[1]);
    assert_ne!(stories[0], stories[2]);
}
