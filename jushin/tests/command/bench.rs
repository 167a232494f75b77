//! `jushin bench`: what is counted and how it is said. Nothing here depends on how fast anything was.

use serde_json::Value;

use crate::support::{Folder, jushin};

/// The figures of a bench in its smallest size.
fn figures(bench: &str) -> Vec<Value> {
    let folder = Folder::new();
    let arguments = ["bench", bench, "--quick", "--json", "--rounds", "1", "--dir", "."];
    let answer = jushin(folder.path(), &arguments).expect(0);
    let figures: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!figures.is_empty());
    for figure in &figures {
        assert!(figure["bench"].as_str().is_some_and(|name| name.starts_with(bench)), "{figure}");
        assert!(figure["value"].as_f64().is_some_and(|value| value > 0.0), "{figure}");
        assert!(figure["unit"].is_string(), "{figure}");
        for optional in ["limit", "ratio"] {
            assert!(figure[optional].is_null() || figure[optional].is_f64(), "{figure}");
        }
        assert_eq!(figure["limit"].is_null(), figure["ratio"].is_null(), "{figure}");
        for said in ["cpu", "system", "crypto", "build"] {
            assert!(figure["machine"][said].is_string(), "{figure}");
        }
        assert_eq!(figure["simulated"], true);
        assert_eq!(figure["size"]["seed"], 7);
    }
    figures
}

fn named<'a>(figures: &'a [Value], name: &str) -> &'a Value {
    figures.iter().find(|figure| figure["bench"] == name).unwrap_or_else(|| panic!("no figure {name}"))
}

/// How often operations whose name ends so were counted.
fn count(figure: &Value, ending: &str) -> u64 {
    let operations = figure["operations"].as_object().unwrap().iter();
    operations.filter(|(name, _)| name.ends_with(ending)).map(|(_, one)| one["count"].as_u64().unwrap()).sum()
}

#[test]
fn a_verdict_costs_the_signatures_that_the_protocol_says_and_no_other() {
    const CARDS: u64 = 12;
    const TERMINALS: u64 = 3;
    let figures = figures("verify");
    for (kind, card) in
        [("rsa", "new-key/rsa-2048-pkcs1"), ("pss", "new-key/rsa-2048-pss"), ("p384", "new-key/p384")]
    {
        for state in ["steady", "cold", "again", "alone"] {
            let figure = named(&figures, &format!("verify/{kind}/{state}"));
            assert_eq!(figure["distinct_cards"], CARDS);
            assert_eq!(figure["distinct_elements"], TERMINALS);
            assert_eq!(figure["distinct_institutions"], TERMINALS);
            assert!(figure["ratio"].is_f64() && figure["ratio_bare"].is_f64());
        }
        for (state, visits) in [("steady", CARDS - TERMINALS), ("again", CARDS)] {
            let figure = named(&figures, &format!("verify/{kind}/{state}"));
            assert_eq!(figure["visits"], visits);
            // The card's own signature, with the only key that was not known.
            assert_eq!(count(figure, card), visits, "{figure}");
            // Its certificate by the card CA, and EXTERNAL AUTHENTICATE by the institution.
            assert_eq!(count(figure, "known-key/rsa-2048-pkcs1"), 2 * visits, "{figure}");
            // The OCSP response, the platform's verdict and receipt, and the commit where no bundle before held it.
            let seen = count(figure, "known-key/p256");
            assert!((3 * visits..=4 * visits).contains(&seen), "{figure}");
            let all = count(figure, "");
            assert_eq!(all, visits + 2 * visits + seen, "{figure}");
        }
        let again = named(&figures, &format!("verify/{kind}/again"));
        assert_eq!(count(again, "p256"), 3 * CARDS, "commits are known: {again}");
    }
}

#[test]
fn a_check_in_takes_the_same_commands_and_operations_every_time() {
    let figures = figures("checkin");
    for (name, value) in [
        ("rsa/card-commands", 14.0),
        ("p384/card-commands", 13.0),
        ("rsa/element-commands", 3.0),
        ("rsa/card-operations", 3.0),
        ("rsa/element-operations", 5.0),
    ] {
        let figure = named(&figures, &format!("checkin/{name}"));
        assert_eq!(figure["value"], value, "{figure}");
        assert_eq!(figure["all_alike"], true, "{figure}");
    }
    let software = named(&figures, "checkin/rsa/software");
    assert_eq!(software["must_ms"], 5.0);
    assert!(software["within"].is_boolean());
    assert!(named(&figures, "checkin/rsa/total")["ratio"].is_f64());
    assert!(named(&figures, "checkin/flush")["p99"].is_f64());
}

#[test]
fn a_token_is_one_signature_made_and_two_checked() {
    let figures = figures("tsa");
    for tsa in 1..=2 {
        for (step, times) in [("make", 1), ("check", 2)] {
            let figure = named(&figures, &format!("tsa/{tsa}/{step}"));
            let counts = figure["operations"].as_array().unwrap().iter();
            let total: u64 = counts.map(|one| one["count"].as_u64().unwrap()).sum();
            assert_eq!(total, times * figure["tokens"].as_u64().unwrap(), "{figure}");
        }
        assert!(named(&figures, &format!("tsa/{tsa}/http"))["p99"].is_f64());
    }
}
