// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Indicator, Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import {
  IconAdjustmentsHorizontal,
  IconBell,
  IconBuildingStore,
  IconCategory,
  IconChartBar,
  IconCheck,
  IconChevronDown,
  IconHeadset,
  IconKeyboard,
  IconLayoutSidebarLeftCollapse,
  IconLink,
  IconLogout,
  IconSearch,
  IconSettings,
  IconSpeakerphone,
  IconStar,
  IconTable,
} from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, Suspense, useSyncExternalStore } from 'react';
import { useSession, useSignOut } from '@/api/session';
import { onStreamState, streamState } from '@/api/stream/connect';
import { isViewing } from '@/api/view';
import { later } from '@/app/offline/later';
import { useIsUsed } from '@/kind/bulk/store';
import { Keys } from '@/ui/Keys';
import { Face } from '@/ui/light';
import type { Department, NavDefinition, Place } from '../area';
import { prefer, usePreferences } from '../preferences';
import { navigation, startPage } from '../registry';
import { useTexts } from '../texts';
import { useWorkspace } from '../workspace';
import { useFavourites, useViews } from './favourites';
import { entriesOf, entriesOfGroup } from './navigation';
import { useNoticeCount, useTroubles } from './notices';
import classes from './Sidebar.module.css';
import { show } from './state';

const RunLines = later(() => import('@/kind/bulk/RunLines'));

const icons = {
  sales: IconBuildingStore,
  marketing: IconSpeakerphone,
  service: IconHeadset,
  analytics: IconChartBar,
};
const colors: Record<Department, string> = {
  sales: '#4c5fd7',
  marketing: '#9c36b5',
  service: '#0b7a5c',
  analytics: '#a84c00',
};

function Sign({ department }: { department: Department }) {
  const Icon = icons[department];
  return (
    <span className={classes.sign} style={{ background: colors[department] }}>
      <Icon size={16} stroke={1.8} />
    </span>
  );
}

