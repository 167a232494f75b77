//! What a set of statements proves.
