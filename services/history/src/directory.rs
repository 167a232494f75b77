//! Names of institutions by their code, as the regional bureaus publish them.

use std::collections::BTreeMap;

use jushin_pages::Lang;
use jushin_statement::InstitutionCode;

/// An institution as people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// Name in Japanese.
    pub ja: String,
    /// Name in English.
    pub en: String,
}

/// The published list of institutions.
#[derive(Clone, Debug, Default)]
pub struct Directory(BTreeMap<InstitutionCode, Institution>);

impl Directory {
    /// A directory with these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (InstitutionCode, Institution)>) -> Self {
        Self(entries.into_iter().collect())
    }

    /// The name in a language; the code itself where the directory has no name.
    #[must_use]
    pub fn name(&self, code: InstitutionCode, lang: Lang) -> String {
        match (self.0.get(&code), lang) {
            (Some(institution), Lang::Ja) => institution.ja.clone(),
            (Some(institution), Lang::En) => institution.en.clone(),
            (None, _) => code.to_string(),
        }
    }
}
