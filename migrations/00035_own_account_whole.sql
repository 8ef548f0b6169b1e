-- A new password ends whatever else could open the account; erasing reaches invitations to addresses that somebody had
-- before, and leaves what they were allowed; Ladda ner mina uppgifter is everything; sessions can be told apart; and no
-- name is without anything to be seen in it.

-- +goose Up

alter table sessions
    add column browser text not null default '' constraint session_browser_length check (length(browser) <= 40),
    add column system text not null default '' constraint session_system_length check (length(system) <= 40);
comment on column sessions.browser is 'What the browser calls itself, as Firefox; empty for one that is not known.';
comment on column sessions.system is 'What it runs on, as Windows; empty for what is not known.';

alter table invitations add column addressee_id uuid references users;
comment on column invitations.addressee_id is 'Whose address it was sent to, of somebody who has another address since: erasing them finds it there.';
create index on invitations (addressee_id);
update invitations i set addressee_id = p.user_id
    from audit_personal_values p join audit_events e on e.id = p.event_id and e.occurred_at = p.occurred_at join users u on u.id = p.user_id
    where e.action = 'user.changed' and u.erased_at is null and p.personal_values -> 'before' ->> 'email' is not null
        and lower(i.email) = lower(p.personal_values -> 'before' ->> 'email') and i.created_at <= p.occurred_at and i.accepted_at is null;

-- Links.

-- +goose StatementBegin
create function void_links(person uuid, moment timestamptz) returns boolean language plpgsql set search_path = portal, pg_temp as $$
declare
    email_change_ended boolean;
begin
    with gone as (delete from personal_links l where l.user_id = person returning l.purpose, l.expires_at)
    select exists (select from gone g where g.purpose = 'email' and g.expires_at > moment) into email_change_ended;
    return email_change_ended;
end
$$;
-- +goose StatementEnd
alter function void_links owner to portal_system;
grant execute on function void_links to portal_system;
comment on function void_links is 'Lets no link of a person''s open anything any more, and says whether a change of address was among them.';

drop function spend_password_link(bytea, text, timestamptz);
-- +goose StatementBegin
create function spend_password_link(wanted_hash bytea, new_password_hash text, moment timestamptz, out user_id uuid, out email_change_ended boolean)
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
    email_change_ended := void_links(spend_password_link.user_id, moment);
    delete from sessions s where s.user_id = spend_password_link.user_id;
end
$$;
-- +goose StatementEnd
alter function spend_password_link owner to portal_system;
grant execute on function spend_password_link to portal_app, portal_system;
comment on function spend_password_link is 'Gives whoever holds the link a new password, ends all sessions, and spends the link; null if it opens nothing.';

drop function change_own_password(text, timestamptz);
-- +goose StatementBegin
create function change_own_password(new_password_hash text, moment timestamptz) returns boolean
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    insert into credentials as c (user_id, password_hash, changed_at) values (portal_user(), new_password_hash, moment)
        on conflict on constraint credentials_pkey do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at;
    return void_links(portal_user(), moment);
end
$$;
-- +goose StatementEnd
alter function change_own_password owner to portal_system;
grant execute on function change_own_password to portal_app, portal_system;
comment on function change_own_password is 'Gives this transaction''s person a new password, voids their links, and says whether a change of address was among them.';

-- +goose StatementBegin
create function own_email_change(moment timestamptz, out email text, out expires_at timestamptz)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select l.email::text, l.expires_at into email, expires_at from personal_links l
        where l.user_id = portal_user() and l.purpose = 'email' and l.expires_at > moment;
end
$$;
-- +goose StatementEnd
alter function own_email_change owner to portal_system;
grant execute on function own_email_change to portal_app, portal_system;
comment on function own_email_change is 'The address to which this transaction''s person is about to change; all null for none.';

-- +goose StatementBegin
create function cancel_own_email_change(moment timestamptz) returns boolean
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    delete from personal_links l where l.user_id = portal_user() and l.purpose = 'email' and l.expires_at > moment;
    return found;
end
$$;
-- +goose StatementEnd
alter function cancel_own_email_change owner to portal_system;
grant execute on function cancel_own_email_change to portal_app, portal_system;
comment on function cancel_own_email_change is 'Lets the link to a new address open nothing any more, and says whether there was one.';

