//! The element that holds the institution key.
