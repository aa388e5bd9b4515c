// What nobody who looks at the numbers may overlook.
import { byId, element } from './dom.js'
import { countDays, formatSpan } from './format.js'

/** @typedef {{ tone: 'warn' | 'bad' | 'sample', title: string, text: string }} Notice */

/**
 * @param {import('./types.js').WorkspaceStatus | undefined} status
 * @param {import('./types.js').SeriesReply} reply
 * @param {number} now
 * @returns {Notice[]}
 */
export function noticesOf(status, reply, now) {
  /** @type {Notice[]} */
  const notices = []
  if (reply.workspace === 'sample') {
    notices.push({
      tone: 'sample',
      title: 'Invented counts.',
      text: 'The workspace “sample” is for trying this service out. No mail of yours is in these numbers.'
    })
  }
  if (status?.stale === true) {
    const since =
      status.lastSuccessAt === null
        ? 'Nothing was read since the start'
        : `The last successful reading was ${formatSpan(now - Date.parse(status.lastSuccessAt))} ago`
    notices.push({ tone: 'bad', title: 'Stale.', text: `${since}: newer events are not in these numbers.` })
  }
  if (status?.lastRun?.status === 'failed') {
    notices.push({ tone: 'warn', title: 'The last run failed.', text: status.lastRun.error?.message ?? '' })
  }
  if (status !== undefined && status.atRiskDays > 0) {
    const text = `${countDays(status.atRiskDays)} not read yet will soon be gone from the source; see below when.`
    notices.push({ tone: 'warn', title: 'Days at risk.', text })
  }
  if (status !== undefined && status.damaged.length > 0) {
    const text =
      'Some days cannot be read from the store. They are shown as not read; the next run repairs what it can.'
    notices.push({ tone: 'bad', title: 'Damaged days.', text })
  }
  for (const { parameter, value } of reply.unmatched ?? []) {
    notices.push({
      tone: 'warn',
      title: 'Never seen.',
      text: `No event of this workspace has ever had “${value}” as its ${parameter}.`
    })
  }
  return notices
}

/** @param {Notice[]} notices */
export function showNotices(notices) {
  byId('notices', HTMLDivElement).replaceChildren(
    ...notices.map(({ tone, title, text }) =>
      element(
        'p',
        { class: `notice ${tone}`, ...(tone === 'bad' && { role: 'alert' }) },
        element('strong', {}, title),
        ` ${text}`
      )
    )
  )
}
