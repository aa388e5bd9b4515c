// Objects of Kubernetes, checked without a cluster: by the schemas of its API, and by its types, which also refuse a
// field that there is not; a cluster would drop it in silence.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { Deployment, StatefulSet, type IStatefulSet } from 'kubernetes-models/apps/v1'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Service, ServiceAccount } from 'kubernetes-models/v1'

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [field: string]: unknown
}

export type PodSpec = NonNullable<NonNullable<IStatefulSet['spec']>['template']['spec']>

const KINDS = {
  ServiceMonitor: { from: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1', model: ServiceMonitor },
  Deployment: { from: 'kubernetes-models/apps/v1', model: Deployment },
  StatefulSet: { from: 'kubernetes-models/apps/v1', model: StatefulSet },
  Ingress: { from: 'kubernetes-models/networking.k8s.io/v1', model: Ingress },
  NetworkPolicy: { from: 'kubernetes-models/networking.k8s.io/v1', model: NetworkPolicy },
  PodDisruptionBudget: { from: 'kubernetes-models/policy/v1', model: PodDisruptionBudget },
  Service: { from: 'kubernetes-models/v1', model: Service },
  ServiceAccount: { from: 'kubernetes-models/v1', model: ServiceAccount }
}

const kindOf = ({ kind }: Manifest): keyof typeof KINDS => {
  if (Object.hasOwn(KINDS, kind)) return kind as keyof typeof KINDS
  throw new Error(`no schema for ${kind}`)
}

/** Throws for what does not fit its schema. */
export function checkSchema(manifest: Manifest): void {
  const { model } = KINDS[kindOf(manifest)]
  new model(manifest as never).validate()
}

/** What the compiler says of them, empty if all is well; `folder` lies where node_modules is found. */
export async function checkTypes(folder: string, manifests: readonly Manifest[]): Promise<string> {
  const lines = manifests.map((manifest, n) => {
    const kind = kindOf(manifest)
    return `const m${n}: import('${KINDS[kind].from}').I${kind} = ${JSON.stringify(manifest)}`
  })
  writeFileSync(join(folder, 'manifests.ts'), `${lines.join('\n')}\nexport {}\n`)
  const options = { module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['manifests.ts'] }))
  // What tap has Node load, it puts into every environment; the compiler does not bear it.
  const command = ['-u', 'NODE_OPTIONS', 'npx', 'tsc', '-p', folder]
  return promisify(execFile)('env', command).then(told, told)
}

const told = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string => stdout + stderr
