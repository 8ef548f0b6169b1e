-- Finding people in the order of names, wherever in it they are: an organisation's names are cut into segments of about
-- a thousand people, and the index on texts and traits is asked segment by segment. So nobody reads and sorts all who
-- match for the eleven that a page shows, and where many match, a page costs what its segment costs.

-- +goose Up

create table people_segments (
    organization_id uuid not null references organizations,
    id bigint not null generated always as identity,
    from_name text not null collate "sv-SE-x-icu",
    primary key (organization_id, id),
    constraint segment_begins_once unique (organization_id, from_name)
);
comment on table people_segments is 'Pieces of the list of an organisation''s people in the order of names: each goes on until the next begins. They are cut, never joined.';
-- Who lacks numbers stands in a table of its own: when a number ends that a hundred thousand hold, what is written is a
-- short row for each, and not their whole row with all its places in the index on texts.
create table lacking_people (
    organization_id uuid not null,
    user_id uuid not null,
    segment bigint not null,
    days datemultirange not null constraint lacks_on_some_day check (not isempty(days)),
    primary key (organization_id, user_id),
    foreign key (organization_id, user_id) references listed_people on delete cascade
);
comment on table lacking_people is 'Those in the list of whose permissions one lacks the numbers that it needs, on which of the days to come, and the segment that they are listed in.';

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['people_segments', 'lacking_people'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy system on %I to portal_system using (true) with check (true)', t);
        execute format('create policy own_organization on %I to portal_app using (organization_id = portal_organization())', t);
    end loop;
end
$$;
-- +goose StatementEnd
grant select, insert on people_segments to portal_system;
grant select, insert, update, delete on lacking_people to portal_system;

drop index listed_people_marks, listed_people_lacking, listed_people_seen;
drop function find_people, count_people, wanted_marks, indexed_condition, is_wanted, search_marks;

insert into people_segments (organization_id, from_name) select distinct organization_id, '' from listed_people;
alter table listed_people add column segment bigint;
update listed_people l set segment = s.id from people_segments s where s.organization_id = l.organization_id;
alter table listed_people alter column segment set not null,
    add foreign key (organization_id, segment) references people_segments;
comment on column listed_people.segment is 'The piece of the list in the order of names that the person is in.';

-- +goose StatementBegin
create function search_mark(segment bigint, part text) returns integer language sql immutable strict parallel safe
    return (hashtextextended(part, segment) >> 32)::integer;
-- +goose StatementEnd

-- It costs much, says the planner: rather an index than this.
-- +goose StatementBegin
create function search_marks(segment bigint, searched text, traits text[]) returns integer[] language sql immutable strict parallel safe cost 100
    return array(
        select search_mark(segment, part) from (
            select substr(searched, i, 3) as part from generate_series(1, char_length(searched) - 2) as i
            union all
            select substr(searched, i, 2) from generate_series(1, char_length(searched) - 1) as i where substr(searched, i, 1) = ' '
            union all
            select trait from unnest(traits) as traits (trait)
        ) as parts);
-- +goose StatementEnd
comment on function search_marks is 'The marks of a row: hashes of its parts of three characters, of the beginnings of its words, and of its traits, each salted with the segment.';

-- +goose StatementBegin
create function wanted_parts(query text, wanted_type text, wanted_permission text, wanted_number uuid)
    returns text[] language sql immutable parallel safe
    return (array(select distinct part from unnest(search_words(query)) as words (word)
            cross join lateral (
                select ' ' || word as part where char_length(word) < 3
                union all
                select substr(word, i, 3) from (select least(char_length(coalesce(substring(word from '^([^@]{3,})@'), word)), 14)) as told (length)
                cross join lateral generate_series(1, told.length - 2, case when told.length > 4 then 2 else 1 end) as i
            ) as parts))[1:16]
        || array_remove(array[
            case when wanted_type <> '' then 'type ' || wanted_type end,
            case when wanted_permission <> '' then 'permission ' || wanted_permission end,
            case when wanted_number is not null then 'number ' || wanted_number::text end], null);
-- +goose StatementEnd
comment on function wanted_parts is 'Parts and traits that whoever is looked for must all have: of a long word some, of an address not those of its domain, which many share.';
grant execute on function search_mark, search_marks, wanted_parts to portal_system;

-- +goose StatementBegin
create function cut_segments(concerned uuid, coming text[]) returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    crowded record;
begin
    for crowded in
        select entered.segment, entered.names, present.people + cardinality(entered.names) as people from (
            select right_one.id as segment, array_agg(name) as names from unnest(coming) as coming (name)
            cross join lateral (select s.id from people_segments s
                where s.organization_id = concerned and s.from_name <= (coming.name collate "sv-SE-x-icu") order by s.from_name desc limit 1) as right_one
            group by 1) as entered
        cross join lateral (select count(*) as people from listed_people l where l.organization_id = concerned and l.segment = entered.segment) as present
        where present.people + cardinality(entered.names) > 1500 order by entered.segment
    loop
        -- Who is not alone with the organisation's list leaves the cut to the next one: nobody waits for another.
        if not pg_try_advisory_xact_lock(hashtextextended('segments ' || concerned::text, 0)) then
            return;
        end if;
        begin
            perform from listed_people l where l.organization_id = concerned and l.segment = crowded.segment for no key update nowait;
            insert into people_segments (organization_id, from_name)
                select concerned, min(name) from (
                    select name, ntile(ceil(crowded.people / 1000.0)::integer) over (order by name) as piece from (
                        select l.name from listed_people l where l.organization_id = concerned and l.segment = crowded.segment
                        union all
                        select name collate "sv-SE-x-icu" from unnest(crowded.names) as entered (name)) as names) as pieces
                where piece > 1 group by piece on conflict do nothing;
            with moved as (
                update listed_people l set segment = right_one.id
                from (select l.user_id, (select s.id from people_segments s
                        where s.organization_id = concerned and s.from_name <= l.name order by s.from_name desc limit 1) as id
                    from listed_people l where l.organization_id = concerned and l.segment = crowded.segment) as right_one
                where l.organization_id = concerned and l.user_id = right_one.user_id and right_one.id <> crowded.segment
                returning l.user_id, l.segment)
            update lacking_people k set segment = moved.segment from moved where k.organization_id = concerned and k.user_id = moved.user_id;
        exception when lock_not_available then
            null;
        end;
    end loop;
end
$$;
-- +goose StatementEnd
alter function cut_segments owner to portal_system;
grant execute on function cut_segments to portal_system;
comment on function cut_segments is 'Cuts the segments of an organisation that have too many people, or will have with those of the names that come.';

select cut_segments(organization_id, array['']) from people_segments;
insert into lacking_people (organization_id, user_id, segment, days) select organization_id, user_id, segment, lacking from listed_people where not isempty(lacking);
alter table listed_people drop column lacking;

create index listed_people_segments on listed_people (organization_id, segment, seen_on);
create index lacking_people_segments on lacking_people (organization_id, segment, lower(days));
create index listed_people_marks on listed_people
    using gin (search_marks(segment, searched, person_traits(user_type, permissions, contract_numbers))) with (fastupdate = off);

-- Keeping the list.

-- What many have in common is worked out once: how it is with a permission depends on what is held, not on by whom.
-- +goose StatementBegin
create function list_lacking(concerned uuid, people uuid[]) returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    today date := (now() at time zone 'Europe/Helsinki')::date;
begin
    with held as materialized (
        select l.user_id, l.segment, l.permissions, l.contract_numbers from listed_people l where l.organization_id = concerned and l.user_id = any (people)
    ), judged as materialized (
        select kind.permissions, kind.contract_numbers, lacks.days from (select distinct held.permissions, held.contract_numbers from held) as kind
        cross join lateral (
            -- From each day on which a number begins or has ended, until the next such day, it is the same.
            select coalesce(range_agg(daterange(period.first_day, period.next_day)), '{}') from (
                select day as first_day, lead(day) over (order by day) as next_day from (
                    select today as day
                    union select c.valid_from from contract_numbers c where c.id = any (kind.contract_numbers) and c.valid_from > today
                    union select c.valid_to + 1 from contract_numbers c where c.id = any (kind.contract_numbers) and c.valid_to >= today
                ) as days
            ) as period
            where exists (select from unnest(kind.permissions) as needing (permission)
                where needed_kinds(needing.permission) is not null and not exists (
                    select from contract_numbers c where c.id = any (kind.contract_numbers) and c.kind = any (needed_kinds(needing.permission))
                        and c.valid_from <= period.first_day and (c.valid_to is null or c.valid_to >= period.first_day)))
        ) as lacks (days)
    ), wanted as materialized (
        select held.user_id, held.segment, judged.days from held join judged using (permissions, contract_numbers)
    ), gone as (
        delete from lacking_people k using wanted where k.organization_id = concerned and k.user_id = wanted.user_id and isempty(wanted.days)
    )
    insert into lacking_people as k (organization_id, user_id, segment, days)
        select concerned, wanted.user_id, wanted.segment, wanted.days from wanted where not isempty(wanted.days)
        on conflict (organization_id, user_id) do update set segment = excluded.segment, days = excluded.days
        where (k.segment, k.days) is distinct from (excluded.segment, excluded.days);
end
$$;
-- +goose StatementEnd
alter function list_lacking owner to portal_system;
comment on function list_lacking is 'Writes down anew which people of an organisation, as they are listed, lack numbers.';

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

-- +goose StatementBegin
create or replace function list_holders() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    -- Rather than each holder's row: there may be a hundred thousand.
    perform pg_advisory_xact_lock(hashtextextended('segments ' || new.organization_id::text, 0));
    perform list_lacking(new.organization_id, array(select a.user_id from membership_contract_numbers a
        where a.organization_id = new.organization_id and a.contract_number_id = new.id));
    return null;
end
$$;
-- +goose StatementEnd

-- Finding.

-- +goose StatementBegin
create function is_wanted(l listed_people, patterns text[], wanted_type text, wanted_permission text, wanted_number uuid,
        unseen_since date)
    returns boolean language sql immutable parallel safe
    return l.searched like all (patterns)
        and (wanted_type = '' or l.user_type = wanted_type)
        and (wanted_permission = '' or wanted_permission = any (l.permissions))
        and (wanted_number is null or wanted_number = any (l.contract_numbers))
        and (unseen_since is null or l.seen_on < unseen_since);
-- +goose StatementEnd

-- "offset 0" keeps each of the three ways to its own index.
-- +goose StatementBegin
create function candidates(concerned uuid, segment bigint, parts text[], lacking_on date, unseen_since date) returns setof listed_people
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
comment on function candidates is 'Of a segment those, by its indexes, among whom all are who are looked for.';

-- +goose StatementBegin
create function segments_from(concerned uuid, after_name text, lacking_on date, unseen_since date) returns setof bigint
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
comment on function segments_from is 'The segments of an organisation from a name on, in the order of names, without those in which nobody can be wanted.';
grant execute on function is_wanted, candidates, segments_from to portal_system;

-- What many have in common is found on the way along the names. So each search first goes some way along them, and only
-- if that does not do asks the indexes for the others, segment after segment until there are enough.

-- +goose StatementBegin
create function find_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
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
alter function find_people owner to portal_system;
grant execute on function find_people to portal_app, portal_system;
comment on function find_people is 'The people of the caller''s organisation who are looked for, after a name, in the order of names.';

-- +goose StatementBegin
create function count_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
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
alter function count_people owner to portal_system;
grant execute on function count_people to portal_app, portal_system;
comment on function count_people is 'How many people of the caller''s organisation are looked for: all if everybody is, else at most so many.';

-- +goose Down

drop function find_people, count_people, candidates, segments_from, is_wanted, list_lacking, cut_segments, wanted_parts;
drop index listed_people_marks, listed_people_segments;
drop function search_marks, search_mark;
alter table listed_people add column lacking datemultirange not null default '{}';
comment on column listed_people.lacking is 'The days to come on which one of the permissions lacks the numbers that it needs.';
update listed_people l set lacking = k.days from lacking_people k where k.organization_id = l.organization_id and k.user_id = l.user_id;
alter table listed_people alter column lacking drop default, drop column segment;
drop table lacking_people, people_segments;
-- +goose StatementBegin
create function search_marks(organization uuid, searched text, traits text[]) returns integer[] language sql immutable strict parallel safe cost 100
    return array(
        select (hashtextextended(part, uuid_hash_extended(organization, 0)) >> 32)::integer from (
            select substr(searched, i, 3) as part from generate_series(1, char_length(searched) - 2) as i
            union all
            select substr(searched, i, 2) from generate_series(1, char_length(searched) - 1) as i where substr(searched, i, 1) = ' '
            union all
            select trait from unnest(traits) as traits (trait)
        ) as parts);
-- +goose StatementEnd
-- +goose StatementBegin
create function wanted_marks(organization uuid, query text, wanted_type text, wanted_permission text, wanted_number uuid)
    returns integer[] language sql immutable parallel safe
    return array(select distinct mark from unnest(search_words(query)) as words (word)
            cross join lateral unnest(case when char_length(word) < 3 then search_marks(organization, '', array[' ' || word])
                else search_marks(organization, substr(coalesce(substring(word from '^([^@]{3,})@'), word), 1, 14), '{}') end) as marks (mark))
        || search_marks(organization, '', array_remove(array[
            case when wanted_type <> '' then 'type ' || wanted_type end,
            case when wanted_permission <> '' then 'permission ' || wanted_permission end,
            case when wanted_number is not null then 'number ' || wanted_number::text end], null));
-- +goose StatementEnd
grant execute on function search_marks, wanted_marks to portal_system;
create index listed_people_lacking on listed_people (organization_id, lower(lacking)) where not isempty(lacking);
create index listed_people_seen on listed_people (organization_id, seen_on);
create index listed_people_marks on listed_people
    using gin (search_marks(organization_id, searched, person_traits(user_type, permissions, contract_numbers))) with (fastupdate = off);
-- +goose StatementBegin
create or replace function list_people(concerned uuid, people uuid[]) returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    today date := (now() at time zone 'Europe/Helsinki')::date;
begin
    -- Of two who change the same person the second one waits here, and then sees what the first has left.
    perform from memberships m where m.organization_id = concerned and m.user_id = any (people) order by m.user_id for no key update;
    delete from listed_people l where l.organization_id = concerned and l.user_id = any (people) and not exists (
        select from memberships m where m.organization_id = concerned and m.user_id = l.user_id and m.ended_at is null);
    insert into listed_people as listed (organization_id, user_id, first_name, last_name, email, name, searched, user_type, permissions,
            contract_numbers, lacking, seen_on)
        select m.organization_id, m.user_id, u.first_name, u.last_name, u.email, shown_name(u.first_name, u.last_name, u.email),
            searched_text(u.first_name, u.last_name, u.email), m.user_type, held.permissions, assigned.numbers, lacks.days,
            (coalesce(m.last_seen_at, m.created_at) at time zone 'UTC')::date
        from memberships m
        join users u on u.id = m.user_id
        cross join lateral (select array(select p.permission from membership_permissions p
            where p.organization_id = m.organization_id and p.user_id = m.user_id order by p.permission)) as held (permissions)
        cross join lateral (select array(select a.contract_number_id from membership_contract_numbers a
            where a.organization_id = m.organization_id and a.user_id = m.user_id order by a.contract_number_id)) as assigned (numbers)
        cross join lateral (
            -- From each day on which a number begins or has ended, until the next such day, it is the same.
            select coalesce(range_agg(daterange(period.first_day, period.next_day)), '{}') from (
                select day as first_day, lead(day) over (order by day) as next_day from (
                    select today as day
                    union select c.valid_from from contract_numbers c where c.id = any (assigned.numbers) and c.valid_from > today
                    union select c.valid_to + 1 from contract_numbers c where c.id = any (assigned.numbers) and c.valid_to >= today
                ) as days
            ) as period
            where exists (select from unnest(held.permissions) as needing (permission)
                where needed_kinds(needing.permission) is not null and not exists (
                    select from contract_numbers c where c.id = any (assigned.numbers) and c.kind = any (needed_kinds(needing.permission))
                        and c.valid_from <= period.first_day and (c.valid_to is null or c.valid_to >= period.first_day)))
        ) as lacks (days)
        where m.organization_id = concerned and m.user_id = any (people) and m.ended_at is null
        on conflict (organization_id, user_id) do update set first_name = excluded.first_name, last_name = excluded.last_name,
            email = excluded.email, name = excluded.name, searched = excluded.searched, user_type = excluded.user_type,
            permissions = excluded.permissions, contract_numbers = excluded.contract_numbers, lacking = excluded.lacking,
            seen_on = greatest(listed.seen_on, excluded.seen_on)
        where (listed.first_name, listed.last_name, listed.email, listed.user_type, listed.permissions, listed.contract_numbers, listed.lacking)
            is distinct from (excluded.first_name, excluded.last_name, excluded.email, excluded.user_type, excluded.permissions,
                excluded.contract_numbers, excluded.lacking);
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function list_holders() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    perform list_people(new.organization_id, array(select a.user_id from membership_contract_numbers a
        where a.organization_id = new.organization_id and a.contract_number_id = new.id));
    return null;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function is_wanted(l listed_people, patterns text[], wanted_type text, wanted_permission text, wanted_number uuid,
        lacking_on date, unseen_since date)
    returns boolean language sql immutable parallel safe
    return l.searched like all (patterns)
        and (wanted_type = '' or l.user_type = wanted_type)
        and (wanted_permission = '' or wanted_permission = any (l.permissions))
        and (wanted_number is null or wanted_number = any (l.contract_numbers))
        and (lacking_on is null or l.lacking @> lacking_on)
        and (unseen_since is null or l.seen_on < unseen_since);
-- +goose StatementEnd
-- +goose StatementBegin
create function indexed_condition(marks integer[], lacking_on date) returns text language sql immutable parallel safe
    return case
        when marks <> '{}' then 'search_marks(l.organization_id, l.searched, person_traits(l.user_type, l.permissions, l.contract_numbers)) @> $2'
        when lacking_on is not null then 'l.organization_id = $1 and not isempty(l.lacking) and lower(l.lacking) <= $7'
        else 'l.organization_id = $1 and l.seen_on < $8' end;
-- +goose StatementEnd
grant execute on function is_wanted, indexed_condition to portal_system;
-- +goose StatementBegin
create function find_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
        after_name text, after_id uuid, size integer)
    returns table (id uuid, first_name text, last_name text, email text, user_type text, permissions text[], contract_numbers uuid[], name text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    marks integer[] := wanted_marks(organization, query, wanted_type, wanted_permission, wanted_number);
    way integer := size + case when marks = '{}' and lacking_on is null and unseen_since is null then 0 else 1000 end;
    found integer;
    end_name text;
    end_id uuid;
begin
    return query
        select l.user_id, l.first_name, l.last_name, l.email, l.user_type, l.permissions, l.contract_numbers, l.name
        from (select * from listed_people l where l.organization_id = organization and (l.name, l.user_id) > (after_name, after_id)
            order by l.name, l.user_id limit way) as l
        where is_wanted(l, patterns, wanted_type, wanted_permission, wanted_number, lacking_on, unseen_since)
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
    -- "offset 0" keeps the planner from taking a second way along the names for the shorter one.
    return query execute 'select user_id, first_name, last_name, email, user_type, permissions, contract_numbers, name from (
            select * from listed_people l where ' || indexed_condition(marks, lacking_on) || '
                and is_wanted(l, $3, $4, $5, $6, $7, $8) offset 0) as candidates
        where organization_id = $1 and (name, user_id) > ($9 collate "sv-SE-x-icu", $10) order by name, user_id limit $11'
        using organization, marks, patterns, wanted_type, wanted_permission, wanted_number, lacking_on, unseen_since, end_name, end_id, size - found;
