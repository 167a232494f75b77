//! The rules as data.

/// What a crate may use inside the workspace, names without `jushin-`.
pub(crate) struct Edges {
    pub(crate) folder: &'static str,
    /// In the product: the same words stand in the table of ARCHITECTURE.md.
    pub(crate) may_use: &'static [&'static str],
    /// In its tests, beyond that and the crypto provider.
    pub(crate) tests_may_use: &'static [&'static str],
}

const fn room(folder: &'static str, may_use: &'static [&'static str]) -> Edges {
    Edges { folder, may_use, tests_may_use: &[] }
}

/// Every crate of the workspace. The folder says what kind of thing a crate is: `protocol/` is pure,
/// `services/` are different operators, who never use each other.
pub(crate) const EDGES: &[Edges] = &[
    room("protocol/statement", &[]),
    room("protocol/pki", &[]),
    room("protocol/crypto", &["pki", "log"]),
    room("protocol/card", &["pki"]),
    Edges { folder: "protocol/secure-element", may_use: &["statement", "pki"], tests_may_use: &["card"] },
    Edges {
        folder: "protocol/evidence",
        may_use: &["statement", "pki", "log"],
        tests_may_use: &["card", "secure-element", "corpus"],
    },
    room("protocol/log", &[]),
    Edges { folder: "corpus", may_use: &["statement", "pki", "crypto"], tests_may_use: &["evidence"] },
    room("devices", &["card"]),
    room("runtime", &["statement"]),
    room("pages", &["statement"]),
    room("services/trust-services", &["statement", "pki", "pages", "runtime"]),
    room("services/terminal", &["statement", "pki", "card", "secure-element", "pages", "runtime"]),
    Edges {
        folder: "services/platform",
        may_use: &["statement", "pki", "evidence", "log", "pages", "runtime"],
        tests_may_use: &["card", "secure-element"],
    },
    room("services/history", &["statement", "pki", "evidence", "pages", "runtime"]),
    Edges { folder: "services/witness", may_use: &["log", "runtime"], tests_may_use: &["statement"] },
    room("jushin", &["all"]),
    room("xtask", &[]),
];

/// Protocol crates that run where there is no operating system.
pub(crate) const WITHOUT_STD: &[&str] =
    &["protocol/statement", "protocol/pki", "protocol/card", "protocol/secure-element", "protocol/log"];

/// Crates that bring time, randomness, files or the network.
pub(crate) const IMPURE: &[&str] = &[
    "axum", "chrono", "hyper", "jiff", "mio", "rand", "reqwest", "rusqlite", "socket2", "time", "tokio",
    "tower", "ureq",
];

/// The same in source text.
pub(crate) fn impure_words() -> impl Iterator<Item = &'static str> {
    ["std::net", "std::fs", "SystemTime", "Instant::now", "OsRng", "thread_rng", "tokio", "println!"]
        .into_iter()
}

/// One TLS and crypto provider in the tree, no C OpenSSL.
pub(crate) const BANNED: &[&str] = &["native-tls", "openssl", "openssl-sys", "ring"];

/// RSA in pure Rust takes a time that depends on the key (RUSTSEC-2023-0071). As an oracle in tests
/// it harms nobody.
pub(crate) const BANNED_OUTSIDE_TESTS: &[&str] = &["rsa"];

/// Licences that a dependency may have; `deny.toml` has the same list.
pub(crate) const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Lines of a file, its tests not counted.
pub(crate) const LONGEST_FILE: usize = 500;

/// Lines that half of the files must not exceed.
pub(crate) const MEDIAN_FILE: usize = 200;

/// Marks of a test or of code that is left for later. Joined here, so that this file has none.
pub(crate) fn unfinished_words() -> impl Iterator<Item = &'static str> {
    [concat!("#[ig", "nore"), concat!("to", "do!("), concat!("unimpl", "emented!("), concat!("FIX", "ME")]
        .into_iter()
}

/// Words of a workplace. Joined here, so that this file has none.
pub(crate) fn foreign_words() -> impl Iterator<Item = &'static str> {
    [
        concat!("../", "shared"),
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("Cla", "ude"),
        concat!("Anth", "ropic"),
        concat!("AI ", "assistant"),
        concat!("BRI", "EF.md"),
        concat!("language ", "model"),
    ]
    .into_iter()
}