-- +goose StatementBegin
create or replace function spend_email_link(wanted_hash bytea, moment timestamptz, out user_id uuid, out old_email text, out new_email text)
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
    update invitations i set addressee_id = link.user_id where i.email_key = old_key and i.addressee_id is null; -- its link went to the old address
end
$$;
-- +goose StatementEnd

-- What is known of a person, and how they are erased.

-- +goose StatementBegin
create function addresses_of(person uuid) returns text[] language plpgsql stable set search_path = portal, pg_temp as $$
begin
    return (select array_agg(distinct lower(known.address)) from (
        select u.email::text as address from users u where u.id = person
        union select i.email::text from invitations i join users u on u.email_key = i.email_key where u.id = person
        union select a.value from audit_personal_values p cross join lateral (values (p.personal_values ->> 'email'),
                (p.personal_values -> 'before' ->> 'email'), (p.personal_values -> 'after' ->> 'email')) as a (value)
            where p.user_id = person and a.value is not null) as known);
end
$$;
-- +goose StatementEnd
alter function addresses_of owner to portal_system;
grant execute on function addresses_of to portal_system;
comment on function addresses_of is 'The addresses that a person has or had, in small letters.';

-- +goose StatementBegin
create function impersonal(value jsonb) returns jsonb language plpgsql immutable set search_path = portal, pg_temp as $$
begin
    return (select coalesce(jsonb_object_agg(o.key, case when o.key in ('before', 'after', 'as') then impersonal(o.value) else o.value end), '{}')
        from jsonb_each(value) as o where o.key in ('before', 'after', 'as', 'userType', 'permissions', 'contract_numbers', 'added', 'removed',
            'left_out', 'reason'));
end
$$;
-- +goose StatementEnd
alter function impersonal owner to portal_system;
grant execute on function impersonal to portal_system;
comment on function impersonal is 'What of a value of the log says what somebody was allowed, not who they were. What is not named here is taken for personal.';

-- +goose StatementBegin
create or replace function erase_own_account(moment timestamptz, request text) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
declare
    me uuid := portal_user();
    own record;
    nobody text := me::text || '@erased.invalid';
    addresses text[];
    left_organization uuid;
    invited record;
    company record;
    theirs uuid[];
    words text[];
    letters uuid[];
    before jsonb;
    after jsonb;
    own_field text;
    event uuid;
    held jsonb;
