// SPDX-License-Identifier: Apache-2.0
// Reads a node's OpenAPI document and asks everything it describes: with what the schemas allow, with
// what they nearly allow, and with what nobody should send. Always true: the answer is no 5xx, its
// status and its content type are described, and what it says has the described form.
//
//   document_fuzz.mjs URL [--seed N] [--rounds N]
//
// A round asks every operation once. The seed is printed; the same seed asks the same.
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const [url, ...rest] = process.argv.slice(2)
const option = (name, otherwise) => {
  const at = rest.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(rest[at + 1])
}
const seed = option('seed', Date.now() % 2 ** 31)
const rounds = option('rounds', 3)

// ---- chance ---------------------------------------------------------------------------------

let state = seed >>> 0
/** mulberry32: small, and the same everywhere. */
function chance() {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const below = (n) => Math.floor(chance() * n)
const pick = (list) => list[below(list.length)]
const often = (share) => chance() < share

// ---- values ---------------------------------------------------------------------------------

const document = await (await fetch(`${url}/api/v1/openapi.json`)).json()
const resolve = (schema) => {
  if (!schema?.$ref) return schema
  return schema.$ref.slice(2).split('/').reduce((at, name) => at[name], document)
}

/** Ids that the node gave out, by the plural of their kind. */
const known = new Map()
const uuid = () => `01a20234-${(0x10000 + below(0xffff)).toString(16).slice(1)}-7555-bee0-b6c3a970efd2`
const anyId = (plural) => (often(0.85) && known.get(plural)?.length ? pick(known.get(plural)) : uuid())

const words = ['Müller', 'a', '', '  ', 'x'.repeat(300), '\u0000', '💥', '<script>', "'; --", '../../etc',
  'Zoë\u0301', '-1', 'null', '%00', '\ud800', '=1+1', 'name = "a"']
const odd = [null, true, -1, 0, 1.5, 1e300, 2 ** 63, '', 'x', [], {}, [[]], { a: 1 }, [null]]
const filters = ['name = "a"', 'created_at > "2026-01-01T00:00:00Z"', 'NOT (', 'a.b.c = 1', 'tags:x OR', '"',
  'count(purchase, 90d) >= 3', 'name = "a" AND '.repeat(200) + 'name = "b"', '('.repeat(500), 'owner = me', '*']

function text(schema) {
  switch (schema.format) {
    case 'uuid': return uuid()
    case 'date-time': return `2026-0${1 + below(9)}-1${below(9)}T0${below(9)}:00:00.000Z`
    case 'date': return `2026-0${1 + below(9)}-1${below(9)}`
    case 'email': return `${pick(['a', 'b.c', 'd+e'])}@example.com`
    case 'uri': return 'https://example.com/'
  }
  if (schema.pattern === '^[A-Z]{3}$') return pick(['EUR', 'USD'])
  if (schema.pattern === '^[A-Z]{2}$') return pick(['DE', 'FR'])
  if (schema['x-liaison-meaning'] === 'url') return pick(['https://example.com/', 'example.com'])
  if (schema['x-liaison-meaning'] === 'phone') return `+49 30 ${100000 + below(899999)}`
  return pick(words)
}

/** A value of the schema; with a chance of `wrong` at each place one that is not. */
function value(schema, wrong, depth = 0) {
  if (often(wrong)) return pick(odd)
  const reference = schema['x-liaison-reference']
  schema = resolve(schema)
  if (reference) return anyId(reference)
  if (schema.enum) return pick(schema.enum)
  if (schema.anyOf || schema.oneOf) return value(pick(schema.anyOf ?? schema.oneOf), wrong, depth)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((s) => value(s, wrong, depth)))
  const type = Array.isArray(schema.type) ? pick(schema.type) : schema.type
  switch (type) {
    case 'string': return text(schema)
    case 'integer': return pick([0, 1, 7, 100, 86400, schema.maximum ?? 2 ** 31 - 1])
    case 'number': return pick([0, 0.5, 12.25])
    case 'boolean': return often(0.5)
    case 'null': return null
    case 'array': return depth > 4 ? [] : Array.from({ length: below(3) }, () => value(schema.items ?? {}, wrong, depth + 1))
    case 'object': return object(schema, wrong, depth)
  }
  return pick(odd)
}

function object(schema, wrong, depth) {
  const made = {}
  for (const [name, of] of Object.entries(schema.properties ?? {})) {
    if (!schema.required?.includes(name) && often(0.6)) continue
    if (depth <= 4) made[name] = value(of, wrong, depth + 1)
  }
  if (often(wrong)) made[pick(['nonsense', '__proto__', 'id', ''])] = pick(odd)
  return made
}

/** Half a surrogate pair has no UTF-8. */
const wellFormed = (word) => Buffer.from(word).toString()

// ---- requests -------------------------------------------------------------------------------

function parameters(operation, path, wrong) {
  const query = new URLSearchParams()
  const headers = {}
  const plural = path.split('/')[3]
  let filled = path
  for (const each of operation.parameters ?? []) {
    const p = resolve(each)
    if (p.in === 'path') {
      const id = often(wrong) ? encodeURIComponent(wellFormed(pick(words)) || '-') : p.name === 'id' ? anyId(plural) : value(p.schema, 0)
      filled = filled.replace(`{${p.name}}`, String(id))
      continue
    }
    if (!p.required && often(0.7)) continue
    let given = p.name === 'filter' ? pick(filters) : p.name === 'customer' ? anyId('customers') : value(p.schema ?? {}, wrong)
    if (given === null || typeof given === 'object') given = JSON.stringify(given)
    if (p.in === 'query') query.append(p.name, wellFormed(String(given)))
    if (p.in === 'header') headers[p.name] = String(given).replace(/[^\x20-\x7e]/g, '?')
  }
  // What would keep the answer open is asked to end.
  if (operation.responses['200']?.content?.['text/event-stream']) query.set('until', 'now')
  if (query.has('wait_ms')) query.set('wait_ms', '1')
  if (query.has('deadline_ms')) query.set('deadline_ms', String(below(20)))
  return { path: `${filled}${query.size ? `?${query}` : ''}`, headers }
}

