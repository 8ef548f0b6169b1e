-- What somebody does to their own account counts for the organisations that they belong to at that moment, and the name
-- of somebody who has left stays there what it was.

-- +goose Up

-- Asking of each log-in of everybody whose it is takes longer the more others log in; so it is written down at once.
create table audit_shared_events (
    organization_id uuid not null,
    object_kind text not null,
    occurred_at timestamptz not null,
    event_id uuid not null,
    primary key (event_id, occurred_at, organization_id),
    foreign key (event_id, occurred_at) references audit_events
) partition by range (occurred_at);
comment on table audit_shared_events is 'In the log of which organisations an event of none stands: those whose members it was of when it happened.';
create index on audit_shared_events (organization_id, object_kind, occurred_at desc, event_id desc);

alter table audit_shared_events enable row level security;
alter table audit_shared_events force row level security;
create policy system on audit_shared_events to portal_system using (true) with check (true);
create policy own_organization on audit_shared_events for select to portal_app using (organization_id = portal_organization());
grant select, insert on audit_shared_events to portal_system;
grant select on audit_shared_events to portal_app;

-- +goose StatementBegin
create or replace function ensure_audit_partitions() returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    parent text;
    month timestamptz;
    partition text;
begin
    perform pg_advisory_xact_lock(hashtextextended('ensure_audit_partitions', 0)); -- of two at once, the second finds them made
    for i in 0 .. 12 loop
        month := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + make_interval(months => i);
        foreach parent in array array['audit_events', 'audit_personal_values', 'audit_shared_events'] loop
            partition := parent || to_char(month at time zone 'UTC', '_YYYY_MM');
            continue when to_regclass(partition) is not null;
            execute format('create table %I partition of %I for values from (%L) to (%L)',
                partition, parent, month, (month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
            execute format('alter table %I enable row level security', partition);
            execute format('alter table %I force row level security', partition);
            -- Nobody is granted a partition; its policy is for the day that somebody grants one.
            execute format('create policy system on %I to portal_system using (true) with check (true)', partition);
        end loop;
    end loop;
end
$$;
-- +goose StatementEnd
select ensure_audit_partitions();

-- +goose StatementBegin
create or replace function drop_audit_partitions(before timestamptz) returns integer language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    parent text;
    partition text;
    dropped integer := 0;
begin
    if before > now() - interval '28 days' then
        raise exception 'events of the last four weeks are kept whatever is asked';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('ensure_audit_partitions', 0));
    -- What refers to the events first.
    foreach parent in array array['audit_shared_events', 'audit_personal_values', 'audit_events'] loop
        for partition in
            select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = ('portal.' || parent)::regclass
                -- By its name, of the month before at the latest; to read dates off names could meet other tables' names.
                and c.relname < parent || to_char(before at time zone 'UTC', '_YYYY_MM')
        loop
            execute format('alter table %I detach partition %I', parent, partition);
            execute format('drop table %I', partition);
            dropped := dropped + 1;
        end loop;
    end loop;
    return dropped;
end
$$;
-- +goose StatementEnd

-- Months before this one that have events.
-- +goose StatementBegin
do $$
declare
    bounds record;
begin
    for bounds in select replace(c.relname, 'audit_events', 'audit_shared_events') as name, pg_get_expr(c.relpartbound, c.oid) as of
            from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_events'::regclass loop
        continue when to_regclass(bounds.name) is not null;
        execute format('create table %I partition of audit_shared_events %s', bounds.name, bounds.of);
        execute format('alter table %I enable row level security', bounds.name);
        execute format('alter table %I force row level security', bounds.name);
        execute format('create policy system on %I to portal_system using (true) with check (true)', bounds.name);
    end loop;
end
$$;
-- +goose StatementEnd
insert into audit_shared_events (organization_id, object_kind, occurred_at, event_id)
    select distinct m.organization_id, e.object_kind, e.occurred_at, e.id
    from memberships m
    join audit_events e on e.organization_id is null and e.occurred_at >= m.created_at and (m.ended_at is null or e.occurred_at <= m.ended_at)
        and (e.actor_kind = 'person' and e.actor_id = m.user_id or e.object_id = m.user_id);

-- +goose StatementBegin
create function share_event() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    insert into audit_shared_events (organization_id, object_kind, occurred_at, event_id)
        select distinct m.organization_id, new.object_kind, new.occurred_at, new.id from memberships m
        where m.ended_at is null and m.user_id in (case when new.actor_kind = 'person' then new.actor_id end, new.object_id);
    return null;
end
$$;
-- +goose StatementEnd
alter function share_event owner to portal_system;
create trigger share_event after insert on audit_events for each row when (new.organization_id is null) execute function share_event();

-- "limit 1" keeps the planner from reading all that is shared beforehand.
drop policy own_people on audit_events;
create policy shared on audit_events for select to portal_app using (organization_id is null and (
    select true from audit_shared_events s where s.organization_id = portal_organization()
        and s.event_id = audit_events.id and s.occurred_at = audit_events.occurred_at limit 1));

-- What a member is called, now and then, is nothing that the organisation does not see of them.
drop policy own_people on audit_personal_values;
create policy shared on audit_personal_values for select to portal_app using (organization_id is null and (
    select true from audit_shared_events s where s.organization_id = portal_organization()
        and s.event_id = audit_personal_values.event_id and s.occurred_at = audit_personal_values.occurred_at limit 1));

drop index audit_events_occurred_at_id_idx;

-- Who has left may change their name since; that is the organisation's business no more.
alter table memberships
    add column left_first_name short_text collate "sv-SE-x-icu",
    add column left_last_name short_text collate "sv-SE-x-icu",
    add column left_email short_text,
    add column left_searched text collate "C" generated always as (searched_text(left_first_name, left_last_name, left_email)) stored;
comment on column memberships.left_first_name is 'As it was when the person left; null for a member, and once the account is erased.';
comment on column memberships.left_searched is 'What a search for somebody who has left looks in.';
create index memberships_left on memberships (organization_id) where left_searched is not null;
update memberships m set left_first_name = u.first_name, left_last_name = u.last_name, left_email = u.email
    from users u where u.id = m.user_id and m.ended_at is not null and u.erased_at is null;

-- +goose StatementBegin
create function keep_name_of_leaver() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    select u.first_name, u.last_name, u.email into new.left_first_name, new.left_last_name, new.left_email
        from users u where u.id = new.user_id and new.ended_at is not null;
    return new;
end
$$;
-- +goose StatementEnd
alter function keep_name_of_leaver owner to portal_system;
create trigger keep_name_of_leaver before update of ended_at on memberships for each row
    when ((old.ended_at is null) <> (new.ended_at is null)) execute function keep_name_of_leaver();

-- +goose StatementBegin
create function forget_name_of_leaver() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    update memberships m set left_first_name = null, left_last_name = null, left_email = null where m.user_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd
alter function forget_name_of_leaver owner to portal_system;
create trigger forget_name_of_leaver after update of erased_at on users for each row when (new.erased_at is not null)
    execute function forget_name_of_leaver();

drop policy own_organization on users;
create policy own_organization on users for select to portal_app using (exists (
    select from memberships m where m.organization_id = portal_organization() and m.user_id = users.id and m.ended_at is null));

create view known_people with (security_invoker = true) as
    select m.organization_id, m.user_id, coalesce(u.first_name, m.left_first_name, '')::text as first_name,
        coalesce(u.last_name, m.left_last_name, '')::text as last_name, coalesce(u.email, m.left_email, '')::text as email,
        shown_name(coalesce(u.first_name, m.left_first_name, ''), coalesce(u.last_name, m.left_last_name, ''), coalesce(u.email, m.left_email, '')) as name
    from memberships m left join users u on u.id = m.user_id and m.ended_at is null;
comment on view known_people is 'What members are called, and those who have left were when they did; all empty once they are erased.';
grant select on known_people to portal_app, portal_system;

-- +goose StatementBegin
create function find_former_people(query text, size integer) returns table (id uuid, name text, email text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    return query
        select m.user_id, shown_name(m.left_first_name, m.left_last_name, m.left_email) collate "sv-SE-x-icu", m.left_email::text from memberships m
        where m.organization_id = portal_organization() and m.left_searched is not null and m.left_searched like all (search_patterns(query))
        order by 2, 1 limit size;
end
$$;
-- +goose StatementEnd
alter function find_former_people owner to portal_system;
grant execute on function find_former_people to portal_app, portal_system;
comment on function find_former_people is 'Those who have left the caller''s organisation, as find_people finds its members, by what they were called then.';

-- +goose Down
drop function find_former_people;
drop view known_people;
drop policy own_organization on users;
create policy own_organization on users for select to portal_app using (exists (
    select from memberships m where m.organization_id = portal_organization() and m.user_id = users.id));
drop trigger forget_name_of_leaver on users;
drop trigger keep_name_of_leaver on memberships;
drop function forget_name_of_leaver, keep_name_of_leaver;
alter table memberships drop column left_searched, drop column left_first_name, drop column left_last_name, drop column left_email;
create index on audit_events (occurred_at desc, id desc) where organization_id is null;
drop policy shared on audit_personal_values;
drop policy shared on audit_events;
drop trigger share_event on audit_events;
drop function share_event;
drop table audit_shared_events;
create policy own_people on audit_events for select to portal_app using (organization_id is null and exists (
    select from memberships m where m.organization_id = portal_organization() and m.user_id in (audit_events.actor_id, audit_events.object_id)
        and (m.ended_at is null or audit_events.occurred_at <= m.ended_at)));
create policy own_people on audit_personal_values for select to portal_app using (organization_id is null
    and personal_values ? 'address' and personal_values - 'address' = '{}'
    and exists (select from audit_events e
        join memberships m on m.organization_id = portal_organization() and m.user_id in (e.actor_id, e.object_id)
        where e.id = event_id and e.occurred_at = audit_personal_values.occurred_at and (m.ended_at is null or e.occurred_at <= m.ended_at)));
-- +goose StatementBegin
create or replace function ensure_audit_partitions() returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    parent text;
    month timestamptz;
    partition text;
begin
    perform pg_advisory_xact_lock(hashtextextended('ensure_audit_partitions', 0)); -- of two at once, the second finds them made
    for i in 0 .. 12 loop
        month := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + make_interval(months => i);
        foreach parent in array array['audit_events', 'audit_personal_values'] loop
            partition := parent || to_char(month at time zone 'UTC', '_YYYY_MM');
            continue when to_regclass(partition) is not null;
            execute format('create table %I partition of %I for values from (%L) to (%L)',
                partition, parent, month, (month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
            execute format('alter table %I enable row level security', partition);
            execute format('alter table %I force row level security', partition);
            -- Nobody is granted a partition; its policy is for the day that somebody grants one.
            execute format('create policy system on %I to portal_system using (true) with check (true)', partition);
        end loop;
    end loop;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function drop_audit_partitions(before timestamptz) returns integer language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    parent text;
    partition text;
    dropped integer := 0;
begin
    if before > now() - interval '28 days' then
        raise exception 'events of the last four weeks are kept whatever is asked';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('ensure_audit_partitions', 0));
    -- What is personal first: it refers to the events.
    foreach parent in array array['audit_personal_values', 'audit_events'] loop
        for partition in
            select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = ('portal.' || parent)::regclass
                -- By its name, of the month before at the latest; to read dates off names could meet other tables' names.
                and c.relname < parent || to_char(before at time zone 'UTC', '_YYYY_MM')
        loop
            execute format('alter table %I detach partition %I', parent, partition);
            execute format('drop table %I', partition);
            dropped := dropped + 1;
        end loop;
    end loop;
    return dropped;
end
$$;
-- +goose StatementEnd
