-- Finding people: a list of an organisation's people that is kept beside their memberships, with an index for each
-- question that the list answers.
--
-- Row-level security evaluates what is not leakproof (LIKE, array containment) after its own condition, so no index
-- helps a search under it. The search therefore goes through definer functions that add the caller's organisation
-- themselves. The index on texts is our own rather than pg_trgm's, because its keys carry the organisation: a search
-- reads what belongs to one organisation only, however many share the database, and no extension has to be installed.

-- +goose Up

-- +goose StatementBegin
create function folded(original text) returns text language sql immutable strict parallel safe
    return replace(replace(replace(replace(translate(regexp_replace(lower(normalize(original, nfkd) collate "und-x-icu") collate "C",
        '[\u0300-\u036f]+', '', 'g'), 'øłđħıς', 'oldhiσ'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
-- +goose StatementEnd
comment on function folded is 'A text as it is searched: without case and accents, so that Å finds å and Makela finds Mäkelä.';

-- +goose StatementBegin
create function searched_text(first_name text, last_name text, email text) returns text language sql immutable strict parallel safe
    return ' ' || folded(first_name) || ' ' || folded(last_name) || ' ' || folded(email);
-- +goose StatementEnd
comment on function searched_text is 'What a search looks in: before each word is a space.';

-- +goose StatementBegin
create function shown_name(first_name text, last_name text, email text) returns text language sql immutable strict parallel safe
    return coalesce(nullif(btrim(first_name || ' ' || last_name), ''), email);
-- +goose StatementEnd
comment on function shown_name is 'What somebody is called in a list, and sorted by.';

-- +goose StatementBegin
create function search_words(query text) returns text[] language sql immutable strict parallel safe
    return array(select distinct word from regexp_split_to_table(folded(query), '\s+') as words (word) where word <> '');
-- +goose StatementEnd

-- Any part of a name or address from three characters; what is shorter stands at the beginning of a word.
-- +goose StatementBegin
create function search_patterns(query text) returns text[] language sql immutable strict parallel safe
    return array(select case when char_length(word) < 3 then '% ' else '%' end || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%'
        from unnest(search_words(query)) as words (word));
-- +goose StatementEnd
comment on function search_patterns is 'The patterns that a text searched must all be like.';

-- The marks of a row: hashes of its parts of three characters, of the beginnings of its words, and of its traits (type,
-- permissions, numbers), each salted with the organisation. It costs much, says the planner: rather an index than this.
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
create function person_traits(user_type text, permissions text[], numbers uuid[]) returns text[] language sql immutable strict parallel safe
    return array['type ' || user_type] || array(select 'permission ' || permission from unnest(permissions) as held (permission))
        || array(select 'number ' || number::text from unnest(numbers) as assigned (number));
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
comment on function wanted_marks is 'Marks that whoever is looked for must all have: of a long word some, of an address not those of its domain, which many share.';

-- The numbers that permissions need: the table under "Page 1" of the manual, as account.Permission.Needs has it.
-- +goose StatementBegin
create function needed_kinds(permission text) returns text[] language sql immutable strict parallel safe
    return case
        when permission in ('create_shipments', 'track_shipments') then array['logistics_contract', 'freight_transport_code']
        when permission = 'view_reports' then array['customer_number', 'logistics_contract', 'freight_transport_code'] end;
-- +goose StatementEnd
comment on function needed_kinds is 'Of which kinds of number a permission needs one; null for none.';

alter table memberships add column last_seen_at timestamptz;
comment on column memberships.last_seen_at is 'When the person was last seen in this organisation; null for never.';
update memberships m set last_seen_at = s.at
    from (select user_id, max(last_seen_at) as at from sessions group by user_id) s join users u on u.id = s.user_id
    where m.user_id = u.id and m.organization_id = u.last_organization_id;

create table listed_people (
    organization_id uuid not null,
    user_id uuid not null,
    first_name text not null collate "sv-SE-x-icu",
    last_name text not null collate "sv-SE-x-icu",
    email text not null,
    name text not null collate "sv-SE-x-icu",
    searched text not null collate "C",
    user_type text not null,
    permissions text[] not null,
    contract_numbers uuid[] not null,
    lacking datemultirange not null,
    seen_on date not null,
    primary key (organization_id, user_id),
    foreign key (organization_id, user_id) references memberships on delete cascade
) with (parallel_workers = 0); -- what is asked of it takes less time than starting one
comment on table listed_people is 'The members, with all that a list of them shows, is searched for and filtered by. Triggers keep it.';
comment on column listed_people.lacking is 'The days to come on which one of the permissions lacks the numbers that it needs.';
comment on column listed_people.seen_on is 'The day when the person was last seen in the organisation, at first that of joining it.';
create index listed_people_by_name on listed_people (organization_id, name, user_id);
create index listed_people_lacking on listed_people (organization_id, lower(lacking)) where not isempty(lacking);
create index listed_people_seen on listed_people (organization_id, seen_on);
-- Without a list of what is still to be entered: every search would read through it.
create index listed_people_marks on listed_people
    using gin (search_marks(organization_id, searched, person_traits(user_type, permissions, contract_numbers))) with (fastupdate = off);

create table people_counts (
    organization_id uuid primary key references organizations,
    people integer not null constraint people_count_is_not_negative check (people >= 0)
);
comment on table people_counts is 'How many people an organisation has: counting a hundred thousand takes too long for each page.';

-- Invitations are sorted and searched likewise, without an index on their texts: those that wait for an answer are few.
alter table invitations
    add column name text collate "sv-SE-x-icu" not null generated always as (shown_name(first_name, last_name, email)) stored,
    add column searched text collate "C" not null generated always as (searched_text(first_name, last_name, email)) stored;
create index invitations_by_name on invitations (organization_id, name, id) where accepted_at is null and withdrawn_at is null;

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['listed_people', 'people_counts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy system on %I to portal_system using (true) with check (true)', t);
        execute format('create policy own_organization on %I to portal_app using (organization_id = portal_organization())', t);
        execute format('grant select, insert, update, delete on %I to portal_system', t);
    end loop;
end
$$;
-- +goose StatementEnd
grant execute on function folded, searched_text, shown_name, search_words, search_patterns to portal_app, portal_system;
grant execute on function search_marks, person_traits, wanted_marks, needed_kinds to portal_system;

-- +goose StatementBegin
create function count_listed_people() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    insert into people_counts as counts (organization_id, people)
        select organization_id, count(*) from changed group by organization_id order by organization_id
        on conflict (organization_id) do update set people = counts.people
            + case when tg_op = 'INSERT' then excluded.people else -excluded.people end;
    return null;
end
$$;
-- +goose StatementEnd
alter function count_listed_people owner to portal_system;
create trigger count_those_who_come after insert on listed_people referencing new table as changed
    for each statement execute function count_listed_people();
create trigger count_those_who_leave after delete on listed_people referencing old table as changed
    for each statement execute function count_listed_people();

-- +goose StatementBegin
create function list_people(concerned uuid, people uuid[]) returns void language plpgsql security definer
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
alter function list_people owner to portal_system;
comment on function list_people is 'Writes down anew how people of an organisation are listed.';

-- +goose StatementBegin
create function list_changed_people() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    concerned record;
begin
    for concerned in select organization_id, array_agg(distinct user_id) as people from changed group by 1 order by 1 loop
        perform list_people(concerned.organization_id, concerned.people);
    end loop;
    return null;
end
$$;
-- +goose StatementEnd
alter function list_changed_people owner to portal_system;
create trigger list_new_members after insert on memberships referencing new table as changed
    for each statement execute function list_changed_people();
create trigger list_with_permissions after insert on membership_permissions referencing new table as changed
    for each statement execute function list_changed_people();
create trigger list_without_permissions after delete on membership_permissions referencing old table as changed
    for each statement execute function list_changed_people();
create trigger list_with_numbers after insert on membership_contract_numbers referencing new table as changed
    for each statement execute function list_changed_people();
create trigger list_without_numbers after delete on membership_contract_numbers referencing old table as changed
    for each statement execute function list_changed_people();

-- +goose StatementBegin
create function list_changed_member() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    perform list_people(new.organization_id, array[new.user_id]);
    return null;
end
$$;
-- +goose StatementEnd
alter function list_changed_member owner to portal_system;
create trigger list_changed_member after update of user_type, ended_at on memberships for each row
    when (old.user_type <> new.user_type or old.ended_at is distinct from new.ended_at) execute function list_changed_member();

-- +goose StatementBegin
create function list_changed_user() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    perform list_people(m.organization_id, array[new.id]) from memberships m where m.user_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd
alter function list_changed_user owner to portal_system;
create trigger list_changed_user after update of first_name, last_name, email on users for each row
    when ((old.first_name, old.last_name, old.email) is distinct from (new.first_name, new.last_name, new.email))
    execute function list_changed_user();

-- +goose StatementBegin
create function list_holders() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    perform list_people(new.organization_id, array(select a.user_id from membership_contract_numbers a
        where a.organization_id = new.organization_id and a.contract_number_id = new.id));
    return null;
end
$$;
-- +goose StatementEnd
alter function list_holders owner to portal_system;
create trigger list_holders after update of valid_from, valid_to on contract_numbers for each row
    when (old.valid_from <> new.valid_from or old.valid_to is distinct from new.valid_to) execute function list_holders();

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
grant execute on function is_wanted to portal_system;

-- What many have in common is found on the way along the names; what few have, by an index. So each search first goes
-- some way along the names, and only if that does not do asks the index for the others.

-- +goose StatementBegin
create function indexed_condition(marks integer[], lacking_on date) returns text language sql immutable parallel safe
    return case
        when marks <> '{}' then 'search_marks(l.organization_id, l.searched, person_traits(l.user_type, l.permissions, l.contract_numbers)) @> $2'
        when lacking_on is not null then 'l.organization_id = $1 and not isempty(l.lacking) and lower(l.lacking) <= $7'
        else 'l.organization_id = $1 and l.seen_on < $8' end;
-- +goose StatementEnd
comment on function indexed_condition is 'The condition of find_people and count_people for which there is an index.';
grant execute on function indexed_condition to portal_system;

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
comment on function find_people is 'The people of the caller''s organisation who are looked for, after a name, in the order of names.';

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
comment on function count_people is 'How many people of the caller''s organisation are looked for: all if everybody is, else at most so many.';

-- +goose StatementBegin
create or replace function touch_sessions(seen_sessions uuid[], seen_at timestamptz[], seen_organizations uuid[]) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    with seen as (
        select * from unnest(seen_sessions, seen_at, seen_organizations) as seen (session_id, at, organization_id)
    ), touched as (
        update sessions s set last_seen_at = greatest(s.last_seen_at, seen.at) from seen where s.id = seen.session_id
        returning s.user_id, seen.at, seen.organization_id
    ), latest as (
        select distinct on (user_id) user_id, organization_id from touched where organization_id is not null
        order by user_id, at desc
    )
    update users u set last_organization_id = latest.organization_id from latest
        where u.id = latest.user_id and u.last_organization_id is distinct from latest.organization_id;
    -- Nobody is waited for who is being changed just now: the next time comes in a minute.
    with seen as (
        select seen.organization_id, s.user_id, max(seen.at) as at
        from unnest(seen_sessions, seen_at, seen_organizations) as seen (session_id, at, organization_id)
        join sessions s on s.id = seen.session_id group by 1, 2
    ), free as materialized (
        select m.organization_id, m.user_id, seen.at from seen
        join memberships m on m.organization_id = seen.organization_id and m.user_id = seen.user_id and m.ended_at is null
        where m.last_seen_at is null or m.last_seen_at < seen.at for no key update of m skip locked
    ), told as (
        update memberships m set last_seen_at = free.at from free where m.organization_id = free.organization_id and m.user_id = free.user_id
    )
    update listed_people l set seen_on = (free.at at time zone 'UTC')::date from free
        where l.organization_id = free.organization_id and l.user_id = free.user_id and l.seen_on < (free.at at time zone 'UTC')::date;
end
$$;
-- +goose StatementEnd

-- Those who are there already.
-- +goose StatementBegin
do $$
declare
    organization uuid;
begin
    for organization in select distinct organization_id from memberships loop
        perform list_people(organization, array(select user_id from memberships where organization_id = organization));
    end loop;
end
$$;
-- +goose StatementEnd

-- +goose Down
drop table listed_people, people_counts cascade;
