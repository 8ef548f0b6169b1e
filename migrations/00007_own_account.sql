-- One's own account: what a person changes by themselves, the links by which they choose a new password or confirm a new
-- address, what is known of them, and how they are erased.

-- +goose Up

grant update (first_name, last_name, phone) on users to portal_app;

alter table users add column erased_at timestamptz;
comment on column users.erased_at is 'When the account was deleted: the row stays, without anything personal, as the maker of keys and the actor of events.';

create table personal_links (
    token_hash bytea primary key constraint personal_link_token_hash_is_sha256 check (length(token_hash) = 32),
    user_id uuid not null references users on delete cascade,
    purpose text not null constraint personal_link_purpose_known check (purpose in ('password', 'email')),
    email short_text constraint personal_link_email_form check (email like '%_@_%'),
    email_key text,
    created_at timestamptz not null,
    expires_at timestamptz not null constraint personal_link_expires_after_it_was_made check (expires_at > created_at),
    constraint personal_link_email_whole check ((purpose = 'email') = (email is not null) and (email is null) = (email_key is null)),
    constraint personal_link_once unique (user_id, purpose)
);
comment on table personal_links is 'Links by mail that open one''s own account, the newest of each purpose; only the hashes of their tokens. Spent ones are gone.';
comment on column personal_links.email is 'The new address that the link was sent to, and confirms.';
create index on personal_links (expires_at);
create index on invitations (email_key);

alter table personal_links enable row level security;
alter table personal_links force row level security;
create policy system on personal_links to portal_system using (true) with check (true);
grant select, insert, update, delete on personal_links to portal_system;
-- Whoever serves does not see them, and needs no policy: each is made and spent by the functions below.

