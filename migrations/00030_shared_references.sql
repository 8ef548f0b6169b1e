-- What very many shipments have in common, as one reference for all of a shop's, makes none of them slower to find: by their
-- status, far into the list, or by when something happened to them last.

-- +goose Up

alter table delivery_orders add column changed_at timestamptz not null generated always as (greatest(created_at, tracked_at, cancelled_at)) stored;
comment on column delivery_orders.changed_at is 'When something happened to it last.';

-- Tracking leaves the cancelled out, so the index says who is; else each would have to be looked at.
drop index delivery_orders_organization_id_contract_number_id_sender_r_idx;
create index delivery_orders_by_reference on delivery_orders (organization_id, contract_number_id, sender_reference, created_at desc, id desc)
    include (status) where sender_reference <> '';
create index delivery_orders_by_reference_and_status on delivery_orders (organization_id, contract_number_id, sender_reference, status, created_at desc, id desc)
    where sender_reference <> '';
create index delivery_orders_by_reference_and_change on delivery_orders (organization_id, contract_number_id, sender_reference, changed_at desc, id desc)
    include (status) where sender_reference <> '';

-- +goose Down
drop index delivery_orders_by_reference, delivery_orders_by_reference_and_status, delivery_orders_by_reference_and_change;
create index on delivery_orders (organization_id, contract_number_id, sender_reference, created_at desc, id desc) where sender_reference <> '';
alter table delivery_orders drop column changed_at;
