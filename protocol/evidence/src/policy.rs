//! What the verifier decides for itself: `policy.json`.

use std::collections::BTreeMap;
use std::fmt;

use jushin_statement::{Class, ElementKind};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The verifier's policy. No file means [`Policy::default`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Highest class by element kind. Above 1 for software elements it counts only under an element CA
    /// whose trust anchor is itself marked simulated.
    pub class_cap: BTreeMap<ElementKind, Class>,
    /// Accuracy of a time-stamp token that states none, in milliseconds.
    pub accuracy_ms: u64,
    /// Widest window that counts as tight, in milliseconds.
    pub tight_ms: u64,
    /// Keys of transparency logs (`vkey` texts). Without one, log proofs are shown as unchecked.
    pub log_keys: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            class_cap: BTreeMap::from([(ElementKind::Software, Class::OrderOnly)]),
            accuracy_ms: 1_000,
            tight_ms: 300_000,
            log_keys: Vec::new(),
        }
    }
}

/// Why a `policy.json` is refused. Whoever wrote the trust folder is at fault.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not JSON, an unknown key, or a value that is no integer.
    #[error("policy.json: {0}")]
    Json(#[from] serde_json::Error),
    /// A key of `class_cap` is no element kind.
    #[error("policy.json: class_cap has the key {found:?}, which is none of 1, 2 and 3")]
    Kind {
        /// The key.
        found: String,
    },
    /// A value of `class_cap` is no class.
    #[error("policy.json: class_cap of kind {kind} is {found}, which is not 0 to 4")]
    Class {
        /// The element kind.
        kind: String,
        /// The value.
        found: u64,
    },
}

/// The file as it stands. Defaults are applied afterwards, so that an absent key and `null` differ.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, deserialize_with = "each_key_once")]
    class_cap: BTreeMap<String, u64>,
    #[serde(default = "default_accuracy")]
    accuracy_ms: u64,
    #[serde(default = "default_tight")]
    tight_ms: u64,
    #[serde(default)]
    log_vkeys: Vec<String>,
}

/// Of two entries with one key a reader would have to choose, and two verifiers might choose differently.
fn each_key_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, u64>, D::Error> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = BTreeMap<String, u64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of element kinds and classes")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some((key, value)) = map.next_entry::<String, u64>()? {
                if entries.insert(key, value).is_some() {
                    return Err(A::Error::custom("an element kind is given twice"));
                }
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_map(Entries)
}

fn default_accuracy() -> u64 {
    Policy::default().accuracy_ms
}

fn default_tight() -> u64 {
    Policy::default().tight_ms
}

impl Policy {
    /// Reads a `policy.json`; keys that are not there keep their defaults.
    ///
    /// # Errors
    ///
    /// [`PolicyError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(PolicyError::Json(serde::de::Error::custom("not an object")));
        }
        let file: File = serde_json::from_slice(bytes)?;
        let mut policy = Self {
            accuracy_ms: file.accuracy_ms,
            tight_ms: file.tight_ms,
            log_keys: file.log_vkeys,
            ..Self::default()
        };
        for (kind, class) in file.class_cap {
            policy.class_cap.insert(element_kind(&kind)?, class_of(&kind, class)?);
        }
        Ok(policy)
    }

    /// The highest class that an element of this kind can prove.
    pub(crate) fn cap(&self, kind: ElementKind, under_simulated_ca: bool) -> Class {
        let stated = self.class_cap.get(&kind).copied().unwrap_or(Class::Tight);
        match kind {
            ElementKind::Applet => stated,
            ElementKind::Tpm => stated.min(Class::Date),
            ElementKind::Software if under_simulated_ca => stated,
            ElementKind::Software => stated.min(Class::OrderOnly),
        }
    }
}

fn element_kind(text: &str) -> Result<ElementKind, PolicyError> {
    match text {
        "1" => Ok(ElementKind::Applet),
        "2" => Ok(ElementKind::Tpm),
        "3" => Ok(ElementKind::Software),
        _ => Err(PolicyError::Kind { found: text.to_owned() }),
    }
}

fn class_of(kind: &str, number: u64) -> Result<Class, PolicyError> {
    Class::from_number(number).map_err(|_| PolicyError::Class { kind: kind.to_owned(), found: number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_is_the_default() {
        assert_eq!(Policy::from_json(b"{}").unwrap(), Policy::default());
    }

    #[test]
    fn keys_replace_their_defaults_one_by_one() {
        let policy = Policy::from_json(br#"{"class_cap":{"3":4},"tight_ms":5}"#).unwrap();
        assert_eq!(policy.class_cap[&ElementKind::Software], Class::Tight);
        assert_eq!((policy.tight_ms, policy.accuracy_ms), (5, 1_000));
    }

    #[test]
    fn unknown_keys_and_non_integers_are_refused() {
        for text in [
            r#"{"class":1}"#,
            r#"{"accuracy_ms":1.0}"#,
            r#"{"accuracy_ms":-1}"#,
            r#"{"accuracy_ms":"1"}"#,
            r#"{"class_cap":{"3":1.5}}"#,
            r#"{"class_cap":{"4":1}}"#,
            r#"{"class_cap":{"3":5}}"#,
            r#"{"log_vkeys":[1]}"#,
            r#"{"tight_ms":null}"#,
            "[]",
            "",
            "{} {}",
        ] {
            assert!(Policy::from_json(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duplicate_key_is_refused() {
        assert!(Policy::from_json(br#"{"tight_ms":1,"tight_ms":2}"#).is_err());
        assert!(Policy::from_json(br#"{"class_cap":{"3":1,"3":4}}"#).is_err());
    }

    #[test]
    fn software_is_lifted_only_under_a_simulated_ca_and_a_tpm_never_above_date() {
        let policy = Policy::from_json(br#"{"class_cap":{"2":4,"3":4}}"#).unwrap();
        assert_eq!(policy.cap(ElementKind::Software, true), Class::Tight);
        assert_eq!(policy.cap(ElementKind::Software, false), Class::OrderOnly);
        assert_eq!(policy.cap(ElementKind::Tpm, true), Class::Date);
        assert_eq!(policy.cap(ElementKind::Applet, false), Class::Tight);
    }
}
