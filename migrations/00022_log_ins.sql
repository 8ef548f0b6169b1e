-- The log of an organisation shows its people's log-ins by themselves, the newest first, whoever they are.

-- +goose Up

create index on audit_events (occurred_at desc, id desc) where organization_id is null;

-- +goose Down
drop index audit_events_occurred_at_id_idx;
