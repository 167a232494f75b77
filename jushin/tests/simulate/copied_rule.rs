//! The rule for windows, copied, and each copy bent by one tick: a run finds every bend.

use std::collections::BTreeMap;
use std::path::Path;

use jushin::simulate::run;
use jushin_crypto::AwsLc;
use jushin_evidence::{Trust, verify};
use jushin_pki::time_stamp::Token;
use jushin_pki::{Certificate, TrustAnchors, pem};
use jushin_statement::{
    Anchor, Bundle, Embedded, Id16, Object as _, Presence, Record, Signed, TickKind, TickSpec, Visits,
};

use super::weeks::{args, soak, truth};
use crate::support::{Folder, evidence};

/// What is added to a difference of counts, in the order of the rule.
#[derive(Clone, Copy, Debug)]
struct Rule {
    hi_after: i128,
    hi_before: i128,
    lo_after: i128,
    lo_before: i128,
    /// What is taken from a token's uncertainty, in milliseconds.
    certain: i128,
}

const RIGHT: Rule = Rule { hi_after: 1, hi_before: -1, lo_after: -1, lo_before: 1, certain: 0 };

#[derive(Clone, Copy)]
struct Reading {
    cycle: Id16,
    counter: u64,
    count: i128,
}

/// A token, the reading before it, and the one after it.
struct Bracket {
    earliest: i128,
    latest: i128,
    first: Reading,
    second: Option<Reading>,
}

struct Case {
    begin: Reading,
    commit: Reading,
    brackets: Vec<Bracket>,
    closes: Vec<(u64, i128)>,
    tick: TickSpec,
    true_us: i128,
    shown: (Option<i128>, Option<i128>),
}

impl Rule {
    /// Both ends in milliseconds, rounded outwards.
    fn window(self, case: &Case) -> (Option<i128>, Option<i128>) {
        let (mut lo, mut hi) = (None::<i128>, None::<i128>);
        let mut raise = |bound: i128| lo = Some(lo.map_or(bound, |lo| lo.max(bound)));
        let mut lower = |bound: i128| hi = Some(hi.map_or(bound, |hi| hi.min(bound)));
        let (tau, rho) = (i128::from(case.tick.tau_us) * 1_000_000, i128::from(case.tick.rho_ppm));
        let longest = |ticks: i128| (ticks * tau).div_euclid(1_000_000 - rho) + 1;
        let shortest = |ticks: i128| (ticks.max(0) * tau).div_euclid(1_000_000 + rho);
        for bracket in &case.brackets {
            let earliest = bracket.earliest + self.certain * 1_000;
            let latest = bracket.latest - self.certain * 1_000;
            let same = |cycle| case.tick.kind == TickKind::Time && bracket.first.cycle == cycle;
            if let Some(second) = bracket.second {
                let passed = case.begin.count - second.count;
                if case.begin.counter > second.counter {
                    raise(earliest);
                    if same(case.begin.cycle) {
                        raise(earliest + shortest(passed + self.lo_after));
                    }
                } else if same(case.begin.cycle) {
                    raise(earliest - longest(-passed + self.lo_before));
                }
            }
            let passed = case.commit.count - bracket.first.count;
            if case.commit.counter < bracket.first.counter {
                lower(latest);
                if same(case.commit.cycle) {
                    lower(latest - shortest(-passed + self.hi_before));
                }
            } else if same(case.commit.cycle) {
                lower(latest + longest(passed + self.hi_after));
            }
        }
        for (counter, latest) in &case.closes {
            if case.commit.counter <= *counter {
                lower(*latest);
            }
        }
        (lo.map(|lo| lo.div_euclid(1_000)), hi.map(|hi| -(-hi).div_euclid(1_000)))
    }

    fn holds(self, case: &Case) -> bool {
        let (lo, hi) = self.window(case);
        lo.is_none_or(|lo| lo * 1_000 <= case.true_us) && hi.is_none_or(|hi| case.true_us <= hi * 1_000)
    }
}

fn reading(signed: &Signed) -> Reading {
    let link = Record::decode(signed.parse().unwrap().payload).unwrap().link();
    Reading { cycle: link.ticks.cycle, counter: link.counter, count: link.ticks.count.into() }
}

