-- A key may end by itself, and may be good from some networks only. Both are given when it is made, by the operator.

-- +goose Up

alter table api_keys
    add column expires_at timestamptz constraint api_key_expires_after_it_was_made check (expires_at > created_at),
    add column networks cidr[] constraint api_key_networks_counted check (cardinality(networks) between 1 and 20)
        constraint api_key_networks_known check (array_position(networks, null) is null);
comment on column api_keys.expires_at is 'From then on the key is refused. Null for one that does not end by itself.';
comment on column api_keys.networks is 'Where calls with the key may come from. Null for everywhere.';

drop function recognize_key;
-- +goose StatementBegin
create function recognize_key(wanted_hash bytea, today date)
    returns table (key_id uuid, organization_id uuid, organization_name text, business_id text, description text, status text,
        created_at timestamptz, last_used_at timestamptz, expires_at timestamptz, networks cidr[],
        number_ids uuid[], number_kinds text[], numbers text[], number_holders text[])
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    return query
        select k.id, k.organization_id, o.name::text, o.business_id, k.description::text, k.status, k.created_at, k.last_used_at, k.expires_at, k.networks,
            n.ids, n.kinds, n.numbers, n.holders
        from api_keys k join organizations o on o.id = k.organization_id
        cross join lateral (
            select array_agg(c.id) as ids, array_agg(c.kind) as kinds, array_agg(c.number) as numbers, array_agg(c.holder::text) as holders
            from api_key_contract_numbers l
            join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
            where l.organization_id = k.organization_id and l.api_key_id = k.id
                and c.valid_from <= today and (c.valid_to is null or c.valid_to >= today)) n
        where k.hash = wanted_hash;
end
$$;
-- +goose StatementEnd
alter function recognize_key owner to portal_system;
grant execute on function recognize_key to portal_app, portal_system;
comment on function recognize_key is 'The key of a hash with the numbers that it may use today: those of its making that the organisation still has. Four arrays tell of each number, in no order.';

-- +goose Down

drop function recognize_key;
-- +goose StatementBegin
create function recognize_key(wanted_hash bytea, today date)
    returns table (key_id uuid, organization_id uuid, organization_name text, business_id text, description text, status text,
        created_at timestamptz, last_used_at timestamptz, number_ids uuid[], number_kinds text[], numbers text[], number_holders text[])
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    return query
        select k.id, k.organization_id, o.name::text, o.business_id, k.description::text, k.status, k.created_at, k.last_used_at,
            n.ids, n.kinds, n.numbers, n.holders
        from api_keys k join organizations o on o.id = k.organization_id
        cross join lateral (
            select array_agg(c.id) as ids, array_agg(c.kind) as kinds, array_agg(c.number) as numbers, array_agg(c.holder::text) as holders
            from api_key_contract_numbers l
            join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
            where l.organization_id = k.organization_id and l.api_key_id = k.id
                and c.valid_from <= today and (c.valid_to is null or c.valid_to >= today)) n
        where k.hash = wanted_hash;
end
$$;
-- +goose StatementEnd
alter function recognize_key owner to portal_system;
grant execute on function recognize_key to portal_app, portal_system;
alter table api_keys drop column expires_at, drop column networks;
