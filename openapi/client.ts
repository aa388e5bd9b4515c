// The API in TypeScript, written by `npm run openapi` from openapi.json: whatever is changed here is lost.
// It needs `fetch` and nothing else, so it can be copied to wherever it is used.

export interface ClientOptions {
  /** Where the service is, with the path prefix if it has one. */
  readonly baseUrl: string
  /** Where keys are wanted. */
  readonly key?: string
  /** Instead of the global one. */
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Whatever was not answered as asked. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  /** What the service said of it; null where something between answered. */
  readonly problem: Problem | null
  /** How long to wait before asking again; null where it was not said. */
  readonly retryAfterSeconds: number | null

  constructor(response: Response, problem: Problem | null) {
    super(problem?.detail ?? problem?.title ?? `answered with status ${response.status}`)
    this.status = response.status
    this.problem = problem
    const retryAfter = response.headers.get('retry-after')
    this.retryAfterSeconds = retryAfter === null ? null : Number(retryAfter)
  }
}

/** An error, as RFC 9457 has it. */
export interface Problem {
  /** A URI that names the kind of problem; its last part is `code`. */
  readonly type: string
  readonly title: string
  /** The HTTP status. */
  readonly status: number
  /** What happened, with the value at fault and the remedy. */
  readonly detail?: string
  /** Never changes, so it is what programs should look at. */
  readonly code: string
  /** What is wrong with which parameter of a bad request. */
  readonly errors?: readonly {
    readonly parameter: string
    readonly detail: string
  }[]
}

/** One run of the ingester for one workspace. */
export interface IngestRun {
  /** Opaque. */
  readonly id: string
  /** What started it. */
  readonly trigger: 'schedule' | 'start' | 'command' | 'request'
  readonly workspace: string
  /** The kind of source: `sample`, `log-analytics`, `graph`. */
  readonly source: string
  /** `partial`: some of the days could not be read, or not be asked for. */
  readonly status: 'queued' | 'running' | 'succeeded' | 'partial' | 'failed'
  /** A UTC calendar day. */
  readonly from: string | null
  /** A UTC calendar day. */
  readonly to: string | null
  /** RFC 3339, in UTC. */
  readonly startedAt: string
  /** RFC 3339, in UTC. */
  readonly finishedAt: string | null
  /** Days to ask the source for. */
  readonly daysPlanned: number
  /** Days whose reading was accepted. */
  readonly daysStored: number
  /** Of these, the days that it changed. */
  readonly daysChanged: number
  readonly error?: {
    /** The kind of failure. */
    readonly code: string
    readonly message: string
  }
}

/** Counts by date and label. */
export interface Series {
  readonly workspace: string
  readonly by: 'location' | 'deliveryLocation' | 'actionType' | 'actionTrigger' | 'actionResult' | 'total'
  /** What is counted: action events, failed ones and those of administrators included; not messages. */
  readonly unit: 'actions'
  readonly timeZone: 'UTC'
  /** A UTC calendar day. */
  readonly from: string
  /** A UTC calendar day. */
  readonly to: string
  readonly step: 'day' | 'week' | 'month'
  /** Names the last change of the workspace, or with `asOf` the one at which it was looked at. Digits, opaque; later ones are larger numbers. */
  readonly revision: string
  /** How many days of the range are in each state, whatever the filters are. */
  readonly coverage: {
    /** Read, and not expected to change. */
    readonly final: number
    /** Read, and will be read again. */
    readonly provisional: number
    /** Not read. */
    readonly missing: number
    /** Not read, and gone from the source. */
    readonly lost: number
  }
  /** Filter values that the workspace has never seen; perhaps a typing mistake. Absent if there are none. */
  readonly unmatched?: readonly {
    readonly parameter: string
    readonly value: string
  }[]
  /** Oldest first; in the wide layout every date of the range. */
  readonly series: readonly ({
    /** The day; of a week its Monday, of a month its first day. */
    readonly date: string
    /** `final`: read, and not expected to change. `provisional`: read, and will be read again. `missing`: not read. `lost`: not read, and the source has it no more. A week or month has the worst state of its days. */
    readonly state: 'final' | 'provisional' | 'missing' | 'lost'
    /** Of a week or month: how many of its days take part, being in the range and not after today. */
    readonly days?: number
    readonly Quarantine?: number | null
    readonly Delete?: number | null
    readonly Junk?: number | null
    readonly Inbox?: number | null
    readonly Other?: number | null
    /** In the wide layout a column for each label, with its count: 0 on a day that was read and quiet, null where it is not known. A label that would hide a field of the row has ` (label)` added. In the long layout `count`, and the label under the name that `by` gives. */
    readonly [name: string]: number | string | null | undefined
  })[]
}

