//! Real hardware: PC/SC readers, vpcd.
