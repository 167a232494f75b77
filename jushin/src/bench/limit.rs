//! How long the operations take that were counted, done again and nothing else: the limit.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto as _, PublicKey};

use super::counted::{Act, Again, Class, Operation, Signing};

/// Whether a key that was new to its user is new again when its operation is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// As it was: a key that was new is read again.
    AsUsed,
    /// Every key has been read and used before: the bare signature operation.
    AllKnown,
}

/// Operations of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) count: usize,
    /// All of them together, done alone.
    pub(super) time: Duration,
}

impl Cost {
    /// Of one operation, in microseconds.
    pub(super) fn each_us(self) -> f64 {
        self.time.as_secs_f64() * 1e6 / self.count.max(1) as f64
    }
}

/// By class.
#[derive(Clone, Debug, Default)]
pub(super) struct Limit(pub(super) BTreeMap<Class, Cost>);

impl Limit {
    /// Does every operation again, class by class: the same keys, messages and signatures.
    pub(super) fn of(operations: &[Operation], keys: Keys) -> Self {
        let mut classes: BTreeMap<Class, Vec<&Again>> = BTreeMap::new();
        for operation in operations {
            classes.entry(operation.class).or_default().push(&operation.again);
        }
        let cost = |(class, list): (Class, Vec<&Again>)| (class, cost(class, &list, keys));
        Self(classes.into_iter().map(cost).collect())
    }

    /// All classes together.
    pub(super) fn total(&self) -> Duration {
        self.0.values().map(|cost| cost.time).sum()
    }

    /// The smaller time of each class: what was disturbed once counts no more.
    pub(super) fn least(&mut self, other: &Self) {
        for (class, cost) in &mut self.0 {
            if let Some(other) = other.0.get(class) {
                cost.time = cost.time.min(other.time);
            }
        }
    }
}

fn cost(class: Class, list: &[&Again], keys: Keys) -> Cost {
    let new = keys == Keys::AsUsed && class.act == Act::VerifyWithNewKey;
    let known = if new { vec![None; list.len()] } else { read_and_used(list) };
    let (time, ()) = timed(|| {
        for (again, key) in list.iter().zip(&known) {
            do_again(again, key.as_deref());
        }
    });
    Cost { count: list.len(), time }
}

fn do_again(again: &Again, key: Option<&dyn PublicKey>) {
    match (again, key) {
        (Again::Verify { over, signature, .. }, Some(key)) => verify(key, over, signature),
        (Again::Verify { spki, over, signature }, None) => {
            if let Ok(key) = AwsLc.public_key(spki) {
                verify(key.as_ref(), over, signature);
            }
        }
        (Again::ReadKey { spki }, _) => drop(black_box(AwsLc.public_key(spki))),
        (Again::Sign { key, over }, _) => drop(black_box(match over.digested {
            true => key.sign_digest(over.suite, &over.message),
            false => key.sign(over.suite, &over.message),
        })),
        (Again::Never, _) => {}
    }
}

/// The key of each operation; each key has checked one signature.
fn read_and_used(list: &[&Again]) -> Vec<Option<Arc<dyn PublicKey>>> {
    let mut keys: HashMap<&[u8], Option<Arc<dyn PublicKey>>> = HashMap::new();
    let mut found = Vec::new();
    for again in list {
        let Again::Verify { spki, over, signature } = again else {
            found.push(None);
            continue;
        };
        let key = || AwsLc.public_key(spki).ok().inspect(|key| verify(key.as_ref(), over, signature));
        found.push(keys.entry(spki).or_insert_with(key).clone());
    }
    found
}

fn verify(key: &dyn PublicKey, over: &Signing, signature: &[u8]) {
    let result = match over.digested {
        true => key.verify_digest(over.suite, &over.message, signature),
        false => key.verify(over.suite, &over.message, signature),
    };
    // A signature that does not fit costs the same; whether it fits was judged when it was counted.
    let _ = black_box(result);
}

/// Runs `work` and says how long it took.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = now();
    let result = work();
    (start.elapsed(), result)
}

/// The stopwatch of the benches.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub(super) fn now() -> Instant {
    Instant::now()
}
