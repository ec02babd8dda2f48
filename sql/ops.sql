-- What the platform knows about its own work. Every statement may be run again; none drops data.
create schema if not exists ops;

create or replace function ops.last_day(quarter text) returns date
language sql immutable strict parallel safe
return (make_date(substr(quarter, 1, 4)::int, 3 * substr(quarter, 7, 1)::int, 1) + interval '1 month - 1 day')::date;
comment on function ops.last_day is 'Last calendar day of a quarter such as 2026-Q2.';

create table if not exists ops.deliveries (
    asset_key text not null,
    partition_key text not null,
    delivery text not null,
    sha256 text not null,
    file_name text not null,
    bytes bigint not null,
    archived_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    times_seen integer not null default 1,
    primary key (asset_key, partition_key, delivery),
    check (delivery = left(sha256, 16))
);
alter table ops.deliveries add column if not exists taken_back_at timestamptz;
create index if not exists deliveries_by_content on ops.deliveries (delivery, asset_key);
comment on column ops.deliveries.taken_back_at is 'Set by `hrdata revert`: the same content arriving again is archived, but not loaded.';
comment on table ops.deliveries is 'One row per report, partition and content that arrived; the bytes stand in the archive under their SHA-256.';

create table if not exists ops.loads (
    load_id bigint generated always as identity primary key,
    asset_key text not null,
    partition_key text not null,
    delivery text not null,
    contract text not null,
    run_id text not null,
    status text not null check (status in ('published', 'held')),
    read bigint not null check (read >= 0),
    inserted bigint not null check (inserted >= 0),
    updated bigint not null check (updated >= 0),
    unchanged bigint not null check (unchanged >= 0),
    duplicate bigint not null check (duplicate >= 0),
    set_aside bigint not null check (set_aside >= 0),
    skipped bigint not null check (skipped >= 0),
    removed bigint not null default 0 check (removed >= 0),
    score numeric,
    reason text,
    started_at timestamptz not null,
    finished_at timestamptz not null default clock_timestamp(),
    -- The rows of a held load wait outside: they count as set aside until it is released.
    constraint nothing_is_lost check (read = inserted + updated + unchanged + duplicate + set_aside + skipped)
);
alter table ops.loads add column if not exists previous_load_id bigint references ops.loads;
alter table ops.loads drop constraint if exists loads_status_check;
alter table ops.loads add constraint loads_status_check check (status in ('published', 'held', 'removed'));
comment on column ops.loads.previous_load_id is 'Load that `hrdata revert` goes back to from this one; null where there was nothing before.';
alter table ops.loads add column if not exists policy text;
comment on column ops.loads.policy is 'Version of the quality limits that the load was held to: eight hex digits of their file; of a workbook, its folder''s policy and gate.';
create index if not exists loads_by_partition on ops.loads (asset_key, partition_key, load_id desc);
comment on table ops.loads is 'One row per delivery that was published into a partition, held back, or taken out of it: what became of every row read.';

create table if not exists ops.partitions (
    asset_key text not null,
    partition_key text not null,
    load_id bigint references ops.loads,
    delivery text,
    contract text,
    held_load_id bigint references ops.loads,
    held_delivery text,
    changed_at timestamptz not null default now(),
    primary key (asset_key, partition_key)
);
-- Few are held; they are looked for with every workbook.
create index if not exists partitions_held on ops.partitions (asset_key) where held_load_id is not null;
comment on table ops.partitions is 'One row per asset and partition: the load that is published now, and the one that is held, if any.';

create table if not exists ops.quality_results (
    load_id bigint not null references ops.loads,
    run_id text not null,
    asset_key text not null,
    partition_key text not null,
    point text not null check (point in ('received', 'published')),
    rule text not null,
    rule_version text not null,
    dimension text,
    weight double precision not null,
    units bigint not null,
    passed bigint not null check (passed between 0 and units),
    at timestamptz not null default now(),
    primary key (load_id, point, rule)
);
comment on table ops.quality_results is 'One row per load, point and rule: to how many units it applied and how many passed. dimension is null for the table-wide counts cells, keys and rows_kept.';

create table if not exists ops.dead_letters (
    id bigint generated always as identity primary key,
    asset_key text not null,
    partition_key text not null,
    delivery text not null,
    sheet text not null default '',
    row_no integer not null,
    stage text not null check (stage in ('decode', 'parse', 'validate', 'dedupe', 'load')),
    reasons jsonb not null,
    payload jsonb,
    contract_version text not null,
    run_id text not null,
    first_seen timestamptz not null default now(),
    last_seen timestamptz not null default now(),
    seen integer not null default 1,
    status text not null default 'open' check (status in ('open', 'replayed', 'discarded', 'superseded', 'erased')),
    status_by text,
    status_at timestamptz,
    unique (asset_key, partition_key, delivery, sheet, row_no)
);
create index if not exists dead_letters_open on ops.dead_letters (asset_key, partition_key) where status = 'open';
comment on table ops.dead_letters is 'One row per record that was kept out: where it stood, why (rules, never values), and the record as delivered.';

create table if not exists ops.approvals (
    asset_key text not null,
    partition_key text not null,
    delivery text not null,
    reason text not null check (reason <> ''),
    approved_by text not null,
    approved_at timestamptz not null default now(),
    primary key (asset_key, partition_key, delivery)
);
comment on table ops.approvals is 'One row per delivery that somebody released although a gate failed, with the reason given.';

create table if not exists ops.corrections (
    asset_key text not null,
    partition_key text not null,
    delivery text not null,
    row_no integer not null,
    cells jsonb not null,
    corrected_by text not null,
    corrected_at timestamptz not null default now(),
    primary key (asset_key, partition_key, delivery, row_no)
);
comment on table ops.corrections is 'One row per record of a delivery that is read otherwise than it was delivered: cells by their place in the record, the first being 0.';

