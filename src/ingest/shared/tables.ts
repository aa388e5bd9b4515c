// Where it stands whose turn it is: tables of our own beside those of pg-boss, in a schema that nothing else uses.
import type { Database } from './database.ts'

/** The schema of a store's jobs: stores that share a database, each in a schema of its own, share no work. */
export async function findSchema(database: Database): Promise<string> {
  const [row] = await database.query<{ schema: string | null }>('select current_schema() as schema')
  const own = row?.schema ?? 'public'
  const name = own === 'public' ? 'post_delivery_jobs' : `${own}_jobs`
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name}"`
}

/**
 * The schema with our tables in it; does nothing where they are there. Who may make no schemas can be given one that is
 * empty.
 */
export async function makeTables(database: Database, schema: string): Promise<void> {
  const [found] = await database.query<{ there: boolean }>('select to_regnamespace($1) is not null as there', [schema])
  await database.run(`
    begin;
    -- Two that make them at once would both fail, or one of them.
    select pg_advisory_xact_lock(hashtext('${schema.replaceAll("'", "''")}'));
    ${found?.there === true ? '' : `create schema if not exists ${schema};`}

    -- A row for each workspace. Whoever has locked it decides who works on it, and on what.
    create table if not exists ${schema}.turn (
      workspace   text primary key,
      identity    text not null,    -- whose slots it is read with
      due_since   timestamptz,      -- when it was last found due by a schedule or a start; null: it is not
      due_trigger text,
      ticked_at   timestamptz,      -- the last time of a schedule that found it due
      begun_at    timestamptz,      -- when the last run for what is due began
      read_at     timestamptz,      -- when the last such run succeeded
      queue       text,             -- of the job that is
      slot        uuid,             -- the slot of whoever works on it
      running     text              -- the run that he works on
    );

    -- A row for each run that waits or works.
    create table if not exists ${schema}.ask (
      id        text primary key,   -- of the run
      workspace text not null,
      asker     text not null,      -- the process that was asked
      number    bigint generated always as identity,
      run       text not null,      -- its record when it was asked for, as JSON
      forced    boolean not null,
      due       boolean not null,   -- for what is due, and not for days given by hand
      heard_at  timestamptz not null default now()
    );
    create index if not exists ask_of_workspace on ${schema}.ask (workspace, number);
    commit`)
}