begin
    select u.email::text as email, u.email_key, u.phone, lower(trim(u.first_name || ' ' || u.last_name)) as name into own from users u where u.id = me and u.erased_at is null for update;
    if not found then
        return;
    end if;
    -- In the order of the organisations, one change of each one's people at a time (organization.lockOrganization).
    for left_organization in select m.organization_id from memberships m where m.user_id = me and m.ended_at is null order by 1 loop
        perform pg_advisory_xact_lock(hashtextextended('people ' || left_organization::text, 0));
        select jsonb_build_object('before', jsonb_build_object('userType', m.user_type,
                'permissions', (select coalesce(jsonb_agg(p.permission order by p.permission), '[]') from membership_permissions p
                    where p.organization_id = left_organization and p.user_id = me),
                'contract_numbers', (select coalesce(jsonb_agg(c.number order by c.kind, c.number), '[]') from membership_contract_numbers a
                    join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
                    where a.organization_id = left_organization and a.user_id = me)))
            into held from memberships m where m.organization_id = left_organization and m.user_id = me;
        delete from membership_permissions p where p.organization_id = left_organization and p.user_id = me;
        delete from membership_contract_numbers a where a.organization_id = left_organization and a.user_id = me;
        update memberships m set ended_at = moment where m.organization_id = left_organization and m.user_id = me; -- keep_a_main_user guards it
        event := gen_random_uuid();
        insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, request_id)
            values (event, moment, left_organization, 'person', me, 'membership.ended', 'membership', me, request);
        insert into audit_personal_values (event_id, occurred_at, organization_id, user_id, personal_values)
            values (event, moment, left_organization, me, held);
    end loop;
    addresses := addresses_of(me);
    letters := array[me];
    for invited in select i.organization_id, i.id, i.accepted_at is null and i.withdrawn_at is null as waits from invitations i
            where i.email_key = own.email_key or i.addressee_id = me and i.accepted_at is null order by i.organization_id, i.id loop
        letters := letters || invited.id;
        delete from invitation_links l where l.organization_id = invited.organization_id and l.invitation_id = invited.id;
        update invitations i set email = nobody, email_key = nobody, first_name = '', last_name = '', addressee_id = null,
                withdrawn_at = case when invited.waits then moment else i.withdrawn_at end
            where i.id = invited.id;
        if invited.waits then
            insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, request_id)
                values (gen_random_uuid(), moment, invited.organization_id, 'person', me, 'invitation.withdrawn', 'invitation', invited.id, request);
        end if;
        update audit_personal_values p set personal_values = impersonal(p.personal_values) from audit_events e
            where e.organization_id = invited.organization_id and e.object_id = invited.id and p.event_id = e.id and p.occurred_at = e.occurred_at
                and p.user_id is null;
    end loop;
    update audit_personal_values p set personal_values = impersonal(p.personal_values) where p.user_id = me;
    delete from audit_personal_values p using audit_events e -- from where somebody tried to log in as them
        where e.organization_id is null and e.object_id = me and p.event_id = e.id and p.occurred_at = e.occurred_at;
    update memberships m set last_seen_at = null where m.user_id = me;
    delete from mails m where lower(m.recipient) = any (addresses) or m.about && letters;
    -- What companies say of them: by their addresses anywhere, by name and telephone where they belonged.
    select array_agg(m.organization_id) into theirs from memberships m where m.user_id = me;
    for company in
        select o.id from organizations o where o.id in (
            select c.organization_id from company_contacts c where lower(c.email) = any (addresses)
            union select a.organization_id from company_accounts a where lower(a.sender_email) = any (addresses)
            union select a.organization_id from company_accounts a where lower(a.invoice_email) = any (addresses)
            union select unnest(theirs)) order by o.id for update
    loop
        words := addresses || case when company.id = any (theirs) then array_remove(array[own.name, own.phone], '') end;
        before := '{}';
        after := '{}';
        with gone as (delete from company_contacts c where c.organization_id = company.id
            and (lower(c.name) = any (words) or lower(c.email) = any (words) or c.phone = any (words)) returning c.position)
        select coalesce(jsonb_build_object('contacts', jsonb_agg('@erased'::text)), '{}') into before from gone having count(*) > 0;
        before := coalesce(before, '{}');
        if before <> '{}' then
            after := '{"contacts": []}';
        end if;
        for own_field in select f.field from company_accounts a cross join lateral (values ('sender_email', a.sender_email::text),
                ('sender_phone', a.sender_phone), ('invoice_email', a.invoice_email::text)) as f (field, value)
                where a.organization_id = company.id and lower(f.value) = any (words) loop
            before := before || jsonb_build_object(own_field, jsonb_build_array('@erased'));
            after := after || jsonb_build_object(own_field, jsonb_build_array());
        end loop;
        update company_accounts a set sender_email = case when before ? 'sender_email' then '' else a.sender_email end,
                sender_phone = case when before ? 'sender_phone' then '' else a.sender_phone end,
                invoice_email = case when before ? 'invoice_email' then '' else a.invoice_email end
            where a.organization_id = company.id and before ?| array['sender_email', 'sender_phone', 'invoice_email'];
        if before <> '{}' then
            event := gen_random_uuid();
            insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, fields, request_id)
                values (event, moment, company.id, 'person', me, 'company_account.changed', 'company_account', company.id,
                    (select array_agg(k order by k) from jsonb_object_keys(before) k), request);
            insert into audit_personal_values (event_id, occurred_at, organization_id, personal_values)
                values (event, moment, company.id, jsonb_build_object('before', before, 'after', after));
        end if;
    end loop;
    update audit_personal_values p set personal_values = without_person(p.personal_values,
            addresses || case when e.organization_id = any (theirs) then array_remove(array[own.name, own.phone], '') end)
        from audit_events e
        where e.object_kind = 'company_account' and p.event_id = e.id and p.occurred_at = e.occurred_at
            and p.personal_values <> without_person(p.personal_values,
                addresses || case when e.organization_id = any (theirs) then array_remove(array[own.name, own.phone], '') end);
    delete from sessions s where s.user_id = me;
    delete from personal_links l where l.user_id = me;
    delete from credentials c where c.user_id = me;
    update users u set email = nobody, email_key = nobody, first_name = '', last_name = '', phone = '', language = null,
        last_organization_id = null, erased_at = moment where u.id = me;
end
$$;
-- +goose StatementEnd

