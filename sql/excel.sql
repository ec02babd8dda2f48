-- Tables made from workbooks, and what is known of them. Every statement may be run again; none drops data.
create table if not exists ops.etl_imports (
    import_id bigint generated always as identity primary key,
    load_id bigint not null references ops.loads,
    table_name text not null,
    source_file text not null,
    file_sha256 text not null,
    sheet text not null,
    row_count bigint not null check (row_count >= 0),
    imported_at timestamptz not null default now(),
    reading text not null,
    columns jsonb not null,
    decisions jsonb not null,
    status text not null default 'imported' check (status in ('imported', 'replaced', 'reverted')),
    status_at timestamptz,
    status_by text
);
alter table ops.etl_imports add column if not exists replaces bigint references ops.etl_imports;
create unique index if not exists one_import_per_file on ops.etl_imports (table_name, source_file)
    where status = 'imported';
create index if not exists imports_by_content on ops.etl_imports (file_sha256);
comment on table ops.etl_imports is 'One row per workbook and content that was loaded: where it came from, what it holds, and whether its rows still stand in the table.';
comment on column ops.etl_imports.reading is 'Version of the options by which the sheet was read.';
comment on column ops.etl_imports.replaces is 'Import of the same path whose place this one took: `hrdata excel revert --restore` goes back to it.';
comment on column ops.etl_imports.columns is 'Columns as this file alone needs them: name, heading, occurrence, type, binary.';
comment on column ops.etl_imports.decisions is 'What was decided about the sheet: code, sentence, rows and columns.';

create table if not exists ops.columns (
    table_name text not null,
    column_name text not null,
    heading text not null,
    occurrence integer not null check (occurrence > 0),
    type text not null,
    "binary" boolean not null,
    empty boolean not null,
    source_file text not null,
    primary key (table_name, column_name)
);
comment on table ops.columns is 'One row per column of a table made from workbooks: the heading it stands under, and the file that brought it.';

create table if not exists ops.etl_schema_changes (
    change_id bigint generated always as identity primary key,
    table_name text not null,
    change_type text not null check (change_type in ('create_table', 'add_column', 'alter_type')),
    column_name text,
    old_type text,
    new_type text,
    source_file text not null,
    file_sha256 text not null,
    changed_at timestamptz not null default now(),
    undone_at timestamptz
);
comment on table ops.etl_schema_changes is 'One row per change that a workbook made to its table.';

create table if not exists ops.value_changes (
    import_id bigint not null references ops.etl_imports,
    column_name text not null,
    change text not null,
    cells bigint not null check (cells > 0),
    rows integer[] not null,
    primary key (import_id, column_name, change)
);
comment on table ops.value_changes is 'One row per import, column and kind of change: cells whose stored value is not what the file shows, and their rows (the first 10,000).';

create or replace function ops.number_text(number double precision) returns text
language sql immutable strict parallel safe
return (
    with written as (
        select upper(number::text) as whole, split_part(upper(number::text), 'E', 1) as figures,
            nullif(split_part(upper(number::text), 'E', 2), '')::int as exponent
    )
    select case
        when exponent is null then whole
        when exponent - length(split_part(figures, '.', 2)) between -30 - length(translate(figures, '-.', '')) and 30
            then trim_scale(number::text::numeric)::text
        else figures || 'E' || case when exponent < 0 then '-' else '+' end || abs(exponent)
    end
    from written
);
comment on function ops.number_text is 'A binary number as workbooks'' numbers are written here: plainly, unless it has more than thirty zeros.';

create table if not exists ops.workbook_files (
    source_file text primary key,
    table_name text not null,
    size bigint not null,
    mtime_ns bigint not null,
    file_sha256 text,
    partition_key text,
    asked_for text,
    seen_at timestamptz not null default now()
);
create index if not exists workbook_files_by_partition on ops.workbook_files (table_name, partition_key);
create index if not exists workbook_files_by_content on ops.workbook_files (file_sha256);
comment on table ops.workbook_files is 'One row per workbook that lies below the root: its size and time at the last look, its content once both had stayed the same, and what Dagster was asked to load.';
comment on column ops.workbook_files.partition_key is 'Key of its content in Dagster: the day on which it was first seen and the beginning of its hash, for file names can be names of people.';
comment on column ops.workbook_files.asked_for is 'Content and options that a run was last asked for.';

create table if not exists ops.row_versions (
    load_id bigint not null,
    row_no integer not null,
    table_name text not null,
    key text[] not null,
    cells jsonb not null,
    extra jsonb,
    source_file text not null,
    sheet text not null,
    delivery text not null,
    load_timestamp timestamptz not null,
    stands boolean not null,
    replaced_by bigint,
    moved_at timestamptz not null default now(),
    primary key (load_id, row_no)
);
create index if not exists row_versions_by_key on ops.row_versions using hash (key);
create index if not exists row_versions_by_table on ops.row_versions (table_name);
comment on table ops.row_versions is 'One row per row of a workbook that is not the current one of its business key: the table of its folder holds the newest row of each key.';
comment on column ops.row_versions.key is 'Its business key, as the sheet shows it.';
comment on column ops.row_versions.cells is 'Its values as the sheet shows them, by column; empty ones are left out.';
comment on column ops.row_versions.stands is 'Whether its workbook is still loaded: the row comes back when the newer ones of its key are taken out. Else it is history.';
comment on column ops.row_versions.replaced_by is 'Load that brought the row which took its place; null where it went with its workbook.';