/** Always all five locations, in their order. */
export interface Locations {
  readonly locations: readonly ({
    /** The canonical final location. */
    readonly location: 'Quarantine' | 'Delete' | 'Junk' | 'Inbox' | 'Other'
    readonly deliveryLocations: readonly ({
      /** As the table spells it; `(none)` is the empty value. */
      readonly deliveryLocation: string
      /** A UTC calendar day. */
      readonly firstDate: string | null
      /** A UTC calendar day. */
      readonly lastDate: string | null
      /** Events on all days that are stored. */
      readonly count: number
    })[]
  })[]
}

export interface Labels {
  readonly by: 'deliveryLocation' | 'actionType' | 'actionTrigger' | 'actionResult'
  /** Sorted by label. */
  readonly labels: readonly ({
    /** As first met; `(none)` is the empty value. */
    readonly label: string
    /** A UTC calendar day. */
    readonly firstDate: string | null
    /** A UTC calendar day. */
    readonly lastDate: string | null
    /** Events on all days that are stored. */
    readonly count: number
  })[]
}

export interface Anomalies {
  /** By date. */
  readonly anomalies: readonly ({
    /** The day; of a silence, the day on which it was noticed, or the first of the range if that is later. */
    readonly date: string
    /** The last day of a silence so far; else the day itself. */
    readonly until: string
    /** `total` of a silence, which concerns all locations. */
    readonly location: 'Quarantine' | 'Delete' | 'Junk' | 'Inbox' | 'Other' | 'total'
    /** `high` or `low`: a count out of line with the same weekday of the twelve weeks before. `silent`: no event at all for longer than ever before. */
    readonly kind: 'high' | 'low' | 'silent'
    readonly count: number
    /** The lowest and the highest count that would have been in line. */
    readonly expected: readonly number[]
    /** How far out the count is: above 4.5 it is too high, below -4.5 too low; further out is stranger. */
    readonly score: number
    /** Why, in words. */
    readonly reason: string
  })[]
  /** Covered days of the range that have too little history to be judged. */
  readonly unjudged: readonly {
    /** A UTC calendar day. */
    readonly from: string
    /** A UTC calendar day. */
    readonly to: string
  }[]
  /** Whether, at the end of the range, enough is known to notice that no events come any more. */
  readonly silenceJudged: boolean
  /** What was not judged, and why, in words; null where everything was. */
  readonly note: string | null
}

export interface Annotations {
  /** By time. Days are cut off at the ends of the range. */
  readonly annotations: readonly {
    /** Where it begins, in milliseconds since 1970. */
    readonly time: number
    /** Where it ends, in milliseconds since 1970; of days, the last millisecond of the last one. */
    readonly timeEnd: number
    readonly title: string
    /** Which days, and why. */
    readonly text: string
    /** Words divided by commas. The first is `gap`, `shrunk`, `run` or `anomaly`; the others tell more: a state, an error code, a location. */
    readonly tags: string
  }[]
}

/** Changes of days, one by one. */
export interface Changes {
  /** Oldest first. */
  readonly changes: readonly ({
    /** Names this change. Digits, opaque; later ones are larger numbers. */
    readonly revision: string
    readonly workspace: string
    /** A UTC calendar day. */
    readonly date: string
    /** What the day is from this change on; `lost` has no counts. */
    readonly state: 'final' | 'provisional' | 'lost'
    /** From this change on, action events by location; null for a lost day. */
    readonly counts: {
      readonly Quarantine: number
      readonly Delete: number
      readonly Junk: number
      readonly Inbox: number
      readonly Other: number
    } | null
    /** Before it; null where the day was not known. */
    readonly previous: {
      readonly Quarantine: number
      readonly Delete: number
      readonly Junk: number
      readonly Inbox: number
      readonly Other: number
    } | null
    /** When it was stored: RFC 3339, in UTC. Days stored together have one instant. */
    readonly changedAt: string
  })[]
  /** The cursor to keep, and to send as `since` the next time. Always there, also with an empty list. */
  readonly next: string
  /** Whether others follow at once; never true with an empty list. */
  readonly more: boolean
}

