-- Bad log-ins lock an application account for the address that they came from, and many of them for every address. The
-- portal shows that; a new secret, disabling and enabling end it.

-- +goose Up

alter table application_accounts add column locked_until timestamptz, add column address_locked_until timestamptz;
comment on column application_accounts.locked_until is 'Until when nobody can log in, after many bad log-ins; what counts stands in login_attempts.';
comment on column application_accounts.address_locked_until is 'Until when the address that was locked last cannot log in.';
grant update (locked_until, address_locked_until) on application_accounts to portal_app;

drop function find_application;
-- +goose StatementBegin
create function find_application(wanted_client_id text, out application_account_id uuid, out organization_id uuid, out secret_hash bytea, out status text,
        out status_changed_at timestamptz, out roles text[])
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select a.id, a.organization_id, a.secret_hash, a.status, a.status_changed_at,
            (select array_agg(r.role order by r.role) from application_account_roles r
                where r.organization_id = a.organization_id and r.application_account_id = a.id)
        into application_account_id, organization_id, secret_hash, status, status_changed_at, roles
        from application_accounts a where a.client_id = wanted_client_id;
end
$$;
-- +goose StatementEnd
alter function find_application owner to portal_system;
grant execute on function find_application to portal_app, portal_system;

-- +goose Down

drop function find_application;
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
alter table application_accounts drop column locked_until, drop column address_locked_until;
