-- What an XML message tells of each shipment of a pickup, which was lost when shipments became one pickup.

-- +goose Up

alter table pickup_parcels
    add column order_type text constraint pickup_parcel_order_type_length check (char_length(order_type) between 1 and 50),
    add column earliest timestamptz,
    add column latest timestamptz,
    add column packages integer constraint pickup_parcel_has_packages check (packages between 1 and 9999),
    add column package_type text constraint pickup_parcel_package_type_length check (char_length(package_type) <= 50),
    add constraint pickup_parcel_told_whole check ((order_type is null) = (earliest is null) and (earliest is null) = (latest is null)
        and (earliest is null) = (packages is null) and (earliest is null) = (package_type is null));
comment on column pickup_parcels.order_type is 'PickupOrderType of its XML message, as PICKUP; null, as the columns after it, for what came otherwise or before this was kept.';
comment on column pickup_parcels.earliest is 'The shipment''s own hours, as its message gave them.';

-- +goose Down
alter table pickup_parcels
    drop column order_type, drop column earliest, drop column latest, drop column packages, drop column package_type;
