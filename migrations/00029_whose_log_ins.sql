-- What people do to their accounts, and their log-ins, stays in the log of an organisation that they have left, up to
-- that day, and says from where it was.

-- +goose Up

drop policy own_people on audit_events;
create policy own_people on audit_events for select to portal_app using (organization_id is null and exists (
    select from memberships m where m.organization_id = portal_organization() and m.user_id in (audit_events.actor_id, audit_events.object_id)
        and (m.ended_at is null or audit_events.occurred_at <= m.ended_at)));

-- Nothing but the address: what they changed about themselves is theirs.
create policy own_people on audit_personal_values for select to portal_app using (organization_id is null
    and personal_values ? 'address' and personal_values - 'address' = '{}'
    and exists (select from audit_events e
        join memberships m on m.organization_id = portal_organization() and m.user_id in (e.actor_id, e.object_id)
        where e.id = event_id and e.occurred_at = audit_personal_values.occurred_at and (m.ended_at is null or e.occurred_at <= m.ended_at)));

-- +goose Down
drop policy own_people on audit_personal_values;
drop policy own_people on audit_events;
create policy own_people on audit_events for select to portal_app using (organization_id is null and exists (
    select from memberships m where m.organization_id = portal_organization() and m.ended_at is null
        and m.user_id in (audit_events.actor_id, audit_events.object_id)));
