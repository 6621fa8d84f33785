// SPDX-License-Identifier: Apache-2.0
// Rules and flows: what sets them off, what they do, whether they are on.
import { Button, Group, Switch, Table } from '@mantine/core';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { change } from '@/api/act';
import { allQuery, type Row } from '@/api/records';
import { useMay } from '@/api/session';
import { later } from '@/app/offline/later';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { planOf } from './said';
import { useOccasion } from './useOccasion';

const DryRun = later(() => import('./DryRun'));

interface LineProps {
  plural: 'rules' | 'flows';
  row: Row;
  onDry: (row: Row) => void;
}
function Line({ plural, row, onDry }: LineProps) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  const occasion = useOccasion();
  const client = useQueryClient();
  const name = String(row.name ?? '');
  const turn = (enabled: boolean) =>
    void change(client, plural, row, { enabled }, t('turnOn', { name })).catch(() => undefined);
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Link to={`/${plural}/${row.id}`}>{name}</Link>
      </Table.Th>
      {plural === 'rules' && <Table.Td>{occasion(row)}</Table.Td>}
      <Table.Td>{planOf(row).join(' → ')}</Table.Td>
      <Table.Td>{row.department ? valueText(String(row.department)) : ''}</Table.Td>
      <Table.Td>
        <Switch
          aria-label={t('turnOn', { name })}
          checked={!!row.enabled}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td>
        <Button size="compact-sm" variant="default" onClick={() => onDry(row)}>
          {t('dryRun')}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

function NewButton({ plural }: { plural: 'rules' | 'flows' }) {
  const t = useTexts();
  const may = useMay();
  if (!may('create', plural === 'rules' ? 'rule' : 'flow')) return null;
  return (
    <Button
      renderRoot={(props) => <Link to={`/${plural}/new`} {...props} />}
      leftSection={<IconPlus size={14} />}
    >
      {t(plural === 'rules' ? 'newRule' : 'newFlow')}
    </Button>
  );
}

export function Definitions({ plural }: { plural: 'rules' | 'flows' }) {
  const t = useTexts();
  const { data, error } = useQuery(allQuery(plural));
  const [dry, setDry] = useState<Row>();
  const isRules = plural === 'rules';
  if (error) return <Failed error={error} />;
  if (data?.length === 0)
    return (
      <Empty
        icon={IconRobot}
        title={t(isRules ? 'noRules' : 'noFlows')}
        hint={t(isRules ? 'noRulesHint' : 'noFlowsHint')}
      >
        <NewButton plural={plural} />
      </Empty>
    );
  return (
    <>
      <Group justify="flex-end">
        <NewButton plural={plural} />
      </Group>
      <section className={classes.scroll} aria-label={t(plural)} tabIndex={0}>
        <Table verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('name')}</Table.Th>
              {isRules && <Table.Th>{t('when')}</Table.Th>}
              <Table.Th>{t('steps')}</Table.Th>
              <Table.Th>{t('by')}</Table.Th>
              <Table.Th>{t('on')}</Table.Th>
              <Table.Th>{t('dryRun')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data?.map((row) => (
              <Line key={row.id} plural={plural} row={row} onDry={setDry} />
            ))}
          </Table.Tbody>
        </Table>
        <Suspense>{dry && <DryRun plural={plural} row={dry} onClose={() => setDry(undefined)} />}</Suspense>
      </section>
    </>
  );
}
