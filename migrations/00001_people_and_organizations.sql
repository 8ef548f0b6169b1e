-- Organisations, their people and their contract numbers; who is logged in; what happened.
--
-- Who sees what is said here, not in the queries: every table has forced row-level security. A transaction says for whom
-- it works by set_config('portal.organization', …, true) and set_config('portal.user', …, true); without them portal_app
-- sees nothing. portal_system has policies of its own, because forced policies hold for a table's owner too: it owns the
-- few functions that must look before an organisation is known, and is the role of the operator's commands.

-- +goose Up

-- Functions and tables are opened one by one: nothing is anybody's by default. (For one schema alone this cannot be said:
-- what holds there only adds to what holds everywhere.)
alter default privileges revoke execute on functions from public;
grant usage on schema portal to portal_app, portal_system;
grant create on schema portal to portal_system; -- whoever owns a function needs it
grant select on goose_db_version to portal_app, portal_system;

-- +goose StatementBegin
create function portal_organization() returns uuid language sql stable parallel safe
    return nullif(current_setting('portal.organization', true), '')::uuid;
-- +goose StatementEnd
comment on function portal_organization is 'The organisation that this transaction works for, or null.';

-- +goose StatementBegin
create function portal_user() returns uuid language sql stable parallel safe
    return nullif(current_setting('portal.user', true), '')::uuid;
-- +goose StatementEnd
comment on function portal_user is 'The person for whom this transaction works, or null.';
grant execute on function portal_organization, portal_user to portal_app, portal_system;

-- A text of one line that a person wrote: trimmed, not empty, without control characters.
create domain short_text as text
    constraint short_text_has_no_control_characters check (value !~ '[[:cntrl:]]')
    constraint short_text_is_trimmed check (value = btrim(value))
    constraint short_text_is_not_endless check (char_length(value) <= 200);

create table organizations (
    id uuid primary key,
    name short_text not null collate "sv-SE-x-icu" constraint organization_has_a_name check (name <> ''),
    business_id text not null constraint organization_business_id_unique unique
        constraint organization_business_id_form check (business_id ~ '^FI[0-9]{8}$'),
    created_at timestamptz not null
);
comment on column organizations.business_id is 'FI and the eight digits of the Finnish business ID; its check digit is not checked (the manual''s own FI12345678 fails it).';

create table users (
    id uuid primary key,
    email short_text not null constraint user_has_an_email check (email like '%_@_%'),
    email_key text not null constraint user_email_unique unique,
    first_name short_text not null collate "sv-SE-x-icu",
    last_name short_text not null collate "sv-SE-x-icu",
    phone text not null default '' constraint user_phone_form check (phone ~ '^(\+[1-9][0-9]{4,14})?$'),
    language text constraint user_language_known check (language in ('sv', 'fi', 'en')),
    last_organization_id uuid references organizations,
    created_at timestamptz not null
);
comment on column users.email_key is 'The address as it is compared: one account whatever the case.';
comment on column users.phone is 'E.164, or empty.';
comment on column users.language is 'Null until the person chooses.';
create index on users (last_organization_id);

create table credentials (
    user_id uuid primary key references users on delete cascade,
    password_hash text not null constraint credential_is_argon2id check (password_hash like '$argon2id$%'),
    changed_at timestamptz not null
);
comment on table credentials is 'Apart from users, so that no query of the portal can come across a hash; read by find_credential only.';

create table memberships (
    organization_id uuid not null references organizations,
    user_id uuid not null references users,
    user_type text not null constraint membership_user_type_known check (user_type in ('main_user', 'user')),
    invited_by uuid references users,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (organization_id, user_id)
);
comment on column memberships.ended_at is 'Who has left stays known by name to the organisation, as the maker of its keys.';
create index on memberships (user_id);
create index on memberships (invited_by);

