// SPDX-License-Identifier: Apache-2.0
// The notice centre, at the side of the screen.
import { ActionIcon, Button, Drawer, Group, Menu, Stack, Switch, Tabs, Text, Tooltip } from '@mantine/core';
import {
  IconAt,
  IconBell,
  IconBolt,
  IconClock,
  IconCloudX,
  IconMessage,
  IconPencil,
  IconPlugConnectedX,
  IconUserCheck,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { act } from '@/api/act';
import { useOutbox } from '@/api/queue';
import { useUserId } from '@/api/session';
import { useName } from '@/kind/field/Reference';
import { defineTexts } from '@/texts';
import { Empty } from '@/ui/Empty';
import { formatAgo, useForms } from '@/ui/format';
import { troubleText, useTroubleTexts } from '@/ui/troubleText';
import classes from './Notices.module.css';
import {
  type Notice,
  type NoticeSettings,
  noticeSettingsQuery,
  type Reason,
  reasons,
  useNotices,
  useTroubles,
  wayOf,
} from './notices';
import { close, show } from './state';

const { useTexts } = defineTexts('notices', {
  en: {
    title: 'Notices',
    troubles: 'What is not as it should be',
    notTaken: '{{what}} was not taken: {{why}}',
    unread: 'Unread',
    all: 'All',
    settings: 'Settings',
    readAll: 'Mark all as read',
    empty: 'Nothing new',
    emptyHint: 'Mentions, comments, assignments and failures of automation come here.',
    snooze: 'Snooze',
    hour: 'For an hour',
    evening: 'Until this evening',
    tomorrow: 'Until tomorrow morning',
    week: 'For a week',
    mention: 'Somebody mentions me',
    comment: 'A comment on what I follow or own',
    assigned: 'Something becomes mine',
    changed: 'What I follow is changed',
    automation: 'A rule tells me something, or has failed',
    saidMention: 'You are mentioned',
    saidComment: 'New comment',
    saidAssigned: 'Now yours',
    saidChanged: 'Changed',
    saidAutomation: 'Automation',
    by: 'by {{name}}',
    here: 'Here',
    mail: 'By mail',
  },
  de: {
    title: 'Hinweise',
    troubles: 'Was nicht ist, wie es sein soll',
    notTaken: '{{what}} wurde nicht angenommen: {{why}}',
    unread: 'Ungelesen',
    all: 'Alle',
    settings: 'Einstellungen',
    readAll: 'Alle als gelesen markieren',
    empty: 'Nichts Neues',
    emptyHint: 'Erwähnungen, Kommentare, Zuweisungen und Fehler der Automatik kommen hierher.',
    snooze: 'Später',
    hour: 'In einer Stunde',
    evening: 'Heute Abend',
    tomorrow: 'Morgen früh',
    week: 'In einer Woche',
    mention: 'Jemand erwähnt mich',
    comment: 'Ein Kommentar zu dem, was ich beobachte oder wofür ich zuständig bin',
    assigned: 'Etwas wird mir zugewiesen',
    changed: 'Was ich beobachte, wird geändert',
    automation: 'Eine Regel sagt mir etwas oder ist gescheitert',
    saidMention: 'Sie werden erwähnt',
    saidComment: 'Neuer Kommentar',
    saidAssigned: 'Jetzt bei Ihnen',
    saidChanged: 'Geändert',
    saidAutomation: 'Automatik',
    by: 'von {{name}}',
    here: 'Hier',
    mail: 'Per Mail',
  },
});

const icons: Record<Reason, typeof IconBell> = {
  mention: IconAt,
  comment: IconMessage,
  assigned: IconUserCheck,
  changed: IconPencil,
  automation: IconBolt,
};

/** Why it came, of those reasons that this version knows. */
const said = {
  mention: 'saidMention',
  comment: 'saidComment',
  assigned: 'saidAssigned',
  changed: 'saidChanged',
  automation: 'saidAutomation',
} as const satisfies Record<Reason, string>;

function at(hour: number, days: number): Date {
  const when = new Date();
  when.setDate(when.getDate() + days);
  when.setHours(hour, 0, 0, 0);
  return when;
}

function useNoticeActs() {
  const client = useQueryClient();
  const now = () => new Date().toISOString();
  const markRead = (notice: Notice) =>
    notice.read_at
      ? undefined
      : act(client, {
          method: 'POST',
          path: `notices/${notice.id}:markRead`,
          body: {},
          label: notice.text ?? '',
          record: { plural: 'notices', id: notice.id, patch: { read_at: now() } },
          done: null,
        });
  const snooze = (notice: Notice, until: Date) =>
    act(client, {
      method: 'POST',
      path: `notices/${notice.id}:snooze`,
      body: { until: until.toISOString() },
      label: notice.text ?? '',
      record: { plural: 'notices', id: notice.id, patch: { snoozed_until: until.toISOString() } },
      done: null,
    });
  const readAll = (label: string) =>
    act(client, { method: 'POST', path: 'notices:markAllRead', body: { before: now() }, label, done: null });
  return { markRead, snooze, readAll };
}

function Item({ notice }: { notice: Notice }) {
  const t = useTexts();
  const navigate = useNavigate();
  const { markRead, snooze } = useNoticeActs();
  const Icon = icons[notice.reason] ?? IconBell;
  const by = useName('users', notice.by);
  const open = () => {
    void markRead(notice);
    if (notice.of && notice.record) void navigate({ to: `/${notice.of}/${notice.record}` });
    close();
  };
  return (
    <Group
      className={classes.item}
      wrap="nowrap"
      gap="sm"
      align="flex-start"
      data-unread={!notice.read_at || undefined}
    >
      <Icon size={16} stroke={1.7} className={classes.icon} />
      <button type="button" className={classes.text} onClick={open}>
        <Text size="sm">{notice.text}</Text>
        <Text size="xs" c="dimmed" fw={400}>
          {[said[notice.reason] && t(said[notice.reason]), by && t('by', { name: by }), formatAgo(notice.at)]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </button>
      <Menu>
        <Menu.Target>
          <Tooltip label={t('snooze')}>
            <ActionIcon aria-label={t('snooze')}>
              <IconClock size={15} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void snooze(notice, new Date(Date.now() + 3_600_000))}>
            {t('hour')}
          </Menu.Item>
          {new Date().getHours() < 18 && (
            <Menu.Item onClick={() => void snooze(notice, at(18, 0))}>{t('evening')}</Menu.Item>
          )}
          <Menu.Item onClick={() => void snooze(notice, at(8, 1))}>{t('tomorrow')}</Menu.Item>
          <Menu.Item onClick={() => void snooze(notice, at(8, 7))}>{t('week')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function Items({ notices }: { notices: Notice[] }) {
  const t = useTexts();
  if (!notices.length) return <Empty icon={IconBell} title={t('empty')} hint={t('emptyHint')} />;
  return (
    <div>
      {notices.map((notice) => (
        <Item key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

/** What comes to the person, and how; also on the page of settings. */
export function NoticeWays() {
  const t = useTexts();
  const client = useQueryClient();
  const user = useUserId();
  const { data } = useQuery({ ...noticeSettingsQuery, enabled: !!user });
  const settings = (data as NoticeSettings[] | undefined)?.find((one) => one.owner === user);
  const set = async (reason: Reason, way: { here?: boolean; mail?: boolean }) => {
    await act(client, {
      method: 'POST',
      path: 'notice_settings:set',
      body: { reason, ...way },
      label: t(reason),
    }).catch(() => undefined);
    await client.invalidateQueries({ queryKey: noticeSettingsQuery.queryKey });
  };
  return (
    <Stack gap="sm">
      {reasons.map((reason) => {
        const way = wayOf(settings, reason);
        return (
          <Group key={reason} justify="space-between" wrap="nowrap">
            <Text size="sm">{t(reason)}</Text>
            <Group gap="md" wrap="nowrap">
              <Switch
                label={t('here')}
                checked={way.here}
                onChange={(event) => void set(reason, { here: event.currentTarget.checked })}
              />
              <Switch
                label={t('mail')}
                checked={way.mail}
                onChange={(event) => void set(reason, { mail: event.currentTarget.checked })}
              />
            </Group>
          </Group>
        );
      })}
    </Stack>
  );
}

/** What keeps things from being the same everywhere, as long as it does. */
function Troubles() {
  const t = useTexts();
  useTroubleTexts();
  useForms();
  const troubles = useTroubles();
  const { refused } = useOutbox();
  if (!troubles.length && !refused.length) return null;
  return (
    <section className={classes.troubles} aria-label={t('troubles')}>
      {troubles.map((one) => (
        <Group key={`${one.type} ${'name' in one ? one.name : ''}`} wrap="nowrap" gap="sm" align="flex-start">
          <IconPlugConnectedX size={16} stroke={1.7} className={classes.icon} />
          <Link to="/network" className={classes.text} onClick={close}>
            <Text size="sm">{troubleText(one)}</Text>
          </Link>
        </Group>
      ))}
      {refused.map((one) => (
        <Group key={one.key} wrap="nowrap" gap="sm" align="flex-start">
          <IconCloudX size={16} stroke={1.7} className={classes.icon} />
          <button type="button" className={classes.text} onClick={() => show('outbox')}>
            <Text size="sm">{t('notTaken', { what: one.label, why: one.refused ?? '' })}</Text>
          </button>
        </Group>
      ))}
    </section>
  );
}

export default function Notices() {
  const t = useTexts();
  const notices = useNotices();
  const { readAll } = useNoticeActs();
  const unread = notices.filter((notice) => !notice.read_at);
  return (
    <Drawer opened onClose={close} position="right" title={t('title')} size={420}>
      <Troubles />
      <Tabs defaultValue="unread">
        <Tabs.List mb="sm">
          <Tabs.Tab value="unread">{`${t('unread')} ${unread.length || ''}`}</Tabs.Tab>
          <Tabs.Tab value="all">{t('all')}</Tabs.Tab>
          <Tabs.Tab value="settings">{t('settings')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="unread">
          <Items notices={unread} />
          {unread.length > 0 && (
            <Button variant="subtle" mt="sm" onClick={() => void readAll(t('readAll'))}>
              {t('readAll')}
            </Button>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="all">
          <Items notices={notices} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <NoticeWays />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
}
