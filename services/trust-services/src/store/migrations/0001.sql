CREATE TABLE keys (name TEXT PRIMARY KEY, pkcs8 BLOB NOT NULL, certificate BLOB NOT NULL, at INTEGER NOT NULL);
CREATE TABLE stamp_blocks (
    tsa INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (tsa, first));
CREATE TABLE persons (
    person BLOB PRIMARY KEY, name TEXT NOT NULL, year INTEGER NOT NULL, month INTEGER NOT NULL,
    day INTEGER NOT NULL, sex INTEGER NOT NULL, address TEXT NOT NULL, prefecture TEXT NOT NULL,
    municipality TEXT NOT NULL, municipality_code TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE insurances (
    person BLOB NOT NULL, number INTEGER NOT NULL, insurer TEXT NOT NULL, copay INTEGER NOT NULL,
    validity INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (person, number));
CREATE TABLE certificates (
    issuer BLOB NOT NULL, serial BLOB NOT NULL, person BLOB, fed INTEGER NOT NULL, certificate BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (issuer, serial));
CREATE INDEX certificates_by_person ON certificates (person);
CREATE TABLE institutions (cv_certificate BLOB PRIMARY KEY, code TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE revocations (
    issuer BLOB NOT NULL, serial BLOB NOT NULL, as_of INTEGER NOT NULL, at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (issuer, serial, as_of));
CREATE TABLE feed (
    number INTEGER PRIMARY KEY, issuer BLOB NOT NULL, serial BLOB NOT NULL, person BLOB NOT NULL,
    insurer TEXT NOT NULL, copay INTEGER NOT NULL, validity INTEGER NOT NULL, at INTEGER NOT NULL);