drop function own_data(timestamptz);
-- +goose StatementBegin
create function own_data(moment timestamptz, out profile jsonb, out email_change jsonb, out memberships jsonb, out api_keys jsonb,
        out application_accounts jsonb, out sessions jsonb, out invitations jsonb, out company_accounts jsonb, out mails jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    me uuid := portal_user();
    own record;
    today date := (moment at time zone 'Europe/Helsinki')::date;
    letters uuid[];
begin
    select u.email::text as email, u.email_key, u.phone, lower(trim(u.first_name || ' ' || u.last_name)) as name into own from users u where u.id = me;
    select jsonb_build_object('id', u.id, 'email', u.email, 'firstName', u.first_name, 'lastName', u.last_name, 'phone', u.phone,
            'language', u.language, 'createdAt', u.created_at, 'passwordChangedAt', (select c.changed_at from credentials c where c.user_id = me))
        into profile from users u where u.id = me;
    select jsonb_build_object('email', l.email, 'askedAt', l.created_at, 'expiresAt', l.expires_at)
        into email_change from personal_links l where l.user_id = me and l.purpose = 'email' and l.expires_at > moment;
    select coalesce(jsonb_agg(jsonb_build_object('organization', jsonb_build_object('id', o.id, 'name', o.name, 'businessId', o.business_id),
            'userType', m.user_type, 'joinedAt', m.created_at, 'leftAt', m.ended_at, 'lastSeenAt', m.last_seen_at,
            'invitedBy', (select case when im.ended_at is null then shown_name(u.first_name, u.last_name, u.email)
                    else shown_name(im.left_first_name, im.left_last_name, im.left_email) end
                from memberships im join users u on u.id = im.user_id
                where im.organization_id = m.organization_id and im.user_id = m.invited_by and u.erased_at is null),
            'permissions', (select coalesce(jsonb_agg(p.permission order by p.permission), '[]') from membership_permissions p
                where p.organization_id = m.organization_id and p.user_id = me),
            'contractNumbers', (select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'number', c.number, 'holder', c.holder,
                    'valid', c.valid_from <= today and (c.valid_to is null or c.valid_to >= today)) order by c.kind, c.number), '[]')
                from membership_contract_numbers a join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
                where a.organization_id = m.organization_id and a.user_id = me)) order by o.name, o.id), '[]')
        into memberships from memberships m join organizations o on o.id = m.organization_id where m.user_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organizationId', k.organization_id, 'id', k.id, 'description', k.description,
            'ending', k.suffix, 'status', k.status, 'createdAt', k.created_at, 'lastUsedAt', k.last_used_at, 'expiresAt', k.expires_at,
            'networks', k.networks, 'contractNumbers', (select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'number', c.number)
                    order by c.kind, c.number), '[]')
                from api_key_contract_numbers l join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
                where l.organization_id = k.organization_id and l.api_key_id = k.id)) order by k.created_at, k.id), '[]')
        into api_keys from api_keys k where k.maker_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organizationId', a.organization_id, 'id', a.id, 'name', a.name, 'clientId', a.client_id,
            'status', a.status, 'createdAt', a.created_at, 'lastUsedAt', a.last_used_at,
            'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from application_account_roles r
                where r.organization_id = a.organization_id and r.application_account_id = a.id),
            'contractNumbers', (select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'number', c.number) order by c.kind, c.number), '[]')
                from application_account_contract_numbers l
                join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
                where l.organization_id = a.organization_id and l.application_account_id = a.id)) order by a.created_at, a.id), '[]')
        into application_accounts from application_accounts a where a.maker_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'beganAt', s.created_at, 'lastSeenAt', s.last_seen_at, 'endsAt', s.expires_at,
            'browser', s.browser, 'system', s.system) order by s.created_at, s.id), '[]')
        into sessions from sessions s where s.user_id = me;
    select coalesce(jsonb_agg(jsonb_build_object('organizationId', i.organization_id, 'email', i.email, 'firstName', i.first_name,
            'lastName', i.last_name, 'createdAt', i.created_at, 'acceptedAt', i.accepted_at, 'withdrawnAt', i.withdrawn_at) order by i.created_at, i.id), '[]'),
            array_agg(i.id)
        into invitations, letters from invitations i where i.email_key = own.email_key or i.addressee_id = me and i.accepted_at is null;
    -- Whoever gives the address is them; by a name and a telephone, which anybody can give themselves, only where they read it anyway.
    select coalesce(jsonb_agg(jsonb_build_object('organization', jsonb_build_object('id', o.id, 'name', o.name, 'businessId', o.business_id),
            'field', said.field, 'name', said.name, 'role', said.role, 'email', said.email, 'phone', said.phone) order by o.name, o.id, said.field, said.place), '[]')
        into company_accounts from (
            select c.organization_id, 'contacts' as field, c.position as place, c.name::text, c.role::text, c.email::text, c.phone from company_contacts c
                where lower(c.email) = lower(own.email)
            union select c.organization_id, 'contacts', c.position, c.name::text, c.role::text, c.email::text, c.phone
                from memberships m join company_contacts c on c.organization_id = m.organization_id
                where m.user_id = me and m.ended_at is null and (lower(c.name) = own.name or c.phone = nullif(own.phone, ''))
            union select a.organization_id, 'sender', 1, a.sender_name::text, null, a.sender_email::text, a.sender_phone from company_accounts a
                where lower(a.sender_email) = lower(own.email) and a.sender_email <> ''
            union select a.organization_id, 'sender', 1, a.sender_name::text, null, a.sender_email::text, a.sender_phone
                from memberships m join company_accounts a on a.organization_id = m.organization_id
                where m.user_id = me and m.ended_at is null and a.sender_phone = nullif(own.phone, '')
            union select a.organization_id, 'invoice', 1, null, null, a.invoice_email::text, null from company_accounts a
                where lower(a.invoice_email) = lower(own.email) and a.invoice_email <> ''
        ) as said join organizations o on o.id = said.organization_id;
    -- Letters to them, whichever address of theirs they went to; not those to others that name them.
    select coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'to', m.recipient, 'subject', m.subject, 'createdAt', m.created_at, 'sentAt', m.sent_at)
            order by m.created_at, m.id), '[]')
        into mails from mails m
        where m.about && (me || letters) and (m.kind = 'email_link' or lower(m.recipient) = any (addresses_of(me)));
