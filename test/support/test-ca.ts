// A certificate for servers of tests on this machine, made anew each time: it signs itself, so it is its own CA.
// Written out in DER by hand, since Node makes keys but no certificates. https://www.rfc-editor.org/rfc/rfc5280#section-4.1
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface TestCertificate {
  /** PEM; also what has to be trusted. */
  readonly cert: string
  readonly key: string
}

/** Valid for localhost and 127.0.0.1, from yesterday until tomorrow, or for the two given instants. */
export function makeCertificate(
  from = new Date(Date.now() - 86_400_000),
  to = new Date(Date.now() + 86_400_000)
): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = seq(set(seq(oid('550403'), der(0x0c, Buffer.from('post-delivery-series test')))))
  const ecdsaWithSha256 = seq(oid('2a8648ce3d040302'))
  const addresses = seq(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const certificate = seq(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    seq(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, seq(extension('551d13', seq(der(0x01, Buffer.from([0xff])))), extension('551d11', addresses)))
  )
  const signature = sign('sha256', certificate, privateKey)
  const whole = seq(certificate, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length = body.length
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const seq = (...content: Buffer[]): Buffer => der(0x30, ...content)
const set = (...content: Buffer[]): Buffer => der(0x31, ...content)
const integer = (bytes: Buffer): Buffer => der(0x02, bytes)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const extension = (id: string, value: Buffer): Buffer => seq(oid(id), der(0x04, value))
/** UTCTime, `YYMMDDhhmmssZ`. */
const time = (at: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      `${at
        .toISOString()
        .replaceAll(/[-:T]|\..*/g, '')
        .slice(2)}Z`
    )
  )
