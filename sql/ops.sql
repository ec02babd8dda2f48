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
