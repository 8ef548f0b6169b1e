-- Whoever has not been seen for long and is looked for by more than that is found by both indexes; and those who lack
-- numbers are asked for one by one, not all at once where there are a hundred thousand.

-- +goose Up

-- So much that the planner never works it out for a row rather than look in the index.
alter function search_marks(bigint, text, text[]) cost 10000;
create index lacking_people_first on lacking_people (organization_id, lower(days));

-- +goose StatementBegin
create or replace function candidates(concerned uuid, segment bigint, parts text[], lacking_on date, unseen_since date) returns setof listed_people
    language sql stable parallel safe as $$
    (select l.* from listed_people l
        where parts <> '{}' and unseen_since is null and search_marks(l.segment, l.searched, person_traits(l.user_type, l.permissions, l.contract_numbers))
            @> array(select search_mark(candidates.segment, part) from unnest(parts) as parts (part))
        offset 0)
    union all
    (select l.* from listed_people l
        where parts <> '{}' and l.organization_id = concerned and l.segment = candidates.segment and l.seen_on < unseen_since
            and search_marks(l.segment, l.searched, person_traits(l.user_type, l.permissions, l.contract_numbers))
                @> array(select search_mark(candidates.segment, part) from unnest(parts) as parts (part))
        offset 0)
    union all
    (select l.* from lacking_people k join listed_people l on l.organization_id = k.organization_id and l.user_id = k.user_id
        where parts = '{}' and lacking_on is not null
            and k.organization_id = concerned and k.segment = candidates.segment and lower(k.days) <= lacking_on
        offset 0)
    union all
    (select l.* from listed_people l
        where parts = '{}' and lacking_on is null
            and l.organization_id = concerned and l.segment = candidates.segment and l.seen_on < unseen_since
        offset 0)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function segments_from(concerned uuid, after_name text, lacking_on date, unseen_since date) returns setof bigint
    language sql stable parallel safe as $$
    select s.id from people_segments s
    where s.organization_id = concerned and s.from_name >= (select max(b.from_name) from people_segments b
            where b.organization_id = concerned and b.from_name <= (after_name collate "sv-SE-x-icu"))
        and (lacking_on is null or (select true from lacking_people k
            where k.organization_id = concerned and k.segment = s.id and lower(k.days) <= lacking_on limit 1))
        and (unseen_since is null or (select true from listed_people l
            where l.organization_id = concerned and l.segment = s.id and l.seen_on < unseen_since limit 1))
    order by s.from_name offset 0
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function find_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
        after_name text, after_id uuid, size integer)
    returns table (id uuid, first_name text, last_name text, email text, user_type text, permissions text[], contract_numbers uuid[], name text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    parts text[] := wanted_parts(query, wanted_type, wanted_permission, wanted_number);
    way integer := size + case when parts = '{}' and lacking_on is null and unseen_since is null then 0 else 250 end;
    found integer;
    end_name text;
    end_id uuid;
begin
    return query
        select l.user_id, l.first_name, l.last_name, l.email, l.user_type, l.permissions, l.contract_numbers, l.name
        from (select * from listed_people l where l.organization_id = organization and (l.name, l.user_id) > (after_name, after_id)
            order by l.name, l.user_id limit way) as l
        where is_wanted(l, patterns, wanted_type, wanted_permission, wanted_number, unseen_since)
            and (lacking_on is null or (select k.days @> lacking_on from lacking_people k
                where k.organization_id = organization and k.user_id = l.user_id))
        order by l.name, l.user_id limit size;
    get diagnostics found = row_count;
    if found = size then
        return;
    end if;
    select l.name, l.user_id into end_name, end_id from listed_people l
        where l.organization_id = organization and (l.name, l.user_id) > (after_name, after_id)
        order by l.name, l.user_id offset way - 1 limit 1;
    if end_id is null then
        return; -- that was everybody
    end if;
    -- Where few lack numbers, they are gone through, whatever else is wanted of them.
    if lacking_on is not null and (select count(*) from (select from lacking_people k
            where k.organization_id = organization and lower(k.days) <= lacking_on limit 1000) as lacking) < 1000 then
        parts := '{}';
    end if;
    -- The segments come in order, and so do the people of each: what is lateral and limited is joined in no other way than
    -- by going from one to the next.
    return query
        select l.user_id, l.first_name, l.last_name, l.email, l.user_type, l.permissions, l.contract_numbers, l.name
        from segments_from(organization, end_name, lacking_on, unseen_since) as s (id)
        cross join lateral (
            select c.* from candidates(organization, s.id, parts, lacking_on, unseen_since) as c
            where c.organization_id = organization and c.segment = s.id and (c.name, c.user_id) > (end_name collate "sv-SE-x-icu", end_id)
                and is_wanted(c, patterns, wanted_type, wanted_permission, wanted_number, unseen_since)
                and (lacking_on is null or (select k.days @> lacking_on from lacking_people k
                    where k.organization_id = organization and k.user_id = c.user_id))
            order by c.name, c.user_id limit size - found) as l
        limit size - found;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function count_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
        most integer, out people integer)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    parts text[] := wanted_parts(query, wanted_type, wanted_permission, wanted_number);
