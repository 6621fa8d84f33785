// SPDX-License-Identifier: Apache-2.0
// What one person is told: read here, with their settings.
import { useQuery } from '@tanstack/react-query';
import { lastingTroublesQuery, type Trouble } from '@/api/network';
import { allQuery, type Row } from '@/api/records';
import { useUserId } from '@/api/session';

export type Reason = 'mention' | 'comment' | 'assigned' | 'changed' | 'automation';
export const reasons: Reason[] = ['mention', 'comment', 'assigned', 'changed', 'automation'];

export interface Notice extends Row {
  reason: Reason;
  of?: string;
  record?: string;
  customer?: string;
  text?: string;
  by?: string;
  at: string;
  read_at?: string;
  snoozed_until?: string;
}
export interface NoticeSettings extends Row {
  owner?: string;
  ways?: { reason: Reason; here?: boolean; mail?: boolean }[];
}

const noticesQuery = allQuery('notices', { order_by: 'at desc' }, 200);
export const noticeSettingsQuery = allQuery('notice_settings');

const isDue = (notice: Notice, now: number) =>
  !notice.snoozed_until || new Date(notice.snoozed_until).getTime() <= now;

/** Newest first; those that are snoozed come back by themselves. */
export function useNotices(): Notice[] {
  const user = useUserId();
  const { data } = useQuery({ ...noticesQuery, enabled: !!user });
  return ((data ?? []) as Notice[]).filter((notice) => isDue(notice, Date.now()));
}

export const useNoticeCount = () => useNotices().filter((notice) => !notice.read_at).length;

/** What was never set: here, and no mail. */
export const wayOf = (settings: NoticeSettings | undefined, reason: Reason) => {
  const way = settings?.ways?.find((one) => one.reason === reason);
  return { here: way?.here ?? true, mail: way?.mail ?? false };
};

/** What is wrong between nodes for longer than a moment; nothing while that is not known. */
export function useTroubles(): Trouble[] {
  const { data, isError } = useQuery(lastingTroublesQuery);
  return isError ? [] : (data ?? []);
}
