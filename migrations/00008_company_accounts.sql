-- Företagskonto: what an organisation says of itself. Its members read it; holders of Hantera företagskontoinformation
-- change it, which the database asks as well.

-- +goose Up

create table company_accounts (
    organization_id uuid primary key references organizations,
    vat_number text not null constraint company_vat_number_form check (vat_number ~ '^(FI[0-9]{8})?$'),
    postal_street short_text not null,
    postal_postcode text not null constraint company_postal_postcode_form check (postal_postcode ~ '^([0-9]{5})?$'),
    postal_city short_text not null,
    visiting_street short_text not null,
    visiting_postcode text not null constraint company_visiting_postcode_form check (visiting_postcode ~ '^([0-9]{5})?$'),
    visiting_city short_text not null,
    einvoice_address text not null constraint company_einvoice_address_form
        check (einvoice_address ~ '^(0037[0-9]{8}[0-9A-Z]{0,5}|FI[0-9]{16})?$'),
    einvoice_operator text not null constraint company_einvoice_operator_form check (einvoice_operator ~ '^([0-9A-Z]{6,20})?$'),
    invoice_email short_text not null constraint company_invoice_email_form check (invoice_email = '' or invoice_email like '%_@_%'),
    invoice_reference short_text not null,
    sender_name short_text not null,
    sender_street short_text not null,
    sender_postcode text not null constraint company_sender_postcode_form check (sender_postcode ~ '^([0-9]{5})?$'),
    sender_city short_text not null,
    sender_email short_text not null constraint company_sender_email_form check (sender_email = '' or sender_email like '%_@_%'),
    sender_phone text not null constraint company_sender_phone_form check (sender_phone ~ '^(\+[1-9][0-9]{4,14})?$'),
    constraint company_einvoice_whole check ((einvoice_address = '') = (einvoice_operator = '')),
    constraint company_postal_address_whole check ((postal_street = '') = (postal_postcode = '') and (postal_street = '') = (postal_city = '')),
    constraint company_visiting_address_whole check ((visiting_street = '') = (visiting_postcode = '') and (visiting_street = '') = (visiting_city = '')),
    constraint company_sender_whole check ((sender_name = '') = (sender_street = '') and (sender_name = '') = (sender_postcode = '')
        and (sender_name = '') = (sender_city = '') and (sender_name <> '' or sender_email = '' and sender_phone = ''))
);
comment on table company_accounts is 'Name and business ID are the organisation''s own. Empty texts are what is not given.';
comment on column company_accounts.einvoice_address is 'An OVT identifier (0037, the digits of a business ID, at most five characters more) or a Finnish IBAN.';
comment on column company_accounts.sender_phone is 'E.164, or empty.';

create table company_contacts (
    organization_id uuid not null references organizations,
    position integer not null constraint company_contact_position_range check (position between 1 and 20),
    name short_text not null collate "sv-SE-x-icu" constraint company_contact_has_a_name check (name <> ''),
    role short_text not null,
    email short_text not null constraint company_contact_email_form check (email = '' or email like '%_@_%'),
    phone text not null constraint company_contact_phone_form check (phone ~ '^(\+[1-9][0-9]{4,14})?$'),
    primary key (organization_id, position)
);
comment on column company_contacts.phone is 'E.164, or empty.';

-- +goose StatementBegin
create function may_change_company_account() returns boolean language plpgsql stable security definer
    set search_path = portal, pg_temp as $$
begin
    return exists (select from memberships m
        join membership_permissions p on p.organization_id = m.organization_id and p.user_id = m.user_id
        where m.organization_id = portal_organization() and m.user_id = portal_user() and m.ended_at is null
            and p.permission = 'manage_company_account');
end
$$;
-- +goose StatementEnd
alter function may_change_company_account owner to portal_system;
grant execute on function may_change_company_account to portal_app, portal_system;
comment on function may_change_company_account is 'Whether this transaction''s person holds Hantera företagskontoinformation in its organisation.';

-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['company_accounts', 'company_contacts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy system on %I to portal_system using (true) with check (true)', t);
        execute format('grant select, insert, update, delete on %I to portal_system', t);
        execute format('create policy own_organization on %I for select to portal_app using (organization_id = portal_organization())', t);
        execute format('create policy changed_by_holders on %I to portal_app
            using (organization_id = portal_organization() and may_change_company_account())
            with check (organization_id = portal_organization() and may_change_company_account())', t);
    end loop;
end
$$;
-- +goose StatementEnd
grant select, insert, update on company_accounts to portal_app;
grant select, insert, delete on company_contacts to portal_app;

drop policy own_organization on organizations;
create policy own_organization on organizations for select to portal_app using (id = portal_organization());
create policy changed_by_holders on organizations for update to portal_app
    using (id = portal_organization() and may_change_company_account())
    with check (id = portal_organization() and may_change_company_account());
grant update (name, business_id) on organizations to portal_app;

-- +goose Down
revoke update (name, business_id) on organizations from portal_app;
drop policy changed_by_holders on organizations;
drop policy own_organization on organizations;
create policy own_organization on organizations to portal_app using (id = portal_organization());
drop table company_contacts, company_accounts;
drop function may_change_company_account;