-- +goose StatementBegin
create function find_person(wanted_email_key text, out user_id uuid, out email text, out first_name text, out last_name text, out language text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select u.id, u.email::text, u.first_name::text, u.last_name::text, coalesce(u.language, '')
        into user_id, email, first_name, last_name, language
        from users u where u.email_key = wanted_email_key and u.erased_at is null;
end
$$;
-- +goose StatementEnd
alter function find_person owner to portal_system;
grant execute on function find_person to portal_app, portal_system;
comment on function find_person is 'Whose an address is, to send a mail there; all null for nobody''s.';

-- +goose StatementBegin
create function make_link(person uuid, hash bytea, wanted_purpose text, new_email text, new_email_key text, moment timestamptz, until timestamptz) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    if wanted_purpose = 'email' and person is distinct from portal_user() then
        raise exception 'an address is changed by whose it is' using errcode = 'insufficient_privilege';
    end if;
    insert into personal_links as l (token_hash, user_id, purpose, email, email_key, created_at, expires_at)
        select hash, u.id, wanted_purpose, new_email, new_email_key, moment, until from users u where u.id = person
        on conflict on constraint personal_link_once do update set token_hash = excluded.token_hash, email = excluded.email,
            email_key = excluded.email_key, created_at = excluded.created_at, expires_at = excluded.expires_at;
end
$$;
-- +goose StatementEnd
alter function make_link owner to portal_system;
grant execute on function make_link to portal_app, portal_system;
comment on function make_link is 'Makes a link of a person''s; an older one of the same purpose opens nothing any more. For nobody it makes none.';

-- +goose StatementBegin
create function recognize_link(wanted_hash bytea, wanted_purpose text, moment timestamptz,
        out user_id uuid, out email text, out first_name text, out last_name text, out language text, out new_email text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select u.id, u.email::text, u.first_name::text, u.last_name::text, coalesce(u.language, ''), l.email::text
        into user_id, email, first_name, last_name, language, new_email
        from personal_links l join users u on u.id = l.user_id
        where l.token_hash = wanted_hash and l.purpose = wanted_purpose and l.expires_at > moment;
end
$$;
-- +goose StatementEnd
alter function recognize_link owner to portal_system;
grant execute on function recognize_link to portal_app, portal_system;
comment on function recognize_link is 'Whose link it is that still holds; it spends nothing.';

-- +goose StatementBegin
create function spend_password_link(wanted_hash bytea, new_password_hash text, moment timestamptz, out user_id uuid)
    language plpgsql security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    delete from personal_links l where l.token_hash = wanted_hash and l.purpose = 'password' and l.expires_at > moment
        returning l.user_id into user_id;
    if user_id is null then
        return;
    end if;
    insert into credentials as c (user_id, password_hash, changed_at) values (spend_password_link.user_id, new_password_hash, moment)
        on conflict on constraint credentials_pkey do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at;
    delete from personal_links l where l.user_id = spend_password_link.user_id;
    delete from sessions s where s.user_id = spend_password_link.user_id;
end
$$;
-- +goose StatementEnd
alter function spend_password_link owner to portal_system;
grant execute on function spend_password_link to portal_app, portal_system;
comment on function spend_password_link is 'Gives whoever holds the link a new password, ends all sessions, and spends the link; null if it opens nothing.';

-- +goose StatementBegin
create function spend_email_link(wanted_hash bytea, moment timestamptz, out user_id uuid, out old_email text, out new_email text)
    language plpgsql security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    old_key text;
    link personal_links%rowtype;
begin
    delete from personal_links l where l.token_hash = wanted_hash and l.purpose = 'email' and l.expires_at > moment returning l.* into link;
    if not found then
        return;
    end if;
    select u.id, u.email::text, u.email_key into user_id, old_email, old_key from users u where u.id = link.user_id for no key update;
    new_email := link.email;
    update users u set email = link.email, email_key = link.email_key where u.id = link.user_id; -- user_email_unique guards it
    -- A link to the old address opens nothing any more, and what invited it follows the person: erasing finds it there.
    delete from personal_links l where l.user_id = link.user_id;
    update invitations i set email = link.email, email_key = link.email_key where i.email_key = old_key and i.accepted_at is not null;
end
$$;
-- +goose StatementEnd
alter function spend_email_link owner to portal_system;
grant execute on function spend_email_link to portal_app, portal_system;
comment on function spend_email_link is 'Changes a person''s address to the one that the link was sent to, and spends the link; null if it opens nothing.';

-- +goose StatementBegin
create function change_own_password(new_password_hash text, moment timestamptz) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    insert into credentials as c (user_id, password_hash, changed_at) values (portal_user(), new_password_hash, moment)
        on conflict on constraint credentials_pkey do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at;
    delete from personal_links l where l.user_id = portal_user() and l.purpose = 'password';
end
$$;
-- +goose StatementEnd
alter function change_own_password owner to portal_system;
grant execute on function change_own_password to portal_app, portal_system;

-- What is known of this transaction's person, wherever they belong: only ever their own.
-- +goose StatementBegin
create function own_data(moment timestamptz, out profile jsonb, out memberships jsonb, out api_keys jsonb, out application_accounts jsonb,
        out sessions jsonb, out invitations jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    me uuid := portal_user();
    today date := (moment at time zone 'Europe/Helsinki')::date;
begin
    select jsonb_build_object('id', u.id, 'email', u.email, 'firstName', u.first_name, 'lastName', u.last_name, 'phone', u.phone,
            'language', u.language, 'createdAt', u.created_at, 'passwordChangedAt', (select c.changed_at from credentials c where c.user_id = me))
        into profile from users u where u.id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organization', jsonb_build_object('id', o.id, 'name', o.name, 'businessId', o.business_id),
            'userType', m.user_type, 'joinedAt', m.created_at, 'leftAt', m.ended_at, 'lastSeenAt', m.last_seen_at,
            'permissions', (select coalesce(jsonb_agg(p.permission order by p.permission), '[]') from membership_permissions p
                where p.organization_id = m.organization_id and p.user_id = me),
            'contractNumbers', (select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'number', c.number, 'holder', c.holder,
                    'valid', c.valid_from <= today and (c.valid_to is null or c.valid_to >= today)) order by c.kind, c.number), '[]')
                from membership_contract_numbers a join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
                where a.organization_id = m.organization_id and a.user_id = me)) order by o.name, o.id), '[]')
        into memberships from memberships m join organizations o on o.id = m.organization_id where m.user_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organizationId', k.organization_id, 'id', k.id, 'description', k.description,
            'ending', k.suffix, 'status', k.status, 'createdAt', k.created_at, 'lastUsedAt', k.last_used_at) order by k.created_at, k.id), '[]')
        into api_keys from api_keys k where k.maker_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organizationId', a.organization_id, 'id', a.id, 'name', a.name, 'clientId', a.client_id,
            'status', a.status, 'createdAt', a.created_at, 'lastUsedAt', a.last_used_at) order by a.created_at, a.id), '[]')
        into application_accounts from application_accounts a where a.maker_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'beganAt', s.created_at, 'lastSeenAt', s.last_seen_at, 'endsAt', s.expires_at)
            order by s.created_at, s.id), '[]')
        into sessions from sessions s where s.user_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organizationId', i.organization_id, 'email', i.email, 'firstName', i.first_name,
            'lastName', i.last_name, 'createdAt', i.created_at, 'acceptedAt', i.accepted_at, 'withdrawnAt', i.withdrawn_at) order by i.created_at, i.id), '[]')
        into invitations from invitations i join users u on u.email_key = i.email_key where u.id = me;
