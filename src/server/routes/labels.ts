// GET /labels: what values one column of the table has had.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { DIMENSIONS } from '../../model/cube.ts'
import { nameOf } from '../../model/series.ts'
import { callerOf } from '../caller.ts'
import { NullableDay, problems, refTo, WorkspaceParameter } from '../schemas.ts'
import type { WorkspaceChooser } from '../workspaces.ts'

const LabelsReply = Type.Object(
  {
    by: Type.Enum([...DIMENSIONS], { type: 'string' }),
    labels: Type.Array(
      Type.Object({
        label: Type.String({ description: 'As first met; `(none)` is the empty value.' }),
        firstDate: NullableDay,
        lastDate: NullableDay,
        count: Type.Integer({ minimum: 0, description: 'Events on all days that are stored.' })
      }),
      { description: 'Sorted by label.' }
    )
  },
  { $id: 'Labels' }
)

export const labelRoutes: FastifyPluginAsyncTypebox<{ workspaces: WorkspaceChooser }> = async (app, { workspaces }) => {
  app.addSchema(LabelsReply)
  app.get(
    '/labels',
    {
      config: { expensive: true },
      schema: {
        operationId: 'listLabels',
        summary: 'Values of one column of the table',
        description: 'What can be given as a filter of `/series`, and what becomes a column there.',
        tags: ['series'],
        querystring: Type.Object(
          {
            by: Type.Enum([...DIMENSIONS], { type: 'string', description: 'Which column.', examples: ['actionType'] }),
            workspace: Type.Optional(WorkspaceParameter)
          },
          { additionalProperties: false }
        ),
        response: { 200: refTo(LabelsReply), ...problems(400, 401, 403, 404, 503) }
      }
    },
    // A rule for Express: Fastify waits for its handlers.
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers
    async (request) => {
      const { by, workspace: asked } = request.query
      const workspace = await workspaces.choose(callerOf(request), asked)
      const facts = await workspace.labels(by)
      const labels = facts.map(({ label, firstDate, lastDate, count }) => ({
        label: nameOf(label),
        firstDate,
        lastDate,
        count
      }))
      return { by, labels: labels.toSorted((a, b) => (a.label < b.label ? -1 : 1)) }
    }
  )
}
