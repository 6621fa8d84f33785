// SPDX-License-Identifier: Apache-2.0
// The frame around all pages: sidebar, the one panel, and what opens above them.
import { Drawer } from '@mantine/core';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect } from 'react';
import { isViewing } from '@/api/view';
import { later } from '@/app/offline/later';
import { useIsUsed } from '@/kind/bulk/store';
import { usePreferences } from '../preferences';
import { useTexts } from '../texts';
import { useKeys } from '../useActions';
import { Banner } from './Banner';
import { Looking } from './Looking';
import classes from './Shell.module.css';
import { Sidebar } from './Sidebar';
import { close, useIsPhone, useOpen } from './state';
import { useShellActions } from './useShellActions';

const Bulk = later(() => import('@/kind/bulk/Overlay'));
const loadPalette = () => import('./Palette');
const Palette = later(loadPalette);
const KeysPage = later(() => import('./KeysPage'));
const Notices = later(() => import('./Notices'));
const Outbox = later(() => import('./Outbox'));
const Arrange = later(() => import('./Arrange'));

export function Shell() {
  const t = useTexts();
  const open = useOpen();
  const isPhone = useIsPhone();
  const isBulkUsed = useIsUsed();
  const { sidebarClosed, density } = usePreferences();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useKeys();
  useShellActions();
  // Behind the first screen, for what opens above it. What is typed right after Ctrl+K goes into the palette.
  useEffect(() => {
    void import('../styles/rest').then(loadPalette, () => undefined).catch(() => undefined);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes what lies above
  useEffect(() => {
    if (open === 'sidebar' || open === 'palette') close();
  }, [path]);
  return (
    <div
      className={classes.shell}
      data-density={density}
      data-closed={(sidebarClosed && !isPhone) || undefined}
    >
      <a href="#content" className={classes.skip}>
        {t('skip')}
      </a>
      {isPhone ? (
        <Drawer opened={open === 'sidebar'} onClose={close} size={260} withCloseButton={false} padding={0}>
          <Sidebar />
        </Drawer>
      ) : (
        !sidebarClosed && <Sidebar />
      )}
      <main id="content" className={classes.panel} tabIndex={-1}>
        {isViewing() && <Looking />}
        <Banner />
        <div className={classes.content}>
          <Suspense>
            <Outlet />
          </Suspense>
        </div>
      </main>
      <Suspense>
        {isBulkUsed && <Bulk />}
        {open === 'palette' && <Palette />}
        {open === 'keys' && <KeysPage />}
        {open === 'notices' && <Notices />}
        {open === 'outbox' && <Outbox />}
        {open === 'arrange' && <Arrange />}
      </Suspense>
    </div>
  );
}
