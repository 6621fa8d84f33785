// SPDX-License-Identifier: Apache-2.0
// What a program that uses the generated client writes. It is compiled, not run.
import createClient from 'openapi-fetch'
import type { components, paths } from './schema.js'

const api = createClient<paths>({ baseUrl: 'http://127.0.0.1:1' })

export async function names(): Promise<string[]> {
  const { data, error } = await api.GET('/api/v1/customers', { params: { query: { filter: 'country = "DE"' } } })
  if (error) throw new Error(error.title)
  return data.customers.map((customer) => customer.name ?? customer.id)
}

export async function win(id: string, key: string): Promise<components['schemas']['Deal']> {
  const { data, error } = await api.POST('/api/v1/deals/{id}:win', {
    params: { path: { id }, header: { 'Idempotency-Key': key } },
    body: {},
  })
  if (error) throw new Error(error.detail)
  return data
}

export async function open(id: string): Promise<string[]> {
  const { data } = await api.GET('/api/v1/customers/{id}', { params: { path: { id }, query: { timeline: 20 } } })
  return (data?.timeline ?? []).map((entry) => `${entry.time} ${entry.department} ${entry.label}`)
}

// @ts-expect-error there is no such path
void api.GET('/api/v1/nonsense')
