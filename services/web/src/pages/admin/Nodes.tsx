// SPDX-License-Identifier: Apache-2.0
// Nodes with their keys, the streams that they write, and who reads them.
import { Tabs } from '@mantine/core';
import { Page } from '@/ui/Page';
import classes from './Admin.module.css';
import { Members } from './Members';
import { useTexts } from './nodesTexts';
import { Streams } from './Streams';
import { Subscribers } from './Subscribers';

const tabs = { members: Members, streams: Streams, subscribers: Subscribers };

export default function Nodes() {
  const t = useTexts();
  const names = Object.keys(tabs) as (keyof typeof tabs)[];
  return (
    <Page title={t('title')}>
      <Tabs defaultValue="members">
        <Tabs.List px="md">
          {names.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(tab)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {names.map((tab) => {
          const Part = tabs[tab];
          return (
            <Tabs.Panel key={tab} value={tab} className={classes.page}>
              <Part />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}
