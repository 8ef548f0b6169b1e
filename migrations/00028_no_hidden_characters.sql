-- What people are called and written to has no characters that are not seen: no name that turns the text around it, no
-- address that looks like another. Rows that were there before stay as they are until these columns are written.

-- +goose Up

-- Those of internal/plain.
-- +goose StatementBegin
create function hides_characters(value text) returns boolean language sql immutable parallel safe strict
    return value ~ '[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]';
-- +goose StatementEnd
grant execute on function hides_characters to portal_app, portal_system;
comment on function hides_characters is 'Whether a text holds characters that only do something to others; the joiners are not among them.';

-- +goose StatementBegin
create function refuse_hidden_characters() returns trigger language plpgsql set search_path = portal, pg_temp as $$
begin
    raise exception 'a character that is not seen' using errcode = 'check_violation', constraint = 'no_hidden_characters', table = tg_table_name;
end
$$;
-- +goose StatementEnd
alter function refuse_hidden_characters owner to portal_system;
create trigger no_hidden_characters before insert or update of email, first_name, last_name on users for each row
    when (hides_characters(new.email || new.first_name || new.last_name)) execute function refuse_hidden_characters();
create trigger no_hidden_characters before insert or update of email, first_name, last_name on invitations for each row
    when (hides_characters(new.email || new.first_name || new.last_name)) execute function refuse_hidden_characters();
create trigger no_hidden_characters before insert or update of email on personal_links for each row
    when (hides_characters(new.email)) execute function refuse_hidden_characters();
create trigger no_hidden_characters before insert or update of name on organizations for each row
    when (hides_characters(new.name)) execute function refuse_hidden_characters();
create trigger no_hidden_characters before insert or update of holder on contract_numbers for each row
    when (hides_characters(new.holder)) execute function refuse_hidden_characters();
create trigger no_hidden_characters before insert or update of description on api_keys for each row
    when (hides_characters(new.description)) execute function refuse_hidden_characters();
create trigger no_hidden_characters before insert or update of name on application_accounts for each row
    when (hides_characters(new.name)) execute function refuse_hidden_characters();

-- The link of an invitation shows what it would really give: whoever invited may have lost what they could give.

drop function recognize_invitation(bytea);
-- +goose StatementBegin
create function recognize_invitation(wanted_hash bytea, moment timestamptz,
        out invitation_id uuid, out organization_id uuid, out organization_name text, out business_id text,
        out email text, out email_key text, out first_name text, out last_name text, out language text, out user_type text,
        out permissions text[], out inviter_first_name text, out inviter_last_name text, out expires_at timestamptz, out accepted_at timestamptz,
        out withdrawn_at timestamptz, out replaced_at timestamptz, out asked_at timestamptz, out has_account boolean,
        out inviter_lost boolean, out numbers jsonb)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
declare
    today date := (moment at time zone 'Europe/Helsinki')::date;
begin
    select i.id, o.id, o.name::text, o.business_id, i.email::text, i.email_key, i.first_name::text, i.last_name::text, i.language, i.user_type,
            coalesce((select array_agg(p.permission) from invitation_permissions p
                where p.organization_id = i.organization_id and p.invitation_id = i.id), '{}'),
            u.first_name::text, u.last_name::text, i.expires_at, i.accepted_at, i.withdrawn_at, l.replaced_at, i.asked_at,
            exists (select from users a where a.email_key = i.email_key),
            not exists (select from memberships m where m.organization_id = i.organization_id and m.user_id = i.invited_by
                and m.user_type = 'main_user' and m.ended_at is null),
            (select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder,
                    'ended', c.valid_from > today or coalesce(c.valid_to < today, false)) order by c.kind, c.number)
                from invitation_contract_numbers a
                join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
                where a.organization_id = i.organization_id and a.invitation_id = i.id)
        into invitation_id, organization_id, organization_name, business_id, email, email_key, first_name, last_name, language, user_type,
            permissions, inviter_first_name, inviter_last_name, expires_at, accepted_at, withdrawn_at, replaced_at, asked_at, has_account,
            inviter_lost, numbers
        from invitation_links l
        join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
        join organizations o on o.id = i.organization_id
        join users u on u.id = i.invited_by
        where l.token_hash = wanted_hash;
end
$$;
-- +goose StatementEnd
alter function recognize_invitation owner to portal_system;
grant execute on function recognize_invitation to portal_app, portal_system;
comment on function recognize_invitation is 'What a link opens or opened, before any organisation is known, and what of it its inviter could still give.';


-- +goose Down
drop function recognize_invitation(bytea, timestamptz);
-- +goose StatementBegin
create function recognize_invitation(wanted_hash bytea,
        out invitation_id uuid, out organization_id uuid, out organization_name text, out business_id text,
        out email text, out email_key text, out first_name text, out last_name text, out language text, out user_type text,
        out permissions text[], out inviter_first_name text, out inviter_last_name text, out expires_at timestamptz, out accepted_at timestamptz,
        out withdrawn_at timestamptz, out replaced_at timestamptz, out asked_at timestamptz, out has_account boolean)
    language plpgsql stable security definer set search_path = portal, pg_temp as $$
#variable_conflict use_column
begin
    select i.id, o.id, o.name::text, o.business_id, i.email::text, i.email_key, i.first_name::text, i.last_name::text, i.language, i.user_type,
            coalesce((select array_agg(p.permission) from invitation_permissions p
                where p.organization_id = i.organization_id and p.invitation_id = i.id), '{}'),
            u.first_name::text, u.last_name::text, i.expires_at, i.accepted_at, i.withdrawn_at, l.replaced_at, i.asked_at,
            exists (select from users a where a.email_key = i.email_key)
        into invitation_id, organization_id, organization_name, business_id, email, email_key, first_name, last_name, language, user_type,
            permissions, inviter_first_name, inviter_last_name, expires_at, accepted_at, withdrawn_at, replaced_at, asked_at, has_account
        from invitation_links l
        join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
        join organizations o on o.id = i.organization_id
        join users u on u.id = i.invited_by
        where l.token_hash = wanted_hash;
end
$$;
-- +goose StatementEnd
alter function recognize_invitation owner to portal_system;
grant execute on function recognize_invitation to portal_app, portal_system;
comment on function recognize_invitation is 'What a link opens or opened, before any organisation is known.';
drop trigger no_hidden_characters on users;
drop trigger no_hidden_characters on invitations;
drop trigger no_hidden_characters on personal_links;
drop trigger no_hidden_characters on organizations;
drop trigger no_hidden_characters on contract_numbers;
drop trigger no_hidden_characters on api_keys;
drop trigger no_hidden_characters on application_accounts;
drop function refuse_hidden_characters, hides_characters;
