// SPDX-License-Identifier: Apache-2.0
// Who changed what, and who looked at whose data.
import { Tabs } from '@mantine/core';
import { Page } from '@/ui/Page';
import classes from './Admin.module.css';
import { useTexts } from './auditTexts';
import { Deeds } from './Deeds';
import { Looks } from './Looks';

export default function Audit() {
  const t = useTexts();
  return (
    <Page title={t('title')}>
      <Tabs defaultValue="changes" keepMounted={false}>
        <Tabs.List px="md">
          <Tabs.Tab value="changes">{t('changes')}</Tabs.Tab>
          <Tabs.Tab value="looks">{t('looks')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes" className={classes.page}>
          <Deeds />
        </Tabs.Panel>
        <Tabs.Panel value="looks" className={classes.page}>
          <Looks />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
