//! Stand-ins with real protocols: CAs, TSA, OCSP responder, eligibility register.
