//! The eligibility platform.
