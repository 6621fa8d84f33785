// SPDX-License-Identifier: Apache-2.0
// Who has what, in words: a row for who wrote it, a column for who should have it.
import { Table, Text } from '@mantine/core';
import type { Lane, Network } from '@/api/network';
import { formatNumber, useForms } from '@/ui/format';
import classes from './Network.module.css';
import { useTexts } from './pageTexts';

function Cell({ lane }: { lane: Lane | undefined }) {
  const t = useTexts();
  if (!lane) return <Text c="dimmed">·</Text>;
  if (lane.missing > 0)
    return (
      <Text className={classes.missing} data-state={lane.state}>
        {t('missing', { count: lane.missing, shown: formatNumber(lane.missing) })}
      </Text>
    );
  return <Text c="dimmed">{lane.state === 'cut' ? t('unknown') : t('all')}</Text>;
}

export function LaneTable({ network, lanes }: { network: Network; lanes: Lane[] }) {
  const t = useTexts();
  useForms();
  return (
    <section className={classes.scroll} tabIndex={0} aria-label={t('lanes')}>
      <Table verticalSpacing={6} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('writtenBy')}</Table.Th>
            {network.members.map((to) => (
              <Table.Th key={to.node}>{to.name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {network.members.map((from) => (
            <Table.Tr key={from.node}>
              <Table.Th scope="row">{from.name}</Table.Th>
              {network.members.map((to) => (
                <Table.Td key={to.node}>
                  <Cell lane={lanes.find((one) => one.from.node === from.node && one.to.node === to.node)} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
