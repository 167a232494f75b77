//! What this machine takes to bring a few bytes onto its storage.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::limit::timed;
use super::spread::Spread;

/// How often it is tried.
const TIMES: usize = 200;

/// A page is written and flushed (`fdatasync`), which is the least that a durable commit does.
pub(super) fn spread(folder: &Path) -> anyhow::Result<Spread> {
    let mut file = File::create(folder.join("flush"))?;
    let page = [7_u8; 4_096];
    file.write_all(&page)?;
    file.sync_all()?;
    let mut taken = Vec::new();
    for _ in 0..TIMES {
        let (time, flushed) = timed(|| {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&page)?;
            file.sync_data()
        });
        flushed?;
        taken.push(time);
    }
    Ok(Spread::of(taken))
}