end
$$;
-- +goose StatementEnd
alter function own_data owner to portal_system;
grant execute on function own_data to portal_app, portal_system;
comment on function own_data is 'What is stored of this transaction''s person, for them to take along; no secret, and nothing of anybody else''s but who invited them.';

-- Names.

-- Those of plain.Line, and combining marks that stand on nothing.
-- +goose StatementBegin
create function shows_nothing(value text) returns boolean language sql immutable parallel safe strict
    return value ~ '^[\s\u0085\u00a0\u00ad\u0300-\u036f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]+$';
-- +goose StatementEnd
grant execute on function shows_nothing to portal_app, portal_system;
comment on function shows_nothing is 'Whether a text has characters, and none that is seen.';
-- Triggers, not constraints: rows that were there before stay as they are until these columns are written.
create trigger seen_names before insert or update of first_name, last_name on users for each row
    when (shows_nothing(new.first_name) or shows_nothing(new.last_name)) execute function refuse_hidden_characters();
create trigger seen_names before insert or update of first_name, last_name on invitations for each row
    when (shows_nothing(new.first_name) or shows_nothing(new.last_name)) execute function refuse_hidden_characters();
create trigger seen_names before insert or update of name on organizations for each row
    when (shows_nothing(new.name)) execute function refuse_hidden_characters();
create trigger seen_names before insert or update of holder on contract_numbers for each row
    when (shows_nothing(new.holder)) execute function refuse_hidden_characters();
create trigger seen_names before insert or update of description on api_keys for each row
    when (shows_nothing(new.description)) execute function refuse_hidden_characters();
create trigger seen_names before insert or update of name on application_accounts for each row
    when (shows_nothing(new.name)) execute function refuse_hidden_characters();
create trigger seen_names before insert or update of name on company_contacts for each row
    when (shows_nothing(new.name)) execute function refuse_hidden_characters();

-- +goose Down
drop trigger seen_names on users;
drop trigger seen_names on invitations;
drop trigger seen_names on organizations;
drop trigger seen_names on contract_numbers;
drop trigger seen_names on api_keys;
drop trigger seen_names on application_accounts;
drop trigger seen_names on company_contacts;
drop function shows_nothing;
drop function own_data(timestamptz);
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
create or replace function erase_own_account(moment timestamptz, request text) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
declare
    me uuid := portal_user();
    own record;
    nobody text := me::text || '@erased.invalid';
    addresses text[];
    left_organization uuid;
    invited record;
    company record;
    theirs uuid[];
    words text[];
    letters uuid[];
    before jsonb;
    after jsonb;
    own_field text;
    event uuid;