end
$$;
-- +goose StatementEnd
alter function own_data owner to portal_system;
grant execute on function own_data to portal_app, portal_system;
comment on function own_data is 'What is stored of this transaction''s person, for them to take along; no secret, and nothing of anybody else''s.';

-- +goose StatementBegin
create function own_events() returns table (event jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
declare
    me uuid := portal_user();
begin
    return query
        select jsonb_build_object('id', e.id, 'at', e.occurred_at, 'organizationId', e.organization_id, 'actorKind', e.actor_kind,
            'byMe', e.actor_kind = 'person' and e.actor_id is not distinct from me, 'action', e.action, 'objectKind', e.object_kind, 'objectId', e.object_id,
            'fields', e.fields, 'requestId', e.request_id,
            'personalValues', (select coalesce(jsonb_agg(p.personal_values), '[]') from audit_personal_values p
                where p.event_id = e.id and p.occurred_at = e.occurred_at and p.user_id = me))
        from (
            select a.* from audit_events a join memberships m on m.organization_id = a.organization_id where m.user_id = me and a.actor_id = me
            union
            select a.* from audit_events a join memberships m on m.organization_id = a.organization_id where m.user_id = me and a.object_id = me
            union
            select a.* from audit_events a where a.organization_id is null and a.actor_id = me
            union
            select a.* from audit_events a where a.organization_id is null and a.object_id = me
            union
            select a.* from audit_personal_values p join audit_events a on a.id = p.event_id and a.occurred_at = p.occurred_at where p.user_id = me
        ) e order by e.occurred_at, e.id;
end
$$;
-- +goose StatementEnd
alter function own_events owner to portal_system;
grant execute on function own_events to portal_app, portal_system;
comment on function own_events is 'What this transaction''s person did and what was done to them, with what is personal of it and theirs.';

-- +goose StatementBegin
create function only_main_user_of() returns table (organization_id uuid, organization_name text, business_id text)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
begin
    return query
        select o.id, o.name::text, o.business_id from memberships m join organizations o on o.id = m.organization_id
        where m.user_id = portal_user() and m.user_type = 'main_user' and m.ended_at is null and not exists (
            select from memberships other where other.organization_id = m.organization_id and other.user_id <> m.user_id
                and other.user_type = 'main_user' and other.ended_at is null)
        order by o.name, o.id;
end
$$;
-- +goose StatementEnd
alter function only_main_user_of owner to portal_system;
grant execute on function only_main_user_of to portal_app, portal_system;
comment on function only_main_user_of is 'The organisations that would be without a main user if this transaction''s person left.';

-- +goose StatementBegin
create function erase_own_account(moment timestamptz, request text) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
declare
    me uuid := portal_user();
    own record;
    nobody text := me::text || '@erased.invalid';
    addresses text[];
    left_organization uuid;
    invited record;
begin
    select u.email::text as email, u.email_key into own from users u where u.id = me and u.erased_at is null for update;
    if not found then
        return;
    end if;
    -- In the order of the organisations, one change of each one's people at a time (organization.lockOrganization).
    for left_organization in select m.organization_id from memberships m where m.user_id = me and m.ended_at is null order by 1 loop
        perform pg_advisory_xact_lock(hashtextextended('people ' || left_organization::text, 0));
        delete from membership_permissions p where p.organization_id = left_organization and p.user_id = me;
        delete from membership_contract_numbers a where a.organization_id = left_organization and a.user_id = me;
        update memberships m set ended_at = moment where m.organization_id = left_organization and m.user_id = me; -- keep_a_main_user guards it
        insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, request_id)
            values (gen_random_uuid(), moment, left_organization, 'person', me, 'membership.ended', 'membership', me, request);
    end loop;
    select array_agg(distinct address) into addresses from (
        select own.email as address
        union select i.email::text from invitations i where i.email_key = own.email_key
        union select a.value from audit_personal_values p cross join lateral (values (p.personal_values ->> 'email'),
                (p.personal_values -> 'before' ->> 'email'), (p.personal_values -> 'after' ->> 'email')) as a (value)
            where p.user_id = me and a.value is not null) as known;
    for invited in select i.organization_id, i.id, i.accepted_at is null and i.withdrawn_at is null as waits from invitations i
            where i.email_key = own.email_key order by i.organization_id, i.id loop
        update invitations i set email = nobody, email_key = nobody, first_name = '', last_name = '',
                withdrawn_at = case when invited.waits then moment else i.withdrawn_at end
            where i.id = invited.id;
        if invited.waits then
            insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, request_id)
                values (gen_random_uuid(), moment, invited.organization_id, 'person', me, 'invitation.withdrawn', 'invitation', invited.id, request);
        end if;
        delete from audit_personal_values p using audit_events e
            where e.organization_id = invited.organization_id and e.object_id = invited.id and p.event_id = e.id and p.occurred_at = e.occurred_at
                and p.user_id is null;
    end loop;
    delete from audit_personal_values p where p.user_id = me;
    delete from audit_personal_values p using audit_events e -- from where somebody tried to log in as them
        where e.organization_id is null and e.object_id = me and p.event_id = e.id and p.occurred_at = e.occurred_at;
    update memberships m set last_seen_at = null where m.user_id = me;
    delete from mails m where m.recipient = any (addresses);
    delete from sessions s where s.user_id = me;
    delete from personal_links l where l.user_id = me;
    delete from credentials c where c.user_id = me;
    update users u set email = nobody, email_key = nobody, first_name = '', last_name = '', phone = '', language = null,
        last_organization_id = null, erased_at = moment where u.id = me;
