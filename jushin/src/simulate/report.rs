//! What a run came to: as text, as `summary.json`, as plots, and as the truth for whoever asks for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use jushin_statement::{Class, Id16};
use jushin_terminal::UnlockMode;
use serde::Serialize;

use super::judge::Judged;
use super::play::{Played, Visit};
use super::profile::{PROFILES, Profile};
use super::weather::Outages;
use super::{SimulateArgs, Soundness, plot};

/// Modes in the order of plots, and how they are called there.
pub(super) const MODES: [(UnlockMode, &str); 3] = [
    (UnlockMode::Online, "online"),
    (UnlockMode::LostAfterUnlock, "network lost"),
    (UnlockMode::OfflineUnlocked, "unlocked by card"),
];

/// Faults that are printed in full.
const SHOWN: usize = 10;

/// A run and what came of it.
pub(super) struct Report {
    pub(super) args: SimulateArgs,
    pub(super) profiles: Vec<&'static Profile>,
    pub(super) elements: Vec<Id16>,
    pub(super) played: Played,
    pub(super) judged: Vec<Judged>,
    pub(super) lost: Vec<Visit>,
    pub(super) tokens: Vec<(usize, u64)>,
    pub(super) networks: Vec<Outages>,
    pub(super) seconds: f64,
}

/// `summary.json`.
#[derive(Serialize)]
struct Summary {
    simulated: bool,
    seed: u64,
    institutions: u16,
    patients: u32,
    days: u16,
    offline_share: f64,
    signatures: &'static str,
    visits: usize,
    acknowledged: usize,
    lost: usize,
    waiting: usize,
    unsound: usize,
    unsettled: usize,
    turned_away: usize,
    power_cycles: usize,
    power_cuts: usize,
    offline_unlocks: usize,
    tokens: usize,
    statuses: BTreeMap<&'static str, usize>,
    classes: BTreeMap<&'static str, usize>,
    widths: Vec<Widths>,
    seconds: f64,
}

/// Widths of one kind of visits, in milliseconds.
#[derive(Serialize)]
struct Widths {
    profile: &'static str,
    mode: &'static str,
    visits: usize,
    without_width: usize,
    median_ms: Option<u64>,
    nine_of_ten_ms: Option<u64>,
    widest_ms: Option<u64>,
}

impl Report {
    /// Whether every window holds, nothing is lost, and every visit is settled.
    pub(super) fn soundness(&self) -> Soundness {
        let sound =
            self.lost.is_empty() && self.unsound().next().is_none() && self.unsettled().next().is_none();
        if sound { Soundness::Sound } else { Soundness::Unsound }
    }