export interface WorkspaceStatus {
  readonly workspace: string
  /** Names the last change of the workspace. Digits, opaque; later ones are larger numbers. */
  readonly revision: string
  /** The day on which the oldest row that the source still shows arrived there. */
  readonly sourceFirstDate: string | null
  /** The day on which its newest row arrived. */
  readonly sourceLastDate: string | null
  /** The first day that has counts. */
  readonly firstDate: string | null
  /** The last one. */
  readonly lastDate: string | null
  /** All that the source reaches is final up to this day. */
  readonly finalThrough: string | null
  /** Days that were not read, and that the source could still give. */
  readonly missing: readonly {
    /** A UTC calendar day. */
    readonly from: string
    /** A UTC calendar day. */
    readonly to: string
  }[]
  /** Days that were not read, and that the source has no more. */
  readonly lost: readonly {
    /** A UTC calendar day. */
    readonly from: string
    /** A UTC calendar day. */
    readonly to: string
  }[]
  /** Days whose last reading was empty, although they have events; the old counts stay. */
  readonly shrunk: readonly {
    /** A UTC calendar day. */
    readonly from: string
    /** A UTC calendar day. */
    readonly to: string
  }[]
  /** Days that cannot be read from the store, and are served as missing. */
  readonly damaged: readonly {
    /** A UTC calendar day. */
    readonly from: string
    /** A UTC calendar day. */
    readonly to: string
  }[]
  /** Missing days that the source is about to forget, after the day `lostAfter`. */
  readonly atRisk: readonly {
    /** A UTC calendar day. */
    readonly from: string
    /** A UTC calendar day. */
    readonly to: string
    /** A UTC calendar day. */
    readonly lostAfter: string
  }[]
  /** How many days are missing. */
  readonly missingDays: number
  /** How many are lost. */
  readonly lostDays: number
  /** How many are at risk. */
  readonly atRiskDays: number
  readonly lastRun: IngestRun | null
  /** RFC 3339, in UTC. */
  readonly lastSuccessAt: string | null
  readonly lastSuccessAgeSeconds: number | null
  /** RFC 3339, in UTC. */
  readonly nextRunAt: string | null
  /** Three scheduled times have passed since the last success, or since the start; null where this process schedules nothing. */
  readonly stale: boolean | null
}

export interface Status {
  readonly service: string
  readonly version: string
  /** `sample`: the counts of the workspace `sample` are invented. */
  readonly source: string
  /** RFC 3339, in UTC. */
  readonly now: string
  /** Whether any of the workspaces is. */
  readonly stale: boolean | null
  /** Those that the caller may read. */
  readonly workspaces: readonly WorkspaceStatus[]
}

export interface IngestRuns {
  /** Newest first. */
  readonly runs: readonly IngestRun[]
}

export interface GetSeriesQuery {
  /** Only events that ended there; in any case, repeated or comma separated. A filter whatever the columns are. Default: all five. */
  readonly location?: readonly ('Quarantine' | 'Delete' | 'Junk' | 'Inbox' | 'Other')[]
  /** The first day. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). Both ends are included; at most 3,660 days. Without either end: the 30 full days until yesterday. `from` alone ends yesterday, or at `from` if that is later; `to` alone begins 29 days before. */
  readonly from?: string
  /** The last day, included. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). See `from` for the defaults. */
  readonly to?: string
  /** The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other. */
  readonly workspace?: string
  /** What the columns are. Values of the table become columns where they have an event in the range, or where a filter names them. */
  readonly by?: 'location' | 'deliveryLocation' | 'actionType' | 'actionTrigger' | 'actionResult' | 'total'
  /** Only events with one of these values of `deliveryLocation`, as the table spells them (`Inbox/folder`), in any case; repeated or comma separated (a comma within a value is written `\,`). `(none)` is the empty value. Default: all. */
  readonly deliveryLocation?: readonly string[]
  /** Only events with one of these values of `actionType`, as the table spells them (`Phish ZAP`), in any case; repeated or comma separated (a comma within a value is written `\,`). `(none)` is the empty value. Default: all. */
  readonly actionType?: readonly string[]
  /** Only events with one of these values of `actionTrigger`, as the table spells them (`SpecialAction`), in any case; repeated or comma separated (a comma within a value is written `\,`). `(none)` is the empty value. Default: all. */
  readonly actionTrigger?: readonly string[]
  /** Only events with one of these values of `actionResult`, as the table spells them (`Success`), in any case; repeated or comma separated (a comma within a value is written `\,`). `(none)` is the empty value. Default: all. */
  readonly actionResult?: readonly string[]
  /** What a row is. A week is that of ISO 8601, and begins on Monday. Only days of the range that are not after today take part in a week or month; its `days` counts them. */
  readonly step?: 'day' | 'week' | 'month'
  /** `wide`: a row for each date, with a column for each label. `long`: a row for each date and label. */
  readonly layout?: 'wide' | 'long'
  /** Answer as was answered then: a `revision`, or a time (RFC 3339, or a date-time without offset, which is UTC; a day means its beginning). The default range and the end of weeks and months are those of that day. Default: now. */
  readonly asOf?: string
  /** The form of the answer; `svg` is the time chart as a picture. Default: what `Accept` prefers of the first three, else JSON. */
  readonly format?: 'json' | 'csv' | 'ndjson' | 'svg'
  /** The colours of the picture; with `format=svg` only. Default: `light`. */
  readonly theme?: 'light' | 'dark'
}

