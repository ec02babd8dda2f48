-- Scores of what is published now, reckoned as scorecards are: a dimension is the mean of its rules by weight, the overall
-- score the mean of the dimensions. What was not measured is null and left out; it is never taken for 100 %.
create view marts.quality as
with published as (
    select p.asset_key, p.partition_key, p.load_id, r.point, r.rule, r.dimension, r.weight::numeric as weight, r.units,
        r.passed
    from ops.partitions p
    join ops.quality_results r on r.load_id = p.load_id
    -- A workbook's partition is no quarter: there is none before it to compare with.
    where p.asset_key not like 'excel/%'
),
tables as (
    select
        asset_key,
        partition_key,
        load_id,
        max(units) filter (where rule = 'rows_kept' and point = 'received') as received_rows,
        max(units) filter (where rule = 'rows_kept' and point = 'published') as published_rows
    from published
    where dimension is null
    group by asset_key, partition_key, load_id
),
measured as (
    select
        load_id,
        dimension,
        sum(weight * passed / units) filter (where point = 'received')
            / sum(weight) filter (where point = 'received') as received,
        sum(weight * passed / units) filter (where point = 'published')
            / sum(weight) filter (where point = 'published') as published,
        count(*) filter (where point = 'received') as rules
    from published
    where dimension is not null and units > 0
    group by load_id, dimension
),
dimensions as (
    select t.*, d.place, d.dimension, m.received, m.published, coalesce(m.rules, 0) as rules
    from tables t
    cross join unnest(array[
        'completeness', 'validity', 'consistency', 'timeliness', 'uniqueness', 'accuracy', 'conformity', 'integrity'
    ]) with ordinality as d (dimension, place)
    left join measured m on m.load_id = t.load_id and m.dimension = d.dimension
),
scores as (
    select asset_key, partition_key, place, dimension, received, published, received_rows, rules,
        (received is not null)::integer as dimensions
    from dimensions
    union all
    select asset_key, partition_key, 9, 'overall',
        case when received_rows > 0 then avg(received) end,
        case when published_rows > 0 then avg(published) end,
        received_rows, sum(rules), count(received)
    from dimensions
    group by asset_key, partition_key, load_id, received_rows, published_rows
)
select
    partition_key as quarter,
    asset_key as asset,
    dimension,
    received,
    published,
    received_rows as rows,
    rules::integer as rules,
    dimensions::integer as dimensions,
    lag(partition_key) over course as previous_quarter,
    lag(received) over course as previous,
    received - lag(received) over course as change
from scores
window course as (partition by asset_key, dimension order by partition_key)
order by quarter, asset, place;
comment on view marts.quality is 'One row per quarter, table and dimension: the score of what is published, what it rests on, and its change.';
