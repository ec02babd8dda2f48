-- The newest quarter whose people are published. Every view in this schema shows that quarter of a core table.
create schema if not exists current;
create or replace view current.quarter as
select max(partition_key) as quarter
from ops.partitions
where asset_key = 'core/users' and load_id is not null;
comment on view current.quarter is 'One row: the newest published quarter, or null before the first.';
