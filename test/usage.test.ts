import t from 'tap'
import { settings } from '../src/config/settings.ts'
import { usage } from '../src/usage.ts'

t.test('help names every setting with its default and what it is for', async (t) => {
  const lines = usage().split('\n')
  for (const { name, told, about } of Object.values(settings)) {
    const line = lines.find((line) => line.startsWith(`  ${name} `))
    t.ok(line?.includes(told) === true && line.endsWith(about), name)
  }
})

t.test('help fits a terminal of 100 columns, and ends with a line break', async (t) => {
  t.same(
    usage()
      .split('\n')
      .filter((line) => line.length > 100),
    []
  )
  t.match(usage(), /[^\n]\n$/)
})

t.test('help names every command that there is, and none that is not', async (t) => {
  const [, commands = ''] = /^Commands.*\n((?: {2}.*\n)+)/m.exec(usage()) ?? []
  const names = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
  t.same(
    new Set(names),
    new Set([
      'serve',
      'ingest',
      'import',
      'workspaces',
      'keys',
      'doctor',
      'verify',
      'backup',
      'restore',
      'migrate',
      'openapi'
    ])
  )
})