end
$$;
-- +goose StatementEnd
alter function find_people owner to portal_system;
grant execute on function find_people to portal_app, portal_system;
-- +goose StatementBegin
create function count_people(query text, wanted_type text, wanted_permission text, wanted_number uuid, lacking_on date, unseen_since date,
        most integer, out people integer)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    marks integer[] := wanted_marks(organization, query, wanted_type, wanted_permission, wanted_number);
    way constant integer := 1000 + most;
    passed integer;
begin
    if marks = '{}' and lacking_on is null and unseen_since is null then
        people := coalesce((select c.people from people_counts c where c.organization_id = organization), 0);
        return;
    end if;
    select count(*) filter (where is_wanted(l, patterns, wanted_type, wanted_permission, wanted_number, lacking_on, unseen_since)), count(*)
        into people, passed
        from (select * from listed_people l where l.organization_id = organization order by l.name, l.user_id limit way) as l;
    if people < most and passed = way then
        execute 'select count(*) from (select from (
                select organization_id from listed_people l where ' || indexed_condition(marks, lacking_on) || '
                    and is_wanted(l, $3, $4, $5, $6, $7, $8) offset 0) as candidates
            where organization_id = $1 limit $9) as found'
            into people using organization, marks, patterns, wanted_type, wanted_permission, wanted_number, lacking_on, unseen_since, most;
    end if;
    people := least(people, most);
end
$$;
-- +goose StatementEnd
alter function count_people owner to portal_system;
grant execute on function count_people to portal_app, portal_system;
