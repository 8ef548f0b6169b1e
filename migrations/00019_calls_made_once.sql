-- A call that has a key is written down once, in the transaction that makes what it is for, and no longer claimed in one of
-- its own before: that cost as much again as all that the call made. What was claimed and made nothing is forgotten.

-- +goose Up

drop function keep_call;
delete from idempotent_calls where made_id is null;
alter table idempotent_calls drop column claim, drop column leased_until;
alter table idempotent_calls alter column made_id set not null;
comment on table idempotent_calls is 'Calls that carry an Idempotency-Key and have made something, for a day.';
comment on column idempotent_calls.made_id is 'What the call has made.';
revoke delete on idempotent_calls from portal_app;

-- +goose StatementBegin
create function keep_call(lock_number bigint, kept_organization uuid, kept_caller uuid, kept_key text, kept_hash bytea, kept_made uuid, moment timestamptz) returns void
    language plpgsql set search_path = portal, pg_temp as $$
begin
    -- Whoever meets another that is at it goes away, and waits without a connection.
    if pg_try_advisory_xact_lock(lock_number) then
        insert into idempotent_calls as c (organization_id, caller_id, key, hash, made_id, created_at)
            values (kept_organization, kept_caller, kept_key, kept_hash, kept_made, moment)
            on conflict (organization_id, caller_id, key) do update set hash = excluded.hash, made_id = excluded.made_id, created_at = excluded.created_at
                where c.created_at <= moment - interval '1 day';
        if found then
            return;
        end if;
    end if;
    raise exception 'a call was made or is being made' using errcode = 'check_violation', constraint = 'call_is_first';
end
$$;
-- +goose StatementEnd
grant execute on function keep_call to portal_app, portal_system;
comment on function keep_call is 'The first statement of a transaction that makes something for a call: where another has made it, or is about to, it makes nothing.';

-- +goose Down
drop function keep_call;
alter table idempotent_calls alter column made_id drop not null, add column claim uuid, add column leased_until timestamptz;
update idempotent_calls set claim = gen_random_uuid(), leased_until = created_at;
alter table idempotent_calls alter column claim set not null, alter column leased_until set not null;
comment on table idempotent_calls is 'Calls that carry an Idempotency-Key, for a day: claimed before they make anything, kept in the transaction that does.';
comment on column idempotent_calls.claim is 'Of the attempt that may make something; another may claim the key once the lease is over.';
comment on column idempotent_calls.made_id is 'What the call has made; null while it runs.';
grant delete on idempotent_calls to portal_app;
grant update (claim, leased_until) on idempotent_calls to portal_app;
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
