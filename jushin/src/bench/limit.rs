//! How long the operations take that were counted, done again and nothing else: the limit.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
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

/// Operations that are timed together: reading the clock must not count.
const TOGETHER: usize = 8;

/// Operations of one class.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    pub(super) count: usize,
    times: Times,
}

impl Cost {
    /// All of them together, done alone.
    pub(super) fn time(&self) -> Duration {
        self.times.total()
    }

    /// Of one operation, in microseconds.
    pub(super) fn each_us(&self) -> f64 {
        self.time().as_secs_f64() * 1e6 / self.count.max(1) as f64
    }
}

/// How long each piece of some work took, the least of all rounds: a piece is short, so whatever else the
/// machine does does not meet it in every round.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// Does `piece` for every item.
    ///
    /// # Errors
    ///
    /// The first error of a piece.
    pub(super) fn of<T, E>(
        items: impl IntoIterator<Item = T>,
        mut piece: impl FnMut(T) -> Result<(), E>,
    ) -> Result<Self, E> {
        let one = |item| {
            let (time, done) = timed(|| piece(item));
            done.map(|()| time)
        };
        items.into_iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// One more piece.
    pub(super) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Another round of the same work.
    pub(super) fn least(&mut self, other: &Self) {
        for (time, other) in self.0.iter_mut().zip(&other.0) {
            *time = (*time).min(*other);
        }
    }

    /// All pieces together.
    pub(super) fn total(&self) -> Duration {
        self.0.iter().sum()
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
        self.0.values().map(Cost::time).sum()
    }

    /// Another round of the same operations.
    pub(super) fn least(&mut self, other: &Self) {
        for (class, cost) in &mut self.0 {
            if let Some(other) = other.0.get(class) {
                cost.times.least(&other.times);
            }
        }
    }
}

fn cost(class: Class, list: &[&Again], keys: Keys) -> Cost {
    let new = keys == Keys::AsUsed && class.act == Act::VerifyWithNewKey;
    let known = if new { vec![None; list.len()] } else { read_and_used(list) };
    let pairs: Vec<_> = list.iter().zip(&known).collect();
    let Ok(times) = Times::of(pairs.chunks(TOGETHER), |some| {
        some.iter().for_each(|(again, key)| do_again(again, key.as_deref()));
        Ok::<_, Infallible>(())
    });
    Cost { count: list.len(), times }
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
