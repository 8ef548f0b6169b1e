-- API keys, what each may use, and the delivery orders that they place.

-- +goose Up

create table api_keys (
    id uuid primary key,
    organization_id uuid not null references organizations,
    maker_id uuid not null references users,
    creation_token uuid not null,
    description short_text not null constraint api_key_description_length check (char_length(description) between 1 and 100),
    hash bytea not null constraint api_key_hash_unique unique constraint api_key_hash_is_sha256 check (length(hash) = 32),
    ciphertext bytea,
    suffix text not null constraint api_key_suffix_form check (suffix ~ '^[0-9A-Za-z]{3}$'),
    status text not null constraint api_key_status_known check (status in ('enabled', 'disabled', 'revoked')),
    created_at timestamptz not null,
    last_used_at timestamptz,
    status_changed_at timestamptz,
    status_changed_by uuid references users,
    constraint api_key_status_change_whole check (status = 'enabled' or status_changed_at is not null),
    constraint api_key_value_until_revoked check ((status = 'revoked') = (ciphertext is null)),
    unique (organization_id, id),
    constraint api_key_created_once unique (organization_id, creation_token)
);
comment on column api_keys.creation_token is 'Made with the form, so that a form sent twice makes one key.';
comment on column api_keys.ciphertext is 'The value, so that it can be copied later (the manual''s step 8); gone once revoked.';
comment on column api_keys.status_changed_by is 'Null when the operator did it.';
create index on api_keys (organization_id, created_at desc, id desc);
create index on api_keys (maker_id);
create index on api_keys (status_changed_by);

create table api_key_contract_numbers (
    organization_id uuid not null,
    api_key_id uuid not null,
    contract_number_id uuid not null,
    kind text not null constraint api_key_orders_with_contracts check (kind in ('logistics_contract', 'freight_transport_code')),
    primary key (organization_id, api_key_id, contract_number_id),
    foreign key (organization_id, api_key_id) references api_keys (organization_id, id),
    foreign key (organization_id, contract_number_id, kind) references contract_numbers (organization_id, id, kind)
);
comment on table api_key_contract_numbers is 'The numbers that the maker was assigned when the key was made: never added to later.';
create index on api_key_contract_numbers (organization_id, contract_number_id);

create table delivery_orders (
    id uuid primary key,
    organization_id uuid not null references organizations,
    api_key_id uuid not null,
    contract_number_id uuid not null,
    contract_kind text not null constraint delivery_order_contract_kind_known check
        (contract_kind in ('logistics_contract', 'freight_transport_code')),
    shipment_number text not null constraint delivery_order_shipment_number_unique unique,
    service text not null,
    order_number short_text not null,
    sender_reference short_text not null,
    document jsonb not null,
    created_at timestamptz not null,
    unique (organization_id, id),
    foreign key (organization_id, api_key_id) references api_keys (organization_id, id),
    foreign key (organization_id, contract_number_id, contract_kind) references contract_numbers (organization_id, id, kind)
);
comment on column delivery_orders.document is 'The whole order as it was validated: parties, additional services, pickup point; columns beside it are what is searched for.';
create index on delivery_orders (organization_id, created_at desc, id desc);
create index on delivery_orders (organization_id, api_key_id);
create index on delivery_orders (organization_id, contract_number_id);

create sequence tracking_serial as bigint minvalue 0 maxvalue 9999999 start 0 cycle;
comment on sequence tracking_serial is 'Seven digits of every tracking number; it cycles, and parcel_tracking_number_unique stands behind it.';

create table parcels (
    id uuid primary key,
    organization_id uuid not null,
    delivery_order_id uuid not null,
    position integer not null constraint parcel_position_range check (position between 1 and 99),
    tracking_number text not null constraint parcel_tracking_number_unique unique,
    weight_grams integer not null constraint parcel_weighs_something check (weight_grams > 0),
    reference short_text not null,
    foreign key (organization_id, delivery_order_id) references delivery_orders (organization_id, id),
    constraint parcel_position_once unique (organization_id, delivery_order_id, position)
);