create table membership_permissions (
    organization_id uuid not null,
    user_id uuid not null,
    permission text not null constraint permission_known check (permission in
        ('create_shipments', 'track_shipments', 'view_reports', 'manage_company_account', 'manage_integrations')),
    primary key (organization_id, user_id, permission),
    foreign key (organization_id, user_id) references memberships on delete cascade
);

create table contract_numbers (
    id uuid primary key,
    organization_id uuid not null references organizations,
    kind text not null constraint contract_number_kind_known check (kind in
        ('customer_number', 'logistics_contract', 'freight_transport_code')),
    number text not null constraint contract_number_form check (number ~ '^[0-9]{6}$'),
    holder short_text not null collate "sv-SE-x-icu" constraint contract_number_has_a_holder check (holder <> ''),
    valid_from date not null,
    valid_to date constraint contract_number_ends_after_it_begins check (valid_to >= valid_from),
    created_at timestamptz not null,
    unique (organization_id, id, kind)
);
comment on column contract_numbers.valid_to is 'The last day on which it can be used; null while no end is known.';
-- A number is one holder's at a time, and can be another's once it has ended.
create unique index contract_number_open_once on contract_numbers (kind, number) where valid_to is null;
create unique index contract_number_once on contract_numbers (organization_id, kind, number, valid_from);

create table membership_contract_numbers (
    organization_id uuid not null,
    user_id uuid not null,
    contract_number_id uuid not null,
    kind text not null,
    primary key (organization_id, user_id, contract_number_id),
    foreign key (organization_id, user_id) references memberships on delete cascade,
    foreign key (organization_id, contract_number_id, kind) references contract_numbers (organization_id, id, kind)
);
create index on membership_contract_numbers (organization_id, contract_number_id);

create table invitations (
    id uuid primary key,
    organization_id uuid not null references organizations,
    email short_text not null constraint invitation_has_an_email check (email like '%_@_%'),
    email_key text not null,
    first_name short_text not null collate "sv-SE-x-icu",
    last_name short_text not null collate "sv-SE-x-icu",
    user_type text not null constraint invitation_user_type_known check (user_type in ('main_user', 'user')),
    invited_by uuid not null references users,
    created_at timestamptz not null,
    expires_at timestamptz constraint invitation_expires_after_it_was_made check (expires_at > created_at),
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    constraint invitation_ends_once check (accepted_at is null or withdrawn_at is null),
    unique (organization_id, id)
);
comment on column invitations.expires_at is 'Null: valid without end.';
create unique index invitation_pending_once on invitations (organization_id, email_key)
    where accepted_at is null and withdrawn_at is null;
create index on invitations (organization_id, created_at desc, id desc);
create index on invitations (invited_by);

create table invitation_permissions (
    organization_id uuid not null,
    invitation_id uuid not null,
    permission text not null constraint permission_known check (permission in
        ('create_shipments', 'track_shipments', 'view_reports', 'manage_company_account', 'manage_integrations')),
    primary key (organization_id, invitation_id, permission),
    foreign key (organization_id, invitation_id) references invitations (organization_id, id) on delete cascade
);

create table invitation_contract_numbers (
    organization_id uuid not null,
    invitation_id uuid not null,
    contract_number_id uuid not null,
    kind text not null,
    primary key (organization_id, invitation_id, contract_number_id),
    foreign key (organization_id, invitation_id) references invitations (organization_id, id) on delete cascade,
    foreign key (organization_id, contract_number_id, kind) references contract_numbers (organization_id, id, kind)
);
create index on invitation_contract_numbers (organization_id, contract_number_id);

create table sessions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    secret_hash bytea not null constraint session_secret_hash_is_sha256 check (length(secret_hash) = 32),
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    idle_timeout interval not null,
    expires_at timestamptz not null constraint session_expires_after_it_began check (expires_at > created_at)
);
create index on sessions (user_id);
create index on sessions (expires_at);

