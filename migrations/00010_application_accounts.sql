-- Application accounts: who calls the API with a client id and secret, and the tokens that they are given. A delivery
-- order is a key's or an application account's. And calls that are made once, however often they are repeated.

-- +goose Up

create table application_accounts (
    id uuid primary key,
    organization_id uuid not null references organizations,
    maker_id uuid not null references users,
    creation_token uuid not null,
    name short_text not null collate "sv-SE-x-icu" constraint application_account_name_length check (char_length(name) between 1 and 100),
    client_id text not null constraint application_account_client_id_unique unique
        constraint application_account_client_id_form check (client_id ~ '^[0-9A-Za-z-]{8,64}$'),
    secret_hash bytea constraint application_account_secret_is_sha256 check (length(secret_hash) = 32),
    secret_made_at timestamptz not null,
    status text not null constraint application_account_status_known check (status in ('enabled', 'disabled', 'revoked')),
    created_at timestamptz not null,
    last_used_at timestamptz,
    status_changed_at timestamptz,
    status_changed_by uuid references users,
    constraint application_account_status_change_whole check (status = 'enabled' or status_changed_at is not null),
    constraint application_account_secret_until_revoked check ((status = 'revoked') = (secret_hash is null)),
    unique (organization_id, id),
    constraint application_account_created_once unique (organization_id, creation_token)
);
comment on column application_accounts.creation_token is 'Made with the form, so that a form sent twice makes one account.';
comment on column application_accounts.secret_hash is 'The secret is shown once and kept nowhere; it is random enough that a fast hash is safe.';
comment on column application_accounts.status_changed_by is 'Null when the operator did it.';
create index on application_accounts (organization_id, created_at desc, id desc);
create index on application_accounts (maker_id);
create index on application_accounts (status_changed_by);

create table application_account_roles (
    organization_id uuid not null,
    application_account_id uuid not null,
    role text not null constraint application_account_role_known check (role in ('shippingapi', '2025-04', '2026-04', 'tracking')),
    primary key (organization_id, application_account_id, role),
    foreign key (organization_id, application_account_id) references application_accounts (organization_id, id)
);

create table application_account_contract_numbers (
    organization_id uuid not null,
    application_account_id uuid not null,
    contract_number_id uuid not null,
    kind text not null constraint application_account_orders_with_contracts check (kind in ('logistics_contract', 'freight_transport_code')),
    primary key (organization_id, application_account_id, contract_number_id),
    foreign key (organization_id, application_account_id) references application_accounts (organization_id, id),
    foreign key (organization_id, contract_number_id, kind) references contract_numbers (organization_id, id, kind)
);
create index on application_account_contract_numbers (organization_id, contract_number_id);

create table access_tokens (
    hash bytea primary key constraint access_token_hash_is_sha256 check (length(hash) = 32),
    organization_id uuid not null,
    application_account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null constraint access_token_expires_after_it_was_made check (expires_at > created_at),
    foreign key (organization_id, application_account_id) references application_accounts (organization_id, id)
);
comment on table access_tokens is 'Deleted when the account is disabled or revoked or gets a new secret, and a day after they have expired.';
create index on access_tokens (organization_id, application_account_id, created_at desc);
create index on access_tokens (expires_at);

create table idempotent_calls (
    organization_id uuid not null references organizations,
    caller_id uuid not null,
    key text not null constraint idempotent_call_key_form check (key ~ '^[!-~]{1,255}$'),
    hash bytea not null constraint idempotent_call_hash_is_sha256 check (length(hash) = 32),
    claim uuid not null,
    leased_until timestamptz not null,
    created_at timestamptz not null,
    made_id uuid,
    primary key (organization_id, caller_id, key)
);
comment on table idempotent_calls is 'Calls that carry an Idempotency-Key, for a day: claimed before they make anything, kept in the transaction that does.';
comment on column idempotent_calls.caller_id is 'The API key or the application account whose call it is.';
comment on column idempotent_calls.claim is 'Of the attempt that may make something; another may claim the key once the lease is over.';
comment on column idempotent_calls.made_id is 'What the call has made; null while it runs.';
create index on idempotent_calls (created_at);

alter table delivery_orders alter column api_key_id drop not null;
alter table delivery_orders add column application_account_id uuid;
alter table delivery_orders add constraint delivery_order_placed_by_one check (num_nonnulls(api_key_id, application_account_id) = 1);
alter table delivery_orders add foreign key (organization_id, application_account_id) references application_accounts (organization_id, id);
create index on delivery_orders (organization_id, application_account_id);

alter table audit_events drop constraint audit_actor_kind_known;
alter table audit_events add constraint audit_actor_kind_known check (actor_kind in ('person', 'key', 'application', 'operator', 'nobody'));
comment on column audit_events.actor_id is 'A user''s, an API key''s or an application account''s id, by actor_kind.';

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['application_accounts', 'application_account_roles', 'application_account_contract_numbers', 'access_tokens',
        'idempotent_calls'] loop
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
grant update (name, secret_hash, secret_made_at, status, status_changed_at, status_changed_by) on application_accounts to portal_app;
grant delete on application_account_roles, application_account_contract_numbers, access_tokens, idempotent_calls to portal_app;
grant update (hash, claim, leased_until, created_at, made_id) on idempotent_calls to portal_app;

-- +goose StatementBegin
create function keep_call(kept_organization uuid, kept_caller uuid, kept_key text, held_claim uuid, kept_made uuid) returns void
    language plpgsql set search_path = portal, pg_temp as $$
