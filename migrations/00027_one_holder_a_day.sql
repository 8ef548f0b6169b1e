-- A contract number is one holder's on each day, also while an end is known.

-- +goose Up

-- Where two have had one on the same day, whoever was given it first keeps it, as would have been from the start: the
-- other's begins on the day after, or, where that leaves no day, is over. Each such change is in the log.
select ensure_audit_partitions();
-- +goose StatementBegin
create function separate_contract_numbers() returns void language plpgsql security definer
    set search_path = portal, pg_temp as $$
declare
    late contract_numbers%rowtype;
    begins date;
    ends date;
    earlier record;
begin
    for late in
        select c.* from contract_numbers c where exists (
            select from contract_numbers e where e.kind = c.kind and e.number = c.number and (e.created_at, e.id) < (c.created_at, c.id)
                and daterange(e.valid_from, e.valid_to, '[]') && daterange(c.valid_from, c.valid_to, '[]'))
        order by c.created_at, c.id
    loop
        begins := late.valid_from;
        for earlier in
            select e.valid_from, coalesce(e.valid_to, 'infinity'::date) as valid_to from contract_numbers e
            where e.kind = late.kind and e.number = late.number and (e.created_at, e.id) < (late.created_at, late.id)
            order by e.valid_from
        loop
            exit when earlier.valid_from > begins;
            if earlier.valid_to >= begins then
                begins := case when earlier.valid_to = 'infinity' then earlier.valid_to else earlier.valid_to + 1 end;
            end if;
        end loop;
        select least(late.valid_to, min(e.valid_from) - 1) into ends from contract_numbers e
            where e.kind = late.kind and e.number = late.number and (e.created_at, e.id) < (late.created_at, late.id) and e.valid_from > begins;
        if begins = 'infinity' or ends < begins then
            select min(c.valid_from) - 1 into begins from contract_numbers c where c.kind = late.kind and c.number = late.number;
            ends := begins;
        end if;
        update contract_numbers c set valid_from = begins, valid_to = ends where c.id = late.id;
        insert into audit_events (id, occurred_at, organization_id, actor_kind, action, object_kind, object_id, fields)
            values (gen_random_uuid(), now(), late.organization_id, 'operator', 'contract_number.separated', 'contract_number', late.id, '{valid_from,valid_to}');
    end loop;
end
$$;
-- +goose StatementEnd
alter function separate_contract_numbers owner to portal_system;
select separate_contract_numbers();
drop function separate_contract_numbers;

-- Kinds are numbered apart. Ranges of integers need no extension.
alter table contract_numbers add constraint contract_number_one_holder_a_day exclude using gist (
    (case kind when 'customer_number' then int4range(number::integer, number::integer, '[]')
        when 'logistics_contract' then int4range(1000000 + number::integer, 1000000 + number::integer, '[]')
        else int4range(2000000 + number::integer, 2000000 + number::integer, '[]') end) with &&,
    daterange(valid_from, valid_to, '[]') with &&);
drop index contract_number_open_once; -- which saw only those without an end
create index on contract_numbers (kind, number);

-- +goose Down
drop index contract_numbers_kind_number_idx;
create unique index contract_number_open_once on contract_numbers (kind, number) where valid_to is null;
alter table contract_numbers drop constraint contract_number_one_holder_a_day;
