-- What becomes of a delivery order: how far it has come, that it was cancelled, what came back of it; and the indexes by
-- which shipments are listed and found.

-- +goose Up

alter table delivery_orders
    add column status text not null default 'WAITING' constraint delivery_order_status_known check (status in ('WAITING', 'RECEIVED',
        'IN_TRANSPORT', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'DELIVERED', 'RETURN_IN_TRANSPORT', 'RETURNED_TO_SENDER', 'CANCELLED')),
    add column cancelled_at timestamptz,
    add column return_of_id uuid,
    add constraint delivery_order_cancelled_at_some_time check ((status = 'CANCELLED') = (cancelled_at is not null)),
    add foreign key (organization_id, return_of_id) references delivery_orders (organization_id, id);
comment on column delivery_orders.status is 'In the words of tracking. What is cancelled stays so; its numbers are never given again.';
comment on column delivery_orders.return_of_id is 'The order whose parcels this one brings back.';
grant update (status, cancelled_at) on delivery_orders to portal_app;

-- A list is read by contract number, newest first, and begins where the page before it ended. The first of these serves
-- the foreign key as well.
drop index delivery_orders_organization_id_contract_number_id_idx;
create index on delivery_orders (organization_id, contract_number_id, created_at desc, id desc);
create index on delivery_orders (organization_id, contract_number_id, status, created_at desc, id desc);
create index on delivery_orders (organization_id, contract_number_id, order_number, created_at desc, id desc) where order_number <> '';
create index on delivery_orders (organization_id, contract_number_id, sender_reference, created_at desc, id desc) where sender_reference <> '';
create index on delivery_orders (organization_id, return_of_id);

-- +goose StatementBegin
create function cancelled_is_for_good() returns trigger language plpgsql set search_path = portal, pg_temp as $$
begin
    raise exception 'a cancelled delivery order' using errcode = 'check_violation', constraint = 'delivery_order_cancelled_for_good';
end
$$;
-- +goose StatementEnd
create trigger cancelled_is_for_good before update of status, cancelled_at on delivery_orders for each row
    when (old.status = 'CANCELLED') execute function cancelled_is_for_good();

-- +goose Down
drop trigger cancelled_is_for_good on delivery_orders;
drop function cancelled_is_for_good;
drop index delivery_orders_organization_id_contract_number_id_created__idx;
alter table delivery_orders drop column return_of_id, drop column cancelled_at, drop column status;
create index on delivery_orders (organization_id, contract_number_id);
