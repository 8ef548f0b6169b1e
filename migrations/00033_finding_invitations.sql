-- Pending invitations are found as people are: from three characters on by an index, and in the order of names as far as a
-- page needs; a filtered search costs the same however many wait. And what finds either is planned once.

-- +goose Up

create index invitations_marks on invitations
    using gin (search_marks(hashtextextended(organization_id::text, 0), searched, array['type ' || user_type])) with (fastupdate = off)
    where accepted_at is null and withdrawn_at is null;

-- Asked only where it matters, as it costs more than all the rest.
-- +goose StatementBegin
create function invitation_gives(organization uuid, invitation uuid, wanted_permission text, wanted_number uuid)
    returns boolean language sql stable parallel safe
    return (wanted_permission = '' or exists (select from portal.invitation_permissions p
            where p.organization_id = organization and p.invitation_id = invitation and p.permission = wanted_permission))
        and (wanted_number is null or exists (select from portal.invitation_contract_numbers n
            where n.organization_id = organization and n.invitation_id = invitation and n.contract_number_id = wanted_number));
-- +goose StatementEnd

-- +goose StatementBegin
create function is_invited(i invitations, patterns text[], wanted_type text, wanted_permission text, wanted_number uuid)
    returns boolean language sql stable parallel safe
    return (i).searched like all (patterns) and (wanted_type = '' or (i).user_type = wanted_type)
        and (wanted_permission = '' and wanted_number is null
            or portal.invitation_gives((i).organization_id, (i).id, wanted_permission, wanted_number));
-- +goose StatementEnd

-- +goose StatementBegin
create function invited_marks(organization uuid, query text, wanted_type text) returns integer[] language sql immutable parallel safe
    return array(select search_mark(hashtextextended(organization::text, 0), part) from unnest(wanted_parts(query, wanted_type, '', null)) as parts (part));
-- +goose StatementEnd
grant execute on function invitation_gives, is_invited, invited_marks to portal_system;
grant execute on function search_mark, search_marks to portal_app; -- whoever changes an invitation makes its marks

-- +goose StatementBegin
create function find_invitations(query text, wanted_type text, wanted_permission text, wanted_number uuid, after_name text, after_id uuid, size integer)
    returns setof uuid language plpgsql stable security definer set search_path = portal, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    marks integer[] := invited_marks(organization, query, wanted_type);
    way integer := case when marks = '{}' then null else size + 250 end;
    found integer;
    end_name text;
    end_id uuid;
begin
    return query
        select i.id from (select * from invitations i
            where i.organization_id = organization and i.accepted_at is null and i.withdrawn_at is null and (i.name, i.id) > (after_name, after_id)
            order by i.name, i.id limit way) as i
        where is_invited(i, patterns, wanted_type, wanted_permission, wanted_number)
        order by i.name, i.id limit size;
    get diagnostics found = row_count;
    if found = size or way is null then
        return;
    end if;
    select i.name, i.id into end_name, end_id from invitations i
        where i.organization_id = organization and i.accepted_at is null and i.withdrawn_at is null and (i.name, i.id) > (after_name, after_id)
        order by i.name, i.id offset way - 1 limit 1;
    if end_id is null then
        return; -- those were all
    end if;
    -- Few are as they are wanted to be, or they would have been met: their order is made here.
    return query
        select i.id from (select * from invitations i
            where i.accepted_at is null and i.withdrawn_at is null
                and search_marks(hashtextextended(i.organization_id::text, 0), i.searched, array['type ' || i.user_type]) @> marks offset 0) as i
        where i.organization_id = organization and (i.name, i.id) > (end_name collate "sv-SE-x-icu", end_id)
            and is_invited(i, patterns, wanted_type, wanted_permission, wanted_number)
        order by i.name, i.id limit size - found;
end
$$;
-- +goose StatementEnd
comment on function find_invitations is 'A page of the pending invitations that are wanted, in the order of names, of the caller''s organisation.';

-- +goose StatementBegin
create function count_invitations(query text, wanted_type text, wanted_permission text, wanted_number uuid, most integer, out invitations integer)
    language plpgsql stable security definer set search_path = portal, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    organization uuid := portal_organization();
    patterns text[] := search_patterns(query);
    marks integer[] := invited_marks(organization, query, wanted_type);
begin
    if marks <> '{}' then
        -- Where many match, the first ones are enough, and the index would give them all.
        select count(*) into invitations from (
            select from (select * from invitations i
                where i.organization_id = organization and i.accepted_at is null and i.withdrawn_at is null
                order by i.name, i.id limit 2 * most) as i
            where is_invited(i, patterns, wanted_type, wanted_permission, wanted_number)
            limit most) as wanted;
        if invitations = most then
            return;
        end if;
        select count(*) into invitations from (
            select from (select * from invitations i
                where i.accepted_at is null and i.withdrawn_at is null
                    and search_marks(hashtextextended(i.organization_id::text, 0), i.searched, array['type ' || i.user_type]) @> marks offset 0) as i
            where i.organization_id = organization and is_invited(i, patterns, wanted_type, wanted_permission, wanted_number)
            limit most) as wanted;
    elsif wanted_permission <> '' or wanted_number is not null then
        select count(*) into invitations from (
            select from invitations i
            where i.organization_id = organization and i.accepted_at is null and i.withdrawn_at is null
                and is_invited(i, patterns, wanted_type, wanted_permission, wanted_number)
            limit most) as wanted;
    else
        select count(*) into invitations from (select i.name from invitations i
            where i.organization_id = organization and i.accepted_at is null and i.withdrawn_at is null) as pending;
    end if;
end
$$;
-- +goose StatementEnd
comment on function count_invitations is 'How many pending invitations of the caller''s organisation are wanted: at most as many as said, but all where nothing is wanted of them.';
alter function find_invitations owner to portal_system;
alter function count_invitations owner to portal_system;
grant execute on function find_invitations, count_invitations to portal_app, portal_system;

-- The first uses of a connection planned anew what all later ones do alike.
alter function find_people set plan_cache_mode = force_generic_plan;
alter function count_people set plan_cache_mode = force_generic_plan;

-- +goose Down
alter function count_people reset plan_cache_mode;
alter function find_people reset plan_cache_mode;
revoke execute on function search_mark, search_marks from portal_app;
drop function count_invitations, find_invitations, invited_marks, is_invited, invitation_gives;
drop index invitations_marks;
