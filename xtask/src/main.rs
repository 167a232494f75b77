//! Tests, their servers, and longer runs.
fn main() {}
