//! The copy of the tree that mutants are applied to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Every file that git knows, as it stands in the working tree, under `target/mutants/tree`.
pub(crate) struct Copy {
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Brings the copy up to date. A file that is the same already is left alone, so that nothing is built
    /// again for it.
    pub(crate) fn of(root: &Path) -> anyhow::Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let folder = root.join(target).join("mutants");
        let copy = Self { tree: folder.join("tree"), target: folder.join("build") };
        let files = tracked(root)?;
        for file in &files {
            let Ok(bytes) = std::fs::read(root.join(file)) else { continue };
            copy.put(file, &bytes)?;
        }
        copy.remove_others(&copy.tree, &files)?;
        Ok(copy)
    }

    /// The copy's folder.
    pub(crate) fn tree(&self) -> &Path {
        &self.tree
    }

    /// Where the copy is built.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: &str) -> anyhow::Result<String> {
        std::fs::read_to_string(self.tree.join(file)).with_context(|| file.to_owned())
    }

    /// Writes a file if it is another one.
    pub(crate) fn put(&self, file: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.tree.join(file);
        if std::fs::read(&path).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        std::fs::create_dir_all(path.parent().context("a file in no folder")?)?;
        std::fs::write(&path, bytes).with_context(|| format!("{}", path.display()))
    }

    fn remove_others(&self, folder: &Path, files: &BTreeSet<String>) -> anyhow::Result<()> {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() {
                self.remove_others(&path, files)?;
            } else if !files.contains(&*path.strip_prefix(&self.tree)?.to_string_lossy()) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// Files that git tracks or would track, from the folder of the workspace.
fn tracked(root: &Path) -> anyhow::Result<BTreeSet<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("git did not start")?;
    ensure!(output.status.success(), "git ls-files failed: mutants need a git checkout");
    let names = String::from_utf8(output.stdout)?;
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}
