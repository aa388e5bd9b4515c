// The question that every process asks four times a second, and its answer.
import { statement } from './pool.ts'

/** Each text is null where it is what it was before. */
export interface Told {
  readonly format: number
  readonly store: string
  readonly moving: boolean
  readonly standby: boolean
  /** Key, name and binding of every workspace, as JSON. */
  readonly directory: string | null
  /** Key, revision and number of writes of every workspace, as JSON. */
  readonly revisions: string | null
  /** The rows of all API keys, as JSON. */
  readonly keys: string | null
  /** Of each of the three, by which the next question says what is known already. */
  readonly directory_hash: string
  readonly revisions_hash: string
  readonly keys_hash: string
}

export const TELL = statement<Told>(
  'tell',
  `with told as (
    select
      (select coalesce(json_agg(json_build_array(key, name, source_kind, source_id, time_column) order by key), '[]')::text
        from workspace) as directory,
      (select coalesce(json_agg(json_build_array(workspace_key, revision, writes) order by workspace_key), '[]')::text
        from clock) as revisions,
      (select coalesce(json_agg(row_to_json(api_key) order by id), '[]')::text
        from api_key) as keys
  ), hashed as (
    select *, hashtextextended(directory, 0)::text as directory_hash, hashtextextended(revisions, 0)::text as revisions_hash,
      hashtextextended(keys, 0)::text as keys_hash
    from told
  )
  select f.format, f.store, f.moving, pg_is_in_recovery() as standby, directory_hash, revisions_hash, keys_hash,
    case when directory_hash = $1 then null else directory end as directory,
    case when revisions_hash = $2 then null else revisions end as revisions,
    case when keys_hash = $3 then null else keys end as keys
  from hashed, store_format f`
)