create table labels (
    id uuid primary key,
    organization_id uuid not null,
    delivery_order_id uuid not null,
    media text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    foreign key (organization_id, delivery_order_id) references delivery_orders (organization_id, id)
);
comment on table labels is 'Links to labels, an hour each (the carrier''s rule); the label itself is drawn anew from the order.';
create index on labels (organization_id, delivery_order_id);
create index on labels (expires_at);

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['api_keys', 'api_key_contract_numbers', 'delivery_orders', 'parcels', 'labels'] loop
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
grant update (status, ciphertext, status_changed_at, status_changed_by) on api_keys to portal_app;
grant usage on sequence tracking_serial to portal_app, portal_system;

-- A key is made with a logistics contract; checked at commit, when its contracts are there.
-- +goose StatementBegin
create function key_has_a_logistics_contract() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    if not exists (select from api_key_contract_numbers where organization_id = new.organization_id
            and api_key_id = new.id and kind = 'logistics_contract') then
        raise exception 'a key without a logistics contract' using errcode = 'check_violation',
            constraint = 'api_key_has_a_logistics_contract';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
alter function key_has_a_logistics_contract owner to portal_system;
create constraint trigger key_has_a_logistics_contract after insert on api_keys deferrable initially deferred
    for each row execute function key_has_a_logistics_contract();

-- +goose StatementBegin
create function revoked_is_for_good() returns trigger language plpgsql set search_path = portal, pg_temp as $$
begin
    raise exception 'a revoked key' using errcode = 'check_violation', constraint = 'api_key_revoked_for_good';
end
$$;
-- +goose StatementEnd
create trigger revoked_is_for_good before update of status, ciphertext, status_changed_at, status_changed_by on api_keys for each row
    when (old.status = 'revoked') execute function revoked_is_for_good();

-- +goose StatementBegin
create function recognize_key(wanted_hash bytea, today date,
        out key_id uuid, out organization_id uuid, out organization_name text, out business_id text, out description text, out status text,
        out created_at timestamptz, out last_used_at timestamptz, out numbers jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select k.id, k.organization_id, o.name::text, o.business_id, k.description::text, k.status, k.created_at, k.last_used_at,
            (select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder)
                    order by c.kind desc, c.number)
                from api_key_contract_numbers l
                join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
                where l.organization_id = k.organization_id and l.api_key_id = k.id
                    and c.valid_from <= today and (c.valid_to is null or c.valid_to >= today))
        into key_id, organization_id, organization_name, business_id, description, status, created_at, last_used_at, numbers
        from api_keys k join organizations o on o.id = k.organization_id
        where k.hash = wanted_hash;
end
$$;
-- +goose StatementEnd
alter function recognize_key owner to portal_system;
grant execute on function recognize_key to portal_app, portal_system;
comment on function recognize_key is 'The key of a hash with the numbers that it may use today: those of its making that the organisation still has.';

-- +goose StatementBegin
create function touch_keys(used_keys uuid[], used_at timestamptz[]) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    update api_keys k set last_used_at = used.at from unnest(used_keys, used_at) as used (key_id, at)
        where k.id = used.key_id and (k.last_used_at is null or k.last_used_at < used.at);
end
$$;
-- +goose StatementEnd
alter function touch_keys owner to portal_system;
grant execute on function touch_keys to portal_app, portal_system;

-- +goose StatementBegin
create function sample_sealed_key(out key_id uuid, out organization_id uuid, out ciphertext bytea)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select k.id, k.organization_id, k.ciphertext
        into key_id, organization_id, ciphertext
        from api_keys k where k.ciphertext is not null limit 1;
end
$$;
-- +goose StatementEnd
alter function sample_sealed_key owner to portal_system;
grant execute on function sample_sealed_key to portal_app, portal_system;
comment on function sample_sealed_key is 'Some key that is not revoked, to see at start whether the keyset opens it.';

-- +goose Down
drop table labels, parcels, delivery_orders, api_key_contract_numbers, api_keys cascade;
drop sequence tracking_serial;
drop function key_has_a_logistics_contract, revoked_is_for_good, recognize_key, touch_keys, sample_sealed_key;
