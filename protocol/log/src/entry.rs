//! Bundles of entries: each with its length before it (C2SP tlog-tiles).

use alloc::vec::Vec;

/// Not a bundle of entries. Whoever keeps the log's files is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry has more than 65,535 bytes.
    #[error("an entry of {0} bytes is too long for a log")]
    TooLong(usize),
    /// The bytes end within an entry.
    #[error("the bundle ends within an entry")]
    Truncated,
}

/// Puts entries into a bundle.
///
/// # Errors
///
/// [`BundleError::TooLong`].
pub fn entry_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, BundleError> {
    let mut bundle = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::TooLong(entry.len()))?;
        bundle.extend(length.to_be_bytes());
        bundle.extend(entry);
    }
    Ok(bundle)
}

/// Takes the entries out of a bundle.
///
/// # Errors
///
/// [`BundleError::Truncated`].
pub fn entries(mut bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>().ok_or(BundleError::Truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(BundleError::Truncated)?;
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}
