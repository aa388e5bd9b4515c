// The image's HEALTHCHECK: exit status 0 while the service in this container can answer questions. The base has no curl.
const { HOST = '', PORT = '8080' } = process.env
const everywhere = HOST === '' || HOST === '0.0.0.0' || HOST === '::'
const host = everywhere ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST
try {
  const answer = await fetch(`http://${host}:${PORT}/health/ready`, { signal: AbortSignal.timeout(4_000) })
  console.log(await answer.text())
  process.exitCode = answer.ok ? 0 : 1
} catch (err) {
  console.error(`no answer from ${host}:${PORT}: ${err instanceof Error ? err.message : String(err)}`)
  process.exitCode = 1
}
