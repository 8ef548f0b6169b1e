-- Erasing an account reaches what companies say of the person, in Företagskonto and in its history, and letters that name
-- them, whoever they are to.

-- +goose Up

alter table mails add column about uuid[] not null default '{}';
comment on column mails.about is 'The accounts and invitations of the people whom it is to or names, so that erasing them finds it.';
create index on mails using gin (about);
create index on mails (lower(recipient));
drop index mails_recipient_idx;
create index on company_contacts (lower(email));
create index on company_accounts (lower(sender_email)) where sender_email <> '';
create index on company_accounts (lower(invoice_email)) where invoice_email <> '';
create index audit_events_of_companies on audit_events (occurred_at) where object_kind = 'company_account';

-- +goose StatementBegin
create function without_person(value jsonb, words text[]) returns jsonb language plpgsql immutable
    set search_path = portal, pg_temp as $$
begin
    case jsonb_typeof(value)
    when 'object' then
        return (select coalesce(jsonb_object_agg(o.key, without_person(o.value, words)), '{}') from jsonb_each(value) as o);
    when 'array' then
        return (select coalesce(jsonb_agg(without_person(a.value, words) order by a.position), '[]')
            from jsonb_array_elements(value) with ordinality as a (value, position));
    when 'string' then
        return case when string_to_array(lower(value #>> '{}'), ', ') && words then '"@erased"' else value end;
    else
        return value;
    end case;
end
$$;
-- +goose StatementEnd
alter function without_person owner to portal_system;
revoke execute on function without_person from public;
grant execute on function without_person to portal_system;
comment on function without_person is 'A value of the log with @erased in place of the texts that name somebody: by one of the words, in small letters, as a whole or between commas.';

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

-- +goose Down
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
drop function without_person;
drop index audit_events_of_companies, company_accounts_lower_idx, company_accounts_lower_idx1, company_contacts_lower_idx, mails_lower_idx;
create index on mails (recipient);
alter table mails drop column about;
