//! Writes the corpus into a folder: `cargo run --release -p jushin-corpus -- OUT`.
//!
//! `OUT` must not exist yet, or be empty.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jushin_corpus::expected::Expected;
use jushin_corpus::{all, trust, world};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(out), None) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        eprintln!("usage: jushin-corpus OUT");
        return ExitCode::from(64);
    };
    match write(&out) {
        Ok(cases) => {
            eprintln!("{cases} cases in {}", out.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("jushin-corpus: {}: {error}", out.display());
            ExitCode::FAILURE
        }
    }
}

fn write(out: &Path) -> io::Result<usize> {
    fs::create_dir_all(out)?;
    if fs::read_dir(out)?.next().is_some() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "the folder is not empty"));
    }
    eprintln!("making keys and certificates ...");
    for (name, files) in trust::folders(world()) {
        let folder = out.join(name);
        fs::create_dir(&folder)?;
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes)?;
        }
    }
    eprintln!("forging bundles ...");
    let book = all();
    let bundles = out.join("bundles");
    fs::create_dir(&bundles)?;
    for case in &book.cases {
        fs::write(bundles.join(case.name).with_extension("jvb"), &case.bytes)?;
    }
    let expected = serde_json::to_string_pretty(&Expected::of(&book)).map_err(io::Error::other)?;
    fs::write(out.join("expected.json"), expected + "\n")?;
    fs::write(out.join("README.md"), include_str!("usage.md"))?;
    Ok(book.cases.len())
}
