-- The rights that a proxy needs on a shared ledger, and no more: it adds records and can neither change nor delete them.
-- Run it as the owner of the tables, after the first start has made them (docs/operations.md). The role is made beforehand:
--   create role blockrun_proxy login password '…';

revoke all on all tables in schema public from blockrun_proxy;
revoke create on schema public from public;
grant usage on schema public to blockrun_proxy;

-- What is written once.
grant select, insert on entry, allowance, payee_pin, payee_trust to blockrun_proxy;
-- What follows from it, or is about the present.
grant select, insert, update on day, client_day, audit_head, stop to blockrun_proxy;
grant select, insert, update, delete on open_hold, instance to blockrun_proxy;
grant select, insert, delete on audit_tail, pause_file to blockrun_proxy;
-- Whether the tables are of this version.
grant select on kysely_migration, kysely_migration_lock to blockrun_proxy;