create table login_attempts (
    subject bytea primary key constraint login_attempt_subject_is_sha256 check (length(subject) = 32),
    failures integer not null,
    failed_at timestamptz not null,
    blocked_until timestamptz
);
comment on table login_attempts is 'Failed log-ins in a row, by account and by address; only hashes of both, so that the table names nobody.';
create index on login_attempts (failed_at);

-- What happened. Events hold no personal value: those lie beside them, by person, so that a person can be erased and
-- the event stays. Both are partitioned by month: what is too old is dropped a partition at a time.

create table audit_events (
    id uuid not null,
    occurred_at timestamptz not null,
    organization_id uuid references organizations,
    actor_kind text not null constraint audit_actor_kind_known check (actor_kind in ('person', 'key', 'operator', 'nobody')),
    actor_id uuid constraint audit_actor_named check ((actor_id is null) = (actor_kind in ('operator', 'nobody'))),
    action text not null constraint audit_action_form check (action ~ '^[a-z_]+\.[a-z_]+$'),
    object_kind text not null,
    object_id uuid,
    fields text[] not null default '{}',
    request_id text not null default '',
    primary key (id, occurred_at)
) partition by range (occurred_at);
comment on column audit_events.actor_id is 'A user''s or an API key''s id, by actor_kind.';
comment on column audit_events.action is 'What happened to which kind of thing, as api_key.revoked.';
create index on audit_events (organization_id, occurred_at desc, id desc);
create index on audit_events (organization_id, object_id, occurred_at desc);

create table audit_personal_values (
    event_id uuid not null,
    occurred_at timestamptz not null,
    organization_id uuid,
    user_id uuid,
    personal_values jsonb not null,
    foreign key (event_id, occurred_at) references audit_events
) partition by range (occurred_at);
comment on column audit_personal_values.organization_id is 'The event''s.';
comment on column audit_personal_values.user_id is 'Whose values they are; null for what belongs to no account.';
create index on audit_personal_values (event_id, occurred_at);
create index on audit_personal_values (user_id);

-- +goose StatementBegin
create function ensure_audit_partitions() returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    parent text;
    month timestamptz;
    partition text;
