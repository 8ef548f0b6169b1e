-- Tracking: what is told of a shipment on its way, and when the next of it is due.

-- +goose Up

create table tracking_events (
    id uuid primary key,
    organization_id uuid not null,
    delivery_order_id uuid not null,
    code text not null constraint tracking_event_code_form check (code ~ '^[0-9]{2}$'),
    status text not null,
    place short_text not null,
    postcode short_text not null,
    country short_text not null,
    occurred_at timestamptz not null,
    foreign key (organization_id, delivery_order_id) references delivery_orders (organization_id, id)
);
comment on table tracking_events is 'A shipment''s parcels travel together. The first event, that advance information was received, is the order itself and has no row.';
create index on tracking_events (organization_id, delivery_order_id, occurred_at, id);

alter table tracking_events enable row level security;
alter table tracking_events force row level security;
create policy own_organization on tracking_events to portal_app
    using (organization_id = portal_organization()) with check (organization_id = portal_organization());
create policy system on tracking_events to portal_system using (true) with check (true);
grant select, insert on tracking_events to portal_app;
grant select, insert, update, delete on tracking_events to portal_system;

alter table delivery_orders
    add column next_step integer not null default 1 constraint delivery_order_next_step_is_a_step check (next_step >= 0),
    add column next_step_at timestamptz,
    add column tracked_at timestamptz;
comment on column delivery_orders.next_step is 'Which step of its story comes next.';
comment on column delivery_orders.next_step_at is 'When that is due; null when nothing comes by itself.';
comment on column delivery_orders.tracked_at is 'When the last event was; null before the first.';
create index on delivery_orders (next_step_at) where next_step_at is not null;
grant update (next_step, next_step_at, tracked_at) on delivery_orders to portal_app;

-- +goose StatementBegin
create function due_shipments(moment timestamptz, most integer) returns table (organization_id uuid, id uuid)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
begin
    return query select o.organization_id, o.id from delivery_orders o where o.next_step_at <= moment order by o.next_step_at limit most;
end
$$;
-- +goose StatementEnd
alter function due_shipments owner to portal_system;
grant execute on function due_shipments to portal_app, portal_system;
comment on function due_shipments is 'The shipments of all organisations to which something is due to happen; what happens is done for each organisation by itself.';

-- +goose Down
drop function due_shipments;
alter table delivery_orders drop column next_step, drop column next_step_at, drop column tracked_at;
drop table tracking_events;
