-- Which invitations could not be delivered is asked for each row of the list. The index of all mail by whom it is about is
-- slow to look into while a round of thousands has just been written; of those that failed there are few.

-- +goose Up

create index mails_failed on mails using gin (about) with (fastupdate = off) where failed_at is not null;

-- +goose Down
drop index mails_failed;
