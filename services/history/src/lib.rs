//! The visit-history service.
