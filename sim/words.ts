// Steps told as somebody would who wants to know what happened.
import type { Actor, Ask, History, Keeps, NewEvent, Span, Step } from './steps.ts'

const WHERE = ['the first workspace', 'the second workspace']
const WHO = ['process A', 'process B']

export function tell(step: Step | Actor): string {
  switch (step.do) {
    case 'pass':
      return tellSpan(step.span)
    case 'run': {
      const { by, of, ask, fault } = step
      const failing = fault === null ? '' : `; its question ${fault.at} fails: ${fault.code}`
      return `${WHO[by]} reads ${tellAsk(ask)} of ${WHERE[of]}${failing}`
    }
    case 'together': {
      const ends = {
        whole: '',
        'kill one': 'one is killed',
        'kill all': 'all are killed',
        'power cut': 'the power is cut'
      }
      const lines = step.actors.map((actor) => `\n      - ${tell(actor)}`).join('')
      const ending = step.end === 'whole' ? '' : `\n      - after ${step.after} gates ${ends[step.end]}`
      return `at once, over ${step.minutes} minutes, in the order of ${step.seed}:${lines}${ending}`
    }
    case 'import': {
      const { by, of, from, days, terms, complete } = step
      const how = { plain: '', ranged: ' with its range', replacing: ' with its range, replacing' }[terms]
      const whole = complete ? '' : ', that lacks an event of each'
      return `${WHO[by]} imports a file of ${days} days from ${from} days ago on into ${WHERE[of]}${how}${whole}`
    }
    case 'purge':
      return `the source of ${WHERE[step.of]} loses ${step.all ? 'all events' : 'an event'} of ${step.age} days ago`
    case 'show':
      return `the source of ${WHERE[step.of]} shows ${step.what} from now on`
    case 'fail a day':
      return `the source of ${WHERE[step.of]} can answer for ${step.age === null ? 'every day again' : 'no question with that of ' + step.age + ' days ago'}`
    case 'keep':
      return `the source of ${WHERE[step.of]} ${tellKeeps(step.keeps)} from now on`
    case 'read':
      return `a client asks for the series of ${WHERE[step.of]}`
    case 'follow':
      return `a client follows the changes of ${WHERE[step.of]}, ${step.limit} at a time`
    case 'set':
      return `all start again with LAG ${step.to.lagDays}, R ${step.to.retentionDays}`
    case 'clock':
      return `our clock is ${step.ahead}`
    case 'restart':
      return step.upgrade ? 'all start again, as another version' : 'all start again'
    case 'copy':
      return 'a copy is made'
    case 'restore':
      return `the copy ${step.copy} (modulo as many as there are) is restored`
    case 'rename':
      return `${WHERE[step.of]} is renamed`
    case 'another source':
      return `${WHERE[step.of]} is set to its other source`
    case 'bind':
      return `${WHERE[step.of]} is bound anew`
    case 'remove':
      return `${WHERE[step.of]} is removed`
    default:
      return 'all is well again, and each workspace is read twice'
  }
}

export function tellBeginning({ start, settings, keeps, busyBefore, before }: History): string {
  const { lagDays, retentionDays } = settings
  return [
    `It begins at ${new Date(start).toISOString()} with LAG ${lagDays}, R ${retentionDays}.`,
    ...keeps.map(
      (each, i) => `The source ${i}, of the ${i % 2 === 0 ? 'first' : 'second'} workspace, ${tellKeeps(each)}.`
    ),
    `Before that ${busyBefore ? 'it was busy' : 'it was quiet'}${before.map(tellEvent).join('')}.`
  ].join('\n    ')
}

function tellAsk(ask: Ask): string {
  if (ask === null) return 'what is due'
  return `${ask.days} days from ${ask.from} days ago on${ask.force ? ', forced,' : ''}`
}

function tellKeeps({ keepDays, forgetsBy }: Keeps): string {
  return `keeps ${keepDays} days by ${forgetsBy}`
}

function tellSpan({ hours, busy, events }: Span): string {
  return `${hours} hours pass${busy ? ', with an event every twelve' : ''}${events.map(tellEvent).join('')}`
}

function tellEvent({ tenant, share, delay, place, type, count }: NewEvent): string {
  const late = delay === 0 ? '' : `, ${delay} hours late`
  return `; source ${tenant} has ${count} '${place}' by '${type}' at ${Math.round(share * 100)} %${late}`
}
