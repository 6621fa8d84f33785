// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Menu, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { membersQuery } from '@/api/kinds';
import { lanesOf, networkQuery, type Trouble, troublesOf } from '@/api/network';
import { Failed } from '@/ui/Failed';
import { useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import { troubleText, useTroubleTexts } from '@/ui/troubleText';
import { Drawing } from './Drawing';
import { LaneTable } from './LaneTable';
import classes from './Network.module.css';
import { useTexts } from './pageTexts';
import { type Summary, summaryOf } from './picture';
import { useTitles } from './texts';
import { WayOfOne } from './Way';

function Standing({ summary }: { summary: Summary }) {
  const t = useTexts();
  if (summary.cut) return <Badge color="red">{t('someCut', { count: summary.cut })}</Badge>;
  if (summary.behind) return <Badge color="yellow">{t('someBehind', { count: summary.behind })}</Badge>;
  return <Badge color="teal">{t('allEqual')}</Badge>;
}

/** Why something is behind, while anything is. */
function Reasons({ troubles }: { troubles: Trouble[] }) {
  const t = useTexts();
  useForms();
  useTroubleTexts();
  if (!troubles.length) return null;
  return (
    <section className={classes.panel} aria-label={t('reasons')}>
      <Title order={2}>{t('reasons')}</Title>
      <ul className={classes.reasons}>
        {troubles.map((one) => (
          <li key={`${one.type} ${'name' in one ? one.name : ''} ${'from' in one ? one.from : ''}`}>
            <Text size="sm">{troubleText(one)}</Text>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The same app at another department's node, where its people work. */
function OpenOther({ own }: { own: number }) {
  const t = useTexts();
  const { data } = useQuery(membersQuery);
  const others = (data?.members ?? []).filter((one) => one.number !== own && one.http);
  if (!others.length) return null;
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" rightSection={<IconExternalLink size={14} />}>
          {t('open', { name: '…' })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {others.map((one) => (
          <Menu.Item
            key={one.number}
            component="a"
            href={`${location.protocol}//${one.http}/network`}
            target="_blank"
            rel="noreferrer"
          >
            {t('open', { name: one.name })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export default function NetworkPage() {
  const t = useTexts();
  const title = useTitles();
  const { data: network, error, refetch } = useQuery(networkQuery);
  if (!network)
    return (
      <Page title={title('title')}>{error && <Failed error={error} reset={() => void refetch()} />}</Page>
    );
  const lanes = lanesOf(network);
  return (
    <Page
      title={title('title')}
      beside={<Standing summary={summaryOf(network, lanes)} />}
      actions={<OpenOther own={network.node} />}
    >
      <div className={classes.page}>
        <Drawing network={network} lanes={lanes} />
        <Reasons troubles={troublesOf(network)} />
        <div className={classes.below}>
          <section className={classes.panel}>
            <Title order={2}>{t('way')}</Title>
            <WayOfOne network={network} />
          </section>
          <section className={classes.panel}>
            <Group justify="space-between">
              <Title order={2}>{t('lanes')}</Title>
            </Group>
            <LaneTable network={network} lanes={lanes} />
            <Text c="dimmed" size="xs">
              {t('lanesHint')}
            </Text>
          </section>
        </div>
      </div>
    </Page>
  );
}
