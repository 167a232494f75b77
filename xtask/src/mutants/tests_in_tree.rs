//! Which test is in which package and target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

/// Every function with a test attribute, by name.
pub(crate) struct TestsInTree(BTreeMap<String, BTreeSet<Home>>);

/// Where a test is built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Home {
    /// Folder of the package, from the workspace's.
    pub(crate) folder: String,
    /// Name of the package.
    pub(crate) package: String,
    /// Name of the file or folder under `tests`; `None` for tests within `src`.
    pub(crate) target: Option<String>,
}

impl TestsInTree {
    /// Reads every Rust file of the workspace.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut found = Self(BTreeMap::new());
        let manifest = std::fs::read_to_string(root.join("Cargo.toml"))?;
        let members = manifest.split_once("members = [").context("no members")?.1;
        for folder in members.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2) {
            let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml"))?;
            let package =
                manifest.lines().find_map(|line| line.strip_prefix("name = ")).context("no name")?;
            let package = package.trim_matches('"').to_owned();
            let lib = Home { folder: folder.to_owned(), package, target: None };
            found.read_folder(&root.join(folder).join("src"), &lib)?;
            let tests = root.join(folder).join("tests");
            if !tests.is_dir() {
                continue;
            }
            for entry in tests.read_dir()? {
                let path = entry?.path();
                let target = path.file_stem().map(|name| name.to_string_lossy().into_owned());
                found.read_folder(&path, &Home { target, ..lib.clone() })?;
            }
        }
        Ok(found)
    }

    /// Where a test of this name is: in the package of `file` if there is one there, else everywhere.
    pub(crate) fn homes_of(&self, name: &str, file: &str) -> Vec<&Home> {
        let homes: Vec<&Home> = self.0.get(name).into_iter().flatten().collect();
        let near: Vec<&Home> =
            homes.iter().filter(|home| file.starts_with(&format!("{}/", home.folder))).copied().collect();
        if near.is_empty() { homes } else { near }
    }

    fn read_folder(&mut self, path: &Path, home: &Home) -> anyhow::Result<()> {
        if path.is_dir() {
            for entry in path.read_dir()? {
                self.read_folder(&entry?.path(), home)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for name in tests_in(&std::fs::read_to_string(path)?) {
                self.0.entry(name).or_default().insert(home.clone());
            }
        }
        Ok(())
    }
}

/// Names of the functions that carry a test attribute.
fn tests_in(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            found.insert(rest.split(['(', '<']).next().unwrap_or_default().to_owned());
            is_test = false;
        }
    }
    found
}
