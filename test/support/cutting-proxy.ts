// A way to a server that can be cut at a certain word, or altogether.
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface CuttingProxy {
  /** The URL of the server, by this way. */
  readonly url: string
  /**
   * Cuts the connection that says a word next: before the server hears of it, or after, so that the answer is lost. The
   * next ones are left alone. Resolves when the word has been said.
   */
  cutAt(word: string, when: 'before' | 'after'): Promise<void>
  /** Lets nothing through any more, in either direction, and ends no connection: as a cable that is pulled. */
  pull(): void
  /** Ends the connections that were silent, and lets new ones through. */
  plug(): void
}

/** How long the server gets to act on what it has heard before its answer is thrown away. */
const HEARD_MS = 50

export async function startCuttingProxy(t: Test, serverUrl: string): Promise<CuttingProxy> {
  const server = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let cut: { readonly word: string; readonly when: 'before' | 'after'; readonly said: () => void } | null = null
  let pulled = false

  const track = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  }
  const proxy = createServer((near) => {
    const far = track(connect(Number(server.port), server.hostname))
    let deaf = false
    track(near).on('data', (data) => {
      if (pulled) return
      const now = cut
      if (now === null || !data.includes(now.word)) {
        far.write(data)
        return
      }
      cut = null
      now.said()
      deaf = true
      if (now.when === 'after') far.write(data)
      setTimeout(() => near.destroy(), now.when === 'after' ? HEARD_MS : 0)
    })
    far.on('data', (data) => {
      if (!pulled && !deaf) near.write(data)
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(async () => {
    drop()
    await new Promise((resolve) => {
      proxy.close(resolve)
    })
  })
  const address = proxy.address()
  const url = new URL(serverUrl)
  url.port = typeof address === 'object' && address !== null ? String(address.port) : ''
  return {
    url: url.href,
    cutAt: (word, when) => new Promise((said) => (cut = { word, when, said })),
    pull: () => (pulled = true),
    plug() {
      pulled = false
      drop()
    }
  }
}