export interface ListLocationsQuery {
  /** The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other. */
  readonly workspace?: string
}

export interface ListLabelsQuery {
  /** Which column. */
  readonly by: 'deliveryLocation' | 'actionType' | 'actionTrigger' | 'actionResult'
  /** The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other. */
  readonly workspace?: string
}

export interface ListAnomaliesQuery {
  /** Which locations to judge, each by itself; in any case, repeated or comma separated. Silence is told whatever stands here. Default: all five. */
  readonly location?: readonly ('Quarantine' | 'Delete' | 'Junk' | 'Inbox' | 'Other')[]
  /** The first day. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). Both ends are included; at most 3,660 days. Without either end: the 30 full days until yesterday. `from` alone ends yesterday, or at `from` if that is later; `to` alone begins 29 days before. */
  readonly from?: string
  /** The last day, included. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). See `from` for the defaults. */
  readonly to?: string
  /** The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other. */
  readonly workspace?: string
}

export interface ListAnnotationsQuery {
  /** The first day. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). Both ends are included; at most 3,660 days. Without either end: the 30 full days until yesterday. `from` alone ends yesterday, or at `from` if that is later; `to` alone begins 29 days before. */
  readonly from?: string
  /** The last day, included. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). See `from` for the defaults. */
  readonly to?: string
  /** The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other. */
  readonly workspace?: string
}

export interface ListChangesQuery {
  /** The `next` of the page before: only what changed after it is told. `0` is the beginning. Or a time (RFC 3339, or a date-time without offset, which is UTC; a day means its beginning): what was stored after it. Default: from the beginning. */
  readonly since?: string
  /** At most so many changes in one page. Only what is left of a log that is cut short (`CHANGES_KEEP_DAYS`) comes whole in the first one. */
  readonly limit?: number
  /** The name of a workspace. Default: the first of the settings that the caller may read, else the first by name that holds days; `sample` only if there is no other. */
  readonly workspace?: string
  /** The form of the answer. Default: what `Accept` prefers of the two, else JSON. */
  readonly format?: 'json' | 'ndjson'
}

export interface ListRunsQuery {
  /** The name of a workspace. Default: all. */
  readonly workspace?: string
  /** At most so many. */
  readonly limit?: number
}

export interface Client {
  /** Daily counts of post-delivery actions. How many post-delivery actions ended where, for each UTC day, ISO week or month of a range. Every date has its row. A count of 0 says that the day was read and was quiet; null says that it is not known. */
  getSeries<F extends 'json' | 'csv' | 'ndjson' | 'svg' = 'json'>(query?: GetSeriesQuery & { readonly format?: F }, options?: CallOptions): Promise<F extends 'json' ? Series : string>

  /** Locations, and the table values behind them. The canonical location of an event is found in its `DeliveryLocation` by whole words, whatever their case. This is what has been met so far. */
  listLocations(query?: ListLocationsQuery, options?: CallOptions): Promise<Locations>

  /** Values of one column of the table. What can be given as a filter of `/series`, and what becomes a column there. */
  listLabels(query: ListLabelsQuery, options?: CallOptions): Promise<Labels>

  /** Days whose count is out of line. Days with far more or far fewer events in a location than the same weekday of the weeks before, and silence of the whole table. Only days that were read are judged; a provisional day can only be too high. An empty list with a `note` says that there is too little history. */
  listAnomalies(query?: ListAnomaliesQuery, options?: CallOptions): Promise<Anomalies>

  /** Gaps, failed runs and unusual days. What to mark on a chart of the counts: days that are missing, lost, damaged or shrunk, runs of the ingester that failed, and unusual days. Grafana reads it as annotations. */
  listAnnotations(query?: ListAnnotationsQuery, options?: CallOptions): Promise<Annotations>