/// Earliest and latest in microseconds.
fn stamped(token: &[u8], signed: &Signed, anchors: &TrustAnchors) -> (i128, i128) {
    let stamp = Token::parse(token).unwrap().verify(&signed.imprint().0, anchors, &AwsLc).unwrap();
    let (time, off) = (i128::from(stamp.gen_time().millis()), i128::from(stamp.uncertainty_millis(1_000)));
    ((time - off) * 1_000, (time + off) * 1_000)
}

fn cases(folder: &Path) -> Vec<Case> {
    let out = folder.join("out");
    let files: Vec<_> = std::fs::read_dir(out.join("trust"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    let mut stampers = TrustAnchors::new();
    for (_, bytes) in files.iter().filter(|(name, _)| name.starts_with("tsa-")) {
        for der in pem::decode_all("CERTIFICATE", std::str::from_utf8(bytes).unwrap()).unwrap() {
            stampers.add(Certificate::parse(&der).unwrap(), &AwsLc).unwrap();
        }
    }
    let trust = Trust::from_files(files).unwrap();
    let times: BTreeMap<_, _> = truth(folder)
        .into_iter()
        .map(|visit| {
            (visit["evid"].as_str().unwrap().to_owned(), i128::from(visit["signed_at_us"].as_u64().unwrap()))
        })
        .collect();
    let read = |entry: std::fs::DirEntry| Bundle::decode(&std::fs::read(entry.path()).unwrap()).unwrap();
    let bundles = std::fs::read_dir(out.join("bundles")).unwrap().map(|entry| read(entry.unwrap()));
    bundles.map(|bundle| case(&bundle, &trust, &stampers, &times)).collect()
}

fn case(bundle: &Bundle, trust: &Trust, stampers: &TrustAnchors, times: &BTreeMap<String, i128>) -> Case {
    assert!(matches!(bundle.visits, Visits::Full(_)));
    let report = verify(bundle, trust, &AwsLc);
    let visit = &report.visits[0];
    let presence = Presence::decode(&evidence(bundle).presence).unwrap();
    let (mut brackets, mut closes) = (Vec::new(), Vec::new());
    for Embedded(anchor) in &bundle.anchors {
        match anchor {
            Anchor::Online { stamp1, token, stamp2, .. } => {
                let (earliest, latest) = stamped(token, stamp1, stampers);
                let second = (!stamp2.as_bytes().is_empty()).then(|| reading(stamp2));
                brackets.push(Bracket { earliest, latest, first: reading(stamp1), second });
            }
            Anchor::Close { close, token } => {
                closes.push((reading(close).counter, stamped(token, close, stampers).1));
            }
            Anchor::Offline { .. } | Anchor::Beacon { .. } => {}
        }
    }
    let end = |at: Option<jushin_statement::UnixMillis>| at.map(|at| i128::from(at.0));
    Case {
        begin: Reading {
            cycle: presence.ticks.cycle,
            counter: presence.counter,
            count: presence.ticks.count.into(),
        },
        commit: reading(&evidence(bundle).commit),
        brackets,
        closes,
        tick: visit.element.unwrap().tick,
        true_us: times[&visit.evid.to_string()],
        shown: (end(visit.window.earliest()), end(visit.window.latest())),
    }
}

#[test]
fn a_rule_that_is_one_tick_too_tight_is_caught_and_the_right_one_is_not() {
    let folder = Folder::new();
    run(&args(folder.path(), 4, 2 * soak(), 1)).unwrap();
    let cases = cases(folder.path());
    for case in &cases {
        assert_eq!(RIGHT.window(case), case.shown, "the copy says what the verifier says");
        assert!(RIGHT.holds(case));
    }
    let bent = [
        Rule { hi_after: 0, ..RIGHT },
        Rule { hi_before: 0, ..RIGHT },
        Rule { lo_after: 0, ..RIGHT },
        Rule { lo_before: 0, ..RIGHT },
        Rule { certain: 1, ..RIGHT },
    ];
    for rule in bent {
        let caught = cases.iter().filter(|case| !rule.holds(case)).count();
        eprintln!("{rule:?}: caught by {caught} of {} visits", cases.len());
        assert!(caught > 0, "{rule:?}");
    }
}