begin
    if parts = '{}' and lacking_on is null and unseen_since is null then
        people := coalesce((select c.people from people_counts c where c.organization_id = organization), 0);
        return;
    end if;
    -- Where few lack numbers, they are gone through, whatever else is wanted of them.
    if lacking_on is not null and (select count(*) from (select from lacking_people k
            where k.organization_id = organization and lower(k.days) <= lacking_on limit 1000) as lacking) < 1000 then
        parts := '{}';
    end if;
    select count(*) into people from (
        select from segments_from(organization, '', lacking_on, unseen_since) as s (id)
        cross join lateral candidates(organization, s.id, parts, lacking_on, unseen_since) as c
        where c.organization_id = organization and c.segment = s.id
            and is_wanted(c, patterns, wanted_type, wanted_permission, wanted_number, unseen_since)
            and (lacking_on is null or (select k.days @> lacking_on from lacking_people k
                where k.organization_id = organization and k.user_id = c.user_id))
        limit most) as wanted;
end
$$;
-- +goose StatementEnd

-- +goose Down

alter function search_marks(bigint, text, text[]) cost 100;
drop index lacking_people_first;

-- +goose StatementBegin
create or replace function candidates(concerned uuid, segment bigint, parts text[], lacking_on date, unseen_since date) returns setof listed_people
    language sql stable parallel safe as $$
    (select l.* from listed_people l
        where parts <> '{}' and search_marks(l.segment, l.searched, person_traits(l.user_type, l.permissions, l.contract_numbers))
            @> array(select search_mark(candidates.segment, part) from unnest(parts) as parts (part))
        offset 0)
    union all
    (select l.* from lacking_people k join listed_people l on l.organization_id = k.organization_id and l.user_id = k.user_id
        where parts = '{}' and lacking_on is not null
            and k.organization_id = concerned and k.segment = candidates.segment and lower(k.days) <= lacking_on
        offset 0)
    union all
    (select l.* from listed_people l
        where parts = '{}' and lacking_on is null
            and l.organization_id = concerned and l.segment = candidates.segment and l.seen_on < unseen_since
        offset 0)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function segments_from(concerned uuid, after_name text, lacking_on date, unseen_since date) returns setof bigint
    language sql stable parallel safe as $$
    select s.id from people_segments s
    where s.organization_id = concerned and s.from_name >= (select max(b.from_name) from people_segments b
            where b.organization_id = concerned and b.from_name <= (after_name collate "sv-SE-x-icu"))
        and (lacking_on is null or exists (select from lacking_people k
            where k.organization_id = concerned and k.segment = s.id and lower(k.days) <= lacking_on))
        and (unseen_since is null or exists (select from listed_people l
            where l.organization_id = concerned and l.segment = s.id and l.seen_on < unseen_since))
    order by s.from_name offset 0
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function find_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
        after_name text, after_id uuid, size integer)
    returns table (id uuid, first_name text, last_name text, email text, user_type text, permissions text[], contract_numbers uuid[], name text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    parts text[] := wanted_parts(query, wanted_type, wanted_permission, wanted_number);
    way integer := size + case when parts = '{}' and lacking_on is null and unseen_since is null then 0 else 250 end;
    found integer;
    end_name text;
    end_id uuid;
begin
    return query
        select l.user_id, l.first_name, l.last_name, l.email, l.user_type, l.permissions, l.contract_numbers, l.name
        from (select * from listed_people l where l.organization_id = organization and (l.name, l.user_id) > (after_name, after_id)
            order by l.name, l.user_id limit way) as l
        where is_wanted(l, patterns, wanted_type, wanted_permission, wanted_number, unseen_since)
            and (lacking_on is null or exists (select from lacking_people k
                where k.organization_id = organization and k.user_id = l.user_id and k.days @> lacking_on))
        order by l.name, l.user_id limit size;
    get diagnostics found = row_count;
    if found = size then
        return;
    end if;
    select l.name, l.user_id into end_name, end_id from listed_people l
        where l.organization_id = organization and (l.name, l.user_id) > (after_name, after_id)
        order by l.name, l.user_id offset way - 1 limit 1;
    if end_id is null then
        return; -- that was everybody
    end if;
    -- The segments come in order, and so do the people of each: what is lateral and limited is joined in no other way than
    -- by going from one to the next.
    return query
        select l.user_id, l.first_name, l.last_name, l.email, l.user_type, l.permissions, l.contract_numbers, l.name
        from segments_from(organization, end_name, lacking_on, unseen_since) as s (id)
        cross join lateral (
            select c.* from candidates(organization, s.id, parts, lacking_on, unseen_since) as c
            where c.organization_id = organization and c.segment = s.id and (c.name, c.user_id) > (end_name collate "sv-SE-x-icu", end_id)
                and is_wanted(c, patterns, wanted_type, wanted_permission, wanted_number, unseen_since)
                and (lacking_on is null or exists (select from lacking_people k
                    where k.organization_id = organization and k.user_id = c.user_id and k.days @> lacking_on))
            order by c.name, c.user_id limit size - found) as l
        limit size - found;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function count_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
        most integer, out people integer)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    parts text[] := wanted_parts(query, wanted_type, wanted_permission, wanted_number);
begin
    if parts = '{}' and lacking_on is null and unseen_since is null then
        people := coalesce((select c.people from people_counts c where c.organization_id = organization), 0);
        return;
    end if;
    select count(*) into people from (
        select from segments_from(organization, '', lacking_on, unseen_since) as s (id)
        cross join lateral candidates(organization, s.id, parts, lacking_on, unseen_since) as c
        where c.organization_id = organization and c.segment = s.id
            and is_wanted(c, patterns, wanted_type, wanted_permission, wanted_number, unseen_since)
            and (lacking_on is null or exists (select from lacking_people k
                where k.organization_id = organization and k.user_id = c.user_id and k.days @> lacking_on))
        limit most) as wanted;
end
$$;
-- +goose StatementEnd
