-- The people that the KPI counts; also holds the clearances and the availability that they are counted for.
with cleared as (
    select
        quarter,
        cv_partner_user_id,
        jsonb_agg(
            jsonb_build_object(
                'source', 'core.user_clearance',
                'key', concat_ws('/', cv_partner_user_id, clearance, valid_from),
                'delivery', delivery,
                'row_no', row_no
            )
            order by row_no
        ) as lines
    from core.user_clearance
    where clearance = 'SC'
        and valid_from <= ops.last_day(quarter)
        and (valid_to is null or valid_to >= ops.last_day(quarter))
    group by quarter, cv_partner_user_id
),
latest as (
    select distinct on (quarter, cv_partner_user_id)
        quarter,
        cv_partner_user_id,
        percent_available,
        jsonb_build_object(
            'source', 'core.user_availability',
            'key', concat_ws('/', cv_partner_user_id, date),
            'delivery', delivery,
            'row_no', row_no
        ) as line
    from core.user_availability
    where date <= ops.last_day(quarter)
    order by quarter, cv_partner_user_id, date desc
)
select
    u.quarter,
    null::text as part,
    u.quarter as row_quarter,
    'core.users' as source,
    u.cv_partner_user_id as key,
    u.delivery,
    u.row_no,
    null::numeric as value,
    c.lines || l.line as also
from core.users u
join cleared c on c.quarter = u.quarter and c.cv_partner_user_id = u.cv_partner_user_id
join latest l on l.quarter = u.quarter and l.cv_partner_user_id = u.cv_partner_user_id
where l.percent_available >= 50