function Workspaces() {
  const t = useTexts();
  const navigate = useNavigate();
  const { workspace, own, all, choose } = useWorkspace();
  return (
    <Menu position="bottom-start" width={210}>
      <Menu.Target>
        <UnstyledButton className={classes.workspace}>
          <Sign department={workspace} />
          <span className={classes.grow}>
            <Text size="sm" fw={650} lh={1.2} component="span" display="block">
              {t(workspace)}
            </Text>
            <Text size="xs" c="dimmed" lh={1.3} component="span" display="block">
              Liaison
            </Text>
          </span>
          <IconChevronDown size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('workspaces')}</Menu.Label>
        {all.map((department) => (
          <Menu.Item
            key={department}
            leftSection={<Sign department={department} />}
            rightSection={department === workspace ? <IconCheck size={14} /> : undefined}
            onClick={() => {
              choose(department);
              void navigate({ to: startPage(department) });
            }}
          >
            {t(department)}
            {department === own && (
              <Text size="xs" c="dimmed">
                {t('thisNode')}
              </Text>
            )}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface EntryProps {
  to: string;
  icon: ReactNode;
  label: string;
  exact?: boolean;
}
function Entry({ to, icon, label, exact = false }: EntryProps) {
  return (
    <Link
      to={to}
      className={classes.entry}
      activeOptions={{ exact, includeSearch: to.includes('?') }}
      activeProps={{ 'data-active': true }}
    >
      {icon}
      <span className={classes.label}>{label}</span>
    </Link>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className={classes.section}>
      <Text size="xs" c="dimmed" fw={550} className={classes.heading}>
        {title}
      </Text>
      {children}
    </section>
  );
}

const entry = ({ path, icon: Icon, label }: NavDefinition) => (
  <Entry key={path} to={path} icon={<Icon size={16} stroke={1.7} />} label={label()} />
);

function Kept() {
  const t = useTexts();
  const favourites = useFavourites();
  const views = useViews();
  return (
    <>
      {favourites.length > 0 && (
        <Section title={t('favourites')}>
          {favourites.map(({ id, path, label }) => (
            <Entry key={id} to={path} icon={<IconStar size={15} stroke={1.7} />} label={label} />
          ))}
        </Section>
      )}
      {views.length > 0 && (
        <Section title={t('views')}>
          {views.slice(0, 20).map(({ id, of, name }) => (
            <Entry
              key={id}
              to={`/${of}?view=${id}`}
              icon={<IconTable size={15} stroke={1.7} />}
              label={name}
            />
          ))}
        </Section>
      )}
    </>
  );
}

const stateColors = { live: '#12a37a', connecting: '#d98200', waiting: '#d6336c', 'signed-out': '#d6336c' };

function Foot() {
  const t = useTexts();
  const session = useSession();
  const signOut = useSignOut();
  const unread = useNoticeCount();
  const troubles = useTroubles().length;
  const state = useSyncExternalStore(onStreamState, streamState);
  const name = session.user?.name ?? 'Liaison';
  return (
    <div className={classes.foot}>
      <Menu position="top-start" width={220}>
        <Menu.Target>
          <UnstyledButton className={classes.person}>
            <Face name={name} size={26} />
            <span className={classes.grow}>
              <Text size="sm" fw={600} lh={1.25} truncate component="span" display="block">
                {name}
              </Text>
              <Text size="xs" c="dimmed" lh={1.25} component="span" display="block">
                <span className={classes.dot} style={{ background: stateColors[state] }} />
                {isViewing()
                  ? t('looksOnly')
                  : t(state === 'live' ? 'live' : state === 'connecting' ? 'connecting' : 'waiting')}
              </Text>
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={15} />}>
            {t('settings')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconKeyboard size={15} />}
            rightSection={<Keys keys="?" />}
            onClick={() => show('keys')}
          >
            {t('keys')}
          </Menu.Item>
          <Menu.Item leftSection={<IconAdjustmentsHorizontal size={15} />} onClick={() => show('arrange')}>
            {t('arrange')}
          </Menu.Item>
          {session.user && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
                {t('signOut')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={t('notices')}>
        <Indicator
          disabled={!unread && !troubles}
          label={troubles ? '!' : unread > 99 ? '99+' : unread}
          size={15}
          offset={6}
          color="red.8"
        >
          <ActionIcon
            onClick={() => show('notices')}
            aria-label={[
              unread ? `${t('notices')} (${unread})` : t('notices'),
              ...(troubles ? [t('troubles', { count: troubles })] : []),
            ].join(', ')}
            size="lg"
          >
            <IconBell size={17} stroke={1.7} />
          </ActionIcon>
        </Indicator>
      </Tooltip>
    </div>
  );
}

const everywhere = (workspace: Department): Place[] => [workspace, 'all', 'administration'];

export function Sidebar() {
  const t = useTexts();
  const session = useSession();
  const preferences = usePreferences();
  const { workspace } = useWorkspace();
  const isBulkUsed = useIsUsed();
  const administration = entriesOf(navigation, ['administration'], session, preferences);
  const groups = preferences.sidebarGroups
    .map((group) => ({
      name: group.name,
      entries: entriesOfGroup(navigation, group, everywhere(workspace), session, preferences),
    }))
    .filter(({ entries }) => entries.length > 0);
  return (
    <nav className={classes.sidebar} aria-label={t('workspace')}>
      <div className={classes.top}>
        <Workspaces />
        <Tooltip label={t('closeMenu')}>
          <ActionIcon
            className={classes.collapse}
            aria-label={t('closeMenu')}
            onClick={() => prefer({ sidebarClosed: true })}
            visibleFrom="sm"
          >
            <IconLayoutSidebarLeftCollapse size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </div>
      <UnstyledButton className={classes.search} onClick={() => show('palette')}>
        <IconSearch size={15} />
        <span className={classes.label}>{t('search')}</span>
        <Keys keys="mod+k" />
      </UnstyledButton>
      <div className={classes.scroll}>
        <Section title={t('workspace')}>
          {entriesOf(navigation, [workspace, 'all'], session, preferences).map(entry)}
          <Entry to="/records" icon={<IconCategory size={16} stroke={1.7} />} label={t('more')} />
        </Section>
        {groups.map(({ name, entries }) => (
          <Section key={name} title={name}>
            {entries.map(entry)}
          </Section>
        ))}
        <Kept />
        {preferences.sidebarLinks.length > 0 && (
          <Section title={t('links')}>
            {preferences.sidebarLinks.map(({ label, url }) => (
              <a key={url} href={url} target="_blank" rel="noreferrer" className={classes.entry}>
                <IconLink size={15} stroke={1.7} />
                <span className={classes.label}>{label}</span>
              </a>
            ))}
          </Section>
        )}
        {administration.length > 0 && (
          <Section title={t('administration')}>{administration.map(entry)}</Section>
        )}
      </div>
      {isBulkUsed && (
        <Suspense>
          <RunLines />
        </Suspense>
      )}
      <Foot />
    </nav>
  );
}
