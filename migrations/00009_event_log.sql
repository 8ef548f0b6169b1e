-- The log of events: read by main users, filtered; kept for as long as the operator says, and dropped a month at a time.

-- +goose Up

create index on audit_events (organization_id, object_kind, occurred_at desc, id desc);
create index on audit_events (organization_id, actor_id, occurred_at desc, id desc);
create index on audit_events (actor_id, occurred_at desc, id desc) where organization_id is null;
create index on audit_events (object_id, occurred_at desc, id desc) where organization_id is null;

-- Log-ins belong to no organisation: whoever looks at one of their own people may see them. Never those of others.
create policy own_people on audit_events for select to portal_app using (organization_id is null and exists (
    select from memberships m where m.organization_id = portal_organization() and m.ended_at is null
        and m.user_id in (audit_events.actor_id, audit_events.object_id)));

-- +goose StatementBegin
create function drop_audit_partitions(before timestamptz) returns integer language plpgsql security definer
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
grant execute on function drop_audit_partitions to portal_app, portal_system;
comment on function drop_audit_partitions is 'Drops the months that have ended before a time, whole partitions; gives how many tables. Belongs to the tables'' owner.';

-- +goose Down
drop function drop_audit_partitions;
drop policy own_people on audit_events;
