// The tables, as a list of migrations: `user_version` counts those that were applied. Released ones are never edited.

export const MIGRATIONS: readonly string[] = [
  `
  -- A name is only shown; a key never changes and is never used again.
  create table workspace (
    key             integer primary key autoincrement,
    name            text    not null unique,
    source_kind     text,                        -- what the name is bound to; null before the first accepted bounds
    source_id       text,
    time_column     text,
    revision        integer not null,            -- of its last change; 0 before the first
    changed_at      integer not null,            -- instant of its last entry, milliseconds since 1970
    kept_after      integer not null,            -- the log is whole after this revision; 0: all of it
    first_asked     integer,                     -- the oldest day that a run ever asked for
    bounds          text,                        -- the last answered question how far the source reaches, as JSON
    last_success_at integer,                     -- end of its last run that succeeded, milliseconds since 1970
    checksum        integer not null             -- over all of the row
  ) strict;

  -- The same rows once more: a damaged one is read, and put back, from here.
  create table workspace_copy (
    key             integer primary key,
    name            text    not null unique,
    source_kind     text,
    source_id       text,
    time_column     text,
    revision        integer not null,
    changed_at      integer not null,
    kept_after      integer not null,
    first_asked     integer,
    bounds          text,
    last_success_at integer,
    checksum        integer not null
  ) strict;

  -- Labels of one dimension that fold to the same text are one, spelled as first stored. Rows are only ever added;
  -- of the location alone the newest computation is kept, to see at the next start whether the rule has changed.
  create table label (
    workspace_key integer not null references workspace on delete cascade,
    id            integer not null,
    dimension     integer not null,              -- 0 delivery location, 1 action type, 2 trigger, 3 result
    text          text    not null,
    location      text,                          -- of a delivery location
    checksum      integer not null,
    primary key (workspace_key, id)
  ) strict, without rowid;

  -- The same labels once more, as the log of changes has them: a damaged one is put back from here.
  create table label_log (
    workspace_key integer not null references workspace on delete cascade,
    id            integer not null,
    dimension     integer not null,
    text          text    not null,
    checksum      integer not null,
    primary key (workspace_key, id)
  ) strict, without rowid;

  -- A row a day and workspace. A day without a row is missing.
  create table day (
    workspace_key integer not null references workspace on delete cascade,
    day           integer not null,              -- days since 1970-01-01
    state         integer not null,              -- 1 final, 2 provisional, 3 lost
    revision      integer not null,
    cells         blob    not null,              -- packed: four label ids and a count for each
    shrunk        integer not null default 0,    -- 1: the last reading was refused as empty; outside the checksum
    checksum      integer not null,
    primary key (workspace_key, day)
  ) strict, without rowid;

  -- The log: an entry for each change of each day. Replayed, it gives the days. Each names the entry before it, so that
  -- one that is not there any more is noticed.
  create table change (
    workspace_key integer not null references workspace on delete cascade,
    revision      integer not null,
    before        integer not null,              -- revision of the workspace's entry before; 0: none
    previous      integer not null,              -- revision of the day's entry before; 0: none
    changed_at    integer not null,              -- one instant for all entries of a transaction
    day           integer not null,
    state         integer not null,
    cells         blob    not null,
    checksum      integer not null,
    primary key (workspace_key, revision)
  ) strict, without rowid;

  create index change_of_day on change (workspace_key, day, revision);

  create table run (
    number        integer primary key,           -- newest first is highest first
    id            text    not null unique,
    workspace_key integer not null references workspace on delete cascade,
    heard_at      integer not null,              -- when its process last wrote it, milliseconds since 1970
    record        text    not null,              -- as the API tells it, as JSON, without the workspace's name
    checksum      integer not null
  ) strict;

  create index run_of_workspace on run (workspace_key, number);

  -- Of an API key only its hash is kept. A revoked one stays, so that no copy of the store brings it back unseen.
  create table api_key (
    id            text    primary key,
    name          text    not null unique,
    prefix        text    not null,
    hash          text    not null unique,       -- SHA-256 of the key, hexadecimal
    scopes        text    not null,              -- comma separated
    workspaces    text,                          -- keys of workspaces, comma separated; null: all
    expires       integer,                       -- the last day on which it works, days since 1970-01-01
    created_at    integer not null,
    revoked_at    integer,
    last_used_at  integer,
    checksum      integer not null
  ) strict, without rowid;
  `
]
