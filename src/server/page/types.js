// The shapes that the modules hand each other. Nothing here runs, and nothing is loaded.

/** @typedef {'final' | 'provisional' | 'missing' | 'lost'} DayState */
/** @typedef {'location' | 'deliveryLocation' | 'actionType' | 'actionTrigger' | 'actionResult'} Filter */
/** @typedef {'7d' | '30d' | '90d' | '1y' | 'all'} Preset */
/** @typedef {{ from: string, to: string }} Range Days, both included. */

/**
 * What is shown, and all that the address says.
 * @typedef {object} PageState
 * @property {Preset | null} preset null: the range is `custom`
 * @property {Range} custom days, or empty
 * @property {string} by
 * @property {string} step
 * @property {'stacked' | 'lines' | 'table'} view
 * @property {string} workspace empty: the one that the service chooses
 * @property {Record<Filter, string[]>} filters empty: no filter
 */

/** @typedef {{ date: string, state: DayState, days?: number } & Record<string, number | string | null>} Row */

/**
 * @typedef {object} SeriesReply
 * @property {string} workspace
 * @property {string} by
 * @property {string} from
 * @property {string} to
 * @property {string} step
 * @property {string} revision
 * @property {Record<DayState, number>} coverage
 * @property {{ parameter: string, value: string }[]} [unmatched]
 * @property {Row[]} series
 */

/** @typedef {{ status: string, startedAt: string | null, error?: { code: string, message: string } }} Run */

/**
 * @typedef {object} WorkspaceStatus
 * @property {string} workspace
 * @property {string} revision
 * @property {string | null} sourceFirstDate
 * @property {string | null} sourceLastDate
 * @property {string | null} firstDate
 * @property {string | null} lastDate
 * @property {string | null} finalThrough
 * @property {Range[]} missing
 * @property {Range[]} lost
 * @property {Range[]} shrunk
 * @property {Range[]} damaged
 * @property {(Range & { lostAfter: string })[]} atRisk
 * @property {number} missingDays
 * @property {number} lostDays
 * @property {number} atRiskDays
 * @property {Run | null} lastRun
 * @property {string | null} lastSuccessAt
 * @property {string | null} nextRunAt
 * @property {boolean | null} stale
 */

/** @typedef {{ version: string, now: string, workspaces: WorkspaceStatus[] }} StatusReply */
/** @typedef {{ date: string, location: string, count: number, expected: [number, number], score: number, reason: string }} Anomaly */
/** @typedef {{ label: string, hint?: string }} FilterChoice */

/**
 * One column of the chart: a label, or what is left beside the largest ones.
 * @typedef {object} Column
 * @property {string} name
 * @property {string} colour
 * @property {(number | null)[]} values one for each row
 * @property {number} total of the days that are known
 * @property {number | null} before the total of the range before; null: not known
 */

/**
 * Everything that the page shows of one answer.
 * @typedef {object} Result
 * @property {SeriesReply} reply
 * @property {Column[]} columns
 * @property {number} total
 * @property {number | null} totalBefore
 * @property {string} comparison what the change is against, or why there is none
 * @property {Anomaly[]} anomalies
 */

// oxlint-disable-next-line unicorn/require-module-specifiers -- A module, since others import its types.
export {}
