//! A folder for what a bench keeps meanwhile; it goes with the bench.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new folder in `parent`, or in the folder for temporary files.
    pub(super) fn new(parent: Option<&Path>) -> anyhow::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let path = parent.join(format!("jushin-bench-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _left_for_the_system_to_clean = fs::remove_dir_all(&self.0);
    }
}
