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

-- A segment begins with the name of somebody who is in the list.
grant update, delete on people_segments to portal_system;
-- +goose StatementBegin
create or replace function list_people(concerned uuid, people uuid[]) returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    list bigint := hashtextextended('segments ' || concerned::text, 0);
    first_ones text[]; -- names that segments begin with
begin
    -- Many write in a list at once, but nobody while it is cut, or while one of the numbers changes; and nobody else while
    -- somebody changes with whose name a segment begins.
    if exists (select from listed_people l join people_segments s on s.organization_id = l.organization_id and s.from_name = l.name
            where l.organization_id = concerned and l.user_id = any (people)) then
        perform pg_advisory_xact_lock(list);
    else
        perform pg_advisory_xact_lock_shared(list);
    end if;
    first_ones := array(select l.name from listed_people l join people_segments s on s.organization_id = l.organization_id and s.from_name = l.name
        where l.organization_id = concerned and l.user_id = any (people));
    if first_ones <> '{}' then
        perform pg_advisory_xact_lock(list); -- a cut may have come in between
    end if;
    -- Of two who change the same person the second one waits here, and then sees what the first has left.
    perform from memberships m where m.organization_id = concerned and m.user_id = any (people) order by m.user_id for no key update;
    delete from listed_people l where l.organization_id = concerned and l.user_id = any (people) and not exists (
        select from memberships m where m.organization_id = concerned and m.user_id = l.user_id and m.ended_at is null);
    if not exists (select from people_segments s where s.organization_id = concerned) then
        insert into people_segments (organization_id, from_name) values (concerned, '') on conflict do nothing;
    end if;
    perform cut_segments(concerned, array(
        select shown_name(u.first_name, u.last_name, u.email) from memberships m join users u on u.id = m.user_id
            left join listed_people l on l.organization_id = m.organization_id and l.user_id = m.user_id
        where m.organization_id = concerned and m.user_id = any (people) and m.ended_at is null
            and l.name is distinct from shown_name(u.first_name, u.last_name, u.email)));
    insert into listed_people as listed (organization_id, user_id, first_name, last_name, email, name, searched, user_type, permissions,
            contract_numbers, seen_on, segment)
        select m.organization_id, m.user_id, u.first_name, u.last_name, u.email, shown_name(u.first_name, u.last_name, u.email),
            searched_text(u.first_name, u.last_name, u.email), m.user_type, held.permissions, assigned.numbers,
            (coalesce(m.last_seen_at, m.created_at) at time zone 'UTC')::date,
            (select s.id from people_segments s where s.organization_id = concerned
                and s.from_name <= (shown_name(u.first_name, u.last_name, u.email) collate "sv-SE-x-icu") order by s.from_name desc limit 1)
        from memberships m
        join users u on u.id = m.user_id
        cross join lateral (select array(select p.permission from membership_permissions p
            where p.organization_id = m.organization_id and p.user_id = m.user_id order by p.permission)) as held (permissions)
        cross join lateral (select array(select a.contract_number_id from membership_contract_numbers a
            where a.organization_id = m.organization_id and a.user_id = m.user_id order by a.contract_number_id)) as assigned (numbers)
        where m.organization_id = concerned and m.user_id = any (people) and m.ended_at is null
        on conflict (organization_id, user_id) do update set first_name = excluded.first_name, last_name = excluded.last_name,
            email = excluded.email, name = excluded.name, searched = excluded.searched, user_type = excluded.user_type,
            permissions = excluded.permissions, contract_numbers = excluded.contract_numbers,
            seen_on = greatest(listed.seen_on, excluded.seen_on), segment = excluded.segment
        where (listed.first_name, listed.last_name, listed.email, listed.user_type, listed.permissions, listed.contract_numbers)
            is distinct from (excluded.first_name, excluded.last_name, excluded.email, excluded.user_type, excluded.permissions,
                excluded.contract_numbers);
    perform list_lacking(concerned, people);
    -- No name stays behind of somebody who has left, or is called something else.
    if first_ones <> '{}' then
        delete from people_segments s where s.organization_id = concerned and s.from_name = any (first_ones)
            and not exists (select from listed_people l where l.organization_id = concerned and l.segment = s.id);
        update people_segments s
            set from_name = (select min(l.name) from listed_people l where l.organization_id = concerned and l.segment = s.id)
            where s.organization_id = concerned and s.from_name = any (first_ones)
                and not exists (select from listed_people l where l.organization_id = concerned and l.name = s.from_name);
    end if;
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

revoke update, delete on people_segments from portal_system;
-- +goose StatementBegin
create or replace function list_people(concerned uuid, people uuid[]) returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    -- Many write in a list at once, but nobody while it is cut, or while one of the numbers changes.
    perform pg_advisory_xact_lock_shared(hashtextextended('segments ' || concerned::text, 0));
    -- Of two who change the same person the second one waits here, and then sees what the first has left.
    perform from memberships m where m.organization_id = concerned and m.user_id = any (people) order by m.user_id for no key update;
    delete from listed_people l where l.organization_id = concerned and l.user_id = any (people) and not exists (
        select from memberships m where m.organization_id = concerned and m.user_id = l.user_id and m.ended_at is null);
    if not exists (select from people_segments s where s.organization_id = concerned) then
        insert into people_segments (organization_id, from_name) values (concerned, '') on conflict do nothing;
    end if;
    perform cut_segments(concerned, array(
        select shown_name(u.first_name, u.last_name, u.email) from memberships m join users u on u.id = m.user_id
            left join listed_people l on l.organization_id = m.organization_id and l.user_id = m.user_id
        where m.organization_id = concerned and m.user_id = any (people) and m.ended_at is null
            and l.name is distinct from shown_name(u.first_name, u.last_name, u.email)));
    insert into listed_people as listed (organization_id, user_id, first_name, last_name, email, name, searched, user_type, permissions,
            contract_numbers, seen_on, segment)
        select m.organization_id, m.user_id, u.first_name, u.last_name, u.email, shown_name(u.first_name, u.last_name, u.email),
            searched_text(u.first_name, u.last_name, u.email), m.user_type, held.permissions, assigned.numbers,
            (coalesce(m.last_seen_at, m.created_at) at time zone 'UTC')::date,
            (select s.id from people_segments s where s.organization_id = concerned
                and s.from_name <= (shown_name(u.first_name, u.last_name, u.email) collate "sv-SE-x-icu") order by s.from_name desc limit 1)
        from memberships m
        join users u on u.id = m.user_id
        cross join lateral (select array(select p.permission from membership_permissions p
            where p.organization_id = m.organization_id and p.user_id = m.user_id order by p.permission)) as held (permissions)
        cross join lateral (select array(select a.contract_number_id from membership_contract_numbers a
            where a.organization_id = m.organization_id and a.user_id = m.user_id order by a.contract_number_id)) as assigned (numbers)
        where m.organization_id = concerned and m.user_id = any (people) and m.ended_at is null
        on conflict (organization_id, user_id) do update set first_name = excluded.first_name, last_name = excluded.last_name,
            email = excluded.email, name = excluded.name, searched = excluded.searched, user_type = excluded.user_type,
            permissions = excluded.permissions, contract_numbers = excluded.contract_numbers,
            seen_on = greatest(listed.seen_on, excluded.seen_on), segment = excluded.segment
        where (listed.first_name, listed.last_name, listed.email, listed.user_type, listed.permissions, listed.contract_numbers)
            is distinct from (excluded.first_name, excluded.last_name, excluded.email, excluded.user_type, excluded.permissions,
                excluded.contract_numbers);
    perform list_lacking(concerned, people);
end
$$;
-- +goose StatementEnd
