// SPDX-License-Identifier: Apache-2.0
// Who was forgotten and who says so, and what goes by itself when it is old.
import { Tabs } from '@mantine/core';
import { Page } from '@/ui/Page';
import classes from './Admin.module.css';
import { Erasures } from './Erasures';
import { useTexts } from './privacyTexts';
import { Retention } from './Retention';

export default function Privacy() {
  const t = useTexts();
  return (
    <Page title={t('title')}>
      <Tabs defaultValue="erasures">
        <Tabs.List px="md">
          <Tabs.Tab value="erasures">{t('erasures')}</Tabs.Tab>
          <Tabs.Tab value="rules">{t('rules')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="erasures" className={classes.page}>
          <Erasures />
        </Tabs.Panel>
        <Tabs.Panel value="rules" className={classes.page}>
          <Retention />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
