// SPDX-License-Identifier: Apache-2.0
// What this node has of each node's stream.
import { Badge, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '@/api/kinds';
import { Failed } from '@/ui/Failed';
import { formatNumber, useForms } from '@/ui/format';
import { causeText, useTroubleTexts } from '@/ui/troubleText';
import classes from './Admin.module.css';
import { useTexts } from './nodesTexts';
import { ScrollTable } from './ScrollTable';

export function Streams() {
  const t = useTexts();
  useForms();
  useTroubleTexts();
  const { data, error } = useQuery({ ...statusQuery, refetchInterval: 2000 });
  if (error) return <Failed error={error} />;
  if (!data) return null;
  const columns = ['stream', 'oldest', 'newest', 'behind', 'why'] as const;
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('streamsHint')}
      </Text>
      <ScrollTable label={t('streams')} columns={columns.map((column) => t(column))}>
        {data.lanes.map((lane) => (
          <Table.Tr key={`${lane.node} ${lane.incarnation}`}>
            <Table.Th scope="row">{lane.name ?? lane.node}</Table.Th>
            <Table.Td className={classes.figures}>{formatNumber(lane.first)}</Table.Td>
            <Table.Td className={classes.figures}>{formatNumber(lane.head)}</Table.Td>
            <Table.Td className={classes.figures}>
              {lane.behind > 0 ? (
                <Badge color="yellow">{formatNumber(lane.behind)}</Badge>
              ) : (
                <Text c="dimmed" size="sm">
                  {t('nothing')}
                </Text>
              )}
            </Table.Td>
            <Table.Td>{lane.behind > 0 ? causeText(lane.cause) : ''}</Table.Td>
          </Table.Tr>
        ))}
      </ScrollTable>
    </>
  );
}
