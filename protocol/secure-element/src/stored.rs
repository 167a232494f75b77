//! What the slots hold.
