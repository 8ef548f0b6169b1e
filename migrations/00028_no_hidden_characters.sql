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

-- +goose Down
drop trigger no_hidden_characters on users;
drop trigger no_hidden_characters on invitations;
drop trigger no_hidden_characters on personal_links;
drop trigger no_hidden_characters on organizations;
drop trigger no_hidden_characters on contract_numbers;
drop trigger no_hidden_characters on api_keys;
drop trigger no_hidden_characters on application_accounts;
drop function refuse_hidden_characters, hides_characters;
