-- A parcel is in one pickup that waits: whoever orders another for it meanwhile is told so by name.

-- +goose Up
-- +goose StatementBegin
create function refuse_taken_parcel(number text) returns text language plpgsql set search_path = portal, pg_temp as $$
begin
    raise exception 'the parcel % is fetched by another pickup', number using errcode = 'check_violation', constraint = 'parcel_is_fetched_once';
end
$$;
-- +goose StatementEnd
grant execute on function refuse_taken_parcel to portal_app, portal_system;
comment on function refuse_taken_parcel is 'Keeps a pickup from being stored that names a parcel which another one waits for.';

-- +goose Down
drop function refuse_taken_parcel;
