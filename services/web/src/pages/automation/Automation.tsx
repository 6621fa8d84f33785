// SPDX-License-Identifier: Apache-2.0
import { Tabs } from '@mantine/core';
import { Page } from '@/ui/Page';
import classes from './Automation.module.css';
import { Definitions } from './Definitions';
import { useTexts } from './pageTexts';
import { Letters, Runs } from './Runs';

const tabs = ['rules', 'flows', 'runs', 'letters'] as const;

export default function Automation() {
  const t = useTexts();
  return (
    <Page title={t('title')}>
      <Tabs defaultValue="rules" keepMounted={false}>
        <Tabs.List px="md">
          {tabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(tab)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((tab) => (
          <Tabs.Panel key={tab} value={tab} className={classes.page}>
            {tab === 'letters' ? <Letters /> : tab === 'runs' ? <Runs /> : <Definitions plural={tab} />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
