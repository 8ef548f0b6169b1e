-- Sending codes, which are written on a parcel in place of a label, and pickups: orders to fetch parcels.

-- +goose Up

create table sending_codes (
    organization_id uuid not null,
    delivery_order_id uuid not null,
    position integer not null,
    code text not null constraint sending_code_unique unique constraint sending_code_form check (code ~ '^[0-9ACDEF]{6}$'),
    created_at timestamptz not null,
    primary key (organization_id, delivery_order_id, position),
    foreign key (organization_id, delivery_order_id, position) references parcels (organization_id, delivery_order_id, position)
);
comment on table sending_codes is 'One a parcel, for good: made with the order when it has the service or is a return, else when it is asked for.';

create table pickups (
    id uuid primary key,
    organization_id uuid not null references organizations,
    contract_number_id uuid not null,
    contract_kind text not null constraint pickup_contract_kind_known check (contract_kind in ('logistics_contract', 'freight_transport_code')),
    ordered_by_kind text not null constraint pickup_ordered_by_kind_known check (ordered_by_kind in ('person', 'key', 'application')),
    ordered_by uuid not null,
    message_hash bytea constraint pickup_message_hash_is_sha256 check (length(message_hash) = 32),
    message_part integer constraint pickup_message_whole check ((message_part is null) = (message_hash is null)),
    pickup_date date not null,
    earliest timestamptz not null,
    latest timestamptz not null constraint pickup_ends_after_it_begins check (latest > earliest),
    instructions text not null constraint pickup_instructions_length check (char_length(instructions) <= 500),
    address jsonb not null,
    packages integer not null constraint pickup_has_packages check (packages between 1 and 9999),
    package_type text not null default '' constraint pickup_package_type_length check (char_length(package_type) <= 50),
    created_at timestamptz not null,
    cancelled_at timestamptz,
    unique (organization_id, id),
    foreign key (organization_id, contract_number_id, contract_kind) references contract_numbers (organization_id, id, kind)
);
comment on column pickups.ordered_by is 'A person''s, a key''s or an application account''s id, by ordered_by_kind.';
comment on column pickups.message_hash is 'Of the XML message that it came in, so that a message sent again orders nothing twice; null for what came otherwise.';
comment on column pickups.address is 'Where to fetch: name, street, postcode, city, country, phone and e-mail address.';
comment on column pickups.package_type is 'As its sender calls them (CW, PKT); several with spaces between.';
comment on column pickups.pickup_date is 'The day in Helsinki on which earliest and latest are.';
create unique index pickup_message_once on pickups (organization_id, message_hash, message_part) where cancelled_at is null;
create index on pickups (organization_id, created_at desc, id desc);
create index on pickups (organization_id, contract_number_id);

create table pickup_parcels (
    organization_id uuid not null,
    pickup_id uuid not null,
    position integer not null,
    shipment_number text not null constraint pickup_parcel_number_length check (char_length(shipment_number) between 1 and 50),
    primary key (organization_id, pickup_id, position),
    foreign key (organization_id, pickup_id) references pickups (organization_id, id)
);
comment on table pickup_parcels is 'What is fetched, by the number that its sender gave: in an XML message it may be of another system.';
create index on pickup_parcels (organization_id, shipment_number);

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['sending_codes', 'pickups', 'pickup_parcels'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy system on %I to portal_system using (true) with check (true)', t);
        execute format('grant select, insert, update, delete on %I to portal_system', t);
        execute format('create policy own_organization on %I to portal_app
            using (organization_id = portal_organization()) with check (organization_id = portal_organization())', t);
        execute format('grant select, insert on %I to portal_app', t);
    end loop;
end
$$;
-- +goose StatementEnd
grant update (cancelled_at) on pickups to portal_app;

-- +goose Down
drop table pickup_parcels, pickups, sending_codes;
