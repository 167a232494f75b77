//! The form of `xtask/mutants/*.txt`.
//!
//! ```text
//! # A remark. `file` holds for the mutants after it.
//! file protocol/secure-element/src/element/bind.rs
//!
//! mutant bind-seq: BIND takes a seq that does not rise
//! - binding.seq <= bound.binding.seq
//! + false
//! kill n1_1_a_binding_whose_seq_does_not_rise_is_refused
//! ```
//!
//! `-` lines are the old text, `+` lines the new one, each without its first two characters; the old text
//! occurs exactly once in the file, and the first line of it may begin anywhere in a line. `kill` names the
//! tests of which at least one must fail. `same REASON` instead of `kill`: the check is done a second time
//! elsewhere, so that taking it out changes nothing.

use std::path::Path;

use anyhow::{Context, bail, ensure};

/// One check taken out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mutant {
    /// Its name.
    pub(crate) id: String,
    /// What the tree does wrong with it.
    pub(crate) what: String,
    /// Path from the workspace's folder.
    pub(crate) file: String,
    /// What is replaced.
    pub(crate) old: String,
    /// By what.
    pub(crate) new: String,
    /// Tests of which one must fail.
    pub(crate) killers: Vec<String>,
    /// Why no test can fail.
    pub(crate) same: Option<String>,
}

impl Mutant {
    /// The file's text with the check taken out.
    pub(crate) fn apply(&self, text: &str) -> anyhow::Result<String> {
        let found = text.matches(&self.old).count();
        ensure!(
            found == 1 && !self.old.is_empty(),
            "mutant no longer applies: its old text occurs {found} times in {}; move it with the check",
            self.file
        );
        Ok(text.replacen(&self.old, &self.new, 1))
    }
}

/// All lists under `root`, in the order of their names.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<Mutant>> {
    let folder = root.join("xtask/mutants");
    let mut paths = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("{}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut mutants = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        mutants.extend(parse(&text).with_context(|| format!("{}", path.display()))?);
    }
    Ok(mutants)
}

fn parse(text: &str) -> anyhow::Result<Vec<Mutant>> {
    let mut mutants: Vec<Mutant> = Vec::new();
    let mut file = String::new();
    for (at, line) in text.lines().enumerate() {
        take(line, &mut file, &mut mutants).with_context(|| format!("line {}: {line}", at + 1))?;
    }
    Ok(mutants)
}

fn take(line: &str, file: &mut String, mutants: &mut Vec<Mutant>) -> anyhow::Result<()> {
    if line.trim().is_empty() || line.starts_with('#') {
        return Ok(());
    }
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "file" => rest.clone_into(file),
        "mutant" => {
            let (id, what) = rest.split_once(": ").context("a mutant is `mutant ID: WHAT`")?;
            let (id, what) = (id.to_owned(), what.to_owned());
            mutants.push(Mutant { id, what, file: file.clone(), ..Mutant::default() });
        }
        _ => {
            let mutant = mutants.last_mut().context("before the first mutant")?;
            match word {
                "-" => append(&mut mutant.old, rest),
                "+" => append(&mut mutant.new, rest),
                "kill" => mutant.killers.extend(rest.split(", ").map(|name| name.trim().to_owned())),
                "same" => mutant.same = Some(rest.to_owned()),
                _ => bail!("not one of file, mutant, -, +, kill, same"),
            }
        }
    }
    Ok(())
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str =
        "# x\nfile a.rs\n\nmutant one: no b\n- if b {\n-     c\n+ if false {\n+     c\nkill n1_1_x, y_z\n";

    #[test]
    fn a_mutant_replaces_its_old_text() {
        let mutants = parse(LIST).unwrap();
        let [mutant] = mutants.as_slice() else { panic!("{mutants:?}") };
        assert_eq!((&*mutant.id, &*mutant.what, &*mutant.file), ("one", "no b", "a.rs"));
        assert_eq!(mutant.killers, ["n1_1_x", "y_z"]);
        assert_eq!(mutant.apply("x if b {\n    c }").unwrap(), "x if false {\n    c }");
    }

    #[test]
    fn a_mutant_whose_text_is_gone_or_there_twice_does_not_apply() {
        let mutant = &parse(LIST).unwrap()[0];
        for text in ["", "if b {\n    c if b {\n    c", "if b {\nc"] {
            let error = mutant.apply(text).unwrap_err().to_string();
            assert!(error.starts_with("mutant no longer applies"), "{error}");
        }
    }

    #[test]
    fn a_line_of_another_kind_is_refused_with_its_number() {
        let error = format!("{:#}", parse("file a\nmutant b: c\ndie d\n").unwrap_err());
        assert!(error.starts_with("line 3: die d"), "{error}");
    }
}
