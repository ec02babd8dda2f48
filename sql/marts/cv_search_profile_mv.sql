-- clearance: the highest one valid on the quarter's last day, None if there is none.
-- latest availability: the last day on or before the quarter's last day.
-- search: full text over title, technologies, roles and summaries.
create materialized view marts.cv_search_profile_mv as
with newest as (
    select quarter, ops.last_day(quarter) as last_day from current.quarter
),
skills as (
    select
        cv_partner_cv_id,
        string_agg(distinct technology, ', ' order by technology) as technologies,
        max(years_experience) as max_years_experience
    from (select cv_partner_cv_id, technology collate "C" as technology, years_experience from current.cv_technology) t
    group by cv_partner_cv_id
),
clearances as (
    select distinct on (c.cv_partner_user_id) c.cv_partner_user_id, c.clearance
    from current.user_clearance c
    join current.dim_clearance d on d.name = c.clearance
    cross join newest n
    where c.valid_from <= n.last_day and (c.valid_to is null or c.valid_to >= n.last_day)
    order by c.cv_partner_user_id, d.rank desc, c.clearance collate "C"
),
availability as (
    select distinct on (a.cv_partner_user_id) a.cv_partner_user_id, a.date, a.percent_available
    from current.user_availability a
    cross join newest n
    where a.date <= n.last_day
    order by a.cv_partner_user_id, a.date desc
),
summaries as (
    select cv_partner_cv_id, string_agg(concat_ws(' ', label, summary, short_description), ' ') as summary
    from current.key_qualification
    group by cv_partner_cv_id
),
roles as (
    select cv_partner_cv_id, string_agg(name, ', ' order by name collate "C") as roles
    from current.cv_role
    group by cv_partner_cv_id
)
select
    c.quarter,
    u.cv_partner_user_id as user_id,
    u.cv_partner_user_id,
    coalesce(u.name_multilang ->> 'int', u.name) as user_name,
    u.email,
    u.department,
    u.country,
    c.cv_partner_cv_id as cv_id,
    coalesce(c.title_multilang ->> 'int', (select t.value from jsonb_each_text(c.title_multilang) t order by t.key limit 1))
        as cv_title,
    c.sfia_level,
    c.cpd_label,
    s.technologies,
    s.max_years_experience,
    coalesce(k.clearance, 'None') as clearance,
    a.date as latest_availability_date,
    a.percent_available as latest_percent_available,
    r.roles,
    setweight(to_tsvector('english', coalesce((select string_agg(t.value, ' ') from jsonb_each_text(c.title_multilang) t), '')), 'A')
    || setweight(to_tsvector('english', coalesce(s.technologies, '')), 'B')
    || setweight(to_tsvector('english', coalesce(r.roles, '')), 'C')
    || setweight(to_tsvector('english', coalesce(q.summary, '')), 'D') as search
from current.cvs c
join current.users u on u.cv_partner_user_id = c.cv_partner_user_id
left join skills s on s.cv_partner_cv_id = c.cv_partner_cv_id
left join clearances k on k.cv_partner_user_id = c.cv_partner_user_id
left join availability a on a.cv_partner_user_id = c.cv_partner_user_id
left join summaries q on q.cv_partner_cv_id = c.cv_partner_cv_id
left join roles r on r.cv_partner_cv_id = c.cv_partner_cv_id
with no data;
create unique index cv_search_profile_mv_cv on marts.cv_search_profile_mv (cv_id);
create index cv_search_profile_mv_search on marts.cv_search_profile_mv using gin (search);
comment on materialized view marts.cv_search_profile_mv is 'One row per CV of the newest published quarter, with what people search for.';