end
$$;
-- +goose StatementEnd
alter function erase_own_account owner to portal_system;
grant execute on function erase_own_account to portal_app, portal_system;
comment on function erase_own_account is 'Ends this transaction''s person''s memberships and takes from every table what is personal of them; keys, events and who made them stay.';

-- +goose StatementBegin
create function end_sessions_of_leavers(people uuid[]) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    delete from sessions s using memberships left_here
        where left_here.organization_id = portal_organization() and left_here.user_id = any (people) and left_here.ended_at is not null
            and s.user_id = left_here.user_id
            and not exists (select from memberships m where m.user_id = s.user_id and m.ended_at is null);
end
$$;
-- +goose StatementEnd
alter function end_sessions_of_leavers owner to portal_system;
grant execute on function end_sessions_of_leavers to portal_app, portal_system;
comment on function end_sessions_of_leavers is 'Logs out those who have left this transaction''s organisation and belong to no other.';

-- +goose StatementBegin
create function purge_links(moment timestamptz) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    delete from personal_links l where l.expires_at <= moment;
end
$$;
-- +goose StatementEnd
alter function purge_links owner to portal_system;
grant execute on function purge_links to portal_app, portal_system;

-- +goose Down
drop function purge_links, end_sessions_of_leavers, erase_own_account, only_main_user_of, own_events, own_data, change_own_password,
    spend_email_link, spend_password_link, recognize_link, make_link, find_person;
drop table personal_links;
drop index invitations_email_key_idx;
alter table users drop column erased_at;
revoke update (first_name, last_name, phone) on users from portal_app;