    fn unsound(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| !judged.sound)
    }

    fn unsettled(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| !judged.settled())
    }

    /// Visits of a profile in a mode.
    pub(super) fn of(&self, profile: &Profile, mode: UnlockMode) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(move |judged| {
            judged.visit.mode == mode
                && self.profiles.get(judged.visit.terminal).is_some_and(|of| *of == profile)
        })
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let summary = self.summary();
        let mut text = format!(
            "simulated ◇ 模擬: {} terminals, {} patients, {} days, seed {}, {:.1} s\n\
             visits {} (acknowledged {}, lost {}, still waiting {}), turned away {}\n\
             power cycles {}, cuts {}, unlocks by card {}, tokens {}\n",
            summary.institutions,
            summary.patients,
            summary.days,
            summary.seed,
            summary.seconds,
            summary.visits,
            summary.acknowledged,
            summary.lost,
            summary.waiting,
            summary.turned_away,
            summary.power_cycles,
            summary.power_cuts,
            summary.offline_unlocks,
            summary.tokens,
        );
        let list = |counts: &BTreeMap<&'static str, usize>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        text += &format!("status: {}\nclass: {}\n", list(&summary.statuses), list(&summary.classes));
        for widths in &summary.widths {
            let seconds = |ms: Option<u64>| {
                #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
                ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1e3))
            };
            text += &format!(
                "  {:<24} {:<17} {:>5} visits, width median {:>10}, 9 of 10 {:>10}, widest {:>10}, none {}\n",
                widths.profile,
                widths.mode,
                widths.visits,
                seconds(widths.median_ms),
                seconds(widths.nine_of_ten_ms),
                seconds(widths.widest_ms),
                widths.without_width,
            );
        }
        text += &format!("unsound windows: {}\n", summary.unsound);
        for judged in self.unsound().take(SHOWN) {
            text += &format!("  seed {}: {}\n", self.args.seed, judged.line());
        }
        text += &format!("unsettled visits: {}\n", summary.unsettled);
        for judged in self.unsettled().filter(|judged| judged.sound).take(SHOWN) {
            text += &format!("  seed {}: {}\n", self.args.seed, judged.line());
        }
        for visit in self.lost.iter().take(SHOWN) {
            text +=
                &format!("  seed {}: lost {} of terminal {}\n", self.args.seed, visit.evid, visit.terminal);
        }
        text
    }

    /// Writes summary and plots.
    pub(super) fn write(&self, out: &Path) -> anyhow::Result<()> {
        let summary = serde_json::to_vec_pretty(&self.summary())?;
        let files = [
            ("summary.json", summary),
            ("widths.svg", plot::widths(self).into_bytes()),
            ("classes.svg", plot::classes(self).into_bytes()),
            ("timeline.svg", plot::timeline(self).into_bytes()),
        ];
        for (name, bytes) in files {
            fs::write(out.join(name), bytes).with_context(|| format!("cannot write {name}"))?;
        }
        Ok(())
    }

    /// True times, a JSON line a visit.
    pub(super) fn truth(&self) -> String {
        let line = |visit: &Visit| {
            let element = self.elements.get(visit.terminal).map(ToString::to_string);
            let value = serde_json::json!({
                "evid": visit.evid.to_string(),
                "element": element,
                "signed_at_us": visit.signed_at,
            });
            format!("{value}\n")
        };
        self.played.visits.iter().map(line).collect()
    }

    fn summary(&self) -> Summary {
        let (mut statuses, mut classes) = (BTreeMap::new(), BTreeMap::new());
        for judged in &self.judged {
            *statuses.entry(crate::verify::word(judged.status)).or_default() += 1;
            *classes.entry(class_name(judged.class)).or_default() += 1;
        }
        Summary {
            simulated: true,
            seed: self.args.seed,
            institutions: self.args.institutions,
            patients: self.args.patients,
            days: self.args.days,
            offline_share: self.args.offline_share,
            signatures: "every signature is real",
            visits: self.played.visits.len(),
            acknowledged: self.judged.len(),
            lost: self.lost.len(),
            waiting: self.played.waiting,
            unsound: self.unsound().count(),
            unsettled: self.unsettled().count(),
            turned_away: self.played.turned_away,
            power_cycles: self.played.power_cycles,
            power_cuts: self.played.power_cuts,
            offline_unlocks: self.played.offline_unlocks,
            tokens: self.tokens.len(),
            statuses,
            classes,
            widths: self.widths(),
            seconds: self.seconds,
        }
    }

    fn widths(&self) -> Vec<Widths> {
        let kinds = PROFILES.iter().flat_map(|profile| MODES.map(|(mode, name)| (profile, mode, name)));
        let of_kind = |(profile, mode, name): (&'static Profile, UnlockMode, &'static str)| {
            let mut widths: Vec<_> = self.of(profile, mode).map(Judged::width).collect();
            let visits = widths.len();
            widths.retain(Option::is_some);
            widths.sort_unstable();
            let at = |part: usize| widths.get((widths.len() * part / 10).min(widths.len().saturating_sub(1)));
            Widths {
                profile: profile.label,
                mode: name,
                visits,
                without_width: visits - widths.len(),
                median_ms: at(5).copied().flatten(),
                nine_of_ten_ms: at(9).copied().flatten(),
                widest_ms: widths.last().copied().flatten(),
            }
        };
        kinds.map(of_kind).filter(|widths| widths.visits > 0).collect()
    }
}

/// A class in a word.
pub(super) const fn class_name(class: Class) -> &'static str {
    match class {
        Class::None => "0 none",
        Class::OrderOnly => "1 order only",
        Class::Interval => "2 interval",
        Class::Date => "3 date",
        Class::Tight => "4 tight",
    }
}
