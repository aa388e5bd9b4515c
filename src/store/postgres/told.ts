// The question that every process asks four times a second, and its answer. As a rule nothing has changed, or some days
// have: names and keys are looked at only where their numbers say that there is something new.
import { statement } from './pool.ts'

export interface Told {
  readonly format: number
  readonly store: string
  readonly moving: boolean
  readonly standby: boolean
  /** Of each of the three texts below, by which the next question says what is known already. */
  readonly names: number
  readonly keys: number
  readonly clocks: string
  /** Key, name and binding of every workspace, as JSON; null where that is what it was before, as below. */
  readonly directory: string | null
  /** Key and revision of every workspace, as JSON. */
  readonly revisions: string | null
  /** The rows of all API keys, as JSON. */
  readonly api_keys: string | null
}

// Revisions and numbers of writes only rise, so that their sum is another one after every write.
export const TELL = statement<Told>(
  'tell',
  `with digest as (
    select count(*) || ':' || coalesce(sum(revision + writes), 0) as clocks
    from clock
  )
  select f.format, f.store, f.moving, pg_is_in_recovery() as standby, f.names, f.keys, d.clocks,
    case when f.store = $4 and f.names = $1 then null else (
      select coalesce(json_agg(json_build_array(key, name, source_kind, source_id, time_column))::text, '[]')
      from workspace
    ) end as directory,
    case when f.store = $4 and f.keys = $2 then null else (
      select coalesce(json_agg(row_to_json(api_key))::text, '[]')
      from api_key
    ) end as api_keys,
    case when f.store = $4 and d.clocks = $3 then null else (
      select coalesce(json_agg(json_build_array(workspace_key, revision))::text, '[]')
      from clock
    ) end as revisions
  from store_format f, digest d`
)

/** Where nothing is known yet. */
export const NOTHING_KNOWN = [-1, -1, '', ''] as const