begin
    select u.email::text as email, u.email_key, u.phone, lower(trim(u.first_name || ' ' || u.last_name)) as name into own from users u where u.id = me and u.erased_at is null for update;
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
    select array_agg(distinct lower(known)) into addresses from unnest(addresses) as known;
    letters := array[me];
    for invited in select i.organization_id, i.id, i.accepted_at is null and i.withdrawn_at is null as waits from invitations i
            where i.email_key = own.email_key order by i.organization_id, i.id loop
        letters := letters || invited.id;
        delete from invitation_links l where l.organization_id = invited.organization_id and l.invitation_id = invited.id;
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
    delete from mails m where lower(m.recipient) = any (addresses) or m.about && letters;
    -- What companies say of them: by their addresses anywhere, by name and telephone where they belonged.
    select array_agg(m.organization_id) into theirs from memberships m where m.user_id = me;
    for company in
        select o.id from organizations o where o.id in (
            select c.organization_id from company_contacts c where lower(c.email) = any (addresses)
            union select a.organization_id from company_accounts a where lower(a.sender_email) = any (addresses)
            union select a.organization_id from company_accounts a where lower(a.invoice_email) = any (addresses)
            union select unnest(theirs)) order by o.id for update
    loop
        words := addresses || case when company.id = any (theirs) then array_remove(array[own.name, own.phone], '') end;
        before := '{}';
        after := '{}';
        with gone as (delete from company_contacts c where c.organization_id = company.id
            and (lower(c.name) = any (words) or lower(c.email) = any (words) or c.phone = any (words)) returning c.position)
        select coalesce(jsonb_build_object('contacts', jsonb_agg('@erased'::text)), '{}') into before from gone having count(*) > 0;
        before := coalesce(before, '{}');
        if before <> '{}' then
            after := '{"contacts": []}';
        end if;
        for own_field in select f.field from company_accounts a cross join lateral (values ('sender_email', a.sender_email::text),
                ('sender_phone', a.sender_phone), ('invoice_email', a.invoice_email::text)) as f (field, value)
                where a.organization_id = company.id and lower(f.value) = any (words) loop
            before := before || jsonb_build_object(own_field, jsonb_build_array('@erased'));
            after := after || jsonb_build_object(own_field, jsonb_build_array());
        end loop;
        update company_accounts a set sender_email = case when before ? 'sender_email' then '' else a.sender_email end,
                sender_phone = case when before ? 'sender_phone' then '' else a.sender_phone end,
                invoice_email = case when before ? 'invoice_email' then '' else a.invoice_email end
            where a.organization_id = company.id and before ?| array['sender_email', 'sender_phone', 'invoice_email'];
        if before <> '{}' then
            event := gen_random_uuid();
            insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, fields, request_id)
                values (event, moment, company.id, 'person', me, 'company_account.changed', 'company_account', company.id,
                    (select array_agg(k order by k) from jsonb_object_keys(before) k), request);
            insert into audit_personal_values (event_id, occurred_at, organization_id, personal_values)
                values (event, moment, company.id, jsonb_build_object('before', before, 'after', after));
        end if;
    end loop;
    update audit_personal_values p set personal_values = without_person(p.personal_values,
            addresses || case when e.organization_id = any (theirs) then array_remove(array[own.name, own.phone], '') end)
        from audit_events e
        where e.object_kind = 'company_account' and p.event_id = e.id and p.occurred_at = e.occurred_at
            and p.personal_values <> without_person(p.personal_values,
                addresses || case when e.organization_id = any (theirs) then array_remove(array[own.name, own.phone], '') end);
    delete from sessions s where s.user_id = me;
    delete from personal_links l where l.user_id = me;
    delete from credentials c where c.user_id = me;
    update users u set email = nobody, email_key = nobody, first_name = '', last_name = '', phone = '', language = null,
        last_organization_id = null, erased_at = moment where u.id = me;
end
$$;
-- +goose StatementEnd
drop function addresses_of, impersonal;
-- +goose StatementBegin
create or replace function spend_email_link(wanted_hash bytea, moment timestamptz, out user_id uuid, out old_email text, out new_email text)
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
drop function own_email_change, cancel_own_email_change;
drop function change_own_password(text, timestamptz);
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
drop function spend_password_link(bytea, text, timestamptz);
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
drop function void_links;
alter table invitations drop column addressee_id;
alter table sessions drop column browser, drop column system;
