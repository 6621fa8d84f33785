// SPDX-License-Identifier: Apache-2.0
// The frame of a page: a head with its name and what can be done, and below what it is about.
import { ActionIcon, Group, Title } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { openSidebar, useIsPhone } from '@/app/shell/state';
import { useTexts } from '@/app/texts';
import classes from './Page.module.css';

/** The browser tab's title. */
export function usePageTitle(title: string | undefined) {
  useEffect(() => {
    document.title = title ? `${title} · Liaison` : 'Liaison';
  }, [title]);
}

export function SidebarButton() {
  const t = useTexts();
  const isPhone = useIsPhone();
  if (!isPhone) return null;
  return (
    <ActionIcon onClick={openSidebar} aria-label={t('openMenu')} size="lg">
      <IconMenu2 size={18} />
    </ActionIcon>
  );
}

interface PageProps {
  /** A text, or the way to here (Crumbs). */
  title: ReactNode;
  /** Of the browser tab, where `title` is no text. */
  tabTitle?: string;
  /** Beside the title: a count, a state. */
  beside?: ReactNode;
  actions?: ReactNode;
  /** A second row: views, filters, tabs. */
  bar?: ReactNode;
  children: ReactNode;
}

export function Page({ title, tabTitle, beside, actions, bar, children }: PageProps) {
  usePageTitle(tabTitle ?? (typeof title === 'string' ? title : undefined));
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <Group gap="xs" wrap="nowrap" className={classes.name}>
          <SidebarButton />
          {typeof title === 'string' ? (
            <Title order={1} className={classes.title}>
              {title}
            </Title>
          ) : (
            title
          )}
          {beside}
        </Group>
        <Group gap={8} wrap="nowrap">
          {actions}
        </Group>
      </header>
      {bar && <div className={classes.bar}>{bar}</div>}
      <div className={classes.body}>{children}</div>
    </div>
  );
}
