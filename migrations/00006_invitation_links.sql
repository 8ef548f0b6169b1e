-- Invitations that are sent: the links that open them, and how somebody becomes a member by one.

-- +goose Up

alter table invitations
    add column language text not null default 'sv' constraint invitation_language_known check (language in ('sv', 'fi', 'en')),
    add column round_id uuid,
    add column sent_at timestamptz,
    add column asked_at timestamptz;
comment on column invitations.language is 'In which the mail is written, and the account of a newcomer begins.';
comment on column invitations.round_id is 'Made with the form that invited: one that is sent twice invites once.';
comment on column invitations.sent_at is 'When its newest link was sent; null while it has none.';
comment on column invitations.asked_at is 'When somebody with a dead link last asked for a new one.';
create index on invitations (organization_id, round_id);

create table invitation_links (
    token_hash bytea primary key constraint invitation_link_token_hash_is_sha256 check (length(token_hash) = 32),
    organization_id uuid not null,
    invitation_id uuid not null,
    created_at timestamptz not null,
    replaced_at timestamptz,
    foreign key (organization_id, invitation_id) references invitations (organization_id, id) on delete cascade
);
comment on table invitation_links is 'Every link that was sent, so that a dead one can say why; only the hashes of their tokens.';
create index on invitation_links (organization_id, invitation_id);
create unique index invitation_link_once on invitation_links (invitation_id) where replaced_at is null;

alter table invitation_links enable row level security;
alter table invitation_links force row level security;
create policy system on invitation_links to portal_system using (true) with check (true);
create policy own_organization on invitation_links to portal_app
    using (organization_id = portal_organization()) with check (organization_id = portal_organization());
grant select, insert, update, delete on invitation_links to portal_system;
grant select, insert, update (replaced_at) on invitation_links to portal_app;

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

-- Whoever serves can make neither accounts nor members, but for whom the token of a link that still holds is shown: this
-- spends it. What the member may do is inserted by the caller, who knows whether the inviter could still give it.
-- +goose StatementBegin
create function accept_invitation(wanted_hash bytea, moment timestamptz, person uuid, newcomer uuid, newcomer_first_name text,
        newcomer_last_name text, newcomer_password_hash text, as_regular_user boolean, out member uuid, out joined boolean)
    language plpgsql security definer set search_path = portal, pg_temp as $$
declare
    invited invitations%rowtype;
begin
    select i.* into invited from invitation_links l
        join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
        where l.token_hash = wanted_hash and l.replaced_at is null and i.accepted_at is null and i.withdrawn_at is null
            and (i.expires_at is null or i.expires_at > moment)
        for update of i;
    if not found then
        return;
    end if;
    if person is not null then
        select u.id into member from users u where u.id = person and u.email_key = invited.email_key;
    else
        insert into users (id, email, email_key, first_name, last_name, language, created_at)
            values (newcomer, invited.email, invited.email_key, newcomer_first_name, newcomer_last_name, invited.language, moment)
            on conflict (email_key) do nothing returning id into member;
        insert into credentials (user_id, password_hash, changed_at)
            select member, newcomer_password_hash, moment where member is not null;
    end if;
    if member is null then
        return; -- another person, or one who has an account already
    end if;
    insert into memberships as m (organization_id, user_id, user_type, invited_by, created_at)
        values (invited.organization_id, member, case when as_regular_user then 'user' else invited.user_type end, invited.invited_by, moment)
        on conflict (organization_id, user_id) do update
            set user_type = excluded.user_type, invited_by = excluded.invited_by, created_at = excluded.created_at, ended_at = null
            where m.ended_at is not null;
    joined := found; -- else they are a member, by another way
    update invitations i set accepted_at = moment where i.id = invited.id;
    update users u set last_organization_id = invited.organization_id where u.id = member;
end
$$;
-- +goose StatementEnd
alter function accept_invitation owner to portal_system;
grant execute on function accept_invitation to portal_app, portal_system;
comment on function accept_invitation is 'Makes who holds a link that still holds a member, and spends the link; member is null if it opens nothing for them.';

-- +goose Down
drop function accept_invitation;
drop function recognize_invitation;
drop table invitation_links;
alter table invitations drop column language, drop column round_id, drop column sent_at, drop column asked_at;