create table if not exists ops.schema_versions (
    name text primary key,
    version text not null,
    applied_at timestamptz not null default now()
);
comment on table ops.schema_versions is 'One row per part of the schema: the version of its definition that was applied last.';

alter table ops.dead_letters add column if not exists record text;
comment on column ops.dead_letters.record is 'The source''s own id of the record, where a system told one: when it comes right, the letter is closed.';
create index if not exists dead_letters_of_record on ops.dead_letters (asset_key, record) where status = 'open' and record is not null;
create index if not exists dead_letters_of_discarded_record on ops.dead_letters (asset_key, record) where status = 'discarded' and record is not null;

create table if not exists ops.syncs (
    sync_id bigint generated always as identity primary key,
    system text not null,
    object text not null,
    scope text not null default '',
    run_id text not null,
    kind text not null check (kind in ('full', 'incremental')),
    cursor_mode text not null check (cursor_mode in ('id', 'created_at', 'updated_at')),
    status text not null default 'running' check (status in ('running', 'complete', 'stopped', 'abandoned')),
    since text,
    until text,
    position jsonb not null default '{}',
    read bigint not null default 0 check (read >= 0),
    inserted bigint not null default 0 check (inserted >= 0),
    updated bigint not null default 0 check (updated >= 0),
    unchanged bigint not null default 0 check (unchanged >= 0),
    duplicate bigint not null default 0 check (duplicate >= 0),
    set_aside bigint not null default 0 check (set_aside >= 0),
    skipped bigint not null default 0 check (skipped >= 0),
    deleted bigint not null default 0 check (deleted >= 0),
    pages bigint not null default 0 check (pages >= 0),
    calls bigint not null default 0 check (calls >= 0),
    throttled bigint not null default 0 check (throttled >= 0),
    source_total bigint,
    own_total bigint,
    future_stamps bigint not null default 0,
    score numeric,
    reason text,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    constraint nothing_is_lost check (read = inserted + updated + unchanged + duplicate + set_aside + skipped)
);
alter table ops.syncs drop constraint if exists syncs_kind_check;
alter table ops.syncs add constraint syncs_kind_check check (kind in ('full', 'incremental', 'keys'));
create index if not exists syncs_by_object on ops.syncs (system, object, scope, sync_id desc);
create unique index if not exists syncs_unfinished on ops.syncs (system, object, scope) where status in ('running', 'stopped');
comment on table ops.syncs is 'One row per sync of an object of a system: what became of every record read, how far it got, and whether the source counts as many.';
comment on column ops.syncs.scope is 'Conditions that the records were asked for by, as eight hex digits of their hash; empty for all of them.';
comment on column ops.syncs.until is 'Greatest stamp of the source when the sync began, its future ones aside: the cursor once it is complete.';
comment on column ops.syncs.position is 'Where the system goes on, stored with the records up to there.';

create table if not exists ops.cursors (
    system text not null,
    object text not null,
    scope text not null default '',
    cursor_mode text not null check (cursor_mode in ('id', 'created_at', 'updated_at')),
    value text not null,
    sync_id bigint not null references ops.syncs,
    changed_at timestamptz not null default now(),
    primary key (system, object, scope)
);
comment on table ops.cursors is 'One row per object and scope: up to which stamp or id of the source everything is stored.';

create table if not exists ops.sync_states (
    system text not null,
    object text not null,
    state jsonb not null,
    changed_at timestamptz not null default now(),
    primary key (system, object)
);
comment on table ops.sync_states is 'One row per object: where its system''s own list of deletions was read to.';

create table if not exists ops.sync_pages (
    sync_id bigint not null references ops.syncs,
    page_no integer not null,
    sha256 text not null,
    bytes bigint not null,
    records integer not null,
    folder text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (sync_id, page_no)
);
comment on table ops.sync_pages is 'One row per page that was stored: its content stands in the archive, below systems/ in its folder, under its SHA-256.';

create table if not exists ops.sync_keys (
    sync_id bigint not null,
    key text not null
);
comment on table ops.sync_keys is 'One row per record met by a full sync that is going on: what it did not meet is gone.';

create table if not exists ops.sync_results (
    sync_id bigint not null references ops.syncs,
    point text not null check (point in ('received', 'published')),
    rule text not null,
    rule_version text not null,
    dimension text,
    weight double precision not null,
    units bigint not null,
    passed bigint not null check (passed between 0 and units),
    primary key (sync_id, point, rule)
);
comment on table ops.sync_results is 'One row per sync, point and rule: to how many records it applied and how many passed.';

create table if not exists ops.pushed (
    system text not null,
    object text not null,
    external_id text not null,
    key text not null,
    checksum text not null,
    run_id text not null,
    pushed_at timestamptz not null default now(),
    primary key (system, object, external_id)
);
comment on table ops.pushed is 'One row per record written into a system: the hash of what it is known by there, its id there, and a checksum of what it said: the same is not written again.';

create table if not exists ops.formatters (
    formatter_id text not null,
    version integer not null check (version > 0),
    name text not null default '',
    source text not null,
    target text not null,
    fields jsonb not null,
    checksum text not null,
    saved_by text not null,
    created_at timestamptz not null default now(),
    primary key (formatter_id, version)
);
comment on table ops.formatters is 'One row per version of a mapping that was saved: how each field of the target is filled. None is ever changed.';
comment on column ops.formatters.fields is 'The mapping as JSON, each transform with its own version, so that this version always makes the same rows.';
comment on column ops.formatters.checksum is 'SHA-256 of source, target and fields: the same content saved again is the same version.';
