//! The reception terminal.
