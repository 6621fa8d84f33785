// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { defineTexts } from '@/texts';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';

const { useTexts } = defineTexts('nothere', {
  en: { title: 'Not here', hint: 'There is no such page, or you may not see it.', home: 'To the start page' },
  de: {
    title: 'Nicht hier',
    hint: 'Diese Seite gibt es nicht, oder Sie dürfen sie nicht sehen.',
    home: 'Zur Startseite',
  },
});

export function NotHere() {
  const t = useTexts();
  return (
    <Page title={t('title')}>
      <Empty icon={IconMapOff} title={t('title')} hint={t('hint')}>
        <Button component={Link} to="/" variant="default">
          {t('home')}
        </Button>
      </Empty>
    </Page>
  );
}