begin
    perform pg_advisory_xact_lock(hashtextextended('ensure_audit_partitions', 0)); -- of two at once, the second finds them made
    for i in 0 .. 12 loop
        month := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + make_interval(months => i);
        foreach parent in array array['audit_events', 'audit_personal_values'] loop
            partition := parent || to_char(month at time zone 'UTC', '_YYYY_MM');
            continue when to_regclass(partition) is not null;
            execute format('create table %I partition of %I for values from (%L) to (%L)',
                partition, parent, month, (month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
            execute format('alter table %I enable row level security', partition);
            execute format('alter table %I force row level security', partition);
            -- Nobody is granted a partition; its policy is for the day that somebody grants one.
            execute format('create policy system on %I to portal_system using (true) with check (true)', partition);
        end loop;
    end loop;
end
$$;
-- +goose StatementEnd
comment on function ensure_audit_partitions is 'Makes the partitions of this month and the twelve after it; the only function that belongs to the tables'' owner.';
select ensure_audit_partitions();
grant execute on function ensure_audit_partitions to portal_app, portal_system;

-- Policies: what belongs to an organisation is seen and changed by transactions of that organisation.

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['organizations', 'users', 'credentials', 'memberships', 'membership_permissions', 'contract_numbers',
        'membership_contract_numbers', 'invitations', 'invitation_permissions', 'invitation_contract_numbers', 'sessions',
        'login_attempts', 'audit_events', 'audit_personal_values'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy system on %I to portal_system using (true) with check (true)', t);
        execute format('grant select, insert, update, delete on %I to portal_system', t);
    end loop;
    foreach t in array array['memberships', 'membership_permissions', 'contract_numbers', 'membership_contract_numbers',
        'invitations', 'invitation_permissions', 'invitation_contract_numbers'] loop
        execute format('create policy own_organization on %I to portal_app
            using (organization_id = portal_organization()) with check (organization_id = portal_organization())', t);
    end loop;
end
$$;
-- +goose StatementEnd

create policy own_organization on organizations to portal_app using (id = portal_organization());
create policy oneself on users to portal_app using (id = portal_user()) with check (id = portal_user());
create policy own_organization on users for select to portal_app using (exists (
    select from memberships m where m.organization_id = portal_organization() and m.user_id = users.id));
create policy oneself on sessions to portal_app using (user_id = portal_user()) with check (user_id = portal_user());
create policy everybody on login_attempts to portal_app using (true) with check (true);
create policy own_organization on audit_events for select to portal_app using (organization_id = portal_organization());
create policy oneself on audit_events for select to portal_app
    using (organization_id is null and actor_kind = 'person' and actor_id = portal_user());
create policy written_by_all on audit_events for insert to portal_app
    with check (organization_id is null or organization_id = portal_organization());
create policy own_organization on audit_personal_values for select to portal_app using (organization_id = portal_organization());
create policy oneself on audit_personal_values for select to portal_app using (organization_id is null and user_id = portal_user());
create policy written_by_all on audit_personal_values for insert to portal_app
    with check (organization_id is null or organization_id = portal_organization());

grant select on organizations, contract_numbers to portal_app;
grant select, update (language) on users to portal_app;
grant select, update on memberships to portal_app;
grant select, insert, delete on membership_permissions, membership_contract_numbers, invitation_permissions,
    invitation_contract_numbers to portal_app;
grant select, insert, update on invitations to portal_app;
grant select, insert, delete on sessions to portal_app;
grant select, insert, update, delete on login_attempts to portal_app;
grant select, insert on audit_events, audit_personal_values to portal_app;

-- An organisation never loses its last main user. The organisation's row is locked first, so that of two changes at
-- the same moment the second one sees the first.
-- +goose StatementBegin
create function keep_a_main_user() returns trigger language plpgsql security definer
    set search_path = portal, pg_temp as $$
begin
    perform from organizations where id = old.organization_id for no key update;
    if not exists (select from memberships where organization_id = old.organization_id
            and user_type = 'main_user' and ended_at is null) then
        raise exception 'the last main user' using errcode = 'check_violation', constraint = 'organization_keeps_a_main_user';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
alter function keep_a_main_user owner to portal_system;
create trigger keep_a_main_user_on_change after update of user_type, ended_at on memberships for each row
    when (old.user_type = 'main_user' and old.ended_at is null and (new.user_type <> 'main_user' or new.ended_at is not null))
    execute function keep_a_main_user();
create trigger keep_a_main_user_on_delete after delete on memberships for each row
    when (old.user_type = 'main_user' and old.ended_at is null)
    execute function keep_a_main_user();

-- Recognition: before anybody is known. PL/pgSQL keeps its plans for the life of a connection; a row by out parameters,
-- all null when nothing is found, is cheaper than a set of rows.

-- +goose StatementBegin
create function find_credential(wanted_email_key text, out user_id uuid, out password_hash text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select u.id, c.password_hash into user_id, password_hash from users u join credentials c on c.user_id = u.id
        where u.email_key = wanted_email_key;
end
$$;
-- +goose StatementEnd
alter function find_credential owner to portal_system;
grant execute on function find_credential to portal_app, portal_system;

-- +goose StatementBegin
create function recognize_session(wanted_hash bytea, wanted_organization uuid, moment timestamptz,
        out session_id uuid, out user_id uuid, out first_name text, out last_name text, out email text, out language text,
        out last_seen_at timestamptz, out last_organization_id uuid, out organizations jsonb, out numbers jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select s.id, u.id, u.first_name::text, u.last_name::text, u.email::text, u.language, s.last_seen_at,
            u.last_organization_id,
            (select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'businessId', o.business_id,
                    'userType', m.user_type, 'permissions', coalesce(p.permissions, '[]')) order by o.name, o.id)
                from memberships m join organizations o on o.id = m.organization_id
                left join lateral (select jsonb_agg(mp.permission) as permissions from membership_permissions mp
                    where mp.organization_id = m.organization_id and mp.user_id = m.user_id) p on true
                where m.user_id = u.id and m.ended_at is null),
            (select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder)
                    order by c.kind, c.number)
                from membership_contract_numbers a
                join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
                where a.organization_id = wanted_organization and a.user_id = u.id
                    and c.valid_from <= (moment at time zone 'Europe/Helsinki')::date
                    and (c.valid_to is null or c.valid_to >= (moment at time zone 'Europe/Helsinki')::date))
        into session_id, user_id, first_name, last_name, email, language, last_seen_at, last_organization_id, organizations, numbers
        from sessions s join users u on u.id = s.user_id
        where s.secret_hash = wanted_hash and s.expires_at > moment and s.last_seen_at + s.idle_timeout > moment;
end
$$;
-- +goose StatementEnd
alter function recognize_session owner to portal_system;
grant execute on function recognize_session to portal_app, portal_system;
create unique index session_secret_hash_unique on sessions (secret_hash);

-- +goose StatementBegin
create function touch_sessions(seen_sessions uuid[], seen_at timestamptz[], seen_organizations uuid[]) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    with seen as (
        select * from unnest(seen_sessions, seen_at, seen_organizations) as seen (session_id, at, organization_id)
    ), touched as (
        update sessions s set last_seen_at = greatest(s.last_seen_at, seen.at) from seen where s.id = seen.session_id
        returning s.user_id, seen.at, seen.organization_id
    ), latest as (
        select distinct on (user_id) user_id, organization_id from touched where organization_id is not null
        order by user_id, at desc
    )
    update users u set last_organization_id = latest.organization_id from latest
        where u.id = latest.user_id and u.last_organization_id is distinct from latest.organization_id;
end
$$;
-- +goose StatementEnd
alter function touch_sessions owner to portal_system;
grant execute on function touch_sessions to portal_app, portal_system;
comment on function touch_sessions is 'Writes down, in one batch, when sessions were last seen and in which organisation.';

-- +goose StatementBegin
create function person_memberships(wanted_user uuid, moment timestamptz)
    returns table (organization_id uuid, organization_name text, business_id text, user_type text, permissions text[], numbers jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
begin
    return query
        select o.id, o.name::text, o.business_id, m.user_type,
            coalesce((select array_agg(mp.permission) from membership_permissions mp
                where mp.organization_id = m.organization_id and mp.user_id = m.user_id), '{}'),
            (select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder,
                    'ended', not (c.valid_from <= (moment at time zone 'Europe/Helsinki')::date
                        and (c.valid_to is null or c.valid_to >= (moment at time zone 'Europe/Helsinki')::date)))
                    order by c.kind, c.number)
                from membership_contract_numbers a
                join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
                where a.organization_id = m.organization_id and a.user_id = m.user_id)
        from memberships reader
        join memberships m on m.organization_id = reader.organization_id and m.user_id = wanted_user and m.ended_at is null
        join organizations o on o.id = m.organization_id
        where reader.user_id = portal_user() and reader.user_type = 'main_user' and reader.ended_at is null
        order by o.name, o.id;
end
$$;
-- +goose StatementEnd
alter function person_memberships owner to portal_system;
grant execute on function person_memberships to portal_app, portal_system;
comment on function person_memberships is 'The organisations that a person shares with the reader, who is a main user there; never a hint at others.';

-- +goose StatementBegin
create function purge_expired(moment timestamptz) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    delete from sessions s where s.expires_at <= moment or s.last_seen_at + s.idle_timeout <= moment;
    delete from login_attempts a where a.failed_at < moment - interval '1 day';
end
$$;
-- +goose StatementEnd
alter function purge_expired owner to portal_system;
grant execute on function purge_expired to portal_app, portal_system;

-- +goose Down
drop schema portal cascade;
create schema portal;
