-- The pace of shipments holds for those under way too: what is due to happen to one stands in the stories' own time, and one
-- clock says how fast that passes. And a shipment comes back once.

-- +goose Up

create table story_clock (
    is_only boolean primary key default true constraint story_clock_is_only check (is_only),
    begun_at timestamptz not null,
    passed double precision not null,
    speed double precision not null constraint story_clock_speed check (speed >= 0)
);
comment on table story_clock is 'The time of the shipments'' stories, which passes at the speed since it began to.';
comment on column story_clock.passed is 'How many seconds of stories had passed when it did.';
comment on column story_clock.speed is 'How many seconds of a story pass in one; 0 while nothing moves by itself.';
alter table story_clock enable row level security;
alter table story_clock force row level security;
create policy everybody on story_clock to portal_app using (true) with check (true);
create policy system on story_clock to portal_system using (true) with check (true);
grant select, update (begun_at, passed, speed) on story_clock to portal_app;
grant select, insert, update, delete on story_clock to portal_system;
insert into story_clock (begun_at, passed, speed) values (now(), 0, 0);

-- +goose StatementBegin
create function story_time(moment timestamptz) returns double precision
    language sql stable return (select c.passed + c.speed * extract(epoch from greatest(moment, c.begun_at) - c.begun_at) from portal.story_clock c);
-- +goose StatementEnd
-- +goose StatementBegin
create function story_moment(story double precision) returns timestamptz
    language sql stable return (select c.begun_at + greatest(story - c.passed, 0) / nullif(c.speed, 0) * interval '1 second' from portal.story_clock c);
-- +goose StatementEnd
grant execute on function story_time, story_moment to portal_app, portal_system;
comment on function story_time is 'What the stories'' clock shows at a moment; before it began to go at its speed, what it showed then.';
comment on function story_moment is 'When the stories'' clock shows a time, but not before it began to go at its speed; null while it stands.';

-- What was due is due after as long a time of the stories; what stood still goes on.
alter table delivery_orders add column next_step_due double precision;
comment on column delivery_orders.next_step_due is 'When that is due, by the stories'' clock; null when nothing comes by itself.';
update delivery_orders set next_step_due = extract(epoch from coalesce(next_step_at, now()) - now())
    where next_step_at is not null or status not in ('DELIVERED', 'RETURNED_TO_SENDER', 'CANCELLED');
alter table delivery_orders drop column next_step_at;
create index on delivery_orders (next_step_due) where next_step_due is not null;
grant update (next_step_due) on delivery_orders to portal_app;

-- +goose StatementBegin
create or replace function due_shipments(moment timestamptz, most integer) returns table (organization_id uuid, id uuid)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
begin
    return query select o.organization_id, o.id from delivery_orders o
        where o.next_step_due <= story_time(moment) and coalesce(o.tracked_at, o.created_at) <= moment and exists (select from story_clock where speed > 0)
        order by o.next_step_due limit most;
end
$$;
-- +goose StatementEnd

alter table delivery_orders add column beside_another_return boolean not null default false;
comment on column delivery_orders.beside_another_return is 'Of a return that was made while the shipment had one already, when that could still be done.';
update delivery_orders o set beside_another_return = true
    where o.return_of_id is not null and o.status <> 'CANCELLED' and exists (select from delivery_orders other
        where other.organization_id = o.organization_id and other.return_of_id = o.return_of_id and other.status <> 'CANCELLED' and other.id < o.id);
create unique index delivery_order_returned_once on delivery_orders (organization_id, return_of_id)
    where return_of_id is not null and status <> 'CANCELLED' and not beside_another_return;

-- +goose Down
drop index delivery_order_returned_once;
alter table delivery_orders drop column beside_another_return;
alter table delivery_orders add column next_step_at timestamptz;
comment on column delivery_orders.next_step_at is 'When that is due; null when nothing comes by itself.';
update delivery_orders set next_step_at = story_moment(next_step_due) where next_step_due is not null;
create index on delivery_orders (next_step_at) where next_step_at is not null;
grant update (next_step_at) on delivery_orders to portal_app;
-- +goose StatementBegin
create or replace function due_shipments(moment timestamptz, most integer) returns table (organization_id uuid, id uuid)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
begin
    return query select o.organization_id, o.id from delivery_orders o where o.next_step_at <= moment order by o.next_step_at limit most;
end
$$;
-- +goose StatementEnd
alter table delivery_orders drop column next_step_due;
drop function story_time, story_moment;
drop table story_clock;
