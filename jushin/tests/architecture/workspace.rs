//! Packages and dependencies, as `cargo metadata` gives them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::source;

/// The workspace with everything it depends on, on this platform.
pub(crate) struct Workspace {
    packages: BTreeMap<String, Package>,
}

/// A crate, ours or not.
#[derive(Clone)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// Folder within the workspace; empty for crates from elsewhere.
    pub(crate) folder: String,
    pub(crate) has_features: bool,
    pub(crate) dependencies: Vec<Dependency>,
    inside: bool,
}

/// That a crate uses another.
#[derive(Clone)]
pub(crate) struct Dependency {
    id: String,
    pub(crate) name: String,
    pub(crate) inside: bool,
    pub(crate) for_tests_only: bool,
}

impl Workspace {
    /// Our crates.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.inside)
    }

    /// Everybody else's.
    pub(crate) fn outside(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| !package.inside)
    }

    /// Names of all crates that the product part of a crate reaches.
    pub(crate) fn everything_used_by(&self, package: &Package) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = vec![package.id.clone()];
        while let Some(id) = open.pop() {
            let used = self.packages[&id].dependencies.iter().filter(|used| !used.for_tests_only);
            open.extend(used.filter(|used| seen.insert(used.id.clone())).map(|used| used.id.clone()));
        }
        seen.iter().map(|id| self.packages[id].name.clone()).collect()
    }
}

/// Names of all crates that a build takes in, over edges of these kinds. `cargo metadata` also lists
/// crates that a weak feature (`ring?/alloc`) only mentions.
pub(crate) fn built(edges: &str) -> BTreeSet<String> {
    let arguments = ["tree", "--workspace", "--locked", "--prefix", "none", "--format", "{p}", "--edges"];
    let answer = cargo(&[&arguments[..], &[edges]].concat());
    let lines = std::str::from_utf8(&answer).expect("cargo prints UTF-8").lines();
    lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Asks cargo.
pub(crate) fn read() -> Workspace {
    let answer = cargo(&["metadata", "--format-version", "1", "--locked", "--filter-platform", &host()]);
    parse(&serde_json::from_slice(&answer).expect("cargo prints JSON"))
}

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let answer = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(source::root())
        .output()
        .expect("cargo starts");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    answer.stdout
}

/// The platform we run on: crates for others need not be downloaded.
fn host() -> String {
    let answer = Command::new("rustc").arg("-vV").output().expect("rustc starts");
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

fn parse(metadata: &Value) -> Workspace {
    let members: BTreeSet<&str> = array(&metadata["workspace_members"]).map(text).collect();
    let root = text(&metadata["workspace_root"]);
    let nodes: BTreeMap<&str, &Value> =
        array(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), node)).collect();
    let names: BTreeMap<&str, &str> =
        array(&metadata["packages"]).map(|package| (text(&package["id"]), text(&package["name"]))).collect();
    let packages = array(&metadata["packages"]).filter_map(|package| {
        let id = text(&package["id"]);
        let inside = members.contains(id);
        let folder = Path::new(text(&package["manifest_path"])).parent().unwrap_or(Path::new(""));
        let folder = folder.strip_prefix(root).unwrap_or(Path::new("")).to_string_lossy().into_owned();
        let dependencies = array(&nodes.get(id)?["deps"]).map(|dependency| {
            let id = text(&dependency["pkg"]);
            let mut kinds = array(&dependency["dep_kinds"]);
            Dependency {
                id: id.to_owned(),
                name: names[id].to_owned(),
                inside: members.contains(id),
                for_tests_only: kinds.all(|kind| kind["kind"].as_str() == Some("dev")),
            }
        });
        let package = Package {
            id: id.to_owned(),
            name: text(&package["name"]).to_owned(),
            version: text(&package["version"]).to_owned(),
            licence: package["license"].as_str().map(str::to_owned),
            folder,
            has_features: package["features"].as_object().is_some_and(|features| !features.is_empty()),
            dependencies: dependencies.collect(),
            inside,
        };
        Some((id.to_owned(), package))
    });
    Workspace { packages: packages.collect() }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