begin
    update idempotent_calls c set made_id = kept_made
        where c.organization_id = kept_organization and c.caller_id = kept_caller and c.key = kept_key and c.claim = held_claim;
    if not found then
        raise exception 'the claim of a call is lost' using errcode = 'check_violation', constraint = 'call_claim_held';
    end if;
end
$$;
-- +goose StatementEnd
grant execute on function keep_call to portal_app, portal_system;
comment on function keep_call is 'The last statement of a transaction that makes something for a call: without the claim it makes nothing.';

-- An account has a role and a logistics contract; checked at commit, when both are there.
-- +goose StatementBegin
create function application_account_is_whole() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    account record;
begin
    if tg_table_name = 'application_accounts' then
        account := new;
    else
        select a.organization_id, a.id into account from application_accounts a
            where a.organization_id = old.organization_id and a.id = old.application_account_id;
    end if;
    if account.id is not null and (not exists (select from application_account_contract_numbers l where l.organization_id = account.organization_id
                and l.application_account_id = account.id and l.kind = 'logistics_contract')
            or not exists (select from application_account_roles r where r.organization_id = account.organization_id
                and r.application_account_id = account.id)) then
        raise exception 'an application account without a role or a logistics contract' using errcode = 'check_violation',
            constraint = 'application_account_has_role_and_contract';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
alter function application_account_is_whole owner to portal_system;
create constraint trigger application_account_is_whole after insert on application_accounts deferrable initially deferred
    for each row execute function application_account_is_whole();
create constraint trigger application_account_keeps_a_role after delete on application_account_roles deferrable initially deferred
    for each row execute function application_account_is_whole();
create constraint trigger application_account_keeps_a_contract after delete on application_account_contract_numbers deferrable initially deferred
    for each row execute function application_account_is_whole();

-- +goose StatementBegin
create function revoked_application_is_for_good() returns trigger language plpgsql set search_path = portal, pg_temp as $$
begin
    raise exception 'a revoked application account' using errcode = 'check_violation', constraint = 'application_account_revoked_for_good';
end
$$;
-- +goose StatementEnd
create trigger revoked_application_is_for_good before update of name, secret_hash, status, status_changed_at, status_changed_by on application_accounts
    for each row when (old.status = 'revoked') execute function revoked_application_is_for_good();

-- +goose StatementBegin
create function find_application(wanted_client_id text, out application_account_id uuid, out organization_id uuid, out secret_hash bytea, out status text,
        out roles text[])
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select a.id, a.organization_id, a.secret_hash, a.status,
            (select array_agg(r.role order by r.role) from application_account_roles r
                where r.organization_id = a.organization_id and r.application_account_id = a.id)
        into application_account_id, organization_id, secret_hash, status, roles
        from application_accounts a where a.client_id = wanted_client_id;
end
$$;
-- +goose StatementEnd
alter function find_application owner to portal_system;
grant execute on function find_application to portal_app, portal_system;

-- +goose StatementBegin
create function recognize_token(wanted_hash bytea, today date,
        out application_account_id uuid, out organization_id uuid, out organization_name text, out business_id text, out name text, out status text,
        out created_at timestamptz, out last_used_at timestamptz, out expires_at timestamptz, out roles text[], out numbers jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select a.id, a.organization_id, o.name::text, o.business_id, a.name::text, a.status, a.created_at, a.last_used_at, t.expires_at,
            (select array_agg(r.role order by r.role) from application_account_roles r
                where r.organization_id = a.organization_id and r.application_account_id = a.id),
            (select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder)
                    order by c.kind desc, c.number)
                from application_account_contract_numbers l
                join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
                where l.organization_id = a.organization_id and l.application_account_id = a.id
                    and c.valid_from <= today and (c.valid_to is null or c.valid_to >= today))
        into application_account_id, organization_id, organization_name, business_id, name, status, created_at, last_used_at, expires_at, roles, numbers
        from access_tokens t
        join application_accounts a on a.organization_id = t.organization_id and a.id = t.application_account_id
        join organizations o on o.id = a.organization_id
        where t.hash = wanted_hash;
end
$$;
-- +goose StatementEnd
alter function recognize_token owner to portal_system;
grant execute on function recognize_token to portal_app, portal_system;
comment on function recognize_token is 'The application account of a token''s hash, with the numbers that it may use today: those linked to it that the organisation still has.';

-- +goose StatementBegin
create function touch_applications(used_accounts uuid[], used_at timestamptz[]) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    update application_accounts a set last_used_at = used.at from unnest(used_accounts, used_at) as used (account_id, at)
        where a.id = used.account_id and (a.last_used_at is null or a.last_used_at < used.at);
end
$$;
-- +goose StatementEnd
alter function touch_applications owner to portal_system;
grant execute on function touch_applications to portal_app, portal_system;

-- +goose StatementBegin
create function purge_calls(moment timestamptz) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    delete from access_tokens t where t.expires_at < moment - interval '1 day';
    delete from idempotent_calls c where c.created_at <= moment - interval '1 day';
end
$$;
-- +goose StatementEnd
alter function purge_calls owner to portal_system;
grant execute on function purge_calls to portal_app, portal_system;
comment on function purge_calls is 'Clears away what the API''s calls leave behind.';

-- +goose Down
drop function find_application, recognize_token, touch_applications, purge_calls, keep_call;
alter table delivery_orders drop column application_account_id;
alter table delivery_orders alter column api_key_id set not null;
alter table audit_events drop constraint audit_actor_kind_known;
alter table audit_events add constraint audit_actor_kind_known check (actor_kind in ('person', 'key', 'operator', 'nobody'));
drop table idempotent_calls, access_tokens, application_account_contract_numbers, application_account_roles, application_accounts cascade;
drop function application_account_is_whole, revoked_application_is_for_good;
