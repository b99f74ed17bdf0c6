-- +goose Up
-- Times are milliseconds since 1970 in UTC: the same on SQLite and Postgres.
CREATE TABLE users (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,        -- as shown
    name_key   TEXT NOT NULL UNIQUE, -- folded, so that names differ in more than case
    role       TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    password   TEXT NOT NULL,        -- argon2id, PHC string
    created_ms BIGINT NOT NULL
);

-- One row at most: whoever inserts it makes the first account.
CREATE TABLE first_account (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    user_id  TEXT NOT NULL
);

-- Every process keeps a bootstrap token in its own data folder; any of them may be used, once.
CREATE TABLE bootstrap_tokens (
    hash TEXT PRIMARY KEY -- SHA-256, hex
);

-- A sign-in and everything refreshed from it.
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    revoked    BOOLEAN NOT NULL DEFAULT FALSE,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE TABLE refresh_tokens (
    hash       TEXT PRIMARY KEY, -- SHA-256, hex
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    spent      BOOLEAN NOT NULL DEFAULT FALSE,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE login_failures (
    key        TEXT PRIMARY KEY, -- SHA-256 of name and address, hex
    failures   INTEGER NOT NULL,
    blocked_ms BIGINT NOT NULL,  -- no try is looked at before
    forget_ms  BIGINT NOT NULL
);

-- Public keys of every process, so that each announces all of them.
CREATE TABLE signing_keys (
    kid       TEXT PRIMARY KEY,
    public    TEXT NOT NULL, -- base64
    since_ms  BIGINT NOT NULL,
    forget_ms BIGINT NOT NULL
);

-- +goose Down
DROP TABLE signing_keys;
DROP TABLE login_failures;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE bootstrap_tokens;
DROP TABLE first_account;
DROP TABLE users;
