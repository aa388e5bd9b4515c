// The address of a database, as it may be told: a STORE_URL holds a password.

/** Whether a STORE_URL names a PostgreSQL database. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url)
}

/** Host, port and database of a URL, without user, password and options. */
export function describeAddress(url: string): string {
  if (!URL.canParse(url)) return 'the database'
  const { hostname, port, pathname } = new URL(url)
  return `postgres://${hostname}${port === '' ? '' : `:${port}`}${pathname}`
}
