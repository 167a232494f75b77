//! Trust folders: names, PEM, CV certificates and `policy.json`.

use jushin_evidence::{Policy, Trust};

use crate::input::Input;
use crate::{fixtures, planted};

const NAMES: [&str; 10] = [
    "policy.json",
    "ca-u-1.pem",
    "ca-i-1.bin",
    "se-ca-1.pem",
    "tsa-1.pem",
    "hpki-1.pem",
    "sp-1.pem",
    "pf-bind.pem",
    "pf-rcpt.pem",
    "pf-rev.pem",
];

/// Files: which name (or one of the input's own), and contents (its own, or the genuine file changed).
pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut files = Vec::new();
    while !input.is_empty() && files.len() < 12 {
        let name = match NAMES.get(input.below(NAMES.len() + 1)) {
            Some(name) => (*name).to_owned(),
            None => String::from_utf8_lossy(input.string()).into_owned(),
        };
        let contents = match input.below(3) {
            0 => input.string().to_vec(),
            1 => genuine(&name),
            _ => {
                let mut contents = genuine(&name);
                let at = usize::from(input.short()).min(contents.len());
                let end = (at + input.below(9)).min(contents.len());
                contents.splice(at..end, input.string().iter().copied());
                contents
            }
        };
        if name == "policy.json" {
            policy(&contents);
        }
        files.push((name, contents));
    }
    let count = files.len();
    if let Ok(trust) = Trust::from_files(files.clone()) {
        assert!(trust.anchors() <= count);
        files.reverse();
        let reversed = Trust::from_files(files).expect("order does not matter");
        assert_eq!(reversed.id(), trust.id());
    }
}

fn policy(contents: &[u8]) {
    if let Ok(policy) = Policy::from_json(contents) {
        assert_eq!(Policy::from_json(contents).ok().as_ref(), Some(&policy));
        planted::fault(policy.accuracy_ms > 1_000, "a policy that trusts clocks less than by default");
    }
}

fn genuine(name: &str) -> Vec<u8> {
    let file = fixtures::TRUST_FILES.iter().find(|(known, _)| known == name);
    file.map(|(_, contents)| contents.clone()).unwrap_or_default()
}
