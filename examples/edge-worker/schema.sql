create table if not exists call_record (
  key text primary key,
  completeness integer not null,
  called_at text not null, -- when the call ended, or the latest time known of it; UTC, so that text sorts by time
  record text not null
);
create index if not exists call_record_by_time on call_record (called_at, key);

-- Pushes that could not be read, or not wholly, as they came.
create table if not exists unreadable_push (
  id text primary key,
  received_at text not null,
  provider text not null,
  account text,
  reason text not null,
  content_type text,
  query text,
  body blob not null -- text, or bytes where it is no UTF-8
);