function body(operation, wrong, headers) {
  const content = operation.requestBody?.content
  if (!content) return undefined
  const [type, { schema }] = pick(Object.entries(content))
  headers['Content-Type'] = often(wrong / 4) ? 'text/plain' : type
  if (often(wrong / 4)) return pick(['', '{', '[]', 'null', '"', '{"a":1}{"a":2}', '\ufeff{}', '['.repeat(2000)])
  if (type === 'application/jsonl')
    return Array.from({ length: below(4) }, () => JSON.stringify(line(operation, wrong))).join('\n')
  return JSON.stringify(value(schema ?? {}, wrong))
}

/** Those of :batchChange name a record that is known, or not, and what is to become of it. */
function line(operation, wrong) {
  const record = value(createSchema(operation), wrong)
  if (!operation.operationId?.includes('batchChange')) return record
  const id = pick([...(known.get(operation.tags?.[0]) ?? []), '0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee', 7])
  const wrapped = often(0.2) ? { id, archived: pick([true, false, 1]) } : { id, record }
  return often(wrong / 4) ? { ...wrapped, if_match: 'x' } : wrapped
}

/** Lines of :batchCreate are what POST of the same collection takes. */
function createSchema(operation) {
  const plural = operation.tags?.[0]
  const create = document.paths[`/api/v1/${plural}`]?.post?.requestBody?.content?.['application/json']
  return create?.schema ?? {}
}

// ---- verdicts -------------------------------------------------------------------------------

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: true })
addFormats(ajv)
// Widths of integers, which JSON numbers beyond 2^53 cannot be held to here.
for (const format of ['int32', 'int64', 'uint32', 'uint64']) ajv.addFormat(format, { type: 'number', validate: () => true })
ajv.addSchema(document, 'api')
const validators = new Map()
function validator(pointer) {
  if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `api#${pointer}` }))
  return validators.get(pointer)
}
const escape = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))

function described(operation, status) {
  const responses = operation.responses
  const name = [String(status), `${String(status)[0]}XX`, 'default'].find((n) => responses[n])
  return name && { name, response: resolve(responses[name]), ref: responses[name].$ref }
}

function learn(plural, answer) {
  const records = Array.isArray(answer?.[plural]) ? answer[plural] : [answer]
  for (const record of records)
    if (typeof record?.id === 'string') known.set(plural, [...(known.get(plural) ?? []).slice(-50), record.id])
}

async function ask(path, method, operation, wrong) {
  const asked = parameters(operation, path, wrong)
  const sent = body(operation, wrong, asked.headers)
  const what = `${method.toUpperCase()} ${asked.path.slice(0, 300)} ${JSON.stringify(asked.headers)} ${(sent ?? '').slice(0, 600)}`
  const fault = (why, seen) => `${operation.operationId}: ${why}\n    ${what}\n    ${String(seen).slice(0, 600)}`
  let response
  let answer
  try {
    response = await fetch(url + asked.path, { method: method.toUpperCase(), headers: asked.headers, body: sent, signal: AbortSignal.timeout(20000) })
    answer = await response.text()
  } catch (error) {
    return fault(`no answer: ${error.cause?.code ?? error.message}`, '')
  }
  counts.set(response.status, (counts.get(response.status) ?? 0) + 1)
  if (response.status >= 500) return fault(`answered ${response.status}`, answer)
  const is = described(operation, response.status)
  if (!is) return fault(`${response.status} is not described`, answer)
  const type = (response.headers.get('content-type') ?? '').split(';')[0]
  const content = is.response.content
  if (!content) return answer && fault(`${response.status} has content that is not described`, answer)
  if (!content[type]) return fault(`'${type}' is not described for ${response.status}`, answer)
  if (!/json$/.test(type)) return
  let parsed
  try {
    parsed = JSON.parse(answer)
  } catch {
    return fault('is no JSON', answer)
  }
  if (response.ok) learn(path.split('/')[3].split(':')[0], parsed)
  if (!content[type].schema) return
  const base = is.ref ? is.ref.slice(1) : `/paths/${escape(path)}/${method}/responses/${is.name}`
  const check = validator(`${base}/content/${escape(type)}/schema`)
  if (!check(parsed)) return fault(`${response.status}: ${ajv.errorsText(check.errors)}`, answer)
}

// ---- the run --------------------------------------------------------------------------------

const counts = new Map()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [path, method, operation]))
const creates = operations.filter(([path, method]) => method === 'post' && !path.includes('{') && !path.includes(':'))
const faults = new Map()
let asked = 0

async function put(path, method, operation, wrong) {
  asked++
  const found = await ask(path, method, operation, wrong)
  if (found) faults.set(found.split('\n')[0], found)
}

for (const each of creates) for (let i = 0; i < 5; i++) await put(...each, 0)
for (let round = 0; round < rounds; round++)
  for (const each of operations) await put(...each, pick([0, 0.05, 0.3]))

const statuses = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
console.log(`seed ${seed}: ${operations.length} operations, ${asked} requests (${statuses.join(', ')})`)
for (const found of faults.values()) console.log(found)
process.exit(faults.size ? 1 : 0)