  /** Changes since a cursor. The log of one workspace, oldest first, with an entry for each change of each day: a feed for SIEM tools. Keep `next` and send it as `since`: nothing is skipped, and nothing told twice. A cursor that is not in the log (from before a restore, or of another workspace), or is older than the log is kept in full, is answered with 410: begin again. Of what is older each day has its newest change, whose `previous` is null. */
  listChanges<F extends 'json' | 'ndjson' = 'json'>(query?: ListChangesQuery & { readonly format?: F }, options?: CallOptions): Promise<F extends 'json' ? Changes : string>

  /** Completeness and freshness. For each workspace: which days are there, which are missing, lost or at risk, and how its ingest goes. */
  getStatus(options?: CallOptions): Promise<Status>

  /** Runs of the ingester, newest first. Of one workspace, or of all that the caller may read. The newest 1000 of a workspace are kept. */
  listRuns(query?: ListRunsQuery, options?: CallOptions): Promise<IngestRuns>

  /** One run of the ingester. Answers 202 while the run is queued or running, then 200; the body is the same. */
  getRun(id: string, options?: CallOptions): Promise<IngestRun>

  /** Read from the source now. Queues a run, or joins the one in progress where it covers every day asked for. The key needs the scope `ingest`. The body may be left out. */
  startIngest(body?: {
    /** The first day. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). Both ends are included; at most 3,660 days. Without either end: the 30 full days until yesterday. `from` alone ends yesterday, or at `from` if that is later; `to` alone begins 29 days before. */
    readonly from?: string
    /** The last day, included. A day (`2026-11-01`), or a time that means the UTC day that holds it: RFC 3339, a date-time without offset (UTC), or milliseconds since 1970 (13 digits). See `from` for the defaults. */
    readonly to?: string
    /** The name of a workspace of the settings. Default: the first of them that the caller may read. */
    readonly workspace?: string
  }, options?: CallOptions): Promise<IngestRun>

  /** Whether the process runs. */
  isLive(options?: CallOptions): Promise<{
    readonly status: 'ok' | 'degraded'
  }>

  /** Whether questions can be answered. A source that is silent does not make the service unready. */
  isReady(options?: CallOptions): Promise<{
    readonly status: 'ok' | 'degraded'
  }>

  /** Metrics for Prometheus. Freshness, completeness, the events of yesterday, what is unusual, and how runs ended, for each workspace that the caller may read. Requests and the process itself only for a caller that may read all of them. */
  getMetrics(options?: CallOptions): Promise<string>
}

interface Asked extends CallOptions {
  readonly body?: unknown
  readonly query?: object | undefined
}

/** Each call rejects with a `ProblemError`, or as `fetch` does where nothing answered. */
export function createClient({ baseUrl, key, fetch: send = fetch }: ClientOptions): Client {
  const call = async <T>(method: string, path: string, { body, query = {}, signal }: Asked): Promise<T> => {
    const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`)
    for (const [name, value] of Object.entries(query)) {
      for (const each of [value].flat()) if (each !== undefined) url.searchParams.append(name, String(each))
    }
    const response = await send(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(key !== undefined && { 'x-api-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' })
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal })
    })
    const type = response.headers.get('content-type') ?? ''
    const isJson = /^application\/(problem\+)?json\b/.test(type)
    const answer: unknown = await (isJson ? response.json() : response.text())
    // The description says what comes, and the service is tested to keep to it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (!response.ok) throw new ProblemError(response, type.includes('problem+json') ? (answer as Problem) : null)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return answer as T
  }
  return {
    getSeries: (query, options) => call('GET', '/series', { query, ...options }),
    listLocations: (query, options) => call('GET', '/locations', { query, ...options }),
    listLabels: (query, options) => call('GET', '/labels', { query, ...options }),
    listAnomalies: (query, options) => call('GET', '/anomalies', { query, ...options }),
    listAnnotations: (query, options) => call('GET', '/annotations', { query, ...options }),
    listChanges: (query, options) => call('GET', '/changes', { query, ...options }),
    getStatus: (options) => call('GET', '/status', { ...options }),
    listRuns: (query, options) => call('GET', '/runs', { query, ...options }),
    getRun: (id, options) => call('GET', `/runs/${encodeURIComponent(id)}`, { ...options }),
    startIngest: (body, options) => call('POST', '/ingest', { body, ...options }),
    isLive: (options) => call('GET', '/health/live', { ...options }),
    isReady: (options) => call('GET', '/health/ready', { ...options }),
    getMetrics: (options) => call('GET', '/metrics', { ...options })
  }
}
