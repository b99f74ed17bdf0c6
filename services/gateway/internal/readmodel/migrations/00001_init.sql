-- +goose Up
-- Times are microseconds since 1970 in UTC. Everything but idempotency_keys can be made again from EVENTS.
CREATE TABLE tests (
    id             TEXT PRIMARY KEY,
    seq            BIGINT NOT NULL,   -- last event of the test; the entity tag
    place          INTEGER NOT NULL,  -- 0 shown, 1 in the trash, 2 purged
    name           TEXT NOT NULL,
    model          TEXT NOT NULL,
    engine         TEXT NOT NULL,
    mode           TEXT NOT NULL,
    generator      TEXT NOT NULL,
    state          TEXT NOT NULL,
    verdict        TEXT NOT NULL,
    input_length   TEXT NOT NULL,
    output_length  TEXT NOT NULL,
    concurrency    TEXT NOT NULL,
    loops          INTEGER NOT NULL,
    created_by     TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    finished_at    BIGINT NOT NULL,   -- 0 before the end
    archived       INTEGER NOT NULL,  -- 0 or 1
    archived_at    BIGINT NOT NULL,
    archive_engine TEXT NOT NULL,     -- the three parts of the archive path, empty when not archived
    archive_model  TEXT NOT NULL,
    archive_folder TEXT NOT NULL,
    wanted         TEXT NOT NULL,
    failure_class  TEXT NOT NULL,
    lifecycle      TEXT NOT NULL      -- events.Lifecycle as JSON
);
CREATE INDEX tests_by_time ON tests (place, created_at, id);
CREATE INDEX tests_by_model ON tests (place, model, created_at, id);
CREATE INDEX tests_by_engine ON tests (place, engine, created_at, id);
CREATE INDEX tests_by_state ON tests (place, state, created_at, id);
CREATE INDEX tests_by_archive ON tests (archived, archive_engine, archive_model, archive_folder);

CREATE TABLE event_log (
    seq     BIGINT PRIMARY KEY,
    test_id TEXT NOT NULL,
    id      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    source  TEXT NOT NULL,
    at      BIGINT NOT NULL,
    state   TEXT NOT NULL,            -- of the test after this event
    data    TEXT NOT NULL
);
CREATE INDEX event_log_by_test ON event_log (test_id, seq);

CREATE TABLE projection (
    id             INTEGER PRIMARY KEY,
    stream_created BIGINT NOT NULL,   -- nanoseconds; 0 before the first event
    seq            BIGINT NOT NULL    -- last event applied
);
INSERT INTO projection (id, stream_created, seq) VALUES (1, 0, 0);

CREATE TABLE idempotency_keys (
    user_id    TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    test_id    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
