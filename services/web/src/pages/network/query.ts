// SPDX-License-Identifier: Apache-2.0
import { queryOptions } from '@tanstack/react-query';
import { request } from '@/api/client';
import type { Network } from './picture';

/** It changes without events, so it is asked for, while somebody looks. */
export const networkQuery = queryOptions({
  queryKey: ['network'],
  queryFn: ({ signal }) => request<Network>('GET', 'network', { signal }),
  refetchInterval: 500,
  staleTime: 0,
  structuralSharing: false,
});
