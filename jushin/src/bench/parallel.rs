//! Work on all cores.

use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::runtime::Handle;

/// Does `work` on every item, on as many threads as there are cores, and gives the results in order.
///
/// # Errors
///
/// The first error; what was begun is finished.
pub(super) fn on_all_cores<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let left = Mutex::new(items.into_iter().enumerate().collect::<Vec<_>>());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let runtime = Handle::current();
    let worker = || {
        let _entered = runtime.enter();
        std::iter::from_fn(next).map(|(place, item)| Ok((place, work(item)?))).collect()
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(worker)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|result| result.unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended early"))))
            .collect::<anyhow::Result<Vec<Vec<_>>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    results.sort_unstable_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Cores of this machine.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
