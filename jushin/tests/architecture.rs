//! The rules of ARCHITECTURE.md, kept by machine.
//!
//! Dependencies come from `cargo metadata`, everything else from the text of the tree.

#![expect(clippy::expect_used, clippy::panic, reason = "a test ends where something it needs is missing")]

mod architecture {
    pub(crate) mod licence;
    pub(crate) mod page;
    pub(crate) mod rules;
    pub(crate) mod source;
    pub(crate) mod workspace;
}

use architecture::{licence, page, rules, source, workspace};

/// Fails with all breaches at once, one a line.
#[track_caller]
fn none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}\n  {}", breaches.join("\n  "));
}

#[test]
fn crates_use_only_the_crates_that_the_table_allows() {
    let mut breaches = Vec::new();
    for package in workspace::read().members() {
        let Some(rule) = rules::EDGES.iter().find(|rule| rule.folder == package.folder) else {
            breaches.push(format!("{} has no row in the table", package.folder));
            continue;
        };
        if rule.may_use.contains(&"all") {
            continue;
        }
        for used in package.dependencies.iter().filter(|used| used.inside) {
            let name = used.name.trim_start_matches("jushin-");
            let in_tests = used.for_tests_only && (name == "crypto" || rule.tests_may_use.contains(&name));
            if !in_tests && !rule.may_use.contains(&name) {
                breaches.push(format!("{} uses {}", package.folder, used.name));
            }
        }
    }
    none("a crate uses another that it may not", &breaches);
}

#[test]
fn protocol_crates_are_pure() {
    let metadata = workspace::read();
    let mut breaches = Vec::new();
    for package in metadata.members().filter(|package| package.folder.starts_with("protocol/")) {
        for name in metadata.everything_used_by(package) {
            if rules::IMPURE.contains(&name.as_str()) {
                breaches.push(format!("{} depends on {name}", package.name));
            }
        }
    }
    for file in
        source::rust_files().filter(|file| file.path.starts_with("protocol/") && file.path.contains("/src/"))
    {
        for word in rules::impure_words() {
            if file.without_tests().contains(word) {
                breaches.push(format!("{} mentions {word}", file.path));
            }
        }
    }
    none(
        "a protocol crate takes time, randomness, files or the network instead of being given them",
        &breaches,
    );
}

#[test]
fn protocol_cores_need_no_operating_system() {
    let breaches: Vec<_> = rules::WITHOUT_STD
        .iter()
        .map(|folder| format!("{folder}/src/lib.rs"))
        .filter(|path| !source::read(path).contains("no_std"))
        .collect();
    none("a core is not no_std", &breaches);
}

#[test]
fn banned_crates_are_absent() {
    let with_tests = workspace::built("normal,build,dev");
    let product = workspace::built("normal,build");
    let banned = rules::BANNED.iter().filter(|name| with_tests.contains(**name));
    let in_product = rules::BANNED_OUTSIDE_TESTS.iter().filter(|name| product.contains(**name));
    let breaches: Vec<_> = banned.chain(in_product).map(|name| (*name).to_owned()).collect();
    none("a banned crate is built", &breaches);
}

#[test]
fn licences_are_known_and_compatible() {
    let breaches: Vec<_> = workspace::read()
        .outside()
        .filter(|package| !package.licence.as_deref().is_some_and(licence::is_allowed))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.licence))
        .collect();
    none("a licence is not on the list", &breaches);
}

#[test]
fn no_crate_has_features() {
    let breaches: Vec<_> = workspace::read()
        .members()
        .filter(|package| package.has_features)
        .map(|package| package.name.clone())
        .collect();
    none("backends are arguments, not cargo features", &breaches);
}

#[test]
fn every_crate_has_the_lints_and_a_page_of_docs() {
    let mut breaches = Vec::new();
    for package in workspace::read().members() {
        let manifest = source::read(&format!("{}/Cargo.toml", package.folder));
        if !manifest.contains("[lints]\nworkspace = true") && package.name != "jushin-devices" {
            breaches.push(format!("{} does not take the workspace's lints", package.name));
        }
        let root = ["lib.rs", "main.rs"]
            .map(|name| format!("{}/src/{name}", package.folder))
            .into_iter()
            .find(|path| source::exists(path));
        if !root.is_some_and(|path| source::read(&path).starts_with("//! ")) {
            breaches.push(format!("{} does not begin with what it is for", package.name));
        }
    }
    none("a crate lacks its lints or its docs", &breaches);
}

#[test]
fn unsafe_code_lives_in_devices_only() {
    let word = concat!("uns", "afe {");
    let breaches: Vec<_> = source::rust_files()
        .filter(|file| !file.path.starts_with("devices/") && file.text.contains(word))
        .map(|file| file.path)
        .collect();
    none("unsafe code outside devices", &breaches);
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> = source::rust_files()
        .filter(|file| !file.is_test())
        .map(|file| (file.without_tests().lines().count(), file.path))
        .collect();
    lengths.sort();
    let breaches: Vec<_> = lengths
        .iter()
        .filter(|(lines, _)| *lines > rules::LONGEST_FILE)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    none("a file is too long", &breaches);
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= rules::MEDIAN_FILE, "half of the files are longer than {median} lines");
}

#[test]
fn nothing_is_left_out_or_left_for_later() {
    let mut breaches = Vec::new();
    for file in source::rust_files() {
        for word in rules::unfinished_words() {
            if file.text.contains(word) {
                breaches.push(format!("{} has {word}", file.path));
            }
        }
    }
    none("a test is left out, or code is", &breaches);
}

#[test]
fn the_tree_speaks_of_the_product_only() {
    let mut breaches = Vec::new();
    for file in source::text_files() {
        for word in rules::foreign_words() {
            if file.text.contains(word) {
                breaches.push(format!("{} mentions {word}", file.path));
            }
        }
    }
    none("a file mentions the place where it was written", &breaches);
}

#[test]
fn the_architecture_page_and_the_tree_name_the_same_rooms() {
    let page = page::read();
    let mut breaches = Vec::new();
    let members: Vec<_> = workspace::read().members().cloned().collect();
    for package in &members {
        if !page.rooms.contains_key(&package.folder) {
            breaches.push(format!("the table under \"{}\" has no row for {}", page::SECTION, package.folder));
        }
    }
    for (folder, may_use) in &page.rooms {
        match rules::EDGES.iter().find(|rule| rule.folder == folder) {
            None => breaches.push(format!("the table names {folder}, which is no crate")),
            Some(rule) if rule.may_use != may_use => breaches
                .push(format!("{folder} may use {may_use:?} by the page, {:?} by the test", rule.may_use)),
            Some(_) => {}
        }
    }
    for path in &page.paths {
        if !source::exists(path) {
            breaches.push(format!("the page names {path}, which does not exist"));
        }
    }
    for name in &page.crates {
        if !members.iter().any(|package| package.name == *name) {
            breaches.push(format!("the page names {name}, which is no crate"));
        }
    }
    none("the page and the tree differ", &breaches);
}
