-- Mail: what is to be delivered, by a job of the same transaction, and what became of it.

-- +goose Up

create table mails (
    id uuid primary key,
    kind text not null constraint mail_kind_form check (kind ~ '^[a-z_]+$'),
    recipient short_text not null constraint mail_has_a_recipient check (recipient like '%_@_%'),
    subject text not null constraint mail_subject_is_one_line check (subject !~ '[[:cntrl:]]'),
    sealed bytea,
    attempts integer not null default 0,
    last_error text not null default '',
    created_at timestamptz not null,
    sent_at timestamptz,
    failed_at timestamptz,
    constraint mail_ends_once check (sent_at is null or failed_at is null)
);
comment on table mails is 'Belongs to no organisation: a mail is its recipient''s, who may be in none. portal_app delivers, so it sees all; what a mail says is sealed.';
comment on column mails.sealed is 'Text and HTML, encrypted, because they may hold a link that opens something; null once delivered or given up (kept in the demo set-ups).';
create index on mails (created_at desc, id desc);
create index on mails (recipient);

alter table mails enable row level security;
alter table mails force row level security;
create policy everybody on mails to portal_app, portal_system using (true) with check (true);
grant select, insert, update (sealed, attempts, last_error, sent_at, failed_at) on mails to portal_app;
grant select, insert, update, delete on mails to portal_system;

-- +goose StatementBegin
create function purge_mails(moment timestamptz) returns void
    language plpgsql security definer set search_path = portal, pg_temp as $$
begin
    delete from mails m where m.created_at < moment - interval '30 days';
end
$$;
-- +goose StatementEnd
alter function purge_mails owner to portal_system;
grant execute on function purge_mails to portal_app, portal_system;
comment on function purge_mails is 'A month is long enough to see why somebody got no mail.';

-- +goose Down
drop table mails;
drop function purge_mails;
